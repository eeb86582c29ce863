"""Forks and readiness of feeds, by numbers and hashes alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.changes import Dot, Op, Segment
from ranger_app.domain.feeds import MAX_AHEAD, Waiting, around, fork, is_aside, is_believable, is_known

STREAM = bytes(16)


def named(replica: int, seq: int) -> bytes:
    """The hash of a segment, as if it were one."""
    return bytes((replica, seq)) * 16 if seq else b""


def segment(replica: int, seq: int, *parents: tuple[int, int], directory: int = 0) -> Segment:
    replaces = tuple(Dot(bytes((who,)) * 16, when, 0) for who, when in parents)
    return Segment(
        stream=STREAM,
        replica=bytes((replica,)) * 16,
        seq=seq,
        previous=named(replica, seq - 1),
        hlc=seq,
        directory_version=directory,
        ops=(Op(1, bytes(16), 2, "demo", replaces),),
    )


@dataclass
class Feed:
    applied: int = 0
    forked_at: int | None = None


@dataclass
class Kept:
    segment: Segment


class Stream:
    """Feeds in memory; `feed` number n is that of replica n."""

    def __init__(self, segments: Iterable[Segment], directory: int = 0) -> None:
        self.segments = {(one.replica[0], one.seq): one for one in segments}
        self.feeds = {replica: Feed() for replica, _seq in self.segments}
        self.directory = directory

    def feed(self, number: int) -> Feed:
        return self.feeds[number]

    def find(self, replica: bytes) -> Feed | None:
        return self.feeds.get(replica[0])

    def tip(self, number: int) -> bytes:
        return named(number, self.feeds[number].applied)

    def kept(self, number: int, seq: int) -> Kept:
        return Kept(self.segments[number, seq])

    def knows(self, directory_version: int) -> bool:
        return directory_version <= self.directory

    def show_all(self) -> list[tuple[int, int]]:
        """Replica and number of everything that is handed out, in that order."""
        numbers: dict[int, list[int]] = {}
        for replica, seq in self.segments:
            if seq > self.feeds[replica].applied:
                numbers.setdefault(replica, []).append(seq)
        waiting, shown = Waiting[Kept](numbers, self), []
        while found := waiting.next_ready():
            number, kept = found
            assert self.feeds[number].applied == kept.segment.seq - 1
            self.feeds[number].applied = kept.segment.seq
            shown.append((number, kept.segment.seq))
        return shown


def test_one_laptop_makes_no_fork() -> None:
    kept = [(1, named(1, 1), b""), (3, named(1, 3), named(1, 2))]
    assert fork(segment(1, 2), named(1, 2), around(2, kept)) is None


def test_two_under_one_number_are_a_fork_there() -> None:
    assert fork(segment(1, 2), named(1, 2), around(2, [(2, b"another", named(1, 1))])) == 2


def test_a_fork_shows_in_what_the_next_one_names() -> None:
    assert fork(segment(1, 2), named(1, 2), around(2, [(3, named(1, 3), b"another")])) == 2
    assert fork(segment(1, 2), named(1, 2), around(2, [(1, b"another", b"")])) == 1


def test_a_fork_deeper_down_is_told_from_there() -> None:
    kept = [(2, b"another", b"yet another")]
    assert fork(segment(1, 2), named(1, 2), around(2, kept)) == 1


def test_numbers_far_ahead_are_not_believed() -> None:
    assert is_believable(MAX_AHEAD, 0)
    assert not is_believable(MAX_AHEAD + 1, 0)
    assert is_believable(MAX_AHEAD + 1, 1)


def test_what_builds_on_something_kept_aside_does_not_wait() -> None:
    feed = Feed(applied=2, forked_at=3)
    assert is_known(2, feed)
    assert is_known(9, feed)
    assert is_aside(3, feed)
    assert not is_known(3, Feed(applied=2))
    assert not is_known(1, None)


def test_a_gap_waits_and_holds_up_no_other_feed() -> None:
    assert Stream([segment(1, 2), segment(2, 1)]).show_all() == [(2, 1)]


def test_what_names_another_before_it_waits() -> None:
    stream = Stream([segment(1, 1), segment(1, 2)])
    stream.segments[1, 2] = dataclasses.replace(segment(1, 2), previous=b"another")
    assert stream.show_all() == [(1, 1)]


def test_what_names_a_directory_to_come_waits() -> None:
    segments = [segment(1, 1), segment(1, 2, directory=3)]
    assert Stream(segments, directory=2).show_all() == [(1, 1)]
    assert Stream(segments, directory=3).show_all() == [(1, 1), (1, 2)]


def test_parents_come_first() -> None:
    assert Stream([segment(1, 1, (2, 2)), segment(2, 1), segment(2, 2)]).show_all() == [
        (2, 1),
        (2, 2),
        (1, 1),
    ]


def test_two_who_wait_for_each_other_wait() -> None:
    assert Stream([segment(1, 1, (2, 1)), segment(2, 1, (1, 1)), segment(3, 1)]).show_all() == [(3, 1)]


@st.composite
def histories(draw: st.DrawFn) -> list[Segment]:
    """What four laptops wrote, each naming some of what was there before."""
    written: list[tuple[int, int]] = []
    last = dict.fromkeys(range(1, 5), 0)
    made = []
    for _ in range(draw(st.integers(1, 12))):
        replica = draw(st.integers(1, 4))
        last[replica] += 1
        parents = draw(st.lists(st.sampled_from(written), max_size=2)) if written else []
        made.append(segment(replica, last[replica], *parents))
        written.append((replica, last[replica]))
    return made


@given(history=histories(), data=st.data())
def test_in_whatever_order_and_portions_they_come_all_are_shown_after_their_parents(
    history: list[Segment], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(history))
    cut = data.draw(st.integers(0, len(order)))
    stream = Stream(order[:cut])
    shown = stream.show_all()
    for one in order[cut:]:
        stream.segments[one.replica[0], one.seq] = one
        stream.feeds.setdefault(one.replica[0], Feed())
    shown += stream.show_all()
    assert sorted(shown) == sorted((one.replica[0], one.seq) for one in history)
    place = {one: n for n, one in enumerate(shown)}
    for one in history:
        for replica, seq in one.needs():
            assert place[replica[0], seq] < place[one.replica[0], one.seq]


@pytest.mark.parametrize("seq", [1, 2])
def test_the_same_segment_once_more_is_no_fork(seq: int) -> None:
    kept = [(seq, named(1, seq), named(1, seq - 1))]
    assert fork(segment(1, seq), named(1, seq), around(seq, kept)) is None
