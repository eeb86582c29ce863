"""Longitude and latitude to the flat world of the map and back, and the arithmetic of its tiles.

World coordinates are web mercator (EPSG:3857) scaled to 0..1, x to the east and y *down*. Data stay
WGS 84 degrees and are projected once for each layer. Lengths and areas shown to people are never
computed here but on the ellipsoid.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

TILE_PX = 256
LAT_LIMIT_DEG = 85.05112877980659  # where the projected world becomes a square
EQUATOR_M_PER_PX_AT_ZOOM_0 = 156_543.033_928  # 2π · 6 378 137 m / 256 px

Floats = NDArray[np.float64]


def project(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """World coordinates of positions, shape (N, 2). Latitudes beyond the square world end at its edge.

    Formula: Snyder, Map Projections (USGS PP 1395), 7-1 and 7-2, on the sphere as EPSG:3857 has it.
    """
    lon = np.asarray(lon_deg, dtype=np.float64)
    lat = np.clip(np.asarray(lat_deg, dtype=np.float64), -LAT_LIMIT_DEG, LAT_LIMIT_DEG)
    sine = np.sin(np.radians(lat))
    world = np.empty((lon.size, 2))
    world[:, 0] = (lon.ravel() + 180.0) / 360.0
    world[:, 1] = 0.5 - np.log((1.0 + sine.ravel()) / (1.0 - sine.ravel())) / (4.0 * math.pi)
    return world


def project_one(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """World coordinates of one position."""
    lat = min(max(lat_deg, -LAT_LIMIT_DEG), LAT_LIMIT_DEG)
    sine = math.sin(math.radians(lat))
    return (lon_deg + 180.0) / 360.0, 0.5 - math.log((1.0 + sine) / (1.0 - sine)) / (4.0 * math.pi)


def unproject(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude in degrees of a world coordinate; longitude is brought into -180..180."""
    lon = (x - math.floor(x)) * 360.0 - 180.0
    return lon, math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y))))


def world_px(zoom: float) -> float:
    """Width of the whole world in pixels at a zoom."""
    return TILE_PX * math.pow(2.0, zoom)


def tile_zoom(zoom: float) -> int:
    """Zoom of the tiles that serve a fractional zoom; they are drawn at 0.71 to 1.41 times their size."""
    return math.floor(zoom + 0.5)


def metres_per_px(lat_deg: float, zoom: float) -> float:
    """Ground metres in one pixel at a latitude: the map stretches by 1/cos(lat)."""
    return EQUATOR_M_PER_PX_AT_ZOOM_0 * math.cos(math.radians(lat_deg)) / math.pow(2.0, zoom)
