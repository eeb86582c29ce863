"""Lines and areas: no detail is lost that a pixel could show, and none is painted that it could not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.mercator import TILE_PX, Floats, project, project_one, world_px
from ranger_app.maps.strokes import clip_ring
from ranger_app.maps.vectors import Areas, Lines
from tests.maps.places import LAT_DEG, LON_DEG, square


def walk(seed: int, fixes: int = 400) -> Floats:
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.0004, (fixes, 2))
    return np.array([LON_DEG, LAT_DEG]) + np.cumsum(steps, axis=0)


def tile_of(lon_deg: float, lat_deg: float, zoom: int) -> tuple[int, int, int]:
    x, y = project_one(lon_deg, lat_deg)
    return zoom, int(x * 2**zoom), int(y * 2**zoom)


# ---- lines


@given(st.integers(0, 50), st.integers(4, 16))
def test_a_simplified_track_is_never_half_a_pixel_away(seed: int, zoom: int) -> None:
    track = walk(seed)
    lines = Lines.from_degrees([track])
    drawn = lines.of_owners(np.array([0]), zoom)
    if drawn:  # a track smaller than a pixel is not drawn at all
        simple = shapely.MultiLineString(drawn)
        fixes = shapely.points(project(track[:, 0], track[:, 1]))
        assert shapely.distance(fixes, simple).max() * world_px(zoom) <= 0.5 + 1e-6


def test_fewer_points_are_drawn_from_farther_away() -> None:
    lines = Lines.from_degrees([walk(seed, 5000) for seed in range(5)])
    counts = [sum(map(len, lines.of_owners(np.arange(5), zoom))) for zoom in (8, 11, 14)]
    assert counts[0] < counts[1] < counts[2]


@given(st.integers(0, 20), st.integers(10, 15))
def test_a_tile_has_all_that_can_be_seen_in_it(seed: int, zoom: int) -> None:
    track = walk(seed, 1500)
    lines = Lines.from_degrees([track])
    lon, lat = track[700].tolist()
    tile = tile_of(lon, lat, zoom)
    box = shapely.box(0, 0, TILE_PX, TILE_PX)
    whole = np.vstack(lines.of_owners(np.array([0]), zoom)) * world_px(zoom)
    in_tile = shapely.LineString(whole - [tile[1] * TILE_PX, tile[2] * TILE_PX]).intersection(box)
    drawn = shapely.union_all([shapely.LineString(piece) for piece in lines.in_tile(tile)])
    assert drawn.intersection(box).length == pytest.approx(shapely.union_all([in_tile]).length, rel=1e-6)


def test_a_gap_in_a_track_stays_a_gap() -> None:
    track = np.array([[34.0, -2.0], [34.1, -2.0], [np.nan, np.nan], [34.3, -2.0], [34.4, -2.0]])
    lines = Lines.from_degrees([track])
    assert len(lines) == 2
    assert lines.owners.tolist() == [0, 0]


def test_a_track_across_180_draws_no_bar_across_the_map() -> None:
    lines = Lines.from_degrees([np.array([[179.9, -17.0], [-179.9, -17.1]])])
    assert len(lines) == 2
    assert (lines.boxes[:, 2] - lines.boxes[:, 0]).max() < 0.001


def test_a_track_of_one_fix_or_none_is_left_out() -> None:
    lines = Lines.from_degrees([np.empty((0, 2)), np.array([[34.0, -2.0]]), walk(1)])
    assert lines.owners.tolist() == [2]


def test_nothing_at_all_can_be_drawn_and_asked() -> None:
    lines = Lines.from_degrees([])
    assert len(lines.in_tile((3, 4, 4))) == 0
    assert lines.nearest(0.5, 0.5, 0.1) is None


def test_what_is_drawn_lies_near_its_tile_whatever_the_zoom() -> None:
    lines = Lines.from_degrees([walk(3, 20_000)])
    lon, lat = walk(3, 20_000)[10].tolist()
    drawn = lines.in_tile(tile_of(lon, lat, 20))
    assert len(drawn)
    assert np.abs(drawn.points).max() < 1e6


@given(st.integers(0, 100), st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
def test_the_nearest_line_is_the_one_that_looking_at_all_would_find(
    seed: int, east: float, south: float
) -> None:
    tracks = [walk(seed + number, 40) for number in range(12)]
    lines = Lines.from_degrees(tracks)
    x, y = project_one(LON_DEG + east, LAT_DEG + south)
    radius = 2e-5
    distances = [
        shapely.LineString(project(track[:, 0], track[:, 1])).distance(shapely.Point(x, y))
        for track in tracks
    ]
    best = int(np.argmin(distances))
    found = lines.nearest(x, y, radius)
    if distances[best] > radius:
        assert found is None
    else:
        assert found is not None
        assert found[0] == best
        assert found[1] == pytest.approx(distances[best])


# ---- areas


@st.composite
def rings(draw: st.DrawFn) -> Floats:
    count = draw(st.integers(3, 30))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radii = np.array(draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count)))
    ring = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    return np.vstack([ring, ring[:1]])


THOUSANDTHS = st.integers(-1000, 500).map(lambda number: number / 1000)  # GEOS trips over subnormal numbers


@given(rings(), THOUSANDTHS, THOUSANDTHS, st.floats(0.05, 1.5))
def test_a_clipped_ring_encloses_just_what_lies_in_the_box(
    ring: Floats, west: float, north: float, side: float
) -> None:
    clipped = clip_ring(ring, (west, north, west + side, north + side))
    expected = shapely.Polygon(ring).intersection(shapely.box(west, north, west + side, north + side)).area
    x, y = clipped[:, 0], clipped[:, 1]
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2 if len(clipped) else 0.0
    assert area == pytest.approx(expected, abs=1e-9)


def test_a_tile_in_the_middle_of_an_area_is_wholly_covered() -> None:
    areas = Areas.from_polygons([shapely.Polygon(square(side_deg=10.0))])
    (ring,) = areas.in_tile(tile_of(LON_DEG, LAT_DEG, 16))
    assert shapely.Polygon(ring).covers(shapely.box(0, 0, TILE_PX, TILE_PX))
    assert np.abs(ring).max() < 8 * TILE_PX


def test_a_tile_in_a_hole_is_covered_twice_which_is_not_at_all() -> None:
    areas = Areas.from_polygons([shapely.Polygon(square(side_deg=10.0), [square(side_deg=5.0)])])
    assert len(areas.in_tile(tile_of(LON_DEG, LAT_DEG, 12))) == 2


def test_a_tile_beside_an_area_has_nothing() -> None:
    areas = Areas.from_polygons([shapely.Polygon(square(side_deg=1.0))])
    assert len(areas.in_tile(tile_of(LON_DEG + 5, LAT_DEG, 12))) == 0


def test_a_dense_screen_gets_the_same_area_in_more_detail() -> None:
    circle = shapely.Point(LON_DEG, LAT_DEG).buffer(0.5, quad_segs=400)
    areas = Areas.from_polygons([circle])
    tile = tile_of(LON_DEG + 0.4, LAT_DEG, 7)
    assert len(areas.in_tile(tile, sharper=2).points) > len(areas.in_tile(tile).points)


def test_inside_and_outside_are_told_apart() -> None:
    areas = Areas.from_polygons([shapely.Polygon(square(side_deg=10.0), [square(side_deg=5.0)])])
    assert not areas.holds(*project_one(LON_DEG, LAT_DEG))
    assert areas.holds(*project_one(LON_DEG + 4, LAT_DEG))
    assert not areas.holds(*project_one(LON_DEG + 6, LAT_DEG))


def test_an_area_cut_at_180_has_no_outline_there() -> None:
    areas = Areas.from_polygons(
        [shapely.box(170.0, -10.0, 180.0, 10.0), shapely.box(-180.0, -10.0, -175.0, 10.0)]
    )
    drawn = shapely.MultiLineString(list(areas.outlines().within((0.0, 0.0, 1.0, 1.0), 6)))
    assert drawn.distance(shapely.Point(*project_one(170.0, 0.0))) < 1e-9
    assert drawn.distance(shapely.Point(1.0, 0.5)) > 0.02
    assert drawn.distance(shapely.Point(0.0, 0.5)) > 0.01


def test_the_outline_of_a_hole_is_drawn_too() -> None:
    areas = Areas.from_polygons([shapely.Polygon(square(side_deg=10.0), [square(side_deg=5.0)])])
    drawn = shapely.MultiLineString(list(areas.outlines().within((0.0, 0.0, 1.0, 1.0), 8)))
    whole = shapely.MultiLineString([project(*square(side_deg=side).T) for side in (10.0, 5.0)])
    assert drawn.length == pytest.approx(whole.length, rel=1e-4)


def test_levels_that_were_given_back_are_made_again() -> None:
    areas = Areas.from_polygons([shapely.Polygon(square())])
    tile = tile_of(LON_DEG + 0.1, LAT_DEG, 12)
    before = areas.in_tile(tile).points
    areas.forget_levels()
    assert areas.in_tile(tile).points == pytest.approx(before)
