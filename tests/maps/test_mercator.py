"""The projection, there and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.mercator import LAT_LIMIT_DEG, metres_per_px, project, project_one, tile_zoom, unproject

LONGITUDES = st.floats(-180.0, 179.999999)
LATITUDES = st.floats(-LAT_LIMIT_DEG, LAT_LIMIT_DEG)


@given(LONGITUDES, LATITUDES)
def test_a_position_comes_back_from_the_map(lon_deg: float, lat_deg: float) -> None:
    assert unproject(*project_one(lon_deg, lat_deg)) == pytest.approx((lon_deg, lat_deg), abs=1e-9)


@given(st.lists(st.tuples(LONGITUDES, st.floats(-90.0, 90.0)), min_size=1, max_size=20))
def test_many_positions_are_projected_as_each_alone(positions: list[tuple[float, float]]) -> None:
    lon, lat = np.array(positions).T
    alone = [project_one(*position) for position in positions]
    assert project(lon, lat) == pytest.approx(np.array(alone), abs=1e-12)


def test_the_world_is_a_square_from_north_west_to_south_east() -> None:
    assert project_one(-180.0, 90.0) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert project_one(180.0, -90.0) == pytest.approx((1.0, 1.0), abs=1e-9)
    assert project_one(0.0, 0.0) == (0.5, 0.5)


@given(LONGITUDES, LATITUDES)
def test_the_formula_is_the_one_that_everybody_else_has(lon_deg: float, lat_deg: float) -> None:
    """Beside it the other usual way to write web mercator, with the inverse hyperbolic sine."""
    row = (1 - math.asinh(math.tan(math.radians(lat_deg))) / math.pi) / 2
    assert project_one(lon_deg, lat_deg) == pytest.approx(((lon_deg + 180) / 360, row), abs=1e-12)


def test_a_pixel_is_smaller_away_from_the_equator() -> None:
    assert metres_per_px(0.0, 0.0) == pytest.approx(156_543.034, abs=0.001)
    assert metres_per_px(60.0, 10.0) == pytest.approx(156_543.034 / 2 / 1024, rel=1e-6)


@pytest.mark.parametrize(("zoom", "tiles"), [(10.0, 10), (10.49, 10), (10.5, 11), (11.2, 11)])
def test_tiles_are_never_enlarged_by_more_than_half_a_zoom(zoom: float, tiles: int) -> None:
    assert tile_zoom(zoom) == tiles
