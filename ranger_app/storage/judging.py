"""Which ops count, by the directory of their site: asked of every segment, and before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.errors import Refused
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.roles import NOTHING, Deed, Rights, allowed, deed, rights
from ranger_app.i18n import _
from ranger_app.storage.directories import any_directory, followed
from ranger_app.storage.feeds import Feed, FeedBook


class Judge:
    """Says of each segment of one stream whether it may be looked at yet, and which of its ops count."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._stream = stream
        self._followed = followed(database, book.stream_id(stream))
        self._waits = self._followed is None and any_directory(database)
        self._refused: list[tuple[Any, ...]] = []

    def knows(self, version: int) -> bool:
        """Whether the version of the directory that a segment names is here."""
        return not self._waits and version <= (self._followed.highest if self._followed else 0)

    def counting(self, feed: Feed, segment: Segment, ops: list[tuple[int, Op]]) -> list[tuple[int, Op]]:
        """The ops that their writer had the right to; the others are noted, and kept in their segment."""
        if self._followed is None:
            return ops
        role = self._followed.directory.role_of(segment.replica, segment.seq, segment.directory_version)
        given = rights(role)
        if given is None:
            return ops
        good = [(index, op) for index, op in ops if allowed(given, op.kind, op.field)]
        if len(good) < len(ops):
            self._refused += [
                (self._stream, feed.number, segment.seq, index, op.kind, op.row, op.field, role or "")
                for index, op in ops
                if not allowed(given, op.kind, op.field)
            ]
        return good

    def note(self) -> None:
        """Write down what was refused."""
        self._database.executemany(
            "insert into refused (stream, feed, seq, op, kind, row, field, role) values (?,?,?,?,?,?,?,?)",
            self._refused,
        )
        self._refused = []


@dataclass(frozen=True, slots=True)
class Standing:
    """What this laptop may write in one stream, and the version of the directory that says so."""

    version: int
    role: str | None
    given: Rights | None

    def check(self, op: Op) -> None:
        """`Refused` with a sentence when this op is not within the rights."""
        if allowed(self.given, op.kind, op.field):
            return
        if self.role is None:
            raise Refused(
                _("This laptop is none of this site's devices, or no longer: nobody would take its changes."),
                _("Have it enrolled: ranger-app join DIR --request FILE."),
            )
        raise Refused(_sentence(deed(op.field)).format(role=self.role, kind=_kind_name(op.kind)), _way_out())


def standing(database: Any, feed: Feed | None, site: bytes, replica: bytes) -> Standing:
    """The standing of a laptop in a stream; everything is allowed while there is no directory."""
    found = followed(database, site)
    if found is None:
        return Standing(0, None, NOTHING if any_directory(database) else None)
    version = found.directory.version
    role = found.directory.role_of(replica, (feed.applied if feed else 0) + 1, version)
    return Standing(version, role, rights(role))


def _sentence(act: Deed) -> str:
    match act:
        case Deed.ADD:
            return _("The role of this laptop, {role}, does not allow adding a record of the kind {kind}.")
        case Deed.CHANGE:
            return _("The role of this laptop, {role}, does not allow changing a record of the kind {kind}.")
        case Deed.REMOVE:
            return _("The role of this laptop, {role}, does not allow removing a record of the kind {kind}.")


def _kind_name(number: int) -> str:
    return BY_NUMBER[number].name.replace("_", " ") if number in BY_NUMBER else str(number)


def _way_out() -> str:
    return _("Ask a manager to do it, or an administrator for another role; nothing was changed.")
