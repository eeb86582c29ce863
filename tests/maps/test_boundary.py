"""A boundary from a file: valid, in degrees, with its true area, and every doubt in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.maps.boundary import Boundary, boundary_of, ellipsoid_area_km2, read_boundary
from tests.maps.places import (
    LAT_DEG,
    LON_DEG,
    polygon,
    square,
    write_geojson,
    write_geopackage,
    write_kml,
)


def codes(boundary: Boundary) -> set[str]:
    return {doubt.code for doubt in boundary.doubts}


def feature(geometry: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def collection(*geometries: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [feature(geometry) for geometry in geometries]}


# ---- what is read


@pytest.mark.parametrize("write", [write_geojson, write_geopackage, write_kml])
def test_each_format_gives_the_same_boundary(tmp_path: Path, write: Any) -> None:
    boundary = read_boundary(write(tmp_path / "boundary"))
    assert boundary.geometry.equals(shapely.Polygon(square()))
    assert boundary.bounds == pytest.approx((LON_DEG - 0.1, LAT_DEG - 0.1, LON_DEG + 0.1, LAT_DEG + 0.1))
    assert boundary.doubts == ()


@pytest.mark.parametrize(
    "document",
    [
        polygon(),
        feature(polygon()),
        collection(polygon()),
        collection(None, polygon()),
        {"type": "GeometryCollection", "geometries": [polygon()]},
        {"type": "MultiPolygon", "coordinates": [polygon()["coordinates"]]},
    ],
)
def test_a_polygon_is_found_however_it_is_wrapped(tmp_path: Path, document: object) -> None:
    boundary = read_boundary(write_geojson(tmp_path / "b.geojson", document))
    assert boundary.geometry.equals(shapely.Polygon(square()))


def test_heights_and_a_byte_order_mark_are_no_hindrance(tmp_path: Path) -> None:
    ring = np.column_stack([square(), np.full(5, 1200.0)])
    path = write_geojson(tmp_path / "b.geojson", polygon(ring))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_boundary(path).geometry.equals(shapely.Polygon(square()))


def test_a_hole_is_not_part_of_the_area(tmp_path: Path) -> None:
    whole = read_boundary(write_geojson(tmp_path / "whole", polygon(square(side_deg=0.2))))
    hole = read_boundary(write_geojson(tmp_path / "hole", polygon(square(side_deg=0.1))))
    ringed = read_boundary(
        write_geojson(tmp_path / "ringed", polygon(square(side_deg=0.2), square(side_deg=0.1)))
    )
    assert ringed.area_km2 == pytest.approx(whole.area_km2 - hole.area_km2)


def test_what_is_kept_comes_back_as_the_same_boundary(tmp_path: Path) -> None:
    boundary = read_boundary(write_geojson(tmp_path / "b.geojson"))
    again = boundary_of(boundary.wkb)
    assert again.geometry.equals_exact(boundary.geometry)
    assert (again.area_km2, again.bounds) == (boundary.area_km2, boundary.bounds)


# ---- area


def test_the_area_is_that_of_the_ellipsoid() -> None:
    """A degree by a degree at the equator: 12 308.78 km² by Karney's GeographicLib (Planimeter)."""
    cell = shapely.MultiPolygon([shapely.box(0.0, 0.0, 1.0, 1.0)])
    assert ellipsoid_area_km2(cell) == pytest.approx(12_308.778, rel=1e-6)


@given(st.floats(-60, 60), st.booleans())
def test_the_area_does_not_hang_on_the_way_round(lat: float, turned: bool) -> None:
    ring = square(10.0, lat)
    area = ellipsoid_area_km2(shapely.MultiPolygon([shapely.Polygon(ring[::-1] if turned else ring)]))
    assert area == pytest.approx(ellipsoid_area_km2(shapely.MultiPolygon([shapely.Polygon(ring)])))


# ---- 180°


def test_a_boundary_across_180_has_its_true_size(tmp_path: Path) -> None:
    ring = square(180.0, -17.0, 2.0)
    ring[:, 0] = (ring[:, 0] + 180.0) % 360.0 - 180.0
    across = read_boundary(write_geojson(tmp_path / "across", polygon(ring)))
    elsewhere = read_boundary(write_geojson(tmp_path / "elsewhere", polygon(square(100.0, -17.0, 2.0))))
    # Edges are geodesics: cutting one in two where the map has it moves its middle a little.
    assert across.area_km2 == pytest.approx(elsewhere.area_km2, rel=1e-3)
    assert across.bounds == pytest.approx((179.0, -18.0, -179.0, -16.0))
    assert len(across.geometry.geoms) == 2


# ---- doubts


def test_latitude_first_is_put_right_when_it_is_certain(tmp_path: Path) -> None:
    swapped = square(120.0, 30.0)[:, ::-1]
    boundary = read_boundary(write_geojson(tmp_path / "b", polygon(swapped)))
    assert boundary.bounds == pytest.approx((119.9, 29.9, 120.1, 30.1))
    assert codes(boundary) == {"swapped"}


