"""Brings the state tables to what a set of ops says; local edits, bundles and rebuilding all pass here.

Callers hand over ops of whole segments whose causal parents are applied. Within one call records are
made first and edits follow, which is allowed because the heads of a field do not depend on order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cbor2

from ranger_app.domain.changes import Dot, Head, Heads, Op, differ, hidden, replace, shown
from ranger_app.domain.fields import DELETED, INSERT, KindSpec
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.feeds import FeedBook
from ranger_app.storage.rows import RowCodec, readable

CODECS: dict[int, RowCodec] = {number: RowCodec(kind) for number, kind in BY_NUMBER.items()}
_CHUNK = 400  # ids in one question

Key = tuple[int, bytes]
"""Kind number and id: one record within a stream."""


@dataclass(slots=True)
class Applied:
    """What a run of ops touched, by kind number."""

    rows: dict[int, dict[bytes, None]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True, slots=True)
class Written:
    """One op with its place: feed number, segment number, position, and its segment's stamp."""

    feed: int
    seq: int
    index: int
    hlc: int
    op: Op


def understood(op: Op) -> bool:
    """Whether this version can apply the op; others wait raw in their segment."""
    kind = BY_NUMBER.get(op.kind)
    if kind is None:
        return False
    if op.field == INSERT:
        return CODECS[op.kind].readable(op.value) and all(n in kind.by_number for n in op.value)
    if not op.replaces:
        return False  # an edit always names what it replaces, at least the op that made the record
    if op.field == DELETED:
        return _is_deletion_value(op.value)
    return op.field in kind.by_number and readable(kind.by_number[op.field], op.value)


def _applicable(op: Op) -> bool:
    """Like `understood`, but a record with some unknown fields is made with those that are known."""
    return understood(op) or (op.field == INSERT and op.kind in CODECS and CODECS[op.kind].readable(op.value))


def _is_deletion_value(untrusted: Any) -> bool:
    return (
        isinstance(untrusted, dict)
        and set(untrusted) == {"gone", "reason"}
        and isinstance(untrusted["gone"], bool)
        and isinstance(untrusted["reason"], str)
    )


def apply(database: Any, book: FeedBook, stream: int, ops: Sequence[Written], applied: Applied) -> None:
    """Apply ops of one stream. `database` is a bare connection inside a transaction, with the gate open."""
    makes: dict[int, list[Written]] = defaultdict(list)
    edits: dict[Key, list[Written]] = defaultdict(list)
    for written in ops:
        op = written.op
        if not _applicable(op):
            continue
        applied.rows[op.kind][op.row] = None
        if op.field == INSERT:
            makes[op.kind].append(written)
        else:
            edits[op.kind, op.row].append(written)
    for kind, made in makes.items():
        _make(database, book, stream, BY_NUMBER[kind], made)
    if edits:
        _edit(database, book, stream, edits)


def _make(database: Any, book: FeedBook, stream: int, kind: KindSpec, made: Sequence[Written]) -> None:
    codec, site = CODECS[kind.number], book.stream_id(stream)
    columns = ", ".join(f'"{n}"' for n in codec.names)
    marks = ", ".join("?" * (6 + len(codec.names)))
    rows = [(w.op.row, site, w.feed, w.seq, w.index, 0, *codec.row(w.op.value)) for w in made]
    cursor = database.executemany(
        f'insert into "{kind.name}" (id, site_id, _feed, _seq, _op, _gone, {columns}) values ({marks}) '
        "on conflict do nothing",
        rows,
    )
    if cursor.rowcount == len(rows):
        return
    # Somebody else made some of these records too: all of their fields now have two heads.
    standing = _insert_places(database, kind, site, [w.op.row for w in made])
    twice = [w for w in made if standing[w.op.row] != (w.feed, w.seq, w.index)]
    state = _State(database, book, stream)
    state.load((kind.number, w.op.row) for w in twice)
    for w in twice:
        state.make_again(kind, w)
    state.save()


def _insert_places(
    database: Any, kind: KindSpec, site: bytes, ids: Sequence[bytes]
) -> dict[bytes, tuple[int, int, int]]:
    found: dict[bytes, tuple[int, int, int]] = {}
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        marks = ",".join("?" * len(some))
        for row in database.execute(
            f'select id, _feed, _seq, _op from "{kind.name}" where site_id = ? and id in ({marks})',
            (site, *some),
        ):
            found[row[0]] = tuple(row[1:])
    return found


def _edit(database: Any, book: FeedBook, stream: int, edits: dict[Key, list[Written]]) -> None:
    state = _State(database, book, stream)
    state.load(edits)
    for written in edits.values():
        for w in written:
            state.put(w)
    state.save()


