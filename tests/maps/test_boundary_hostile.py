"""Boundary files made to do harm: each is refused with a sentence, quickly, and nothing of it is run."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from ranger_app.domain.errors import BadInput
from ranger_app.maps import outlines_geopackage
from ranger_app.maps.boundary import boundary_of, read_boundary
from ranger_app.maps.outlines import FILE_BYTES_AT_MOST
from tests.maps.places import geopackage_blob, polygon, square, write_geojson, write_geopackage, write_kml


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "park"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# ---- GeoJSON


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nested too deeply"):
        read_boundary(written(tmp_path, '{"type":"Polygon","coordinates":' + "[" * 200_000))


def test_collections_in_collections_are_refused(tmp_path: Path) -> None:
    document: object = polygon()
    for _level in range(40):
        document = {"type": "GeometryCollection", "geometries": [document]}
    with pytest.raises(BadInput):
        read_boundary(write_geojson(tmp_path / "park", document))


def test_a_file_of_a_gigabyte_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = written(tmp_path, b"{")
    with path.open("r+b") as file:
        file.truncate(1_000_000_000)  # takes no room on the disk
    with pytest.raises(BadInput, match="too large"):
        read_boundary(path)
    assert FILE_BYTES_AT_MOST < 1_000_000_000


@pytest.mark.parametrize(
    "position",
    [
        "[NaN,1]",
        "[Infinity,1]",
        "[1e999,1]",
        '["1",1]',
        "[true,false]",
        "[1]",
        "{}",
        "null",
        "1",
        "[" + "9" * 400 + ",1]",
    ],
)
def test_a_position_that_is_none_is_refused(tmp_path: Path, position: str) -> None:
    ring = f"[[0,0],[1,0],[1,1],{position},[0,0]]"
    with pytest.raises(BadInput):
        read_boundary(written(tmp_path, f'{{"type":"Polygon","coordinates":[{ring}]}}'))


@pytest.mark.parametrize(
    "document",
    [
        [], 1, "words", None, {}, {"type": "Polygon"}, {"type": "Topology"}, {"type": ["Polygon"]},
        {"type": "FeatureCollection", "features": 5}, {"type": "Feature", "geometry": []},
        {"type": "Polygon", "coordinates": []}, {"type": "Polygon", "coordinates": [[]]},
        polygon() | {"crs": 7}, polygon() | {"crs": {"properties": {"name": 4326}}},
    ],
)  # fmt: skip
def test_json_that_is_no_boundary_is_refused(tmp_path: Path, document: object) -> None:
    with pytest.raises(BadInput):
        read_boundary(written(tmp_path, json.dumps(document)))


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        read_boundary(written(tmp_path, b'{"type":"Polygon","name":"r\xe9serve"}'))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "park")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match="not whole"):
        read_boundary(path)


# ---- KML


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><kml>&b;</kml>'
    with pytest.raises(BadInput, match="document type"):
        read_boundary(written(tmp_path, bomb))


def test_a_file_named_in_the_document_is_never_read(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret").rename(tmp_path / "secret")
    reading = f'<!DOCTYPE kml [<!ENTITY s SYSTEM "{secret.as_uri()}">]><kml>&s;</kml>'
    with pytest.raises(BadInput, match="document type"):
        read_boundary(written(tmp_path, reading))


@pytest.mark.parametrize(
    "inside", ["<a>" * 500, "<Polygon>" * 100, "<Placemark>", "<Polygon><outerBoundaryIs>&undefined;"]
)
def test_broken_or_deep_kml_is_refused(tmp_path: Path, inside: str) -> None:
    with pytest.raises(BadInput):
        read_boundary(write_kml(tmp_path / "park", inside))


@pytest.mark.parametrize("positions", ["a,b c,d e,f g,h", "1 2 3 4", "1,2 3,4", "nan,1 1,1 1,0 0,0", ""])
def test_kml_positions_that_are_none_are_refused(tmp_path: Path, positions: str) -> None:
    ring = f"<LinearRing><coordinates>{positions}</coordinates></LinearRing>"
    with pytest.raises(BadInput):
        read_boundary(
            write_kml(tmp_path / "park", f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>")
        )


# ---- GeoPackage


def wkb_polygon(points: int = 5, said: int | None = None) -> bytes:
    ring = np.resize(square(), (points, 2)).astype("<f8").tobytes()
    return struct.pack("<BIII", 1, 3, 1, said if said is not None else points) + ring


@pytest.mark.parametrize(
    "wkb",
    [
        b"",
        b"\1",
        wkb_polygon()[:-8],
        wkb_polygon(said=0xFFFF_FFFF),
        struct.pack("<BII", 1, 3, 0xFFFF_FFFF),
        struct.pack("<BII", 1, 6, 0xFFFF_FFFF),
        struct.pack("<BI", 1, 9999),
        struct.pack("<BII", 1, 7, 1) * 100_000,  # nested so deeply that a trusting reader's stack is gone
    ],
    ids=["empty", "one byte", "cut", "lying points", "lying rings", "lying parts", "unknown", "nested"],
)
def test_a_damaged_geometry_is_refused(tmp_path: Path, wkb: bytes) -> None:
    with pytest.raises(BadInput):
        read_boundary(write_geopackage(tmp_path / "park", [geopackage_blob(wkb)]))


@pytest.mark.parametrize("dimensions", ["z", "zm", "ewkb z", "big-endian", "collection"])
def test_every_dialect_of_wkb_is_read(tmp_path: Path, dimensions: str) -> None:
    flat = shapely.Polygon(square())
    solid = shapely.force_3d(flat, 7.0)
    measured = shapely.from_wkt("POLYGON ZM ((0 0 1 2, 1 0 1 2, 1 1 1 2, 0 0 1 2))")
    wkb = {
        "z": shapely.to_wkb(solid, flavor="iso"),
        "zm": shapely.to_wkb(measured, flavor="iso", output_dimension=4),
        "ewkb z": shapely.to_wkb(solid, flavor="extended"),
        "big-endian": shapely.to_wkb(flat, byte_order=0),
        "collection": shapely.to_wkb(shapely.GeometryCollection([shapely.MultiPolygon([flat])])),
    }[dimensions]
    boundary = read_boundary(write_geopackage(tmp_path / "park", [geopackage_blob(wkb)]))
    assert boundary.geometry.area == pytest.approx(0.5 if dimensions == "zm" else flat.area)


def test_an_empty_and_an_unknown_geometry_are_passed_over(tmp_path: Path) -> None:
    whole = geopackage_blob(wkb_polygon())
    blobs = [geopackage_blob(b"", flags=0b1_0001), geopackage_blob(b"junk", flags=0b10_0001), whole]
    boundary = read_boundary(write_geopackage(tmp_path / "park", blobs))
    assert {doubt.code for doubt in boundary.doubts} == {"unknown-geometry"}


def test_a_name_in_the_file_never_becomes_a_statement(tmp_path: Path) -> None:
    name = 'x" union select 1; drop table "gpkg_geometry_columns'
    assert read_boundary(write_geopackage(tmp_path / "park", table=name)).area_km2 > 0


def test_a_query_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines_geopackage, "QUERY_AT_MOST_S", 0.2)
    path = write_geopackage(tmp_path / "park")
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("drop table boundary")
        file.execute(
            "create view boundary as with recursive n(i) as (select 1 union all select i + 1 from n)"
            " select i as fid, null as geom from n"
        )
    with pytest.raises(BadInput):
        read_boundary(path)


@pytest.mark.parametrize("kind", ["POINT", "LINESTRING"])
def test_a_package_without_a_layer_of_areas_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadInput, match="no layer of areas"):
        read_boundary(write_geopackage(tmp_path / "park", kind=kind))


def test_a_database_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "park")) as file, file:
        file.execute("create table words(word)")
    with pytest.raises(BadInput, match="not a GeoPackage"):
        read_boundary(tmp_path / "park")


def test_a_coordinate_system_that_opens_files_is_refused(tmp_path: Path) -> None:
    definition = 'GEOGCS["x",EXTENSION["PROJ4","+proj=longlat +nadgrids=/etc/hostname"]]'
    blob = geopackage_blob(wkb_polygon(), srs_id=100_002)
    path = write_geopackage(tmp_path / "park", [blob], srs_id=100_002, srs=("DEMO", 1, definition))
    with pytest.raises(BadInput, match="coordinate system"):
        read_boundary(path)


def test_reading_leaves_no_trace_beside_the_file(tmp_path: Path) -> None:
    path = write_geopackage(tmp_path / "park")
    before = path.read_bytes()
    read_boundary(path)
    assert [one.name for one in tmp_path.iterdir()] == ["park"]
    assert path.read_bytes() == before


# ---- what is kept


@pytest.mark.parametrize("wkb", [b"", b"junk", shapely.to_wkb(shapely.Point(1, 2)), wkb_polygon()[:-9]])
def test_a_kept_boundary_that_is_damaged_is_said_to_be(wkb: bytes) -> None:
    with pytest.raises(BadInput):
        boundary_of(wkb)
