"""Which sensitive values a laptop is to have, and which an outsider may: the rest stays behind."""

from __future__ import annotations

from functools import partial
from typing import Any

from ranger_app.domain.changes import Op
from ranger_app.domain.directory import Directory
from ranger_app.domain.fields import INSERT, Privacy
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.patrols import Value
from ranger_app.domain.roles import OUTSIDE
from ranger_app.domain.seeing import Marked, tells_of_people
from ranger_app.storage.changes.directories import followed
from ranger_app.storage.changes.feeds import Feed
from ranger_app.storage.changes.leaves import without
from ranger_app.storage.changes.segments import decode_marked

_ATTRIBUTE = BY_NUMBER[Value.KIND].by_name["attribute"].number


def wants_all(database: Any, site: bytes, replica: bytes) -> bool:
    """Whether a laptop is to have the sensitive values of a site: every one of the site's own but those of
    assessors. Where nobody has said who belongs to the site, everybody does."""
    found = followed(database, site)
    return is_to_have_all(found.directory if found is not None else None, replica)


def is_to_have_all(directory: Directory | None, replica: bytes) -> bool:
    """The same by the site's directory, if it has one."""
    if directory is None:
        return True
    member = directory.member_of(replica)
    return member is not None and member.role not in OUTSIDE


def first_lacking(database: Any, feed: Feed) -> int | None:
    """The number of the first segment of a feed that came without some of its sensitive values."""
    found = database.execute(
        "select min(seq) from segment where feed = ? and lacking = 1", (feed.number,)
    ).fetchone()[0]
    return None if found is None else int(found)


def for_outsiders(segment: bytes, marked: Marked) -> bytes:
    """A segment as somebody outside the site may have it: what it signs, and of the sensitive values none but
    plain attributes of observations, as counts and kinds are. `marked` are those that are not plain because
    the site's data models say so."""
    return without(segment, decode_marked(segment), partial(_may_leave, marked))


def _may_leave(marked: Marked, op: Op, mark: int) -> bool:
    if mark != Privacy.ATTRIBUTE.value or op.field != INSERT:
        return False
    said = dict(zip(op.value[::2], [v if type(v) is str else "" for v in op.value[1::2]], strict=True))
    return not tells_of_people(said.get(_ATTRIBUTE, ""), marked)
