"""What led to the standing ops of one field, read from the signed segments where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ranger_app.domain.changes import WITHHELD, Dot, Heads, Op, Past, Said, Segment
from ranger_app.domain.fields import INSERT, FieldSpec, KindSpec
from ranger_app.storage.changes.feeds import FeedBook, stored
from ranger_app.storage.codecs import CODECS, reads
from ranger_app.storage.rows import Reads
from ranger_app.storage.tables import APPLIED

MAX_PAST = 2_000
"""Ops on one field; of one that was written more often nobody asks how it came about."""


class PastOfFields:
    """Looks up ops in the segments of one stream. Only those count that are applied and were allowed."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._segments: dict[tuple[bytes, int], Segment | None] = {}

    def of(self, kind: KindSpec, row: bytes, field: FieldSpec, heads: Heads) -> Past | None:
        """The heads of a field with everything before them; None when that is too much to look through, or
        some of it did not come here."""
        past: dict[Dot, Said] = {}
        waiting = list(heads)
        while waiting:
            dot = waiting.pop()
            if dot in past:
                continue
            if len(past) == MAX_PAST:
                return None
            op = self.op(kind, row, field, dot)
            if op is None:
                # A unit of work looks at its own op before it is sealed: nobody stands beside it yet.
                past[dot] = Said(heads[dot].value, ())
                continue
            before = tuple(sorted(set(self._counting(kind, row, field, op))))
            value = value_in(kind, field, op)
            if value is WITHHELD:
                return None
            past[dot] = Said(value, before)
            waiting += before
        return past

    def _counting(self, kind: KindSpec, row: bytes, field: FieldSpec, op: Op) -> Iterator[Dot]:
        return (dot for dot in op.replaces if self.op(kind, row, field, dot) is not None)

    def op(self, kind: KindSpec, row: bytes, field: FieldSpec, dot: Dot) -> Op | None:
        """An op on a field, or one that made its record; None when it does not count, or is no such op."""
        segment = self._segment(dot.replica, dot.seq)
        if segment is None or dot.op >= len(segment.ops):
            return None
        op = segment.ops[dot.op]
        about_it = (op.kind, op.row) == (kind.number, row) and op.field in (INSERT, field.number)
        return op if about_it and reads(op) is not Reads.NOTHING and self._allowed(dot) else None

    def _segment(self, replica: bytes, seq: int) -> Segment | None:
        if (replica, seq) not in self._segments:
            feed = self._book.find(self._stream, replica)
            found = (
                feed
                and self._database.execute(
                    "select body from segment where feed = ? and seq = ? and state = ?",
                    (feed.number, seq, APPLIED),
                ).fetchone()
            )
            self._segments[replica, seq] = stored(found[0]) if found else None
        return self._segments[replica, seq]

    def _allowed(self, dot: Dot) -> bool:
        feed = self._book.number(self._stream, dot.replica)
        refused = self._database.execute(
            "select 1 from refused where feed = ? and seq = ? and op = ?", (feed, dot.seq, dot.op)
        ).fetchone()
        return refused is None


def value_in(kind: KindSpec, field: FieldSpec, op: Op) -> Any:
    """What an op says of a field, in its one form."""
    if op.field != INSERT:
        return op.value
    codec = CODECS[kind.number]
    return codec.row(op.value, withheld=WITHHELD)[codec.names.index(field.name)]
