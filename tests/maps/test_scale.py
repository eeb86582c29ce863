"""Lengths and coordinates as they stand on the map."""

from __future__ import annotations

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.scale import (
    GRID_PX_AT_LEAST,
    ScaleBar,
    grid_lines,
    grid_step_deg,
    latitude_text,
    longitude_text,
    position_text,
    scale_bar,
)
from ranger_app.maps.view import WHOLE_WORLD


@given(st.floats(-70, 70), st.floats(8, 20))
def test_the_bar_is_as_long_on_the_ground_as_it_says(lat: float, zoom: float) -> None:
    bar = scale_bar(lat, zoom)
    view = WHOLE_WORLD.resized(1000, 800).centred(20.0, lat, zoom)
    start, end = view.to_degrees(500, 400), view.to_degrees(500 + bar.length_px, 400)
    _there, _back, length_m = pyproj.Geod(ellps="WGS84").inv(*start, *end)
    assert length_m == pytest.approx(bar.length_m, rel=0.008)  # the map is a sphere, the earth is not


@given(st.floats(-80, 80), st.floats(1, 20))
def test_the_bar_is_a_round_number_and_fits(lat: float, zoom: float) -> None:
    bar = scale_bar(lat, zoom, at_most_px=140)
    assert 50 < bar.length_px <= 140
    assert f"{bar.length_m:.6e}"[0] in "125"
    assert set(f"{bar.length_m:.6e}"[1:8]) <= {".", "0"}


@pytest.mark.parametrize(
    ("length_m", "label"), [(0.5, "0.5 m"), (200.0, "200 m"), (5000.0, "5 km"), (2e6, "2,000 km")]
)
def test_a_length_is_said_in_metres_or_kilometres(length_m: float, label: str) -> None:
    assert ScaleBar(length_m, 100.0).label == label


@pytest.mark.parametrize(
    ("lon", "lat", "zoom", "words"),
    [
        (34.8, -2.4512, 3.0, "2.5° S, 34.8° E"),
        (-70.25, 12.5, 10.0, "12.500° N, 70.250° W"),
        (0.0, 0.0, 5.0, "0.00°, 0.00°"),
        (180.0, 0.001, 1.0, "0.0°, 180°"),
    ],
)
def test_positions_are_said_with_hemisphere_and_as_precisely_as_the_screen(
    lon: float, lat: float, zoom: float, words: str
) -> None:
    assert position_text(lon, lat, zoom) == words


def test_no_position_is_said_with_a_minus() -> None:
    assert "-" not in latitude_text(-12.3, 0.1) + longitude_text(-0.04, 0.1)


@given(st.floats(1, 18), st.floats(-170, 170), st.floats(-70, 70))
def test_grid_lines_keep_their_distance_and_cover_the_view(zoom: float, lon: float, lat: float) -> None:
    view = WHOLE_WORLD.resized(1200, 800).centred(lon, lat, zoom)
    meridians, parallels = grid_lines(view)
    places = [line.px for line in meridians]
    step_px = grid_step_deg(view.zoom) * view.scale / 360
    assert step_px >= GRID_PX_AT_LEAST or grid_step_deg(view.zoom) == 30
    assert len(meridians) >= int(1200 / step_px)
    assert all(-1e-6 <= px <= 1200 + 1e-6 for px in places)
    assert all(-1e-6 <= line.px <= 800 + 1e-6 for line in parallels)
