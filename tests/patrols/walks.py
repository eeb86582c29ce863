"""Walks of a demo patrol, as fixes, as GPX and as leg-days."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ranger_app.domain.found import Fixes, Found, FoundTrack, FoundWaypoint
from ranger_app.formats import gpx
from ranger_app.jobs import Work

START = datetime(2026, 5, 6, 22, 0, tzinfo=UTC)
"""Eight in the morning of 7 May in Vladivostok."""
STEP_DEG = 0.0002


def walk(
    count: int = 20,
    *,
    start: datetime = START,
    every_s: float = 60.0,
    lon: float = 134.5,
    lat: float = 43.5,
    starts: Sequence[int] = (0,),
) -> Fixes:
    """A straight walk to the north."""
    first = round(start.timestamp() * 1000)
    return Fixes(
        lon=array("d", [lon] * count),
        lat=array("d", [round(lat + STEP_DEG * n, 7) for n in range(count)]),
        elevation_m=array("d", [100.0 + n for n in range(count)]),
        time_ms=array("q", [first + round(n * every_s * 1000) for n in range(count)]),
        starts=tuple(starts),
    )


def fixes_of(lon: Sequence[float], lat: Sequence[float], at_s: Sequence[float] | None = None) -> Fixes:
    times = at_s if at_s is not None else [60.0 * n for n in range(len(lon))]
    return Fixes(
        lon=array("d", lon),
        lat=array("d", lat),
        elevation_m=array("d", [float("nan")] * len(lon)),
        time_ms=array("q", [round(t * 1000) for t in times]),
    )


def write_gpx(
    path: Path, *tracks: Fixes, waypoints: Sequence[FoundWaypoint] = (), name: str = "demo"
) -> Path:
    found = Found(
        format="gpx",
        tracks=tuple(FoundTrack(name=name, fixes=fixes) for fixes in tracks),
        waypoints=tuple(waypoints),
    )
    gpx.write(found, path, work=Work())
    return path


def noted(minutes: float = 5.0, *, name: str = "001", comment: str = "demo snare") -> FoundWaypoint:
    return FoundWaypoint(
        lon=134.5, lat=43.501, at=START + timedelta(minutes=minutes), name=name, comment=comment
    )


def mask(*flags: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(flags, bool)
