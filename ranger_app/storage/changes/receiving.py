"""Takes segments from elsewhere: checks them, keeps them all, and applies those whose parents are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import BadInput
from ranger_app.domain.feeds import Waiting, around, fork, is_aside, is_believable
from ranger_app.security.keys import genuine, replica_of
from ranger_app.storage.changes.erasing import ErasedLeaves, strip
from ranger_app.storage.changes.feeds import Feed, FeedBook, fill_in, store_segment, stored
from ranger_app.storage.changes.judging import Judge
from ranger_app.storage.changes.leaves import signed_part, split
from ranger_app.storage.changes.merging import Applied, Written, apply
from ranger_app.storage.changes.segments import decode, hash_of
from ranger_app.storage.codecs import sift
from ranger_app.storage.pausing import no_search_for_cycles
from ranger_app.storage.tables import APPLIED, ASIDE, LACKING, PARKED, WHOLE

BATCH_OPS = 10_000  # ops applied in one go; bounds memory, large enough to be quick


@dataclass(frozen=True, slots=True)
class SignedSegment:
    """A segment as it travels: its bytes, its signature, and the key that it says it is signed with."""

    public_key: bytes
    body: bytes
    """What was signed, and behind it what came along of its sensitive values (see `leaves`)."""
    signature: bytes

    def genuine(self) -> bool:
        """Whether the holder of the key signed it."""
        return genuine(self.public_key, signed_part(self.body), self.signature)


@dataclass(frozen=True, slots=True)
class Sifted:
    """A segment with its hash and the ops that this version reads."""

    segment: Segment
    hash: bytes
    ops: list[tuple[int, Op]]


Fresh = dict[tuple[int, int], Sifted]
"""Segments that were just taken, by feed and number, so that they are not read a second time."""


@dataclass(slots=True)
class Received:
    """What became of a run of segments."""

    new: int = 0
    known: int = 0
    refused: int = 0
    filled: int = 0
    """Segments that were here already, of whose sensitive values some came only now."""
    forks: int = 0
    own: bool = False
    """There was one of this laptop's own that it did not have: it was copied, or is an old copy."""
    applied: Applied = field(default_factory=Applied)
    entries_new: int = 0
    entries_strange: int = 0
    """Entries of directories that are not followed here."""
    rebuild: bool = False
    """A feed turned out to be forked below what was applied: the state has to be made anew."""


def receive(
    database: Any, book: FeedBook, clock: HybridClock, segments: Iterable[SignedSegment], *, own: bytes
) -> Received:
    """Keep every genuine segment, then apply what can be. Inside the caller's transaction, gate open.
    `own` is this laptop's replica. The segments together are small enough to be held in memory."""
    result, fresh, erased = Received(), Fresh(), ErasedLeaves(database)
    with no_search_for_cycles():
        for untrusted in segments:
            _take(database, book, clock, untrusted, own, result, fresh, erased)
        if not result.rebuild:
            for stream in book.streams():
                apply_ready(database, book, stream, result.applied, fresh)
    return result


def _take(
    database: Any,
    book: FeedBook,
    clock: HybridClock,
    untrusted: SignedSegment,
    own: bytes,
    result: Received,
    fresh: Fresh,
    erased: ErasedLeaves,
) -> None:
    body = untrusted.body
    try:
        segment, digest = decode(body), hash_of(body)
        left = LACKING if segment.lacking else WHOLE
        if gone := erased.of(segment.stream, segment.replica, segment.seq, digest):
            stripped = strip(body, gone)
            body, left = stripped.body, stripped.left
            segment = decode(body)
    except BadInput:
        result.refused += 1
        return
    feed = book.find_in(segment.stream, segment.replica)
    near = around(segment.seq, _neighbours(database, feed, segment.seq))
    if digest in near.here:
        result.known += 1  # what was signed is byte for byte what was checked when it first came
        if not split(body)[1] or feed is None:
            return
        if fill_in(database, feed, segment, digest, body, gone=gone):
            result.filled += 1
            result.rebuild = result.rebuild or feed.applied >= segment.seq
        return
    if (
        not is_believable(segment.seq, feed.applied if feed else 0)
        or replica_of(untrusted.public_key) != segment.replica
        or not untrusted.genuine()
    ):
        result.refused += 1
        return
    feed = feed or book.open(book.stream_number(segment.stream), segment.replica, untrusted.public_key)
    ops, whole = sift(segment)
    store_segment(
        database,
        feed.number,
        segment,
        hash_=digest,
        body=body,
        signature=untrusted.signature,
        state=ASIDE if is_aside(segment.seq, feed) else PARKED,
        unread=not whole,
        left=left,
    )
    fresh[feed.number, segment.seq] = Sifted(segment, digest, ops)
    clock.hear(segment.hlc)
    result.new += 1
    result.own = result.own or segment.replica == own
    forked_at = fork(segment, digest, near)
    if forked_at is not None:
        _fork(database, feed, forked_at, result)


