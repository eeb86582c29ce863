"""Brings the state tables to what a set of ops says; local edits, bundles and rebuilding all pass here.

Callers hand over ops of whole segments whose causal parents are applied. Within one call records are
made first and edits follow, which is allowed because the heads of a field do not depend on order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlcipher3 import dbapi2

from ranger_app.domain.changes import WITHHELD, Op
from ranger_app.domain.fields import INSERT, KindSpec
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.changes.heads import HeadsOfRecords
from ranger_app.storage.changes.kinship import IDS_AT_ONCE, Key, Kin
from ranger_app.storage.codecs import CODECS


@dataclass(slots=True)
class Applied:
    """What a run of ops touched, by kind number."""

    rows: dict[int, dict[bytes, None]] = field(default_factory=lambda: defaultdict(dict))


class Written(NamedTuple):
    """One op with its place: feed number, segment number, position, and its segment's stamp."""

    feed: int
    seq: int
    position: int
    hlc: int
    op: Op
    row: list[Any] | None = None
    """The field columns that it makes, where they are known already."""


def apply(database: Any, book: FeedBook, stream: int, ops: Sequence[Written], applied: Applied) -> None:
    """Apply ops of one stream that this version can read (see `sift`). `database` is a bare connection
    inside a transaction, with the gate open."""
    makes: dict[int, list[Written]] = defaultdict(list)
    edits: dict[Key, list[Written]] = defaultdict(list)
    for written in ops:
        op = written.op
        applied.rows[op.kind][op.row] = None
        if op.field == INSERT:
            makes[op.kind].append(written)
        else:
            edits[op.kind, op.row].append(written)
    kin = Kin(database, book, stream)
    for kind, made in makes.items():
        _make(database, book, stream, BY_NUMBER[kind], made, kin)
    if edits:
        _edit(database, book, stream, edits, kin)
    _settle_kin(database, book, stream, kin)


def _settle_kin(database: Any, book: FeedBook, stream: int, kin: Kin) -> None:
    """Hide and bring back those who hang together, up to the eldest."""
    while parents := kin.settle():
        heads = HeadsOfRecords(database, book, stream)
        for kind, ids in parents.items():
            heads.load(BY_NUMBER[kind], ids)
        heads.judge(kin)


def _make(
    database: Any, book: FeedBook, stream: int, kind: KindSpec, made: Sequence[Written], kin: Kin
) -> None:
    codec, site = CODECS[kind.number], book.stream_id(stream)
    columns = ", ".join(f'"{n}"' for n in codec.names)
    marks = ", ".join("?" * (6 + len(codec.names)))
    rows = [(w.op.row, site, w.feed, w.seq, w.position, 0, *(w.row or codec.row(w.op.value))) for w in made]
    statement = (
        f'insert into "{kind.name}" (id, site_id, _feed, _seq, _op, _gone, {columns}) values ({marks})'
    )
    twice: list[Written] = []
    try:
        database.executemany(statement, rows)
    except dbapi2.IntegrityError:
        # Somebody else made some of these records too: all of their fields now have two heads.
        database.executemany(f"{statement} on conflict do nothing", rows)
        places = _places(database, kind, site, [w.op.row for w in made])
        twice = [w for w in made if places[w.op.row] != (w.feed, w.seq, w.position)]
    _note_withheld(database, stream, kind, made if not twice else [w for w in made if w not in twice])
    kin.made(kind, rows)
    orphans = {
        row
        for (row,) in database.execute(
            "select row from orphan where stream = ? and kind = ?", (stream, kind.number)
        )
    }
    found = orphans.intersection(w.op.row for w in made) if orphans else orphans
    if not twice and not found:
        return
    heads = HeadsOfRecords(database, book, stream)
    heads.load(kind, {*found, *(w.op.row for w in twice)})
    for row in found:
        heads.adopt(kind, row)
    for w in twice:
        values = codec.row(w.op.value, withheld=WITHHELD)
        heads.make_again(kind, w.op.row, w.feed, w.seq, w.position, w.hlc, values)
    heads.save(kin)


def _note_withheld(database: Any, stream: int, kind: KindSpec, made: Sequence[Written]) -> None:
    """Remember which fields of new records hold nothing because their values are withheld."""
    found = [
        (stream, kind.number, w.op.row, number)
        for w in made
        if w.row is None and WITHHELD in w.op.value
        for number, value in zip(w.op.value[::2], w.op.value[1::2], strict=True)
        if value is WITHHELD and number in kind.by_number
    ]
    database.executemany("insert into withheld values (?,?,?,?) on conflict do nothing", found)


def _places(
    database: Any, kind: KindSpec, site: bytes, ids: Sequence[bytes]
) -> dict[bytes, tuple[int, int, int]]:
    found: dict[bytes, tuple[int, int, int]] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        marks = ",".join("?" * len(some))
        for row in database.execute(
            f'select id, _feed, _seq, _op from "{kind.name}" where site_id = ? and id in ({marks})',
            (site, *some),
        ):
            found[row[0]] = tuple(row[1:])
    return found


def _edit(database: Any, book: FeedBook, stream: int, edits: dict[Key, list[Written]], kin: Kin) -> None:
    rows: dict[int, list[bytes]] = defaultdict(list)
    fields: dict[int, set[int]] = defaultdict(set)
    for (kind, row), written in edits.items():
        rows[kind].append(row)
        fields[kind].update(w.op.field for w in written)
    heads = HeadsOfRecords(database, book, stream)
    for kind, ids in rows.items():
        heads.load(BY_NUMBER[kind], ids, fields=fields[kind])
    for key, written in edits.items():
        for w in written:
            heads.put(key, w.feed, w.seq, w.position, w.hlc, w.op)
    heads.save(kin)
