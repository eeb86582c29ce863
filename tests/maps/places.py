"""Made-up places for the tests of maps: boundaries, packs and base maps as files, valid by default."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ranger_app.maps.basemap import FILE_NAME, layer_names, write_basemap
from ranger_app.maps.mercator import Floats

LON_DEG, LAT_DEG = 34.8, -2.4


def square(lon_deg: float = LON_DEG, lat_deg: float = LAT_DEG, side_deg: float = 0.2) -> Floats:
    """A closed ring around a position, against the clock."""
    half = side_deg / 2
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    ring: Floats = np.array([lon_deg, lat_deg]) + np.array(corners)
    return ring


def polygon(*rings: Floats) -> dict[str, Any]:
    """A GeoJSON polygon; a square when no rings are given."""
    return {"type": "Polygon", "coordinates": [ring.tolist() for ring in rings or (square(),)]}


def write_geojson(path: Path, document: object = None) -> Path:
    path.write_text(json.dumps(polygon() if document is None else document), encoding="utf-8")
    return path


def write_kml(path: Path, inside: str | None = None) -> Path:
    positions = " ".join(f"{lon},{lat},0" for lon, lat in square().tolist())
    ring = (
        f"<outerBoundaryIs><LinearRing><coordinates>{positions}</coordinates></LinearRing></outerBoundaryIs>"
    )
    body = f"<Placemark><name>demo</name><Polygon>{ring}</Polygon></Placemark>" if inside is None else inside
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"{body}</Document></kml>",
        encoding="utf-8",
    )
    return path


def geopackage_blob(wkb: bytes, *, flags: int = 0b1, srs_id: int = 4326) -> bytes:
    """WKB behind the header of GeoPackage, without an envelope."""
    return b"GP\0" + bytes([flags]) + struct.pack("<i", srs_id) + wkb


def write_geopackage(
    path: Path,
    blobs: Sequence[bytes] | None = None,
    *,
    table: str = "boundary",
    srs_id: int = 4326,
    srs: tuple[str, int, str] | None = None,
    kind: str = "POLYGON",
) -> Path:
    """A GeoPackage with one layer, by default a square in WGS 84."""
    if blobs is None:
        blobs = [geopackage_blob(shapely.to_wkb(shapely.Polygon(square())), srs_id=srs_id)]
    quoted = '"' + table.replace('"', '""') + '"'
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(
            "create table gpkg_spatial_ref_sys"
            "(srs_name, srs_id, organization, organization_coordsys_id, definition)"
        )
        file.execute(
            "create table gpkg_geometry_columns(table_name, column_name, geometry_type_name, srs_id, z, m)"
        )
        file.execute(f"create table {quoted}(fid integer primary key, geom blob)")
        organization, code, definition = srs or ("EPSG", srs_id, "")
        file.execute(
            "insert into gpkg_spatial_ref_sys values('demo', ?, ?, ?, ?)",
            (srs_id, organization, code, definition),
        )
        file.execute("insert into gpkg_geometry_columns values(?, 'geom', ?, ?, 0, 0)", (table, kind, srs_id))
        file.executemany(f"insert into {quoted}(geom) values(?)", [(blob,) for blob in blobs])
    return path


def png(colour: tuple[int, int, int] = (200, 30, 30), side_px: int = 256) -> bytes:
    """A plain picture, made without an imaging library."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * side_px) * side_px
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    )


def write_mbtiles(
    path: Path, tiles: dict[tuple[int, int, int], bytes] | None = None, **metadata: str
) -> Path:
    """A raster pack; tiles are keyed by zoom, column and row from the north."""
    said = {"name": "demo pack", "format": "png", "minzoom": "0", "maxzoom": "2"} | metadata
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("create table metadata(name text, value text)")
        file.execute("create table tiles(zoom_level int, tile_column int, tile_row int, tile_data blob)")
        file.executemany("insert into metadata values(?, ?)", said.items())
        file.executemany(
            "insert into tiles values(?, ?, ?, ?)",
            [
                (zoom, column, 2**zoom - 1 - row, data)
                for (zoom, column, row), data in ({(0, 0, 0): png()} if tiles is None else tiles).items()
            ],
        )
    return path


def write_world(folder: Path) -> Path:
    """A base map in which all land is one square island around the demo place, with a square lake."""
    folder.mkdir(parents=True, exist_ok=True)
    island, lake = [square(side_deg=20.0)], [square(LON_DEG + 4, side_deg=2.0)]
    across = [np.array([[LON_DEG - 10, LAT_DEG], [LON_DEG + 10, LAT_DEG]])]
    kinds = {"land": island, "lakes": lake, "borders": across, "rivers": across}
    write_basemap(folder / FILE_NAME, {name: kinds[name.partition("-")[0]] for name in layer_names()})
    return folder
