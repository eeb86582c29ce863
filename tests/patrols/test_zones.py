"""The clock of the place: there and back, over the hours that come twice or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.found import NO_TIME_MS
from ranger_app.patrols.zones import local_ms, to_instant, to_local, utc_ms, wall_clock, zone_named

ZONES = ["Asia/Vladivostok", "Africa/Nairobi", "Europe/Lisbon", "Asia/Kathmandu", "America/St_Johns"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 4_000_000_000_000), max_size=20), st.sampled_from(ZONES))
def test_many_times_at_once_are_what_one_at_a_time_is(times: list[int], name: str) -> None:
    zone = ZoneInfo(name)
    many = local_ms(np.array([*times, NO_TIME_MS], np.int64), zone)
    one = [wall_clock(int(ms)) for ms in many[:-1]]
    assert one == [to_local(EPOCH + timedelta(milliseconds=ms), zone) for ms in times]
    assert many[-1] == NO_TIME_MS


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(ZONES))
def test_there_and_back_is_the_same_but_in_the_hour_that_comes_twice(ms: int, name: str) -> None:
    zone = ZoneInfo(name)
    back = int(utc_ms(local_ms(np.array([ms], np.int64), zone), zone)[0])
    assert back == ms or abs(back - ms) == 3_600_000
    if back != ms:
        local = to_local(EPOCH + timedelta(milliseconds=ms), zone)
        assert (
            local.replace(tzinfo=zone, fold=0).utcoffset() != local.replace(tzinfo=zone, fold=1).utcoffset()
        )


def test_a_zone_that_nobody_has_said_is_none() -> None:
    assert zone_named("") is None
    assert zone_named("UTC") is None
    assert zone_named("Mars/Olympus") is None
    assert zone_named("../etc/passwd") is None
    assert str(zone_named("Asia/Vladivostok")) == "Asia/Vladivostok"


@pytest.mark.parametrize("ms", [NO_TIME_MS, 10**18, -(10**18)])
def test_what_no_clock_can_show_is_nothing(ms: int) -> None:
    assert wall_clock(ms) is None


def test_a_wall_clock_without_a_zone_is_utc() -> None:
    assert to_instant(datetime(2026, 5, 6, 7), None) == datetime(2026, 5, 6, 7, tzinfo=UTC)