def _neighbours(database: Any, feed: Feed | None, seq: int) -> Iterable[tuple[int, bytes, bytes]]:
    """Number, hash and hash of the one before, of what is kept under a number and next to it."""
    if feed is None:
        return ()
    found: Iterable[tuple[int, bytes, bytes]] = database.execute(
        "select seq, hash, previous from segment where feed = ? and seq between ? and ?",
        (feed.number, seq - 1, seq + 1),
    )
    return found


def _fork(database: Any, feed: Feed, seq: int, result: Received) -> None:
    """Two segments under one number: a copied laptop. Both sides are kept aside from there on."""
    result.forks += 1
    if feed.forked_at is not None and feed.forked_at <= seq:
        return
    feed.forked_at = seq
    database.execute("update feed set forked_at = ? where no = ?", (seq, feed.number))
    database.execute("update segment set state = ? where feed = ? and seq >= ?", (ASIDE, feed.number, seq))
    result.rebuild = result.rebuild or feed.applied >= seq


def apply_ready(
    database: Any, book: FeedBook, stream: int, applied: Applied, fresh: Fresh | None = None
) -> None:
    """Apply, in causal order, every parked segment of a stream whose parents are applied."""
    judge = Judge(database, book, stream)
    parked = _Parked(database, book, stream, judge, fresh or {})
    waiting = Waiting(parked.numbers(), parked)
    batch: list[Written] = []
    while found := waiting.next_ready():
        feed, sifted = book.feed(found[0]), found[1]
        seq, hlc = sifted.segment.seq, sifted.segment.hlc
        _show(database, book, feed, sifted)
        # Whether a segment is ready never hangs on who wrote it, so what does not count holds nobody up.
        batch += [
            Written(feed.number, seq, index, hlc, op)
            for index, op in judge.counting(feed, sifted.segment, sifted.ops)
        ]
        if len(batch) >= BATCH_OPS:
            judge.note()
            apply(database, book, stream, batch, applied)
            batch = []
    judge.note()
    apply(database, book, stream, batch, applied)


def apply_awakened(database: Any, book: FeedBook, applied: Applied) -> None:
    """Apply what waited for a number that this laptop has just written itself: where it was copied and nobody
    knows yet, others may have heard of that number from its copy."""
    waiting = database.execute(
        "select distinct f.stream from feed f join segment s on s.feed = f.no and s.seq = f.applied + 1 "
        "where s.state = ?",
        (PARKED,),
    ).fetchall()
    for (stream,) in waiting:
        apply_ready(database, book, stream, applied)


class _Parked:
    """The feeds of a stream with what is parked of them, for `Waiting`."""

    def __init__(self, database: Any, book: FeedBook, stream: int, judge: Judge, fresh: Fresh) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._fresh = fresh
        self.knows = judge.knows
        self.feed = book.feed

    def numbers(self) -> dict[int, list[int]]:
        """By feed, the numbers that are parked."""
        return {
            feed.number: [
                row[0]
                for row in self._database.execute(
                    "select seq from segment where feed = ? and seq > ? and state = ?",
                    (feed.number, feed.applied, PARKED),
                )
            ]
            for feed in self._book.feeds(self._stream)
        }

    def find(self, replica: bytes) -> Feed | None:
        return self._book.find(self._stream, replica)

    def tip(self, number: int) -> bytes:
        return self._book.tip(self._book.feed(number))

    def kept(self, number: int, seq: int) -> Sifted:
        return self._fresh.get((number, seq)) or self._read(number, seq)

    def _read(self, number: int, seq: int) -> Sifted:
        body, digest = self._database.execute(
            "select body, hash from segment where feed = ? and seq = ? and state = ?", (number, seq, PARKED)
        ).fetchone()
        segment = stored(body)
        return Sifted(segment, digest, sift(segment)[0])


def _show(database: Any, book: FeedBook, feed: Feed, sifted: Sifted) -> None:
    """A segment is applied from now on."""
    database.execute(
        "update segment set state = ? where feed = ? and seq = ? and hash = ?",
        (APPLIED, feed.number, sifted.segment.seq, sifted.hash),
    )
    segment = sifted.segment
    book.advance(feed, segment.seq, hash_=sifted.hash, hlc=segment.hlc, changes=len(segment.ops))
