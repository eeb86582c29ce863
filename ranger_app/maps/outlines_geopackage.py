"""Reads polygons from a GeoPackage (OGC 12-128) with SQLite alone: a geometry is WKB behind a short header.

The file is hostile until checked: it is opened read-only and unchangeable, nothing in it may run code,
every query has an end, and the WKB is walked here because other readers follow nesting without end.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.maps.mercator import Floats
from ranger_app.maps.outlines import FILE_BYTES_AT_MOST, RINGS_AT_MOST, Outlines, too_large, unreadable

QUERY_AT_MOST_S = 10.0
STEPS_BETWEEN_LOOKS = 20_000
LAYERS_AT_MOST = 1000
ROWS_AT_MOST = 20_000
CRS_TEXT_AT_MOST = 20_000
COLLECTION_DEPTH_AT_MOST = 4
ENVELOPE_BYTES = (0, 32, 48, 48, 64)  # by the code in bits 1 to 3 of the flags
AREA_TYPES = {"POLYGON", "MULTIPOLYGON", "GEOMETRY", "GEOMETRYCOLLECTION", "MULTISURFACE", "SURFACE"}
POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7
WGS_84, UNKNOWN_CARTESIAN, UNKNOWN_GEOGRAPHIC = 4326, -1, 0


def read_geopackage(path: Path) -> Outlines:
    """The polygons of a GeoPackage's first layer of areas. Raises `NotFound` or `BadInput`."""
    outlines = Outlines()
    try:
        with closing(_connect(path)) as file:
            table, column, srs_id = _choose_layer(file, outlines)
            outlines.crs = _crs(file, srs_id, outlines)
            rows = file.execute(
                f"select {_name(column)} from {_name(table)} where {_name(column)} is not null limit ?",
                (ROWS_AT_MOST + 1,),
            )
            for number, (blob,) in enumerate(rows):
                if number == ROWS_AT_MOST:
                    raise too_large()
                _take(blob, outlines)
    except sqlite3.Error as error:
        raise BadInput(
            _("The file {name} is damaged, or is not a GeoPackage.").format(name=path.name),
            _("Export the boundary again and try that file."),
        ) from error
    except (struct.error, IndexError, ValueError, TypeError) as error:
        raise BadInput(_("A geometry in the GeoPackage is damaged.")) from error
    return outlines.finish()


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.open("rb").close()  # SQLite's own words do not say why a file cannot be opened
    except FileNotFoundError as error:
        raise NotFound(_("There is no file {name}.").format(name=path.name)) from error
    except OSError as error:
        raise unreadable(path, error) from error
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, FILE_BYTES_AT_MOST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema=off", "query_only=on", "cell_size_check=on", "mmap_size=0"):
        connection.execute(f"pragma {pragma}")
    until_s = time.monotonic() + QUERY_AT_MOST_S
    connection.set_progress_handler(lambda: time.monotonic() > until_s, STEPS_BETWEEN_LOOKS)
    return connection


def _choose_layer(file: sqlite3.Connection, outlines: Outlines) -> tuple[str, str, int]:
    rows = file.execute(
        "select table_name, column_name, upper(geometry_type_name), srs_id"
        " from gpkg_geometry_columns order by rowid limit ?",
        (LAYERS_AT_MOST,),
    ).fetchall()
    layers = [(str(table), str(column), int(srs)) for table, column, kind, srs in rows if kind in AREA_TYPES]
    if not layers:
        raise BadInput(
            _("The GeoPackage has no layer of areas."), _("Save the boundary as a layer of polygons.")
        )
    if len(layers) > 1:
        others = ", ".join(table for table, _column, _srs in layers[1:6])
        text = _("The file has several layers; “{layer}” was taken, not {others}.")
        outlines.doubt("several-layers", text.format(layer=layers[0][0], others=others))
    return layers[0]


def _crs(file: sqlite3.Connection, srs_id: int, outlines: Outlines) -> str | None:
    """The layer's coordinate system as a code or a definition; None for WGS 84."""
    if srs_id == WGS_84:
        return None
    if srs_id in (UNKNOWN_CARTESIAN, UNKNOWN_GEOGRAPHIC):
        outlines.doubt("no-crs", _("The file does not say its coordinate system; WGS 84 was assumed."))
        return None
    row = file.execute(
        "select organization, organization_coordsys_id, definition"
        " from gpkg_spatial_ref_sys where srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None:
        raise BadInput(_("The coordinate system named in the file is not understood."))
    organization, code, definition = row
    if str(organization).upper() == "EPSG":
        return f"EPSG:{int(code)}"
    return str(definition)[:CRS_TEXT_AT_MOST]


def _take(blob: object, outlines: Outlines) -> None:
    if not isinstance(blob, bytes) or blob[:2] != b"GP":
        raise ValueError("not a GeoPackage geometry")
    flags = blob[3]
    if flags & 0b10_0000:  # an extended type, which only its own program knows
        outlines.doubt("unknown-geometry", _("A geometry of an unknown kind was left out."))
        return
    if flags & 0b1_0000:  # empty
        return
    wkb = memoryview(blob)[8 + ENVELOPE_BYTES[flags >> 1 & 0b111] :]
    polygons, _end = _polygons(wkb, 0, 0, outlines)
    for rings in polygons:
        outlines.add_polygon(rings)


def _polygons(wkb: memoryview, at: int, depth: int, outlines: Outlines) -> tuple[list[list[Floats]], int]:
    """The polygons of the WKB geometry at an offset, and where it ends. Raises `struct.error`."""
    order = "<" if wkb[at] else ">"
    kind, width = _kind(struct.unpack_from(f"{order}I", wkb, at + 1)[0])
    at += 5
    if kind == POLYGON:
        rings, at = _rings(wkb, at, order, width)
        return ([rings] if rings else []), at
    if kind not in (MULTIPOLYGON, COLLECTION):
        if depth == 0:
            outlines.doubt("not-an-area", _("Points or lines in the file were left out."))
            return [], len(wkb)
        raise ValueError("something else than polygons in a collection")
    if depth > COLLECTION_DEPTH_AT_MOST:
        raise ValueError("nested too deeply")
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    polygons: list[list[Floats]] = []
    for _part in range(count):  # a count that lies soon runs past the end, which is an error
        found, at = _polygons(wkb, at, depth + 1, outlines)
        polygons += found
        if len(polygons) > RINGS_AT_MOST:
            raise too_large()
    return polygons, at


def _rings(wkb: memoryview, at: int, order: str, width: int) -> tuple[list[Floats], int]:
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    if count > RINGS_AT_MOST:
        raise too_large()
    rings = []
    for _ring in range(count):
        (points,) = struct.unpack_from(f"{order}I", wkb, at)
        at += 4
        end = at + points * width * 8
        if end > len(wkb):
            raise ValueError("cut off")
        values = np.frombuffer(wkb[at:end], dtype=f"{order}f8").reshape(-1, width)
        rings.append(values[:, :2].astype(np.float64))
        at = end
    return rings, at


def _kind(code: int) -> tuple[int, int]:
    """The plain type of a WKB code and the numbers in a position: ISO (1003) and EWKB (high bits) both."""
    heights = bool(code & 0x8000_0000) + bool(code & 0x4000_0000)
    plain = code & 0x0FFF_FFFF
    iso = plain // 1000
    if iso > 3:
        raise ValueError("unknown geometry type")
    return plain % 1000, 2 + (heights or (0, 1, 1, 2)[iso])


def _name(identifier: str) -> str:
    """A name out of the file, quoted: it must never become a part of the statement."""
    return '"' + identifier.replace('"', '""') + '"'
