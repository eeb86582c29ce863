"""Reads the boundary of a site from GeoJSON, GeoPackage or KML: valid, in WGS 84, with its area.

Whatever is doubtful is said in words; whatever cannot be a boundary is refused with a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import pyproj.network
import shapely

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _, ngettext
from ranger_app.maps import antimeridian
from ranger_app.maps.mercator import Floats
from ranger_app.maps.outlines import Doubt, Outlines, read_bytes
from ranger_app.maps.outlines_geojson import read_geojson
from ranger_app.maps.outlines_geopackage import read_geopackage
from ranger_app.maps.outlines_kml import read_kml
from ranger_app.maps.view import Degrees

SMALLEST_KM2 = 0.01  # one hectare
LARGEST_KM2 = 2_000_000.0  # the largest protected area on earth is a little smaller

# Of WKT: parts that make the projection library open files, whose names a boundary must not choose.
_OPENS_FILES = ("EXTENSION", "PARAMETERFILE", "NADGRIDS", "GEOIDGRIDS", "+PROJ", "+INIT")

IsLand = Callable[[float, float], bool]


@dataclass(frozen=True, slots=True)
class Boundary:
    """The outline of a site in WGS 84, cut at 180°, with its area on the ellipsoid."""

    geometry: shapely.MultiPolygon
    area_km2: float
    bounds: Degrees  # west, south, east, north; west is greater than east across 180°
    doubts: tuple[Doubt, ...] = ()

    @property
    def wkb(self) -> bytes:
        """The outline as well-known binary, as it is kept."""
        raw: bytes = shapely.to_wkb(self.geometry, byte_order=1)
        return raw


def read_boundary(path: Path, *, is_land: IsLand | None = None) -> Boundary:
    """The boundary in a file. `is_land` (such as `Basemap.is_land`) helps to tell swapped coordinates.

    Raises `NotFound` when there is no such file, and `BadInput` when it is no boundary.
    """
    outlines = _read(path)
    polygons = _in_degrees(outlines)
    polygons = _unswapped(polygons, outlines, is_land)
    parts = []
    for rings in polygons:
        if not shapely.Polygon(antimeridian.unwrap(rings[0])).is_valid:
            outlines.doubt("self-crossing", _("The outline crosses itself; it was put right."))
        parts += antimeridian.cut_polygon(rings)
    if len(polygons) > 1:
        text = ngettext(
            "The file has {count} outline; it was taken as the boundary.",
            "The file has {count} outlines; together they were taken as one boundary.",
            len(polygons),
        )
        outlines.doubt("several-outlines", text.format(count=len(polygons)))
    boundary = boundary_of(shapely.union_all(parts))
    _judge_size(boundary.area_km2, outlines)
    return Boundary(boundary.geometry, boundary.area_km2, boundary.bounds, tuple(outlines.doubts))


def boundary_of(geometry: shapely.Geometry | bytes) -> Boundary:
    """The boundary that a stored geometry (or its WKB) in degrees stands for.

    Raises `BadInput` when it has no area.
    """
    if isinstance(geometry, bytes):
        try:
            geometry = shapely.from_wkb(geometry)
        except shapely.errors.GEOSException as error:
            raise BadInput(_("The stored boundary is damaged.")) from error
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    whole = shapely.MultiPolygon(parts)
    area_km2 = ellipsoid_area_km2(whole)
    if not parts or area_km2 == 0.0:
        raise BadInput(_("The boundary encloses no area."))
    _west, south, _east, north = whole.bounds
    west, east = antimeridian.span([(part.bounds[0], part.bounds[2]) for part in parts])
    return Boundary(whole, area_km2, (west, south, east, north))


def ellipsoid_area_km2(geometry: shapely.Geometry) -> float:
    """Area on the WGS 84 ellipsoid with geodesic edges (Karney, J. Geodesy 87, 2013), in km²."""
    area_m2, _perimeter = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(
        shapely.orient_polygons(geometry)
    )
    return abs(float(area_m2)) / 1e6


def _read(path: Path) -> Outlines:
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        start = b""  # read again below, where the failure is put into words
    if start.startswith(b"SQLite format 3\0"):
        return read_geopackage(path)
    if start.startswith(b"PK\x03\x04"):
        raise BadInput(
            _("The file {name} is an archive, not a boundary.").format(name=path.name),
            _("Unpack it; a KMZ holds a KML, and a shapefile must be saved as GeoJSON or GeoPackage."),
        )
    raw = read_bytes(path)
    text = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not text:
        raise BadInput(_("The file {name} is empty.").format(name=path.name))
    if text == b"<":
        return read_kml(raw)
    if text == b"{":
        return read_geojson(raw)
    raise BadInput(
        _("The file {name} is not GeoJSON, GeoPackage or KML.").format(name=path.name),
        _("Save the boundary as one of these and try that file."),
    )


def _in_degrees(outlines: Outlines) -> list[list[Floats]]:
    """The rings in WGS 84, converted when the file says that they are something else."""
    if outlines.crs in (None, "EPSG:4326"):
        return outlines.polygons
    pyproj.network.set_network_enabled(False)  # type: ignore[attr-defined]  # not in its __all__
    try:
        crs = _trusted_crs(outlines.crs or "")
        convert = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        polygons = [
            [np.column_stack(convert.transform(ring[:, 0], ring[:, 1], errcheck=True)) for ring in rings]
            for rings in outlines.polygons
        ]
    except pyproj.exceptions.ProjError as error:
        raise BadInput(
            _("The coordinate system named in the file is not understood."),
            _("Save the boundary in WGS 84 longitude and latitude."),
        ) from error
    text = _("The file is in {system}; it was converted to WGS 84.")
    outlines.doubt("converted", text.format(system=crs.name))
    return polygons


def _trusted_crs(crs: str) -> pyproj.CRS:
    if crs.startswith("EPSG:"):
        return pyproj.CRS.from_epsg(int(crs.removeprefix("EPSG:")))
    if any(word in crs.upper() for word in _OPENS_FILES):
        raise BadInput(
            _("The coordinate system named in the file is not understood."),
            _("Save the boundary in WGS 84 longitude and latitude."),
        )
    return pyproj.CRS.from_wkt(crs)


def _unswapped(
    polygons: list[list[Floats]], outlines: Outlines, is_land: IsLand | None
) -> list[list[Floats]]:
    """The rings with longitude first; what cannot be degrees at all is refused."""
    every = np.concatenate([ring for rings in polygons for ring in rings])
    reach_x, reach_y = float(np.abs(every[:, 0]).max()), float(np.abs(every[:, 1]).max())
    if reach_x <= 180.0 and reach_y <= 90.0:
        _look_for_swap(every, outlines, is_land)
        return polygons
    if reach_x <= 90.0 and reach_y <= 180.0:
        outlines.doubt("swapped", _("Latitude stood before longitude; they were exchanged."))
        return [[ring[:, ::-1].copy() for ring in rings] for rings in polygons]
    raise BadInput(
        _("The positions in the file are not degrees of longitude and latitude."),
        _("Save the boundary in WGS 84 longitude and latitude (EPSG:4326)."),
    )


def _look_for_swap(every: Floats, outlines: Outlines, is_land: IsLand | None) -> None:
    """Swapped degrees are often degrees still; then only the sea under them gives them away."""
    x, y = every.mean(axis=0).tolist()
    if is_land is None or abs(x) > 90.0 or is_land(x, y) or not is_land(y, x):
        return
    outlines.doubt(
        "perhaps-swapped",
        _("The boundary lies in the sea; with longitude and latitude exchanged it would lie on land."),
    )


def _judge_size(area_km2: float, outlines: Outlines) -> None:
    if area_km2 < SMALLEST_KM2:
        outlines.doubt("tiny", _("The area is smaller than one hectare."))
    elif area_km2 > LARGEST_KM2 or not math.isfinite(area_km2):
        outlines.doubt("huge", _("The area is larger than any protected area on earth."))
