"""Takes segments from elsewhere: checks them, keeps them all, and applies those whose parents are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.clock import HybridClock
from ranger_app.domain.errors import BadInput
from ranger_app.security.keys import genuine, replica_of
from ranger_app.storage.codecs import sift
from ranger_app.storage.erasing import ErasedLeaves, strip
from ranger_app.storage.feeds import Feed, FeedBook, fill_in, store_segment, stored
from ranger_app.storage.judging import Judge
from ranger_app.storage.leaves import signed_part, split
from ranger_app.storage.merging import Applied, Written, apply
from ranger_app.storage.pausing import no_search_for_cycles
from ranger_app.storage.segments import decode, hash_of
from ranger_app.storage.tables import APPLIED, ASIDE, PARKED

BATCH_OPS = 10_000  # ops applied in one go; bounds memory, large enough to be quick
MAX_AHEAD = 1_000_000
"""A number further beyond what is known than any laptop writes in a year is not believed."""


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
        segment = decode(body)
        if gone := erased.of(segment.stream, segment.replica, segment.seq):
            left = strip(body, gone)
            body, segment = left.body, replace(decode(left.body), lacking=left.lacking)
    except BadInput:
        result.refused += 1
        return
    digest = hash_of(body)
    feed = book.find_in(segment.stream, segment.replica)
    here, before, under = _neighbours(database, feed, segment.seq)
    if digest in here:
        result.known += 1  # what was signed is byte for byte what was checked when it first came
        if not split(body)[1] or feed is None:
            return
        if fill_in(database, feed, segment, digest, body, gone=gone):
            result.filled += 1
            result.rebuild = result.rebuild or feed.applied >= segment.seq
        return
    if (
        segment.seq > (feed.applied if feed else 0) + MAX_AHEAD
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
        state=ASIDE if feed.forked_at is not None and segment.seq >= feed.forked_at else PARKED,
        unread=not whole,
    )
    fresh[feed.number, segment.seq] = Sifted(segment, digest, ops)
    clock.hear(segment.hlc)
    result.new += 1
    result.own = result.own or segment.replica == own
    if segment.seq > 1 and before - {segment.previous}:
        _fork(database, feed, segment.seq - 1, result)
    elif under - {digest}:
        _fork(database, feed, segment.seq, result)


def _neighbours(database: Any, feed: Feed | None, seq: int) -> tuple[set[bytes], set[bytes], set[bytes]]:
    """The hashes that are here under a number; and all that are known under the one before it and under it,
    also where only the next segment names them."""
    here: set[bytes] = set()
    before: set[bytes] = set()
    under: set[bytes] = set()
    if feed is not None:
        for number, hash_, previous in database.execute(
            "select seq, hash, previous from segment where feed = ? and seq between ? and ?",
            (feed.number, seq - 1, seq + 1),
        ):
            if number < seq:
                before.add(hash_)
            elif number == seq:
                here.add(hash_)
                before.add(previous)
            else:
                under.add(previous)
    return here, before, here | under


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
    waiting = _Waiting(database, book, stream, judge, fresh or {})
    batch: list[Written] = []
    while found := waiting.next_ready():
        feed, sifted = found
        seq, hlc = sifted.segment.seq, sifted.segment.hlc
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


class _Waiting:
    """The parked segments of a stream, handed out one by one as their parents are applied."""

    def __init__(self, database: Any, book: FeedBook, stream: int, judge: Judge, fresh: Fresh) -> None:
        self._database = database
        self._book = book
        self._stream = stream
        self._judge = judge
        self._fresh = fresh
        self._queue: dict[int, list[int]] = defaultdict(list)
        for feed in book.feeds(stream):
            numbers = [
                row[0]
                for row in database.execute(
                    "select seq from segment where feed = ? and seq > ? and state = ? order by seq desc",
                    (feed.number, feed.applied, PARKED),
                )
            ]
            if numbers:
                self._queue[feed.number] = numbers
        self._heads: dict[int, tuple[Sifted, set[tuple[bytes, int]]]] = {}
        """The next segment of a feed, and the parents of it that were not known when last looked."""

    def next_ready(self) -> tuple[Feed, Sifted] | None:
        for number in list(self._queue):
            feed = self._book.feed(number)
            if self._queue[number][-1] != feed.applied + 1:
                del self._queue[number]  # a gap: waits for another bundle
                continue
            sifted, missing = self._head(feed)
            if sifted.segment.previous != self._book.tip(feed) or not self._judge.knows(
                sifted.segment.directory_version
            ):
                del self._queue[number]
                continue
            missing -= {parent for parent in missing if self._known(*parent)}
            if not missing:
                self._hand_out(feed, sifted)
                return feed, sifted
        return None

    def _head(self, feed: Feed) -> tuple[Sifted, set[tuple[bytes, int]]]:
        if feed.number not in self._heads:
            sifted = self._fresh.get((feed.number, feed.applied + 1)) or self._read(feed)
            self._heads[feed.number] = sifted, sifted.segment.needs()
        return self._heads[feed.number]

    def _read(self, feed: Feed) -> Sifted:
        body, digest = self._database.execute(
            "select body, hash from segment where feed = ? and seq = ? and state = ?",
            (feed.number, feed.applied + 1, PARKED),
        ).fetchone()
        segment = stored(body)
        return Sifted(segment, digest, sift(segment)[0])

    def _known(self, replica: bytes, seq: int) -> bool:
        """Whether a parent is applied, or kept aside for good: what builds on a copied laptop's changes
        is somebody else's honest work and does not wait for them."""
        parent = self._book.find(self._stream, replica)
        if parent is None:
            return False
        return parent.applied >= seq or (parent.forked_at is not None and parent.forked_at <= seq)

    def _hand_out(self, feed: Feed, sifted: Sifted) -> None:
        self._queue[feed.number].pop()
        if not self._queue[feed.number]:
            del self._queue[feed.number]
        del self._heads[feed.number]
        self._database.execute(
            "update segment set state = ? where feed = ? and seq = ? and hash = ?",
            (APPLIED, feed.number, sifted.segment.seq, sifted.hash),
        )
        self._book.advance(feed, sifted.segment.seq, hash_=sifted.hash, hlc=sifted.segment.hlc)
