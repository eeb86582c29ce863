"""The compressed value of a track: nothing is lost, nothing can be slipped in."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found import NO_TIME_MS, Fixes, pack_notes
from ranger_app.patrols.fixes import decode, encode
from ranger_app.patrols.slicing import join, pick, take
from tests.formats.gpx_files import plain_fixes
from tests.patrols.walks import fixes_of, mask, walk

NAN = math.nan
SEVENTH = st.integers(-1_800_000_000, 1_800_000_000).map(lambda n: n / 1e7)
TENTH = st.integers(-1_800_000_000_000, 1_800_000_000_000).map(lambda n: n / 1e10)
MILLI = st.integers(-9_000_000, 9_000_000).map(lambda n: n / 1000)


@st.composite
def any_fixes(draw: st.DrawFn) -> Fixes:
    count = draw(st.integers(0, 12))
    degrees = draw(st.sampled_from([SEVENTH, TENTH, SEVENTH | st.just(NAN)]))

    def column(values: st.SearchStrategy[float]) -> array[float]:
        return array("d", draw(st.lists(values, min_size=count, max_size=count)))

    times = st.integers(-(10**12), 10**13) | st.just(NO_TIME_MS)
    starts = sorted(draw(st.lists(st.integers(0, count), max_size=4)))
    texts = draw(st.lists(st.text(max_size=5), min_size=count, max_size=count))
    names = draw(st.sets(st.sampled_from(["hdop", "sat", "speed"])))
    return Fixes(
        lon=column(degrees),
        lat=column(degrees),
        elevation_m=column(MILLI | st.just(NAN)),
        time_ms=array("q", draw(st.lists(times, min_size=count, max_size=count))),
        starts=(0, *starts) if count else tuple(starts),
        more={name: column(MILLI | st.just(NAN)) for name in names},
        notes=pack_notes(text.replace("\0", "") for text in texts),
    )


@given(any_fixes())
def test_fixes_come_back_to_the_last_digit(fixes: Fixes) -> None:
    assert plain_fixes(decode(encode(fixes))) == plain_fixes(fixes)


@given(any_fixes())
def test_the_same_fixes_give_the_same_bytes(fixes: Fixes) -> None:
    assert encode(decode(encode(fixes))) == encode(fixes)


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=20))
def test_a_degree_with_endless_digits_is_off_by_a_tenth_of_a_millimetre_at_most(lon: list[float]) -> None:
    again = decode(encode(fixes_of(lon, [0.0] * len(lon))))
    assert all(abs(a - b) <= 5.1e-10 for a, b in zip(again.lon, lon, strict=True))


def test_a_step_over_the_date_line_needs_no_cut() -> None:
    fixes = fixes_of([179.9999999, -180.0, 180.0, -179.9999999], [0.0, 90.0, -90.0, 0.0])
    assert plain_fixes(decode(encode(fixes))) == plain_fixes(fixes)


def test_a_walk_takes_few_bytes_a_fix() -> None:
    assert len(encode(walk(10_000, every_s=15))) < 10_000


@given(st.binary(max_size=200))
def test_no_bytes_can_pass_for_a_track(content: bytes) -> None:
    with pytest.raises(BadInput):
        decode(b"RF\x01" + content)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_gives_fixes_or_a_sentence(at: int, bit: int) -> None:
    value = bytearray(encode(walk(50, starts=(0, 10))))
    value[at % len(value)] ^= 1 << bit
    try:
        fixes = decode(bytes(value))
    except BadInput:
        return
    assert len(fixes) <= 1000


def test_a_value_that_claims_more_than_it_has_is_refused_at_once() -> None:
    def claim(count: int, columns: list[Any], starts: list[int]) -> bytes:
        about = cbor2.dumps([count, starts, columns, b""])
        return b"RF\x01" + len(about).to_bytes(4, "big") + about

    four = [[name, 7, 0, 0, False] for name in ("lon", "lat", "elevation_m", "time_ms")]
    many = [[f"c{n}", 0, 0, 0, False] for n in range(1000)]
    for value in (
        claim(2_000_000_000, four, [0]),
        claim(20_000_000, four + many, [0]),
        claim(5, four, [3, 1]),
        claim(5, four, [9]),
        claim(5, four[:2], [0]),
        claim(-1, four, [0]),
        claim(5, four, [1]),
    ):
        with pytest.raises(BadInput):
            decode(value)


# ---- cutting and joining


@given(any_fixes(), st.lists(st.integers(0, 12), max_size=5))
def test_parts_join_to_what_they_were_cut_from(fixes: Fixes, cuts: list[int]) -> None:
    edges = sorted({0, len(fixes), *(c for c in cuts if c < len(fixes))})
    parts = [take(fixes, a, b) for a, b in pairwise(edges)] or [take(fixes, 0, 0)]
    assert plain_fixes(join(parts)) == plain_fixes(fixes)


def test_a_fix_that_is_taken_out_breaks_the_line() -> None:
    picked = pick(walk(5), mask(1, 1, 0, 1, 1))
    assert len(picked) == 4
    assert picked.starts == (0, 2)


def test_picking_everything_changes_nothing() -> None:
    fixes = walk(5, starts=(0, 3))
    assert plain_fixes(pick(fixes, mask(1, 1, 1, 1, 1))) == plain_fixes(fixes)
