"""Photos in sequences, in whatever pieces and order they come."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.ids import Id, new_id
from ranger_app.photos.intake.names import time_in_name
from ranger_app.photos.intake.sequences import (
    Placement,
    Shot,
    Span,
    natural_key,
    place,
    shot_order,
)

START = datetime(2024, 5, 31, 8, 0)
SECONDS = st.lists(st.integers(0, 2_000), max_size=40)


def shots_at(*seconds: float) -> list[Shot]:
    return [Shot(new_id(), START + timedelta(seconds=second)) for second in seconds]


def placed(shots: list[Shot], among: list[Span], gap_s: float = 60.0) -> Placement:
    return place(shots, among, gap_s=gap_s, make_id=lambda _: new_id())


class Station:
    """Sequences of one camera as a workspace would keep them."""

    def __init__(self) -> None:
        self.spans: dict[Id, Span] = {}
        self.of: dict[Id, Id] = {}

    def take(self, shots: list[Shot], gap_s: float = 60.0) -> None:
        done = placed(shots, list(self.spans.values()), gap_s)
        self.spans |= {span.id: span for span in (*done.made, *done.stretched)}
        for old in done.swallowed:
            del self.spans[old]
        self.of |= done.of
        self.of = {photo: done.swallowed.get(span, span) for photo, span in self.of.items()}

    def groups(self) -> set[frozenset[Id]]:
        return {frozenset(p for p, s in self.of.items() if s == span) for span in self.spans}


def test_a_burst_is_one_sequence() -> None:
    done = placed(shots_at(0, 1, 2, 30), [])
    assert len(done.made) == 1
    assert done.made[0][1:] == (START, START + timedelta(seconds=30))


def test_the_gap_parts_sequences() -> None:
    assert len(placed(shots_at(0, 59.9), []).made) == 1
    assert len(placed(shots_at(0, 60), []).made) == 2


def test_the_gap_is_between_neighbours_not_from_the_first() -> None:
    assert len(placed(shots_at(0, 50, 100, 150), []).made) == 1


def test_a_late_photo_lengthens_the_sequence_that_is_there() -> None:
    there = Span(new_id(), START, START + timedelta(seconds=10))
    done = placed(shots_at(40), [there])
    assert done.made == ()
    assert [span.id for span in done.stretched] == [there.id]
    assert set(done.of.values()) == {there.id}


def test_a_photo_in_between_joins_two_sequences_into_the_earlier() -> None:
    early = Span(new_id(), START, START)
    late = Span(new_id(), START + timedelta(seconds=100), START + timedelta(seconds=110))
    done = placed(shots_at(50), [late, early])
    assert done.swallowed == {late.id: early.id}
    assert done.stretched == (Span(early.id, START, late.ends_local),)


def test_a_photo_inside_a_sequence_changes_nothing_else() -> None:
    there = Span(new_id(), START, START + timedelta(seconds=100))
    done = placed(shots_at(50), [there])
    assert (done.made, done.stretched, done.swallowed) == ((), (), {})


@given(SECONDS, st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 200))
def test_in_any_pieces_and_order_the_sequences_are_the_same(
    seconds: list[int], seed: int, pieces: int, gap_s: int
) -> None:
    shots = shots_at(*seconds)
    whole = Station()
    whole.take(shots, gap_s)
    shuffled = random.Random(seed).sample(shots, len(shots))
    bit_by_bit = Station()
    for start in range(pieces):
        bit_by_bit.take(shuffled[start::pieces], gap_s)
    assert bit_by_bit.groups() == whole.groups()
    assert {s[1:] for s in bit_by_bit.spans.values()} == {s[1:] for s in whole.spans.values()}


@given(SECONDS, st.integers(1, 200))
def test_every_photo_is_in_one_sequence_and_neighbours_are_near(seconds: list[int], gap_s: int) -> None:
    shots = shots_at(*seconds)
    station = Station()
    station.take(shots, gap_s)
    assert station.of.keys() == {shot.photo_id for shot in shots}
    when = {shot.photo_id: shot.taken_local for shot in shots}
    spans = sorted(station.spans.values(), key=lambda span: span.starts_local)
    for group in station.groups():
        times = sorted(when[photo] for photo in group)
        assert all((b - a).total_seconds() < gap_s for a, b in pairwise(times))
    assert all((b.starts_local - a.ends_local).total_seconds() >= gap_s for a, b in pairwise(spans))


# ---- shot order


def test_photos_of_the_same_second_stand_in_the_order_of_their_numbers() -> None:
    names = ["IMG_10.JPG", "IMG_9.JPG", "IMG_100.JPG"]
    assert sorted(names, key=lambda name: shot_order(START, "", name)) == [
        "IMG_9.JPG",
        "IMG_10.JPG",
        "IMG_100.JPG",
    ]


def test_the_next_folder_of_a_card_follows_although_its_numbers_start_again() -> None:
    last, first = shot_order(START, "100RECNX", "IMG_9999.JPG"), shot_order(START, "101RECNX", "IMG_0001.JPG")
    assert last < first


def test_photos_without_a_time_come_last() -> None:
    assert shot_order(START, "", "z") < shot_order(None, "", "a")


@given(st.lists(st.text(max_size=12)))
def test_any_names_can_be_ordered_and_different_names_differ(names: list[str]) -> None:
    ordered = sorted(set(names), key=natural_key)
    assert all(natural_key(a) < natural_key(b) for a, b in pairwise(ordered))


# ---- times in names


@pytest.mark.parametrize(
    "name",
    [
        "20240531082538-RCNX0031.JPG",
        "IMG_20240531_082538.jpg",
        "2024-05-31 08-25-38.jpg",
        "station7_2024-05-31_08.25.38_x.png",
        "PICT2024_05_31T08_25_38.JPG",
    ],
)
def test_a_time_in_a_name_is_found(name: str) -> None:
    found = time_in_name(name)
    assert found is not None
    assert found[0] == datetime(2024, 5, 31, 8, 25, 38)


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0001.JPG",
        "2024-05-31_SYFR0041.JPG",
        "121016192402044a1132.JPG",
        "20241331082538.jpg",
        "20240531082599.jpg",
        "12024053108253899.jpg",
        "31052024082538.jpg",
        "",
    ],
)
def test_a_name_that_can_be_read_in_two_ways_says_no_time(name: str) -> None:
    assert time_in_name(name) is None
