"""Cuts lines and outlines where they cross 180°, so that none runs back across the whole map.

After RFC 7946, 3.1.9: what crosses the antimeridian is stored as parts on each side of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from ranger_app.maps.mercator import Floats

HALF_TURN_DEG = 180.0
WHOLE_TURN_DEG = 360.0
RING_POINTS_AT_LEAST = 4
POLAR_TURN_DEG = 359.0  # a ring that has turned this far has gone round a pole


def unwrap(ring: Floats) -> Floats:
    """The same points with longitudes that run on past 180° instead of jumping back."""
    jumps = np.round(np.diff(ring[:, 0]) / WHOLE_TURN_DEG)
    if not jumps.any():
        return ring
    run_on = ring.copy()
    run_on[1:, 0] -= np.cumsum(jumps) * WHOLE_TURN_DEG
    return run_on


def crosses(line: Floats) -> bool:
    """Whether two neighbouring points lie more than half a turn apart."""
    return len(line) > 1 and bool(np.abs(np.diff(line[:, 0])).max() > HALF_TURN_DEG)


def cut_line(line: Floats) -> list[Floats]:
    """The pieces of a line, shape (N, 2) in degrees, each within -180..180."""
    if not crosses(line):
        return [line]
    pieces = []
    for part in _in_each_turn(shapely.LineString(unwrap(line))):
        pieces += [
            np.asarray(piece.coords) for piece in shapely.get_parts(part) if piece.geom_type == "LineString"
        ]
    return pieces


def cut_polygon(rings: Sequence[Floats]) -> list[shapely.Polygon]:
    """The parts of one polygon (outer ring first, then holes), each within -180..180 and valid.

    Outer rings run against the clock and holes with it. Rings of fewer than four points enclose
    nothing and are left out.
    """
    if len(rings[0]) < RING_POINTS_AT_LEAST:
        return []
    outer = _closed_over_the_pole(unwrap(rings[0]))
    holes = [
        _brought_near(_closed_over_the_pole(unwrap(hole)), outer)
        for hole in rings[1:]
        if len(hole) >= RING_POINTS_AT_LEAST
    ]
    whole = shapely.make_valid(shapely.Polygon(outer, holes))
    west, _south, east, _north = whole.bounds
    inside = west >= -HALF_TURN_DEG and east <= HALF_TURN_DEG
    parts = [whole] if inside else _in_each_turn(whole)
    polygons = [
        polygon
        for part in parts
        for polygon in shapely.get_parts(shapely.get_parts(part))
        if polygon.geom_type == "Polygon" and not polygon.is_empty
    ]
    return list(shapely.orient_polygons(polygons))


def span(intervals: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The west and east of the shortest arc that holds all intervals of longitude.

    West is greater than east when that arc crosses 180°, as in the bounding boxes of RFC 7946, 5.2.
    """
    ordered = sorted(intervals)
    west, east = ordered[0]
    widest, cut = ordered[0][0] + WHOLE_TURN_DEG - max(end for _, end in ordered), None
    reach = east
    for start, end in ordered[1:]:
        if start - reach > widest:
            widest, cut = start - reach, (start, reach)
        reach = max(reach, end)
    return cut or (west, reach)


def _in_each_turn(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    west, _south, east, _north = geometry.bounds
    parts = []
    for turn in range(
        int((west + HALF_TURN_DEG) // WHOLE_TURN_DEG), int((east + HALF_TURN_DEG) // WHOLE_TURN_DEG) + 1
    ):
        shifted = shapely.transform(geometry, lambda xy, turn=turn: xy - [turn * WHOLE_TURN_DEG, 0.0])
        part = shapely.intersection(shifted, shapely.box(-HALF_TURN_DEG, -90.0, HALF_TURN_DEG, 90.0))
        if not part.is_empty:
            parts.append(part)
    return parts


def _closed_over_the_pole(ring: Floats) -> Floats:
    """A ring round a pole does not close on the flat map; this leads it along the pole's own edge."""
    if abs(ring[-1, 0] - ring[0, 0]) < POLAR_TURN_DEG:
        return ring
    pole = float(np.copysign(90.0, ring[:, 1].mean()))
    return np.concatenate([ring, [[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]]])


def _brought_near(hole: Floats, outer: Floats) -> Floats:
    turns = np.round((outer[:, 0].mean() - hole[:, 0].mean()) / WHOLE_TURN_DEG)
    near = hole.copy()
    near[:, 0] += turns * WHOLE_TURN_DEG
    return near
