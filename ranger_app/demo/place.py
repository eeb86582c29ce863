"""Where the demo park lies: an outline, three camera stations, and the walks between them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from random import Random

CENTRE = (131.62, 43.58)
"""Longitude and latitude; hills without any protected area's name on them."""
RADIUS_KM = 13.0
KM_PER_DEGREE = 111.195
SITE_NAME = "Demo park"
TIME_ZONE = "Asia/Vladivostok"
UTC_OFFSET_H = 10


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """A camera station by name, with where it hangs (km east and north of the park's centre)."""

    name: str
    east_km: float
    north_km: float
    view: int


STATIONS = (
    CameraPlace("Demo ridge 1", -4.2, 3.1, 11),
    CameraPlace("Demo spring 2", 2.6, -2.4, 47),
    CameraPlace("Demo road 3", 6.8, 4.5, 83),
)


POSTS_KM = ((0.0, 0.0), (4.6, 3.4), (-3.8, -3.6))
"""Ranger posts, east and north of the centre, from which patrols leave in turn."""


def lon_lat(east_km: float, north_km: float) -> tuple[float, float]:
    """Degrees of a place given in kilometres from the centre; good to metres over a park."""
    lat = CENTRE[1] + north_km / KM_PER_DEGREE
    return CENTRE[0] + east_km / (KM_PER_DEGREE * math.cos(math.radians(lat))), lat


def radius_km(bearing: float) -> float:
    """How far the outline is from the centre in a direction (radians from east, counter-clockwise)."""
    waves = (
        0.16 * math.sin(2 * bearing + 0.7) + 0.11 * math.sin(3 * bearing) + 0.05 * math.sin(7 * bearing + 2)
    )
    return RADIUS_KM * (1 + waves)


def write_boundary(path: Path) -> None:
    """The outline as GeoJSON, as a park office would have it."""
    steps = 180
    ring = []
    for step in range(steps):
        bearing = 2 * math.pi * step / steps
        r = radius_km(bearing)
        ring.append([round(v, 6) for v in lon_lat(r * math.cos(bearing), r * math.sin(bearing))])
    ring.append(ring[0])
    feature = {
        "type": "Feature",
        "properties": {"name": SITE_NAME},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}, indent=1), encoding="utf-8"
    )


def walk(seed: int, hours: float, every_s: float) -> list[tuple[float, float, float]]:
    """A way out of the station and back: (lon, lat, elevation_m) every `every_s` seconds.

    A slow loop with smaller loops on it, walked at 2 to 4 km/h, so that it looks like feet on hills.
    """
    rng = Random(f"walk {seed}")
    post_east, post_north = POSTS_KM[seed % len(POSTS_KM)]
    count = int(hours * 3600 / every_s)
    turn, reach = rng.uniform(0, 2 * math.pi), hours * rng.uniform(0.40, 0.52)
    waves = [(rng.uniform(0.04, 0.16), rng.randint(2, 9), rng.uniform(0, 2 * math.pi)) for _ in range(5)]
    points = []
    for step in range(count):
        along = step / (count - 1)
        bearing = turn + 2 * math.pi * along
        bend = sum(size * math.sin(number * 2 * math.pi * along + shift) for size, number, shift in waves)
        east = reach * (math.cos(bearing) - math.cos(turn)) * 1.2 + reach * bend
        north = reach * (math.sin(bearing) - math.sin(turn)) + reach * bend * 0.6
        shake = rng.gauss(0, 0.002)
        lon, lat = lon_lat(post_east + east + shake, post_north + north - shake)
        points.append((lon, lat, 240 + 45 * math.sin(east) + 60 * math.cos(north * 0.7)))
    return points
