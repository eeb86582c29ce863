"""The heads of some records: read once, changed in memory, and written back once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import cbor2

from ranger_app.domain.changes import Dot, Head, Heads, Op, differ, hidden, replace, shown
from ranger_app.domain.fields import DELETED, FIRST_FIELD, INSERT, KindSpec
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.feeds import FeedBook

IDS_AT_ONCE = 400  # ids in one question

Key = tuple[int, bytes]
"""Kind number and id: one record within a stream."""


class HeadsOfRecords:
    """The standing ops of every field of some records of one stream."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._site = book.stream_id(stream)
        self._origin: dict[Key, tuple[Dot, int, dict[int, Any]]] = {}
        """The op that made the record, its feed's number, and the shown values of the fields asked for."""
        self._heads: dict[Key, dict[int, Heads]] = {}
        self._stored: dict[tuple[Key, int], dict[Dot, int]] = {}
        """Standing ops that have their own row in `edit`, with the number of their feed."""
        self._fresh: dict[tuple[Key, int], dict[Dot, tuple[int, Head]]] = {}
        """Ops that get a row now, with the number of their feed."""
        self._changed: dict[Key, set[int]] = defaultdict(set)
        self._adopted: list[Key] = []
        self._any_difference = bool(
            database.execute("select exists (select 1 from difference)").fetchone()[0]
        )
        self._differences: set[tuple[Key, int]] = set()

    def load(self, kind: KindSpec, ids: Collection[bytes], *, fields: Collection[int] = ()) -> None:
        """Read these records; `fields` are the numbers of those that will be asked for (all if empty)."""
        specs = [f for f in kind.fields if not fields or f.number in fields]
        names = "".join(f', "{f.name}"' for f in specs)
        numbers = [f.number for f in specs]
        every = list(ids)
        for start in range(0, len(every), IDS_AT_ONCE):
            some = every[start : start + IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            self._load_origins(kind, names, numbers, some, marks)
            self._load_edits(kind, some, marks)

    def _load_origins(
        self, kind: KindSpec, names: str, numbers: Sequence[int], ids: Sequence[bytes], marks: str
    ) -> None:
        replica = self._book.replica
        for id_, feed, seq, op, *values in self._database.execute(
            f'select id, _feed, _seq, _op{names} from "{kind.name}" where site_id = ? and id in ({marks})',
            (self._site, *ids),
        ):
            dot = Dot(replica(feed), seq, op)
            self._origin[kind.number, id_] = (dot, feed, dict(zip(numbers, values, strict=True)))

    def _load_edits(self, kind: KindSpec, ids: Sequence[bytes], marks: str) -> None:
        for row, number, feed, seq, op, hlc, value in self._database.execute(
            "select row, field, feed, seq, op, hlc, value from edit "
            f"where stream = ? and kind = ? and standing = 1 and row in ({marks})",
            (self._stream, kind.number, *ids),
        ):
            key, dot = (kind.number, row), Dot(self._book.replica(feed), seq, op)
            plain = cbor2.loads(value) if number == DELETED else value
            self._heads.setdefault(key, {}).setdefault(number, {})[dot] = Head(dot, hlc, plain)
            self._stored.setdefault((key, number), {})[dot] = feed
        if self._any_difference:
            self._differences.update(
                ((kind.number, row), number)
                for row, number in self._database.execute(
                    f"select row, field from difference where stream = ? and kind = ? and row in ({marks})",
                    (self._stream, kind.number, *ids),
                )
            )

    def put(self, key: Key, feed: int, seq: int, index: int, hlc: int, op: Op) -> None:
        """One op on one field."""
        value = op.value
        if op.field == DELETED:
            value = {**value, "seen": sorted(list(dot) for dot in op.replaces)}
        head = Head(Dot(self._book.replica(feed), seq, index), hlc, value)
        replace(self._standing(key, op.field), head, op.replaces)
        self._keep(key, op.field, feed, head)

    def make_again(
        self, kind: KindSpec, row: bytes, feed: int, seq: int, index: int, hlc: int, values: Sequence[Any]
    ) -> None:
        """The same record made by somebody who did not know of ours: another head for every field."""
        key = (kind.number, row)
        dot = Dot(self._book.replica(feed), seq, index)
        first, first_feed, shown_values = self._origin[key]
        if INSERT not in self._heads.get(key, {}):
            self._made_by(key, first_feed, Head(first, self._book.stamp(first_feed, first.seq), None))
        self._made_by(key, feed, Head(dot, hlc, None))
        for spec, value in zip(kind.fields, values, strict=True):
            head = Head(dot, hlc, value)
            replace(self._standing(key, spec.number), head, ())
            self._keep(key, spec.number, feed, head)
        if dot < first:
            # Which of them is called the origin must not hang on the order in which they came.
            self._origin[key] = (dot, feed, shown_values)
            self._database.execute(
                f'update "{kind.name}" set _feed = ?, _seq = ?, _op = ? where id = ? and site_id = ?',
                (feed, seq, index, row, self._site),
            )

    def adopt(self, kind: KindSpec, row: bytes) -> None:
        """A record that was only edited so far has now been made."""
        key = (kind.number, row)
        self._adopted.append(key)
        dot, feed, values = self._origin[key]
        hlc = self._book.stamp(feed, dot.seq)
        for number, heads in self._heads.setdefault(key, {}).items():
            if number >= FIRST_FIELD:
                heads[dot] = Head(dot, hlc, values[number])
            self._changed[key].add(number)

    def _made_by(self, key: Key, feed: int, head: Head) -> None:
        self._heads.setdefault(key, {}).setdefault(INSERT, {})[head.dot] = head
        self._keep(key, INSERT, feed, head)

    def _standing(self, key: Key, number: int) -> Heads:
        fields = self._heads.setdefault(key, {})
        if number not in fields:
            fields[number] = {}
            if number != DELETED and key in self._origin:
                dot, feed, values = self._origin[key]
                fields[number][dot] = Head(dot, self._book.stamp(feed, dot.seq), values[number])
        return fields[number]

    def _keep(self, key: Key, number: int, feed: int, head: Head) -> None:
        self._fresh.setdefault((key, number), {})[head.dot] = (feed, head)
        self._changed[key].add(number)

    def save(self) -> None:
        """Write back what changed: the ops, which of them stand, what is shown, and the differences."""
        changes = _Changes(self._stream, self._site)
        for key, numbers in self._changed.items():
            kind = BY_NUMBER[key[0]]
            made = key in self._origin
            if not made:
                changes.orphans.append((self._stream, *key))
            now: dict[str, Any] = {}
            for number in numbers:
                heads = self._heads[key][number]
                self._save_ops(changes, key, number, heads)
                if number >= FIRST_FIELD and made:
                    spec = kind.by_number[number]
                    now[spec.name] = shown(heads.values(), spec).value
                    self._judge(changes, key, number, differ(heads.values(), spec))
            if made and DELETED in self._heads[key]:
                gone, undecided = self._hiding(kind, key)
                now["_gone"] = int(gone)
                self._judge(changes, key, DELETED, undecided)
            if now:
                changes.show(kind.name, key[1], now)
        changes.write(self._database)
        self._database.executemany(
            "delete from orphan where stream = ? and kind = ? and row = ?",
            [(self._stream, *key) for key in self._adopted],
        )

    def _save_ops(self, changes: _Changes, key: Key, number: int, heads: Heads) -> None:
        fresh = self._fresh.get((key, number), {})
        stored = self._stored.get((key, number), {})
        for dot, head in heads.items():
            if dot not in fresh and dot not in stored:
                # The op that made the record still stands beside another: it gets a row of its own.
                changes.op(key, number, self._book.number(self._stream, dot.replica), head, standing=True)
        for dot, (feed, head) in fresh.items():
            changes.op(key, number, feed, head, standing=dot in heads)
        for dot, feed in stored.items():
            if dot not in heads:
                changes.fallen.append((self._stream, *key, number, feed, dot.seq, dot.op))

    def _judge(self, changes: _Changes, key: Key, number: int, undecided: bool) -> None:
        if undecided != ((key, number) in self._differences):
            (changes.arisen if undecided else changes.settled).append((self._stream, *key, number))

    def _hiding(self, kind: KindSpec, key: Key) -> tuple[bool, bool]:
        """Whether the record is hidden, and whether one deleted what another was editing."""
        fields = self._heads[key]
        standing = {dot for number, heads in fields.items() if number >= FIRST_FIELD for dot in heads}
        if any(f.number not in fields for f in kind.fields):
            standing.update(fields.get(INSERT) or (self._origin[key][0],))
        deletions = fields[DELETED].values()
        gone = hidden(deletions, standing)
        return gone, not gone and any(h.value["gone"] for h in deletions)


class _Changes:
    """The rows to write, gathered so that each statement runs once for all of them."""

    def __init__(self, stream: int, site: bytes) -> None:
        self._stream = stream
        self._site = site
        self._ops: list[tuple[Any, ...]] = []
        self._shown: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)
        self.fallen: list[tuple[Any, ...]] = []
        self.arisen: list[tuple[Any, ...]] = []
        self.settled: list[tuple[Any, ...]] = []
        self.orphans: list[tuple[Any, ...]] = []

    def op(self, key: Key, number: int, feed: int, head: Head, *, standing: bool) -> None:
        """An op that gets its row in `edit`."""
        value = cbor2.dumps(head.value, canonical=True) if number == DELETED else head.value
        dot = head.dot
        self._ops.append((self._stream, *key, number, feed, dot.seq, dot.op, head.hlc, value, int(standing)))

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
        many("insert into orphan values (?,?,?) on conflict do nothing", self.orphans)
