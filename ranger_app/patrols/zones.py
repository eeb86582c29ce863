"""Turns instants into the wall clock of the place and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from ranger_app.domain.found import NO_TIME_MS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_EPOCH = datetime(1970, 1, 1)
_FIRST_MS, _LAST_MS = -2_000_000_000_000, 32_000_000_000_000  # 1906 to 2984: where offsets can be asked for

Ints = npt.NDArray[np.int64]


def zone_named(name: str) -> tzinfo | None:
    """The zone, or None when nobody has said one (empty, or UTC, which a new site has) or it is unknown."""
    if not name or name == "UTC":
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local_ms(ms: Ints, zone: tzinfo | None) -> Ints:
    """UTC milliseconds as wall-clock milliseconds, `NO_TIME_MS` kept; UTC when the zone is None."""
    if zone is None or not len(ms):
        return ms
    # Offsets change at most on the quarter hour, so they are asked for once per quarter.
    quarters, which = np.unique(ms // (HOUR_MS // 4), return_inverse=True)
    offsets = np.array([_offset_ms(int(q) * (HOUR_MS // 4), zone) for q in quarters], np.int64)
    return np.where(ms == NO_TIME_MS, NO_TIME_MS, ms + offsets[which])


def utc_ms(ms: Ints, zone: tzinfo | None) -> Ints:
    """Wall-clock milliseconds as UTC ones: the reverse of `local_ms`, but in the hour that comes twice."""
    if zone is None or not len(ms):
        return ms
    quarters, which = np.unique(ms // (HOUR_MS // 4), return_inverse=True)
    offsets = np.array([_wall_offset_ms(int(q) * (HOUR_MS // 4), zone) for q in quarters], np.int64)
    return np.where(ms == NO_TIME_MS, NO_TIME_MS, ms - offsets[which])


def _wall_offset_ms(ms: int, zone: tzinfo) -> int:
    if not _FIRST_MS < ms < _LAST_MS:
        return 0
    offset = (_EPOCH + timedelta(milliseconds=ms)).replace(tzinfo=zone).utcoffset()
    return round((offset or timedelta()) / timedelta(milliseconds=1))


def _offset_ms(ms: int, zone: tzinfo) -> int:
    if not _FIRST_MS < ms < _LAST_MS:
        return 0
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(zone).utcoffset()
    return round((offset or timedelta()) / timedelta(milliseconds=1))


def to_local(at: datetime, zone: tzinfo | None) -> datetime:
    """The naive wall clock at an instant; UTC at either end of the years that can be written."""
    try:
        return at.astimezone(zone or UTC).replace(tzinfo=None)
    except OverflowError:
        return at.replace(tzinfo=None)


def to_instant(local: datetime, zone: tzinfo | None) -> datetime:
    """The instant at which the wall clock shows this; the earlier one in the hour that comes twice."""
    try:
        return local.replace(tzinfo=zone or UTC).astimezone(UTC)
    except OverflowError:
        return local.replace(tzinfo=UTC)


def wall_clock(ms: int) -> datetime | None:
    """Wall-clock milliseconds as a naive datetime, to the millisecond."""
    if ms == NO_TIME_MS or not -62_135_596_800_000 <= ms < 253_402_300_800_000:
        return None
    return _EPOCH + timedelta(milliseconds=ms)
