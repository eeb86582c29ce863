"""Moving over the map: the ground stays under the pointer, and the view stays on the world."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.view import WHOLE_WORLD, View

SIZED = WHOLE_WORLD.resized(1200, 800)


@given(
    st.floats(-170, 170),
    st.floats(-60, 60),
    st.sampled_from([6.0, 9.5, 14.0]),
    st.floats(0, 1200),
    st.floats(0, 800),
    st.floats(-2, 2),
)
def test_zooming_keeps_the_ground_under_the_pointer(
    lon: float, lat: float, zoom: float, px: float, py: float, steps: float
) -> None:
    view = SIZED.centred(lon, lat, zoom)
    after = view.zoomed(steps, (px, py))
    assert after.to_degrees(px, py) == pytest.approx(view.to_degrees(px, py), abs=1e-6)


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(-300, 300), st.floats(-300, 300))
def test_moving_takes_the_ground_along(lon: float, lat: float, dx: float, dy: float) -> None:
    view = SIZED.centred(lon, lat, 10.0)
    assert view.moved(dx, dy).to_degrees(600, 400) == pytest.approx(
        view.to_degrees(600 + dx, 400 + dy), abs=1e-6
    )


@given(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(-30, 30))
def test_nothing_beyond_the_poles_is_ever_seen(dx: float, dy: float, steps: float) -> None:
    _west, north, _east, south = SIZED.centred(0, 0, 3.0).moved(dx, dy).zoomed(steps).box
    assert north >= -1e-9
    assert south <= 1 + 1e-9


@given(st.floats(-179, 170), st.floats(-70, 60), st.floats(0.001, 60), st.floats(0.001, 20))
def test_fitting_shows_all_of_the_bounds(west: float, south: float, wide: float, high: float) -> None:
    east = west + wide
    bounds = west, south, east - 360 if east > 180 else east, south + high
    view = SIZED.fitted(bounds)
    left, bottom, right, top = view.degrees
    width = (right - left) % 360 or 360
    assert (west - left) % 360 <= width
    assert (west - left) % 360 + wide <= width + 1e-6
    assert bottom <= south <= south + high <= top


def test_fitting_a_single_point_leaves_ground_around_it() -> None:
    view = SIZED.fitted((34.8, -2.4, 34.8, -2.4))
    assert view.centre == pytest.approx((34.8, -2.4))
    assert view.zoom == 16.0


def test_tiles_cover_the_view_from_its_middle() -> None:
    view = SIZED.centred(34.8, -2.4, 10.0)
    tiles = view.tiles()
    west, north, east, south = view.box
    columns = {column for _zoom, column, _row in tiles}
    rows = {row for _zoom, _column, row in tiles}
    assert min(columns) <= west * 1024 < east * 1024 <= max(columns) + 1
    assert min(rows) <= north * 1024 < south * 1024 <= max(rows) + 1
    assert tiles[0] == (10, int(view.x * 1024), int(view.y * 1024))


def test_the_world_repeats_past_180() -> None:
    view = View(0.99, 0.5, 4.0, 1200, 800)
    assert view.copies() == range(2)
    assert any(column >= 16 for _zoom, column, _row in view.tiles())
    west, _south, east, _north = view.degrees
    assert west > east
