"""What crosses 180° is cut there, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.antimeridian import cut_line, cut_polygon, span, unwrap
from tests.maps.places import square


def folded(ring: np.ndarray) -> np.ndarray:
    """Longitudes brought into -180..180, as files have them."""
    return np.column_stack([(ring[:, 0] + 180.0) % 360.0 - 180.0, ring[:, 1]])


def test_a_line_away_from_180_is_left_as_it_is() -> None:
    line = np.array([[10.0, 0.0], [20.0, 5.0]])
    assert cut_line(line) == [pytest.approx(line)]


def test_a_line_across_180_becomes_two_that_end_there() -> None:
    west, east = sorted(cut_line(np.array([[178.0, 0.0], [-178.0, 4.0]])), key=lambda part: part[:, 0].min())
    assert west.tolist() == [[-180.0, 2.0], [-178.0, 4.0]]
    assert east.tolist() == [[178.0, 0.0], [180.0, 2.0]]


@given(st.floats(-170.0, 530.0), st.floats(0.5, 40.0))
def test_a_square_keeps_its_area_wherever_it_lies(lon_deg: float, side_deg: float) -> None:
    parts = cut_polygon([folded(square(lon_deg, 0.0, side_deg))])
    assert sum(part.area for part in parts) == pytest.approx(side_deg**2)
    for part in parts:
        assert part.is_valid
        assert part.bounds[0] >= -180.0
        assert part.bounds[2] <= 180.0


def test_a_hole_across_180_stays_a_hole() -> None:
    rings = [folded(square(180.0, 0.0, 10.0)), folded(square(180.0, 0.0, 2.0))]
    assert sum(part.area for part in cut_polygon(rings)) == pytest.approx(100.0 - 4.0)


def test_a_ring_round_the_pole_covers_the_pole() -> None:
    lon = np.arange(-180.0, 180.0, 10.0)
    ring = np.column_stack([lon, np.full(len(lon), -70.0)])
    cap = shapely.union_all(cut_polygon([np.vstack([ring, ring[:1]])]))
    assert cap.covers(shapely.box(-179.0, -89.0, 179.0, -71.0))
    assert not cap.intersects(shapely.Point(0.0, -60.0))


def test_a_ring_of_three_points_encloses_nothing() -> None:
    assert cut_polygon([np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]])]) == []


def test_unwrapping_never_jumps() -> None:
    zigzag = np.array([[179.0, 0.0], [-179.0, 1.0], [179.0, 2.0], [-179.0, 3.0]])
    assert np.abs(np.diff(unwrap(zigzag)[:, 0])).max() == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([(10.0, 20.0)], (10.0, 20.0)),
        ([(10.0, 20.0), (15.0, 30.0)], (10.0, 30.0)),
        ([(178.0, 180.0), (-180.0, -178.0)], (178.0, -178.0)),
        ([(170.0, 175.0), (-175.0, -170.0)], (170.0, -170.0)),
        ([(-10.0, 0.0), (20.0, 30.0)], (-10.0, 30.0)),
        ([(-180.0, 180.0)], (-180.0, 180.0)),
    ],
)
def test_the_span_is_the_short_way_round(
    intervals: list[tuple[float, float]], expected: tuple[float, float]
) -> None:
    assert span(intervals) == expected