class _State:
    """The heads of some records, read once, changed in memory and written back once."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._site = book.stream_id(stream)
        self._origin: dict[Key, tuple[Dot, int, list[Any]]] = {}
        self._heads: dict[Key, dict[int, Heads]] = {}
        self._kept: dict[tuple[Key, int], set[Dot]] = defaultdict(set)
        """Dots that have their own row in `edit`."""
        self._new: list[tuple[Any, ...]] = []
        self._changed: dict[Key, set[int]] = defaultdict(set)

    def load(self, keys: Iterable[Key]) -> None:
        by_kind: dict[int, list[bytes]] = defaultdict(list)
        for kind, row in keys:
            by_kind[kind].append(row)
        for number, ids in by_kind.items():
            for start in range(0, len(ids), _CHUNK):
                self._load_some(BY_NUMBER[number], ids[start : start + _CHUNK])

    def _load_some(self, kind: KindSpec, ids: Sequence[bytes]) -> None:
        marks = ",".join("?" * len(ids))
        names = ", ".join(f'"{n}"' for n in CODECS[kind.number].names)
        for row in self._database.execute(
            f'select id, _feed, _seq, _op, {names} from "{kind.name}" where site_id = ? and id in ({marks})',
            (self._site, *ids),
        ):
            dot = Dot(self._book.replica(row[1]), row[2], row[3])
            self._origin[kind.number, row[0]] = (dot, row[1], list(row[4:]))
        for row, number, feed, seq, index, hlc, value in self._database.execute(
            "select row, field, feed, seq, op, hlc, value from edit "
            f"where stream = ? and kind = ? and standing = 1 and row in ({marks})",
            (self._stream, kind.number, *ids),
        ):
            key, dot = (kind.number, row), Dot(self._book.replica(feed), seq, index)
            self._heads.setdefault(key, {}).setdefault(number, {})[dot] = Head(dot, hlc, cbor2.loads(value))
            self._kept[key, number].add(dot)

    def put(self, w: Written) -> None:
        """One op on one field."""
        key, number = (w.op.kind, w.op.row), w.op.field
        if key not in self._origin:
            return
        value = w.op.value
        if number == DELETED:
            value = {**value, "seen": sorted(list(dot) for dot in w.op.replaces)}
        head = Head(Dot(self._book.replica(w.feed), w.seq, w.index), w.hlc, value)
        replace(self._standing(key, number), head, w.op.replaces)
        self._keep(key, number, w.feed, head)

    def make_again(self, kind: KindSpec, w: Written) -> None:
        """The same record made by somebody who did not know of ours: another head for every field."""
        key = (kind.number, w.op.row)
        if key not in self._origin:
            return
        dot = Dot(self._book.replica(w.feed), w.seq, w.index)
        for spec, value in zip(kind.fields, CODECS[kind.number].row(w.op.value), strict=True):
            head = Head(dot, w.hlc, value)
            replace(self._standing(key, spec.number), head, ())
            self._keep(key, spec.number, w.feed, head)

    def _standing(self, key: Key, number: int) -> Heads:
        fields = self._heads.setdefault(key, {})
        if number not in fields:
            fields[number] = {}
            if number != DELETED:
                dot, feed, values = self._origin[key]
                place = next(i for i, f in enumerate(BY_NUMBER[key[0]].fields) if f.number == number)
                fields[number][dot] = Head(dot, self._book.stamp(feed, dot.seq), values[place])
        return fields[number]

    def _keep(self, key: Key, number: int, feed: int, head: Head) -> None:
        seq, index = head.dot.seq, head.dot.op
        self._new.append((self._stream, *key, number, feed, seq, index, head.hlc, cbor2.dumps(head.value)))
        self._kept[key, number].add(head.dot)
        self._changed[key].add(number)

    def save(self) -> None:
        """Write back what changed: the ops, which of them stand, what is shown, and the differences."""
        fallen: list[tuple[Any, ...]] = []
        visible: dict[tuple[str, str], list[tuple[Any, bytes, bytes]]] = defaultdict(list)
        verdicts: list[tuple[bool, tuple[Any, ...]]] = []
        for key, numbers in self._changed.items():
            kind = BY_NUMBER[key[0]]
            for number in list(numbers):
                heads = self._heads[key][number]
                for dot in set(heads) - self._kept[key, number]:
                    # The op that made the record still stands beside another: it gets a row of its own.
                    self._keep(key, number, self._origin[key][1], heads[dot])
                for dot in self._kept[key, number] - set(heads):
                    feed = self._book.number(self._stream, dot.replica)
                    fallen.append((self._stream, *key, number, feed, dot.seq, dot.op))
                if number != DELETED:
                    spec = kind.by_number[number]
                    visible[kind.name, spec.name].append(
                        (shown(heads.values(), spec).value, key[1], self._site)
                    )
                    verdicts.append((differ(heads.values(), spec), (self._stream, *key, number)))
            if DELETED in self._heads[key]:
                gone, undecided = self._hiding(kind, key)
                visible[kind.name, "_gone"].append((int(gone), key[1], self._site))
                verdicts.append((undecided, (self._stream, *key, DELETED)))
        self._write(fallen, visible, verdicts)

    def _hiding(self, kind: KindSpec, key: Key) -> tuple[bool, bool]:
        """Whether the record is hidden, and whether one deleted what another was editing."""
        fields = self._heads[key]
        standing = {dot for number, heads in fields.items() if number != DELETED for dot in heads}
        if any(f.number not in fields for f in kind.fields):
            standing.add(self._origin[key][0])
        deletions = fields[DELETED].values()
        gone = hidden(deletions, standing)
        return gone, not gone and any(h.value["gone"] for h in deletions)

    def _write(
        self,
        fallen: list[tuple[Any, ...]],
        visible: dict[tuple[str, str], list[tuple[Any, bytes, bytes]]],
        verdicts: list[tuple[bool, tuple[Any, ...]]],
    ) -> None:
        many = self._database.executemany
        many(
            "insert into edit (stream, kind, row, field, feed, seq, op, hlc, value, standing) "
            "values (?,?,?,?,?,?,?,?,?,1) on conflict do nothing",
            self._new,
        )
        many(
            "update edit set standing = 0 "
            "where stream=? and kind=? and row=? and field=? and feed=? and seq=? and op=?",
            fallen,
        )
        for (table, column), values in visible.items():
            many(f'update "{table}" set "{column}" = ? where id = ? and site_id = ?', values)
        many(
            "delete from difference where stream=? and kind=? and row=? and field=?",
            [place for undecided, place in verdicts if not undecided],
        )
        many(
            "insert into difference (stream, kind, row, field) values (?,?,?,?) on conflict do nothing",
            [place for undecided, place in verdicts if undecided],
        )