def test_latitude_first_is_only_doubted_when_it_may_be_right(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "b", polygon(square(LAT_DEG, LON_DEG)))
    boundary = read_boundary(path, is_land=lambda lon, lat: lon > 30)
    assert codes(boundary) == {"perhaps-swapped"}
    assert boundary.bounds[0] == pytest.approx(LAT_DEG - 0.1)
    assert codes(read_boundary(path)) == set()


def test_a_self_crossing_outline_is_put_right_and_said(tmp_path: Path) -> None:
    bow = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    boundary = read_boundary(write_geojson(tmp_path / "b", polygon(bow)))
    assert boundary.geometry.is_valid
    assert codes(boundary) == {"self-crossing"}
    assert boundary.geometry.area == pytest.approx(0.5)


def test_an_open_outline_is_closed_and_said(tmp_path: Path) -> None:
    boundary = read_boundary(write_geojson(tmp_path / "b", polygon(square()[:-1])))
    assert boundary.geometry.equals(shapely.Polygon(square()))
    assert codes(boundary) == {"open-ring"}


def test_several_outlines_become_one_boundary_and_it_is_said(tmp_path: Path) -> None:
    document = collection(
        polygon(square(10.0)), polygon(square(10.1)), {"type": "Point", "coordinates": [1, 2]}
    )
    boundary = read_boundary(write_geojson(tmp_path / "b", document))
    assert codes(boundary) == {"several-outlines", "not-an-area"}
    assert boundary.geometry.area == pytest.approx(0.06)


@pytest.mark.parametrize(("side_deg", "code"), [(0.0005, "tiny"), (30.0, "huge")])
def test_a_size_that_no_park_has_is_doubted(tmp_path: Path, side_deg: float, code: str) -> None:
    boundary = read_boundary(write_geojson(tmp_path / "b", polygon(square(20.0, 0.0, side_deg))))
    assert codes(boundary) == {code}


# ---- coordinate systems


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_the_usual_names_of_degrees_change_nothing(tmp_path: Path, name: str) -> None:
    document = polygon() | {"crs": {"type": "name", "properties": {"name": name}}}
    assert read_boundary(write_geojson(tmp_path / "b", document)).doubts == ()


@pytest.mark.parametrize("form", ["geojson", "geopackage", "geopackage with its own number"])
def test_metres_of_a_named_system_are_converted_and_said(tmp_path: Path, form: str) -> None:
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32736", always_xy=True)
    ring = np.column_stack(to_utm.transform(*square().T))
    if form == "geojson":
        crs = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32736"}}}
        path = write_geojson(tmp_path / "b", polygon(ring) | crs)
    else:
        srs_id = 32736 if form == "geopackage" else 100_001
        srs = ("EPSG", 32736, "") if form == "geopackage" else ("DEMO", 1, pyproj.CRS("EPSG:32736").to_wkt())
        blob = b"GP\0\1" + b"\0" * 4 + shapely.to_wkb(shapely.Polygon(ring))
        path = write_geopackage(tmp_path / "b", [blob], srs_id=srs_id, srs=srs)
    boundary = read_boundary(path)
    assert boundary.bounds == pytest.approx((LON_DEG - 0.1, LAT_DEG - 0.1, LON_DEG + 0.1, LAT_DEG + 0.1))
    assert codes(boundary) == {"converted"}


def test_metres_without_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not degrees"):
        read_boundary(write_geojson(tmp_path / "b", polygon(square(700_000.0, 9_700_000.0, 20_000.0))))


@pytest.mark.parametrize("name", ["EPSG:999999", "mars", "urn:ogc:def:crs:EPSG::", "x" * 5000])
def test_a_system_that_nobody_knows_is_refused(tmp_path: Path, name: str) -> None:
    document = polygon() | {"crs": {"type": "name", "properties": {"name": name}}}
    with pytest.raises(BadInput, match="coordinate system"):
        read_boundary(write_geojson(tmp_path / "b", document))


# ---- real files


def test_real_polygons_of_google_earth_are_read(shared_data: Path) -> None:
    boundary = read_boundary(shared_data / "formats" / "kml" / "googleearth_sample.kml")
    assert boundary.geometry.is_valid
    assert 0.1 < boundary.area_km2 < 1.0
    assert "several-outlines" in codes(boundary)


@pytest.mark.parametrize("name", ["kml/locusmap_tracks.kml", "comapeo/observations.geojson"])
def test_real_files_without_an_area_are_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(BadInput, match="no area"):
        read_boundary(shared_data / "formats" / name)


# ---- files that cannot be read


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file park\.geojson"):
        read_boundary(tmp_path / "park.geojson")


@pytest.mark.parametrize(
    "raw", [b"", b" \n", b"\0" * 100, b"PK\x03\x04rest", b"\xff\xd8\xff", b"plain words"]
)
def test_what_is_no_boundary_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "park"
    path.write_bytes(raw)
    with pytest.raises(BadInput):
        read_boundary(path)


def test_a_folder_is_not_a_boundary(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read_boundary(tmp_path)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"{", b"<", b"SQLite format 3\0", b'{"type":"Polygon",'])
)
def test_no_bytes_whatever_bring_more_than_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, start: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "park"
    path.write_bytes(start + raw)
    with pytest.raises(KnownError):
        read_boundary(path)
