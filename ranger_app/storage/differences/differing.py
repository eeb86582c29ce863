"""Fields that wait for a person: what stands there, who wrote it, and how it was settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.changes import WITHHELD, Dot, Head
from ranger_app.domain.fields import DELETED, INSERT, FieldSpec, KindSpec, Record
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.changes.feeds import FeedBook, unpack
from ranger_app.storage.changes.kinship import CHILDREN
from ranger_app.storage.changes.past import PastOfFields
from ranger_app.storage.changes.places import unsettled
from ranger_app.storage.changes.segments import writer_in
from ranger_app.storage.faults import database_told
from ranger_app.storage.rows import record_value, stand_in
from ranger_app.storage.sight import Looker
from ranger_app.storage.tables import APPLIED
from ranger_app.storage.unsettled import GONE, fields_named, places
from ranger_app.storage.workspace import Workspace

SETTLE, LAY_OPEN = "settle differences", "lay differences open"
"""The actions of the units of work in which a person settles, and takes that back."""


@dataclass(frozen=True, slots=True)
class StandingValue:
    """One of the values of a difference: the value, who wrote it, on which laptop, when (hybrid stamp)."""

    value: Any
    author: bytes
    device: bytes
    hlc: int
    about: str = ""
    """Of a removal its reason; of what speaks against it the field that was edited, or the kind of what was
    added."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field with several standing values, or fields that are one value (`position`, with a value by name).
    `field` is "deleted" where one removed what another worked on: the value then says whether it is gone."""

    kind: str
    id: Id
    site_id: Id
    field: str
    values: tuple[StandingValue, ...]


def differences(workspace: Workspace, *, of: Id | None = None) -> list[Difference]:
    """Every difference of the workspace, or of one record; the latest value of each comes first."""
    with (
        workspace.reading() as data,
        workspace.reading_raw() as database,
        database_told(workspace.folder),
    ):
        asked = _Asked(database, data.looker)
        return [asked.difference(*place) for place in places(database, of)]


def waiting(workspace: Workspace, ids: Iterable[Id]) -> dict[Id, dict[str, int]]:
    """Of these records, the fields that wait, each with how many versions it has."""
    wanted = set(ids)
    with workspace.reading_raw() as database, database_told(workspace.folder):
        asked = _Asked(database)
        found: dict[Id, dict[str, int]] = {}
        for place in places(database) if wanted else ():
            if place[2] in wanted:
                one = asked.difference(*place)
                found.setdefault(one.id, {})[one.field] = len(one.values)
    return found


def waiting_within(workspace: Workspace, record: Record) -> int:
    """How many fields wait of a record and of what belongs to it: while there are any, it takes no step that
    is closed."""
    with workspace.reading_raw() as database, database_told(workspace.folder):
        spec = BY_NUMBER[record.KIND]
        return unsettled(database, FeedBook(database), spec, record.site_id, record.id)


class _Asked:
    """Looks up differences on one view of the database."""

    def __init__(self, database: Any, looker: Looker | None = None) -> None:
        self._database = database
        self._looker = looker
        self._book = FeedBook(database)
        self._writers: dict[tuple[int, int], tuple[bytes, str]] = {}

    def difference(self, stream: int, number: int, row: bytes, name: str) -> Difference:
        kind = BY_NUMBER[number]
        place = stream, number, row
        values = self._removal(kind, place) if name == GONE else self._values(kind, place, name)
        return Difference(kind.name, Id(row), Id(self._book.stream_id(stream)), name, tuple(values))

    def _values(self, kind: KindSpec, place: tuple[int, int, bytes], name: str) -> Iterator[StandingValue]:
        fields = fields_named(kind, name)
        makers = self._makers(kind, place)
        said: dict[tuple[int, int, int], dict[str, Any]] = defaultdict(dict)
        for field in fields:
            for feed, seq, op, hlc, value in self._database.execute(
                "select feed, seq, op, hlc, value from edit "
                "where stream = ? and kind = ? and row = ? and field = ? and standing = 1",
                (*place, field.number),
            ).fetchall():
                if value == WITHHELD:
                    continue  # it did not come here: nobody here can choose it
                if (feed, seq, op) in makers and not field.required and value == stand_in(field):
                    continue  # who made the record had nothing to say of this field
                head = Head(Dot(self._book.replica(feed), seq, op), hlc, value)
                written = self._first_written(kind, place, field, head)
                said[written][field.name] = self._seen(kind, field, place[2], record_value(field, value))
        for (hlc, feed, seq), by_name in sorted(said.items(), reverse=True):
            yield self._value(by_name if len(fields) > 1 else by_name[name], feed, seq, hlc)

    def _makers(self, kind: KindSpec, place: tuple[int, int, bytes]) -> set[tuple[int, int, int]]:
        """The ops that made a record."""
        stream, _number, row = place
        several = self._database.execute(
            "select feed, seq, op from edit where stream = ? and kind = ? and row = ? and field = ?",
            (*place, INSERT),
        ).fetchall()
        return set(several) or set(
            self._database.execute(
                f'select _feed, _seq, _op from "{kind.name}" where id = ? and site_id = ?',
                (row, self._book.stream_id(stream)),
            )
        )

    def _seen(self, kind: KindSpec, field: FieldSpec, row: bytes, value: Any) -> Any:
        if self._looker is None:
            return value
        return self._looker.standing(self._database, kind, field, row, value)

    def _first_written(
        self, kind: KindSpec, place: tuple[int, int, bytes], field: FieldSpec, head: Head
    ) -> tuple[int, int, int]:
        """Stamp, feed and number of where a value comes from: one that was laid open again is still that of
        who wrote it first."""
        feed = self._book.number(place[0], head.dot.replica)
        found = head.hlc, feed, head.dot.seq
        if self._writer(feed, head.dot.seq)[1] != LAY_OPEN:
            return found
        past = PastOfFields(self._database, self._book, place[0]).of(kind, place[2], field, {head.dot: head})
        waiting = list(past[head.dot].replaces) if past else []
        while past and waiting:
            dot = waiting.pop(0)
            at = self._book.number(place[0], dot.replica)
            if past[dot].value == head.value and self._writer(at, dot.seq)[1] not in (SETTLE, LAY_OPEN):
                return self._book.stamp(at, dot.seq), at, dot.seq
            waiting += past[dot].replaces
        return found

    def _removal(self, kind: KindSpec, place: tuple[int, int, bytes]) -> Iterator[StandingValue]:
        seen: set[Dot] = set()
        for feed, seq, hlc, value in self._database.execute(
            "select feed, seq, hlc, value from edit "
            "where stream = ? and kind = ? and row = ? and field = ? and standing = 1 order by hlc desc",
            (*place, DELETED),
        ).fetchall():
            said = cbor2.loads(value)
            seen.update(Dot(*dot) for dot in said["seen"])
            if said["gone"]:
                yield self._value(True, feed, seq, hlc, said["reason"])
        yield from sorted(self._against(kind, place, seen), key=lambda one: one.hlc, reverse=True)[:1]

    def _against(
        self, kind: KindSpec, place: tuple[int, int, bytes], seen: set[Dot]
    ) -> Iterator[StandingValue]:
        """What speaks for a record that somebody removed: edits that were not seen, and what was added."""
        for number, feed, seq, op, hlc in self._database.execute(
            "select field, feed, seq, op, hlc from edit "
            "where stream = ? and kind = ? and row = ? and field != ? and standing = 1",
            (*place, DELETED),
        ).fetchall():
            if Dot(self._book.replica(feed), seq, op) not in seen and number != INSERT:
                yield self._value(False, feed, seq, hlc, kind.by_number[number].name)
        site = self._book.stream_id(place[0])
        for child, field in CHILDREN[kind.number]:
            for feed, seq in self._database.execute(
                f'select _feed, _seq from "{child.name}" where "{field.name}" = ? and site_id = ? '
                "and _gone = 0 order by id desc limit 1",
                (place[2], site),
            ).fetchall():
                yield self._value(False, feed, seq, self._book.stamp(feed, seq), child.name)

    def _value(self, value: Any, feed: int, seq: int, hlc: int, about: str = "") -> StandingValue:
        return StandingValue(value, self._writer(feed, seq)[0], self._book.replica(feed), hlc, about)

    def _writer(self, feed: int, seq: int) -> tuple[bytes, str]:
        """Who wrote a segment, and what they called it."""
        if (feed, seq) not in self._writers:
            row = self._database.execute(
                "select body from segment where feed = ? and seq = ? and state = ?", (feed, seq, APPLIED)
            ).fetchone()
            self._writers[feed, seq] = writer_in(unpack(row[0]))
        return self._writers[feed, seq]
