"""What feeds say by numbers and hashes alone: where one is forked, what waits, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from ranger_app.domain.changes import Segment

MAX_AHEAD = 1_000_000
"""A number further beyond what is known than any laptop writes in a year is not believed."""


class Reach(Protocol):
    """How far a feed is shown, and from which number on it is kept aside because two wrote under one name."""

    @property
    def applied(self) -> int: ...

    @property
    def forked_at(self) -> int | None: ...


def is_believable(seq: int, upto: int) -> bool:
    """Whether a number is near enough to what is here of its feed, without a gap, to be kept."""
    return seq <= upto + MAX_AHEAD


def is_aside(seq: int, feed: Reach) -> bool:
    """Whether a number lies beyond the fork of its feed: kept for good, carried on, and not shown."""
    return feed.forked_at is not None and seq >= feed.forked_at


def is_known(seq: int, feed: Reach | None) -> bool:
    """Whether what builds on this number may be shown: it is shown itself, or kept aside for good. What
    builds on a copied laptop's changes is somebody else's honest work and does not wait for them."""
    return feed is not None and (feed.applied >= seq or is_aside(seq, feed))


class Around(NamedTuple):
    """The hashes that are here under a number; and all that are known under the one before it and under it,
    also where only the next segment names them."""

    here: set[bytes]
    before: set[bytes]
    under: set[bytes]


def around(seq: int, kept: Iterable[tuple[int, bytes, bytes]]) -> Around:
    """What is known around a number, from (number, hash, hash of the one before) of those next to it."""
    here: set[bytes] = set()
    before: set[bytes] = set()
    named: set[bytes] = set()
    for number, hash_, previous in kept:
        if number < seq:
            before.add(hash_)
        elif number == seq:
            here.add(hash_)
            before.add(previous)
        else:
            named.add(previous)
    return Around(here, before, here | named)


def fork(segment: Segment, hash_: bytes, near: Around) -> int | None:
    """The number under which there are two segments once this one is here: a copied laptop; None when all is
    as one laptop writes."""
    if segment.seq > 1 and near.before - {segment.previous}:
        return segment.seq - 1
    return segment.seq if near.under - {hash_} else None


class WithSegment(Protocol):
    """A segment with whatever its keeper needs beside it."""

    @property
    def segment(self) -> Segment: ...


S = TypeVar("S", bound=WithSegment)
S_co = TypeVar("S_co", bound=WithSegment, covariant=True)


class Stream(Protocol[S_co]):
    """The feeds of one stream as they are now, each under a small number of its own."""

    def feed(self, number: int) -> Reach: ...

    def find(self, replica: bytes) -> Reach | None: ...

    def tip(self, number: int) -> bytes:
        """The hash of the newest segment of a feed that is shown, or empty."""

    def kept(self, number: int, seq: int) -> S_co:
        """A segment that waits."""

    def knows(self, directory_version: int) -> bool: ...


class Waiting(Generic[S]):
    """The segments of a stream that wait, handed out one by one as what they wait for is shown: the one
    before in their own feed, the directory that they name, and everything that their ops replace."""

    def __init__(self, waiting: Mapping[int, Iterable[int]], stream: Stream[S]) -> None:
        self._stream = stream
        self._queue = {feed: sorted(numbers, reverse=True) for feed, numbers in waiting.items() if numbers}
        self._heads: dict[int, tuple[S, set[tuple[bytes, int]]]] = {}
        """The next segment of a feed, and the parents of it that were not known when last looked."""

    def next_ready(self) -> tuple[int, S] | None:
        """A feed and its next segment, which is shown before this is asked again; None when all that is left
        has to wait."""
        for feed in list(self._queue):
            seq = self._stream.feed(feed).applied + 1
            if self._queue[feed][-1] != seq:
                del self._queue[feed]  # a gap: waits for another bundle
                continue
            found, missing = self._head(feed, seq)
            if found.segment.previous != self._stream.tip(feed) or not self._stream.knows(
                found.segment.directory_version
            ):
                del self._queue[feed]
                continue
            missing -= {parent for parent in missing if self._is_known(*parent)}
            if not missing:
                self._hand_out(feed)
                return feed, found
        return None

    def _head(self, feed: int, seq: int) -> tuple[S, set[tuple[bytes, int]]]:
        if feed not in self._heads:
            found = self._stream.kept(feed, seq)
            self._heads[feed] = found, found.segment.needs()
        return self._heads[feed]

    def _is_known(self, replica: bytes, seq: int) -> bool:
        return is_known(seq, self._stream.find(replica))

    def _hand_out(self, feed: int) -> None:
        del self._heads[feed]
        self._queue[feed].pop()
        if not self._queue[feed]:
            del self._queue[feed]
