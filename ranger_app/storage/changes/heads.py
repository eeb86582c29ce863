"""The heads of some records: read once, changed in memory, and written back once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import cbor2

from ranger_app.domain.changes import WITHHELD, Dot, Head, Heads, Op, hidden, replace
from ranger_app.domain.fields import DELETED, FIRST_FIELD, INSERT, FieldSpec, KindSpec
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.policies import decide
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.changes.kinship import IDS_AT_ONCE, Key, Kin
from ranger_app.storage.changes.past import PastOfFields
from ranger_app.storage.rows import stand_in


class _Heads:
    """What stands of one record."""

    __slots__ = ("differences", "feed", "fresh", "heads", "origin", "stored", "values")

    def __init__(self) -> None:
        self.origin: tuple[bytes, int, int] | None = None
        """The dot of the op that made it; None when no applied op did."""
        self.feed = 0
        self.values: dict[int, Any] = _NONE
        """Of the fields asked for, what the row shows."""
        self.heads: dict[int, Heads] = {}
        self.fresh: dict[int, dict[Dot, tuple[int, Head]]] = {}
        """Ops that get a row now, with the number of their feed."""
        self.stored: dict[int, dict[Dot, int]] = _NONE
        """Standing ops that have a row in `edit`, with the number of their feed."""
        self.differences: frozenset[int] = frozenset()


_NONE: dict[int, Any] = {}
"""Shared, so that the many records without such things cost nothing; never written to."""


class HeadsOfRecords:
    """The standing ops of every field of some records of one stream."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._site = book.stream_id(stream)
        self._records: dict[Key, _Heads] = defaultdict(_Heads)
        self._adopted: list[Key] = []
        self._past = PastOfFields(database, book, stream)
        self._any_difference = bool(
            database.execute("select exists (select 1 from difference)").fetchone()[0]
        )
        self._any_withheld = bool(database.execute("select exists (select 1 from withheld)").fetchone()[0])

    def load(self, kind: KindSpec, ids: Collection[bytes], *, fields: Collection[int] = ()) -> None:
        """Read these records; `fields` are the numbers of those that will be asked for (all if empty)."""
        specs = [f for f in kind.fields if not fields or f.number in fields]
        every = list(ids)
        for start in range(0, len(every), IDS_AT_ONCE):
            some = every[start : start + IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            self._load_origins(kind, specs, some, marks)
            self._load_edits(kind, some, marks)

    def _load_origins(
        self, kind: KindSpec, specs: Sequence[FieldSpec], ids: Sequence[bytes], marks: str
    ) -> None:
        replica, numbers = self._book.replica, [f.number for f in specs]
        names = "".join(f', "{f.name}"' for f in specs)
        for id_, feed, seq, op, *values in self._database.execute(
            f'select id, _feed, _seq, _op{names} from "{kind.name}" where site_id = ? and id in ({marks})',
            (self._site, *ids),
        ):
            record = self._records[kind.number, id_]
            record.origin, record.feed = (replica(feed), seq, op), feed
            record.values = dict(zip(numbers, values, strict=True))
        if self._any_withheld:
            for id_, number in self._database.execute(
                f"select row, field from withheld where stream = ? and kind = ? and row in ({marks})",
                (self._stream, kind.number, *ids),
            ):
                if number in self._records[kind.number, id_].values:
                    self._records[kind.number, id_].values[number] = WITHHELD

    def _load_edits(self, kind: KindSpec, ids: Sequence[bytes], marks: str) -> None:
        for row, number, feed, seq, op, hlc, value in self._database.execute(
            "select row, field, feed, seq, op, hlc, value from edit "
            f"where stream = ? and kind = ? and standing = 1 and row in ({marks})",
            (self._stream, kind.number, *ids),
        ):
            record, dot = self._records[kind.number, row], Dot(self._book.replica(feed), seq, op)
            plain = cbor2.loads(value) if number == DELETED else value
            record.heads.setdefault(number, {})[dot] = Head(dot, hlc, plain)
            record.stored = record.stored or {}
            record.stored.setdefault(number, {})[dot] = feed
        if self._any_difference:
            for row, number in self._database.execute(
                f"select row, field from difference where stream = ? and kind = ? and row in ({marks})",
                (self._stream, kind.number, *ids),
            ):
                self._records[kind.number, row].differences |= {number}

    def put(self, key: Key, feed: int, seq: int, position: int, hlc: int, op: Op) -> None:
        """One op on one field."""
        record, number, value = self._records[key], op.field, op.value
        if number == DELETED:
            value = {**value, "seen": sorted(list(dot) for dot in op.replaces)}
        dot = Dot(self._book.replica(feed), seq, position)
        head = Head(dot, hlc, value)
        if number in record.heads or number == DELETED or record.origin not in op.replaces:
            replace(self._standing(record, number), head, op.replaces)
        else:
            record.heads[number] = {dot: head}  # it takes the place of the op that made the record
        record.fresh.setdefault(number, {})[dot] = (feed, head)

    def make_again(
        self, kind: KindSpec, row: bytes, feed: int, seq: int, position: int, hlc: int, values: Sequence[Any]
    ) -> None:
        """The same record made by somebody who did not know of ours: another head for every field."""
        record, dot = self._records[kind.number, row], Dot(self._book.replica(feed), seq, position)
        assert record.origin is not None, "a record is made again when it is there"
        first = Dot(*record.origin)
        if INSERT not in record.heads:
            self._note(
                record, INSERT, record.feed, Head(first, self._book.stamp(record.feed, first.seq), None)
            )
        self._note(record, INSERT, feed, Head(dot, hlc, None))
        for spec, value in zip(kind.fields, values, strict=True):
            self._standing(record, spec.number)
            self._note(record, spec.number, feed, Head(dot, hlc, value))
        if dot < first:
            # Which of them is called the origin must not hang on the order in which they came.
            record.origin, record.feed = dot, feed
            self._database.execute(
                f'update "{kind.name}" set _feed = ?, _seq = ?, _op = ? where id = ? and site_id = ?',
                (feed, seq, position, row, self._site),
            )

    def adopt(self, kind: KindSpec, row: bytes) -> None:
        """A record that was only edited so far has now been made."""
        record = self._records[kind.number, row]
        assert record.origin is not None, "a record is adopted when it is there"
        dot = Dot(*record.origin)
        self._adopted.append((kind.number, row))
        hlc = self._book.stamp(record.feed, dot.seq)
        for number, heads in record.heads.items():
            if number >= FIRST_FIELD:
                heads[dot] = Head(dot, hlc, record.values[number])
            record.fresh.setdefault(number, {})

    def _note(self, record: _Heads, number: int, feed: int, head: Head) -> None:
        record.heads.setdefault(number, {})[head.dot] = head
        record.fresh.setdefault(number, {})[head.dot] = (feed, head)

    def _standing(self, record: _Heads, number: int) -> Heads:
        """The heads of a field; of one that was never edited, the op that made the record."""
        if number not in record.heads:
            record.heads[number] = {}
            if number != DELETED and record.origin is not None:
                dot = Dot(*record.origin)
                stamp = self._book.stamp(record.feed, dot.seq)
                record.heads[number][dot] = Head(dot, stamp, record.values[number])
        return record.heads[number]

    def judge(self, kin: Kin) -> None:
        """Say of every record that was read whether it is hidden by what was said of it."""
        for key, record in self._records.items():
            if DELETED in record.heads and record.origin is not None:
                kin.judged(key, *_hiding(BY_NUMBER[key[0]], record))

    def save(self, kin: Kin) -> None:
        """Write back what changed: the ops, which of them stand, what is shown, and the differences. What is
        hidden, and what comes back, is left to `kin`."""
        changes = _Changes(self._stream, self._site)
        for key, record in self._records.items():
            kind, now = BY_NUMBER[key[0]], {}
            for number, fresh in record.fresh.items():
                heads = record.heads[number]
                self._save_ops(changes, key, number, record, fresh)
                if number >= FIRST_FIELD and record.origin is not None:
                    spec = kind.by_number[number]
                    if len(heads) == 1:
                        ((_dot, head),) = heads.items()
                        now[spec.name], undecided = head.value, False
                    else:
                        past = partial(self._past.of, kind, key[1], spec, heads)
                        unsaid = _unsaid(record, spec, heads)
                        now[spec.name], undecided = decide(heads.values(), spec, past, unsaid)
                    if now[spec.name] == WITHHELD:
                        now[spec.name] = stand_in(spec)
                        changes.withheld.append((self._stream, *key, number))
                    elif self._any_withheld:
                        changes.told.append((self._stream, *key, number))
                    if spec.parent:
                        kin.moved(spec, record.values.get(number), now[spec.name])
                    _judge(changes, key, number, record, undecided)
            if record.origin is None and record.fresh:
                changes.orphans.append((self._stream, *key))
            elif record.fresh and DELETED in record.heads:
                kin.judged(key, *_hiding(kind, record))
            if now:
                changes.show(kind.name, key[1], now)
        changes.write(self._database)
        self._database.executemany(
            "delete from orphan where stream = ? and kind = ? and row = ?",
            [(self._stream, *key) for key in self._adopted],
        )

    def _save_ops(
        self,
        changes: _Changes,
        key: Key,
        number: int,
        record: _Heads,
        fresh: dict[Dot, tuple[int, Head]],
    ) -> None:
        heads, stored = record.heads[number], record.stored.get(number, {})
        for dot, (feed, head) in fresh.items():
            changes.op(key, number, feed, head, standing=dot in heads)
        if len(heads) > len(fresh) or not heads.keys() <= fresh.keys():
            for dot, head in heads.items():
                if dot not in fresh and dot not in stored:
                    # The op that made the record still stands beside another: it gets a row of its own.
                    feed = self._book.number(self._stream, dot.replica)
                    changes.op(key, number, feed, head, standing=True)
        for dot, feed in stored.items():
            if dot not in heads:
                changes.fallen.append((self._stream, *key, number, feed, dot.seq, dot.op))


def _unsaid(record: _Heads, spec: FieldSpec, heads: Heads) -> list[Dot]:
    """The ops that made the record and left this field at its default."""
    if spec.required or record.origin is None:
        return []
    default = stand_in(spec)
    makers = record.heads.get(INSERT) or (Dot(*record.origin),)
    return [dot for dot in makers if dot in heads and heads[dot].value == default]


def _judge(changes: _Changes, key: Key, number: int, record: _Heads, undecided: bool) -> None:
    if undecided != (number in record.differences):
        (changes.arisen if undecided else changes.settled).append((changes.stream, *key, number))


def _hiding(kind: KindSpec, record: _Heads) -> tuple[bool, bool]:
    """Whether the record is hidden by what was said of it, and whether anybody still says that it is."""
    fields = record.heads
    standing = {dot for number, heads in fields.items() if number >= FIRST_FIELD for dot in heads}
    if any(f.number not in fields for f in kind.fields):
        standing.update(fields.get(INSERT) or ((Dot(*record.origin),) if record.origin else ()))
    deletions = fields[DELETED].values()
    return hidden(deletions, standing), any(h.value["gone"] for h in deletions)


class _Changes:
    """The rows to write, gathered so that each statement runs once for all of them."""

    def __init__(self, stream: int, site: bytes) -> None:
        self.stream = stream
        self._site = site
        self._ops: list[tuple[Any, ...]] = []
        self._shown: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)
        self.fallen: list[tuple[Any, ...]] = []
        self.arisen: list[tuple[Any, ...]] = []
        self.settled: list[tuple[Any, ...]] = []
        self.orphans: list[tuple[Any, ...]] = []
        self.withheld: list[tuple[Any, ...]] = []
        self.told: list[tuple[Any, ...]] = []

    def op(self, key: Key, number: int, feed: int, head: Head, *, standing: bool) -> None:
        """An op that gets its row in `edit`."""
        dot, hlc, value = head
        if number == DELETED:
            value = cbor2.dumps(value, canonical=True)
        self._ops.append((self.stream, *key, number, feed, dot.seq, dot.op, hlc, value, int(standing)))

    def show(self, table: str, row: bytes, values: dict[str, Any]) -> None:
        """What a record now shows in some of its columns."""
        columns = tuple(sorted(values))
        self._shown[table, columns].append((*(values[c] for c in columns), row, self._site))

    def write(self, database: Any) -> None:
        many = database.executemany
        many(
            "insert into edit (stream, kind, row, field, feed, seq, op, hlc, value, standing) "
            "values (?,?,?,?,?,?,?,?,?,?)",
            self._ops,
        )
        many(
            "update edit set standing = 0 "
            "where stream=? and kind=? and row=? and field=? and feed=? and seq=? and op=?",
            self.fallen,
        )
        for (table, columns), values in self._shown.items():
            assignments = ", ".join(f'"{c}" = ?' for c in columns)
            many(f'update "{table}" set {assignments} where id = ? and site_id = ?', values)
        place = "stream=? and kind=? and row=? and field=?"
        many(f"delete from difference where {place}", self.settled)
        many("insert into difference (stream, kind, row, field) values (?,?,?,?)", self.arisen)
        many(f"delete from withheld where {place}", self.told)
        many("insert into withheld values (?,?,?,?) on conflict do nothing", self.withheld)
        many("insert into orphan values (?,?,?) on conflict do nothing", self.orphans)
