"""Which attributes a site's own data models mark as sensitive, beside those that tell of people by name."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from ranger_app.domain.seeing import NONE_MARKED, Marked, marked_in


def marked_attributes(database: Any) -> Marked:
    """What any data model here marks, also one that was removed or has a newer version beside it: what was
    once said to be sensitive was written down under that promise. `database` is a bare connection."""
    found = NONE_MARKED
    for (definition,) in database.execute(
        "select definition from data_model where definition like '%\"sensitive\"%'"
    ):
        found |= marks_in_text(str(definition))
    return found


@lru_cache(maxsize=32)
def marks_in_text(untrusted: str) -> Marked:
    """The same of one definition as it stands in a row or on the wire: JSON of any origin."""
    try:
        return marked_in(json.loads(untrusted))
    except (ValueError, RecursionError):
        return NONE_MARKED
