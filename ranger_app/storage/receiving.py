"""Takes segments from elsewhere: checks them, keeps them all, and applies those whose parents are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ranger_app.domain.changes import Segment
from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.security.keys import genuine, replica_of
from ranger_app.storage.feeds import Feed, FeedBook, store_segment, unpack
from ranger_app.storage.merging import Applied, Written, apply, understood
from ranger_app.storage.segments import MAX_SEGMENT, decode, hash_of
from ranger_app.storage.tables import APPLIED, ASIDE, PARKED

BATCH_OPS = 20_000  # ops applied in one go; bounds memory, large enough to be quick
MAX_AHEAD = 1_000_000
"""A number further beyond what is known than any laptop writes in a year is not believed."""


@dataclass(frozen=True, slots=True)
class SignedSegment:
    """A segment as it travels: its bytes, its signature, and the key that it says it is signed with."""

    public_key: bytes
    body: bytes
    signature: bytes


@dataclass(slots=True)
class Received:
    """What became of a run of segments."""

    new: int = 0
    known: int = 0
    refused: int = 0
    forks: int = 0
    applied: Applied = field(default_factory=Applied)
    rebuild: bool = False
    """A feed turned out to be forked below what was applied: the state has to be made anew."""


def receive(database: Any, book: FeedBook, clock: HybridClock, segments: Iterable[SignedSegment]) -> Received:
    """Keep every genuine segment, then apply what can be. Inside the caller's transaction, gate open."""
    result = Received()
    for untrusted in segments:
        _take(database, book, clock, untrusted, result)
    if not result.rebuild:
        for stream in book.streams():
            apply_ready(database, book, stream, result.applied)
    return result


def _take(
    database: Any, book: FeedBook, clock: HybridClock, untrusted: SignedSegment, result: Received
) -> None:
    try:
        segment = decode(untrusted.body)
    except BadInput:
        result.refused += 1
        return
    if replica_of(untrusted.public_key) != segment.replica or not genuine(
        untrusted.public_key, untrusted.body, untrusted.signature
    ):
        result.refused += 1
        return
    feed = book.open(book.stream_number(segment.stream), segment.replica, untrusted.public_key)
    digest = hash_of(untrusted.body)
    same_number = [
        row[0]
        for row in database.execute(
            "select hash from segment where feed = ? and seq = ?", (feed.number, segment.seq)
        )
    ]
    if digest in same_number:
        result.known += 1
        return
    if segment.seq > feed.applied + MAX_AHEAD:
        result.refused += 1
        return
    aside = feed.forked_at is not None and segment.seq >= feed.forked_at
    store_segment(
        database,
        feed.number,
        segment.seq,
        hash_=digest,
        body=untrusted.body,
        signature=untrusted.signature,
        hlc=segment.hlc,
        state=ASIDE if aside or same_number else PARKED,
        unread=not all(understood(op) for op in segment.ops),
    )
    clock.hear(segment.hlc)
    result.new += 1
    if same_number:
        _fork(database, feed, segment.seq, result)


def _fork(database: Any, feed: Feed, seq: int, result: Received) -> None:
    """Two segments under one number: a copied laptop. Both sides are kept aside from here on."""
    result.forks += 1
    if feed.forked_at is not None and feed.forked_at <= seq:
        return
    feed.forked_at = seq
    database.execute("update feed set forked_at = ? where no = ?", (seq, feed.number))
    database.execute("update segment set state = ? where feed = ? and seq >= ?", (ASIDE, feed.number, seq))
    result.rebuild = result.rebuild or feed.applied >= seq


def apply_ready(database: Any, book: FeedBook, stream: int, applied: Applied) -> None:
    """Apply, in causal order, every parked segment of a stream whose parents are applied."""
    waiting = _Waiting(database, book, stream)
    batch: list[Written] = []
    while found := waiting.next_ready():
        feed, segment = found
        batch += [Written(feed.number, segment.seq, i, segment.hlc, op) for i, op in enumerate(segment.ops)]
        if len(batch) >= BATCH_OPS:
            apply(database, book, stream, batch, applied)
            waiting.applied_all()
            batch = []
    apply(database, book, stream, batch, applied)


class _Waiting:
    """The parked segments of a stream, handed out one by one as their parents are applied."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._queue: dict[int, list[int]] = defaultdict(list)
        for feed in book.feeds(stream):
            numbers = [
                row[0]
                for row in database.execute(
                    "select seq from segment where feed = ? and state = ? order by seq desc",
                    (feed.number, PARKED),
                )
            ]
            if numbers:
                self._queue[feed.number] = numbers
        self._heads: dict[int, tuple[Segment, bytes]] = {}
        self._made: set[tuple[int, bytes]] = set()

    def applied_all(self) -> None:
        """What was handed out is now in the tables."""
        self._made.clear()

    def next_ready(self) -> tuple[Feed, Segment] | None:
        for number in list(self._queue):
            feed = self._book.feed(number)
            if self._queue[number][-1] != feed.applied + 1:
                del self._queue[number]  # a gap: waits for another bundle
                continue
            segment, digest = self._head(feed)
            if segment.previous != self._book.last_hash(feed):
                del self._queue[number]
                continue
            if self._parents_known(segment):
                self._hand_out(feed, segment, digest)
                return feed, segment
        return None

    def _head(self, feed: Feed) -> tuple[Segment, bytes]:
        if feed.number not in self._heads:
            body, digest = self._database.execute(
                "select body, hash from segment where feed = ? and seq = ?",
                (feed.number, feed.applied + 1),
            ).fetchone()
            self._heads[feed.number] = decode(unpack(body, limit=MAX_SEGMENT)), digest
        return self._heads[feed.number]

    def _parents_known(self, segment: Segment) -> bool:
        for replica, seq in segment.needs():
            parent = self._book.find(self._stream, replica)
            if parent is None or parent.applied < seq:
                return False
        made = {(op.kind, op.row) for op in segment.ops if op.field == INSERT}
        needed = {
            (op.kind, op.row) for op in segment.ops if op.field != INSERT and op.kind in BY_NUMBER
        } - made
        return all(key in self._made or self._exists(*key) for key in needed)

    def _exists(self, kind: int, row: bytes) -> bool:
        found = self._database.execute(
            f'select 1 from "{BY_NUMBER[kind].name}" where id = ? and site_id = ?',
            (row, self._book.stream_id(self._stream)),
        ).fetchone()
        return found is not None

    def _hand_out(self, feed: Feed, segment: Segment, digest: bytes) -> None:
        self._queue[feed.number].pop()
        if not self._queue[feed.number]:
            del self._queue[feed.number]
        del self._heads[feed.number]
        self._made.update((op.kind, op.row) for op in segment.ops if op.field == INSERT)
        self._database.execute(
            "update segment set state = ? where feed = ? and seq = ? and hash = ?",
            (APPLIED, feed.number, segment.seq, digest),
        )
        self._book.advance(feed, segment.seq)
