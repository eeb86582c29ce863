"""Distances, effort and quality against values worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.ids import Id
from ranger_app.patrols.distance import bounds, length_m, recorded_s
from ranger_app.patrols.drawing import pieces
from ranger_app.patrols.effort import DEFINITIONS, Outing, effort, person_key
from ranger_app.patrols.quality import JUMP, NOWHERE, as_runs, judge, left_out, together
from ranger_app.patrols.tracks import track_record
from tests.patrols.walks import fixes_of, mask, walk

# ---- distance


def test_a_degree_along_the_equator_and_a_meridian_are_those_of_the_ellipsoid() -> None:
    """WGS 84: a = 6 378 137 m, so a degree of the equator is πa/180 = 111 319.491 m; the first degree of
    a meridian is 110 574.389 m and the quarter meridian 10 001 965.729 m."""
    assert length_m(fixes_of([0, 1], [0, 0])) == pytest.approx(111_319.491, abs=0.001)
    assert length_m(fixes_of([0, 0], [0, 1])) == pytest.approx(110_574.389, abs=0.001)
    assert length_m(fixes_of([0, 0], [0, 90])) == pytest.approx(10_001_965.729, abs=0.001)


def test_over_the_date_line_the_shorter_way_counts() -> None:
    assert length_m(fixes_of([179.5, -179.5], [0, 0])) == pytest.approx(111_319.491, abs=0.001)
    assert bounds(fixes_of([179.5, -179.5], [0, 0])) == (179.5, 0, -179.5, 0)


def test_the_gap_between_segments_is_not_walked() -> None:
    whole, cut = walk(10), walk(10, starts=(0, 5))
    step = length_m(walk(2))
    assert length_m(whole) == pytest.approx(9 * step, rel=1e-6)
    assert length_m(cut) == pytest.approx(8 * step, rel=1e-6)


def test_a_fix_that_is_left_out_joins_its_neighbours() -> None:
    fixes = fixes_of([0, 5, 0.001], [0, 0, 0])
    assert length_m(fixes, mask(0, 1, 0)) == pytest.approx(111.319, abs=0.001)


def test_nothing_has_no_length_and_no_bounds() -> None:
    assert length_m(fixes_of([], [])) == 0
    assert length_m(fixes_of([1], [1])) == 0
    assert bounds(fixes_of([], [])) is None


def test_recorded_time_leaves_out_long_gaps() -> None:
    fixes = fixes_of([0] * 4, [0] * 4, [0, 60, 60 + 3600, 60 + 3600 + 120])
    assert recorded_s(fixes, longest_gap_s=600) == 180


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89)), min_size=2, max_size=8))
def test_a_track_is_as_long_as_its_steps(points: list[tuple[float, float]]) -> None:
    lon, lat = zip(*points, strict=True)
    steps = sum(length_m(fixes_of([a[0], b[0]], [a[1], b[1]])) for a, b in pairwise(points))
    assert length_m(fixes_of(lon, lat)) == pytest.approx(steps, abs=0.001)


# ---- quality


def test_a_jump_away_and_back_is_found_and_a_fast_car_is_not() -> None:
    there = fixes_of([0, 0.001, 3.0, 0.002, 0.003], [0] * 5)
    assert judge(there)[JUMP].tolist() == [False, False, True, False, False]
    car = fixes_of([0.018 * n for n in range(6)], [0] * 6)  # 2 km a minute
    assert JUMP not in judge(car)
    plane = fixes_of([0.15 * n for n in range(6)], [0] * 6)  # 278 m/s and steady
    assert JUMP not in judge(plane)


def test_the_place_where_it_was_switched_off_is_a_jump_at_the_start() -> None:
    assert judge(fixes_of([9.0, 0, 0.001, 0.002], [0] * 4))[JUMP].tolist() == [True, False, False, False]


def test_no_position_written_as_zero_is_not_counted() -> None:
    masks = judge(fixes_of([10, 0, 10.001], [10, 0, 10]))
    assert masks[NOWHERE].tolist() == [False, True, False]
    assert JUMP not in masks


def test_two_fixes_at_the_same_second_are_no_jump() -> None:
    assert not judge(fixes_of([0, 0.0001, 0.0002, 0.0003], [0] * 4, [0, 0, 0, 0]))


@given(st.lists(st.booleans(), max_size=40))
def test_what_is_left_out_can_be_kept_and_read_back(flags: list[bool]) -> None:
    masks = {"jump": mask(*flags)}
    quality = {"left_out": as_runs(masks)}
    assert left_out(quality, len(flags)).tolist() == together(masks, len(flags)).tolist()


@pytest.mark.parametrize(
    "quality", [None, 5, {"left_out": 5}, {"left_out": {"a": [5, [1], "x", [-1, 2], [0, "n"]]}}]
)
def test_a_quality_that_makes_no_sense_leaves_nothing_out(quality: object) -> None:
    assert not left_out(quality, 3).any()


# ---- effort, by SMART's definitions

ONE, TWO = Id(b"1" * 16), Id(b"2" * 16)
LEG = Id(b"l" * 16)
MAY_6, MAY_7 = date(2026, 5, 6), date(2026, 5, 7)


def outing(patrol: Id, day: date, hours: tuple[int, int], rest_h: float, people: str, km: float) -> Outing:
    return Outing(
        patrol_id=patrol,
        leg_id=LEG,
        day=day,
        starts_local=datetime(day.year, day.month, day.day, hours[0]),
        ends_local=datetime(day.year, day.month, day.day, hours[1]),
        rest_s=rest_h * 3600,
        members=frozenset(people),
        track_m=km * 1000,
        recorded_s=3600,
    )


def test_effort_is_what_smart_would_say() -> None:
    """Worked by hand. Patrol one: 6 May 7–15 with 1 h rest, 7 May 7–11, Ann and Ben; patrol two: 6 May
    8–12 with 30 min rest, Ann alone.

    days (1, 6 May), (1, 7 May), (2, 6 May) = 3; nights 3 − 2 = 1; patrol hours 8 + 4 + 4 = 16; field
    hours 7 + 4 + 3.5 = 14.5; members 2; man-hours 7·2 + 4·2 + 3.5 = 25.5, with rest 8·2 + 4·2 + 4 = 28;
    man-days (1, 6, A), (1, 6, B), (1, 7, A), (1, 7, B), (2, 6, A) = 5; by the calendar (6, A), (6, B),
    (7, A), (7, B) = 4; dates 2; kilometres 10 + 5 + 6 = 21.
    """
    out = effort(
        [
            outing(ONE, MAY_6, (7, 15), 1.0, "AB", 10),
            outing(ONE, MAY_7, (7, 11), 0.0, "AB", 5),
            outing(TWO, MAY_6, (8, 12), 0.5, "A", 6),
        ]
    )
    assert (out.patrols, out.days, out.nights, out.calendar_days) == (2, 3, 1, 2)
    assert (out.patrol_s / 3600, out.field_s / 3600) == (16, 14.5)
    assert (out.members, out.man_days, out.person_days) == (2, 5, 4)
    assert (out.man_field_s / 3600, out.man_patrol_s / 3600) == (25.5, 28)
    assert (out.distance_m, out.stated_m, out.track_s) == (21_000, 0, 3 * 3600)


def test_two_legs_of_one_day_are_one_day_and_both_their_hours() -> None:
    out = effort([outing(ONE, MAY_6, (7, 9), 0, "A", 1), outing(ONE, MAY_6, (13, 16), 0, "B", 1)])
    assert (out.days, out.patrol_s / 3600, out.members) == (1, 5, 2)


def test_a_stated_distance_counts_only_where_there_is_no_track() -> None:
    bare = Outing(patrol_id=ONE, leg_id=LEG, day=MAY_6, stated_m=4000)
    measured = Outing(patrol_id=ONE, leg_id=LEG, day=MAY_7, stated_m=9999, track_m=1000)
    out = effort([bare, measured])
    assert (out.distance_m, out.stated_m) == (5000, 4000)


def test_clocks_that_are_missing_or_turned_round_count_no_hours() -> None:
    late = Outing(patrol_id=ONE, leg_id=LEG, day=MAY_6, starts_local=datetime(2026, 5, 6, 9))
    wrong = Outing(
        patrol_id=ONE, leg_id=LEG, day=MAY_7,
        starts_local=datetime(2026, 5, 7, 9), ends_local=datetime(2026, 5, 7, 8),
    )  # fmt: skip
    out = effort([late, wrong])
    assert (out.patrol_s, out.field_s) == (0, 0)


def test_a_patrol_without_a_day_is_a_patrol_and_takes_no_night_away() -> None:
    out = effort([outing(ONE, MAY_6, (7, 8), 0, "A", 1)], patrols=[TWO], undated_m=500)
    assert (out.patrols, out.nights, out.distance_m) == (2, 0, 1500)


def test_a_person_is_an_employee_number_or_a_name() -> None:
    assert person_key({"employee_number": " 7 ", "given": "A"}) == person_key({"employee_number": "7"})
    assert person_key({"given": "Ann", "family": "Demo"}) == person_key({"given": "ann", "family": "DEMO"})
    assert person_key({"given": "Ann"}) != person_key({"given": "Ben"})


def test_every_number_has_a_definition() -> None:
    numbers = {name for name in effort([]).__dataclass_fields__ if name != "stated_m"}
    assert {one.id for one in DEFINITIONS} == numbers
    assert all(one.title() and one.text() for one in DEFINITIONS)


# ---- to be drawn


def test_a_track_is_drawn_without_what_it_does_not_count() -> None:
    fixes = fixes_of([10, 10.001, 13.0, 10.002, 10.003], [10] * 5)
    track = track_record(fixes, id_=ONE, site_id=ONE, patrol_id=TWO)
    (line,) = pieces(track)
    assert line.tolist() == [[10, 10], [10.001, 10], [10.002, 10], [10.003, 10]]
    assert track.length_m == pytest.approx(length_m(fixes_of([10, 10.003], [10, 10])), rel=1e-6)


def test_a_gap_is_not_drawn() -> None:
    track = track_record(walk(6, starts=(0, 2, 2)), id_=ONE, site_id=ONE, patrol_id=TWO)
    assert [len(piece) for piece in pieces(track)] == [2, 4]
    empty = track_record(fixes_of([], []), id_=ONE, site_id=ONE, patrol_id=TWO)
    assert list(pieces(empty)) == []
