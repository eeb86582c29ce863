"""The clock that orders changes for the eye and decides nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.clock import COUNTER_BITS, TRUSTED_AHEAD_MS, HybridClock, stamp_time

MOMENTS_MS = st.integers(0, 4_102_444_800_000)  # 1970 to 2100


@given(st.lists(MOMENTS_MS, min_size=2, max_size=30))
def test_a_clock_that_jumps_about_never_gives_a_smaller_stamp(walls: list[int]) -> None:
    times = iter(walls)
    clock = HybridClock(wall=lambda: next(times))
    stamps = [clock.tick() for _ in walls]
    assert stamps == sorted(set(stamps))


@given(wall=MOMENTS_MS, remote=MOMENTS_MS)
def test_it_follows_others_unless_their_clock_cannot_be_right(wall: int, remote: int) -> None:
    clock = HybridClock(wall=lambda: wall)
    followed = clock.hear(remote << COUNTER_BITS)
    assert followed == (remote <= wall + TRUSTED_AHEAD_MS)
    assert (clock.tick() > remote << COUNTER_BITS) or not followed


@given(st.integers(0, 2**63 - 1))
def test_any_stamp_can_be_shown(stamp: int) -> None:
    assert 1970 <= stamp_time(stamp).year <= 9999
