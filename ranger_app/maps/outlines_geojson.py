"""Reads polygons from GeoJSON (RFC 7946, and the older form with a `crs` member)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.maps.mercator import Floats
from ranger_app.maps.outlines import Outlines

COLLECTION_DEPTH_AT_MOST = 8
_LON_LAT = re.compile(r"^(urn:ogc:def:crs:)?(OGC:(1\.3)?:?CRS84|EPSG:{1,2}4326)$", re.IGNORECASE)
_CODE = re.compile(r"^(urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})$", re.IGNORECASE)


def read_geojson(raw: bytes) -> Outlines:
    """The polygons of a GeoJSON document. Raises `BadInput` with a sentence for whatever is wrong."""
    outlines = Outlines()
    try:
        document = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadInput(_("The file is not UTF-8 text, as GeoJSON must be.")) from error
    except RecursionError as error:
        raise BadInput(_("The file is nested too deeply to be a boundary.")) from error
    except ValueError as error:
        raise BadInput(
            _("The file is not whole, or not GeoJSON."), _("Export the boundary again and try that file.")
        ) from error
    if not isinstance(document, dict):
        raise _not_geojson()
    _note_crs(document.get("crs"), outlines)
    _take(document, outlines, 0)
    return outlines.finish()


def _take(thing: Any, outlines: Outlines, depth: int) -> None:
    if thing is None:  # a feature may have no geometry
        return
    if not isinstance(thing, dict) or depth > COLLECTION_DEPTH_AT_MOST:
        raise _not_geojson()
    match thing.get("type"):
        case "FeatureCollection":
            for feature in _list(thing.get("features")):
                _take(feature, outlines, depth + 1)
        case "Feature":
            _take(thing.get("geometry"), outlines, depth + 1)
        case "GeometryCollection":
            for geometry in _list(thing.get("geometries")):
                _take(geometry, outlines, depth + 1)
        case "Polygon":
            _take_polygon(thing.get("coordinates"), outlines)
        case "MultiPolygon":
            for polygon in _list(thing.get("coordinates")):
                _take_polygon(polygon, outlines)
        case "Point" | "MultiPoint" | "LineString" | "MultiLineString":
            outlines.doubt("not-an-area", _("Points or lines in the file were left out."))
        case _:
            raise _not_geojson()


def _take_polygon(coordinates: Any, outlines: Outlines) -> None:
    outlines.add_polygon([_ring(ring) for ring in _list(coordinates)])


def _ring(positions: Any) -> Floats:
    """A ring as (N, 2); a position may carry more than longitude and latitude, which is left out."""
    pairs = []
    for position in _list(positions):
        if not isinstance(position, list) or len(position) < 2:
            raise _not_geojson()
        lon, lat = position[0], position[1]
        if not _is_number(lon) or not _is_number(lat):
            raise BadInput(_("The boundary holds a position that is not a number."))
        pairs.append((lon, lat))
    try:
        return np.array(pairs, dtype=np.float64).reshape(-1, 2)
    except OverflowError as error:
        raise BadInput(_("The boundary holds a position that is not a number.")) from error


def _note_crs(crs: Any, outlines: Outlines) -> None:
    """The `crs` member of 2008, which RFC 7946 took out; files from GIS programs still carry it."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or len(name) > 200:
        raise BadInput(_("The coordinate system named in the file is not understood."))
    if _LON_LAT.match(name):
        return
    if not (coded := _CODE.match(name)):
        raise BadInput(
            _("The coordinate system named in the file is not understood."),
            _("Save the boundary in WGS 84 longitude and latitude."),
        )
    outlines.crs = f"EPSG:{coded[2]}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _not_geojson()
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _not_geojson() -> BadInput:
    return BadInput(
        _("The file is not GeoJSON, or holds something that GeoJSON does not have."),
        _("Save the boundary as GeoJSON, GeoPackage or KML."),
    )
