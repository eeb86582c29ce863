"""All that the Green List page shows, gathered on a worker's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ranger_app.assessments.packs import FormPack
    from ranger_app.assessments.service import Assessments
    from ranger_app.assessments.standing import Standing


@dataclass(frozen=True, slots=True)
class Seen:
    """No standing before an assessment has been started."""

    standing: Standing | None
    packs: tuple[FormPack, ...]


def look(assessments: Assessments) -> Seen:
    """Gather it."""
    packs = tuple(assessments.packs.found.values())
    return Seen(standing=assessments.standing() if assessments.all() else None, packs=packs)
