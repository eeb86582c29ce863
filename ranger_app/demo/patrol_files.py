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

Values = dict[str, float | str | bool | tuple[str, ...]]

FIRST_DAY = date(2026, 5, 4)
PATROLS = 8
DAYS_BETWEEN = 6
FIX_EVERY_S = 15.0
NOTES: dict[str, tuple[str, Values]] = {
    "Demo: wire snare, taken away": ("threat.hunting.snare.", {"count": 1.0, "action": ("removed",)}),
    "Demo: tracks of wild boar": ("animal.sign.", {"species": "wild boar", "age": ("fresh",)}),
    "Demo: tiger pugmark, 10.5 cm": ("animal.sign.", {"species": "tiger", "count": 1.0}),
    "Demo: old fireplace": ("threat.fire.", {"age": ("old",)}),
    "Demo: boundary sign missing": ("place.sign.", {"condition": ("gone",)}),
    "Demo: five sika deer": ("animal.seen.", {"species": "sika deer", "count": 5.0}),
    "Demo: felled oak": ("threat.logging.stump.", {"species": "oak", "count": 1.0}),
    "Demo: camera checked": ("place.camera.", {"condition": ("good",)}),
}
"""What was noted on the receiver, and what the office makes of it: a category and its values."""


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
    for n, (at, text) in enumerate(zip(seen, rng.sample(sorted(NOTES), 5), strict=True), start=1):
        lon, lat, elevation = points[at]
        waypoints.append(
            FoundWaypoint(
                name=f"{number:03d}-{n}",
                lon=round(lon, 7),
                lat=round(lat, 7),
                at=times[at],
                elevation_m=round(elevation, 1),
                comment=text,
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
