"""Measures tracks on the WGS 84 ellipsoid: lengths, and the steps between fixes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ranger_app.domain.found import NO_TIME_MS, Fixes

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@cache
def _ellipsoid() -> Any:
    from pyproj import Geod  # takes a moment, and most of what looks at fixes measures nothing

    return Geod(ellps="WGS84")


def positions(fixes: Fixes) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, shape (N,), as views without a copy."""
    if not len(fixes):
        return np.empty(0), np.empty(0)
    return np.frombuffer(fixes.lon, np.float64), np.frombuffer(fixes.lat, np.float64)


def times(fixes: Fixes) -> npt.NDArray[np.int64]:
    """Milliseconds since 1970, shape (N,), `NO_TIME_MS` where there is none."""
    return np.frombuffer(fixes.time_ms, np.int64) if len(fixes) else np.empty(0, np.int64)


def steps_m(lon: Floats, lat: Floats) -> Floats:
    """Length of the geodesic from each fix to the next, shape (N − 1,), metres.

    Karney (2013), Algorithms for geodesics, J Geod 87, as in GeographicLib and PROJ: error below 15 nm.
    The shorter way round is taken, also over the 180° meridian. A missing position gives NaN.
    """
    if len(lon) < 2:
        return np.empty(0)
    _there, _back, length = _ellipsoid().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.asarray(length, np.float64)


def segment_numbers(fixes: Fixes) -> npt.NDArray[np.int64]:
    """The segment that each fix belongs to, shape (N,)."""
    return np.searchsorted(np.asarray(fixes.starts, np.int64), np.arange(len(fixes)), side="right") - 1


def length_m(fixes: Fixes, left_out: Mask | None = None) -> float:
    """Metres along the track, within segments and not across their gaps.

    Fixes that are `left_out` (a mask of shape (N,)) or have no position are skipped: their neighbours are
    joined.
    """
    lon, lat = positions(fixes)
    counted = np.isfinite(lon) & np.isfinite(lat)
    if left_out is not None:
        counted &= ~left_out
    segment = segment_numbers(fixes)[counted]
    within = segment[1:] == segment[:-1]
    return float(steps_m(lon[counted], lat[counted])[within].sum())


def recorded_s(fixes: Fixes, *, longest_gap_s: float) -> float:
    """Seconds from the first to the last fix, less every gap longer than `longest_gap_s`."""
    ms = np.sort(times(fixes)[times(fixes) != NO_TIME_MS])
    gaps_s = np.diff(ms) / 1000
    return float(gaps_s[gaps_s <= longest_gap_s].sum())


def bounds(fixes: Fixes, left_out: Mask | None = None) -> tuple[float, float, float, float] | None:
    """West, south, east, north of what is counted; west is greater than east over the 180° meridian."""
    lon, lat = positions(fixes)
    counted = np.isfinite(lon) & np.isfinite(lat)
    if left_out is not None:
        counted &= ~left_out
    lon, lat = lon[counted], lat[counted]
    if not len(lon):
        return None
    west, east = float(lon.min()), float(lon.max())
    if len(lon) > 1 and (np.abs(np.diff(lon)) > 180).any():
        west, east = float(lon[lon >= 0].min(initial=180.0)), float(lon[lon < 0].max(initial=-180.0))
    return west, float(lat.min()), east, float(lat.max())
