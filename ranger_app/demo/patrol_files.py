"""The demo's GPS files: what a receiver would have brought back from eight patrols."""

from __future__ import annotations

from array import array
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from ranger_app.demo.place import UTC_OFFSET_H, walk
from ranger_app.domain.found import Fixes, Found, FoundTrack, FoundWaypoint
from ranger_app.formats.gpx.writing import write
from ranger_app.jobs import Work

FIRST_DAY = date(2026, 5, 4)
PATROLS = 8
DAYS_BETWEEN = 6
FIX_EVERY_S = 15.0
NOTES = (
    ("Demo: wire snare, taken away", "snare"),
    ("Demo: tracks of wild boar", "tracks"),
    ("Demo: tiger pugmark, 10.5 cm", "tracks"),
    ("Demo: old fireplace", "fire"),
    ("Demo: boundary sign missing", "sign"),
    ("Demo: sika deer, five seen", "animal"),
    ("Demo: felled oak", "logging"),
    ("Demo: camera checked, card changed", "camera"),
)


def write_patrols(folder: Path, work: Work) -> list[Path]:
    """One GPX file a patrol, with a track and what was noted along it."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write_patrol(folder, number, work) for number in range(1, PATROLS + 1)]


def _write_patrol(folder: Path, number: int, work: Work) -> Path:
    rng = Random(f"patrol {number}")
    hours = rng.uniform(4.5, 8.5)
    points = walk(number, hours, FIX_EVERY_S)
    leaves = datetime.combine(
        FIRST_DAY + timedelta(days=DAYS_BETWEEN * (number - 1)), datetime.min.time(), tzinfo=UTC
    ) + timedelta(hours=7 - UTC_OFFSET_H, minutes=rng.randint(0, 50))
    times = [leaves + timedelta(seconds=FIX_EVERY_S * n) for n in range(len(points))]
    fixes = Fixes(
        lon=array("d", (round(p[0], 7) for p in points)),
        lat=array("d", (round(p[1], 7) for p in points)),
        elevation_m=array("d", (round(p[2], 1) for p in points)),
        time_ms=array("q", (int(t.timestamp() * 1000) for t in times)),
    )
    seen = sorted(rng.sample(range(len(points) // 10, len(points) * 9 // 10), 5))
    waypoints = []
    for n, (at, (text, symbol)) in enumerate(zip(seen, rng.sample(NOTES, 5), strict=True), start=1):
        lon, lat, elevation = points[at]
        waypoints.append(
            FoundWaypoint(
                name=f"{number:03d}-{n}",
                lon=round(lon, 7),
                lat=round(lat, 7),
                at=times[at],
                elevation_m=round(elevation, 1),
                comment=text,
                symbol=symbol,
            )
        )
    name = f"Demo patrol {number}"
    path = folder / f"demo-patrol-{number:02d}.gpx"
    write(
        Found(format="gpx", tracks=(FoundTrack(name=name, fixes=fixes),), waypoints=tuple(waypoints)),
        path,
        work=work,
    )
    return path
