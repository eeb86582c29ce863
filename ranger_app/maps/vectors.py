"""Lines and areas ready to be painted tile by tile.

Positions are world coordinates of `mercator` as float64: precise to a thousandth of a pixel at every
zoom, so what leaves here is relative to its own tile and small.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray

from ranger_app.maps import antimeridian
from ranger_app.maps.levels import Level, Levels, Shapes, chunked, simplified, without_seams
from ranger_app.maps.mercator import Floats, project
from ranger_app.maps.strokes import (
    MARGIN_PX,
    NO_STROKES,
    Box,
    Ints,
    Strokes,
    Tile,
    clip_ring,
    in_pixels,
    joined,
    meeting,
    tile_box,
)

FINEST_LEVEL = 17  # half a pixel is 0.6 m there: finer than any receiver
HALO_PIECES_AT_MOST = 1200  # at one zoom: denser than this, halos only smear and cost time
CELLS_KEPT = 96
CELL_ZOOMS = 2  # areas are clipped once for 4 × 4 tiles


class Strokable:
    """Lines that can be asked what of them lies in a tile; the ground of `Lines` and `Outlines`."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels

    def in_tile(self, tile: Tile, *, sharper: int = 0) -> Strokes:
        """The pieces that may be seen in a tile. `sharper` adds zooms of detail for dense screens."""
        return in_pixels(self.within(tile_box(tile), tile[0] + sharper), tile)

    def within(self, box: Box, zoom: int) -> Strokes:
        """The pieces, in world coordinates, that may be seen in a box at a zoom's detail."""
        level = self._levels.at(zoom)
        hit = meeting(level.boxes, box)
        if not len(hit):
            return NO_STROKES
        lengths = level.ends[hit] - level.starts[hit]
        ends = np.cumsum(lengths)
        rows = np.repeat(level.starts[hit] - ends + lengths, lengths) + np.arange(ends[-1])
        return Strokes(level.coords[rows], ends)

    def pieces(self, zoom: int) -> int:
        """How many pieces are drawn at a zoom's detail in the whole world: a measure of density."""
        return len(self._levels.at(zoom).starts)

    def forget_levels(self) -> None:
        """Give the memory of the levels back; they are made again when asked for."""
        self._levels.forget()


class Lines(Strokable):
    """Open lines, such as tracks, borders and rivers."""

    def __init__(self, coords: Floats, ends: Ints, owners: Ints | None = None, *, finest: int = FINEST_LEVEL):
        """`coords` (N, 2); line i ends before row `ends[i]`; `owners[i]` is what it belongs to.

        Lines of fewer than two points are left out. `finest` is the last zoom with a level of its own.
        """
        self._shapes, self.owners = _shapes(coords, ends, owners)
        self.boxes: Floats = shapely.bounds(self._shapes)
        super().__init__(Levels(lambda zoom: chunked(self._simplified(zoom)), finest=finest))
        self._tree: shapely.STRtree | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._shapes)

    @classmethod
    def from_degrees(cls, tracks: Sequence[Floats], *, finest: int = FINEST_LEVEL) -> Lines:
        """Lines from arrays (N, 2) of longitude and latitude; the owner is the place in the sequence.

        A line is broken where a position is not a number, and cut where it crosses 180°.
        """
        parts, owners = _whole_pieces(tracks)
        if not parts:
            return cls(np.empty((0, 2)), np.empty(0, dtype=np.int64), finest=finest)
        degrees = np.concatenate(parts)
        ends = np.cumsum([len(part) for part in parts])
        return cls(project(degrees[:, 0], degrees[:, 1]), ends, np.asarray(owners), finest=finest)

    def of_owners(self, owners: Ints, zoom: int) -> list[Floats]:
        """The lines of some owners in world coordinates, simplified for a zoom."""
        level = self._levels.at(zoom)
        chosen = np.nonzero(np.isin(level.owners, owners))[0]
        return [level.coords[level.starts[i] : level.ends[i]] for i in chosen]

    def nearest(self, x: float, y: float, radius: float) -> tuple[int, float] | None:
        """The owner of the line nearest to a world position, and its distance, when within `radius`."""
        with self._lock:
            if self._tree is None:
                self._tree = shapely.STRtree(self._shapes)
        near = self._tree.query(shapely.box(x - radius, y - radius, x + radius, y + radius))
        if not len(near):
            return None
        distances = shapely.distance(self._shapes[near], shapely.Point(x, y))
        best = int(np.argmin(distances))
        if distances[best] > radius:
            return None
        return int(self.owners[near[best]]), float(distances[best])

    def _simplified(self, zoom: int) -> Level:
        return simplified(self._shapes, self.boxes, self.owners, zoom)


class Outlines(Strokable):
    """The edges of areas, drawn as lines: at each zoom just those that were filled."""


class Areas:
    """Closed rings filled by the even-odd rule, such as land, lakes and boundaries.

    In degrees outer rings run against the clock and holes with it, for painters without that rule.
    """

    def __init__(self, coords: Floats, ends: Ints, owners: Ints | None = None, *, finest: int = FINEST_LEVEL):
        """As of `Lines`; every ring must end where it began."""
        self._shapes, self.owners = _shapes(coords, ends, owners)
        self.boxes: Floats = shapely.bounds(self._shapes)
        self._finest = finest
        self._levels = Levels(self._simplified, finest=finest)
        self._cells: OrderedDict[tuple[int, int, int, int], list[tuple[Floats, Box]]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._shapes)

    @classmethod
    def from_polygons(cls, polygons: Sequence[shapely.Polygon], *, finest: int = FINEST_LEVEL) -> Areas:
        """Areas from polygons in degrees that do not overlap; the owner is the place in the sequence."""
        oriented = shapely.orient_polygons(np.asarray(polygons, dtype=object))
        rings, ring_polygon = shapely.get_rings(oriented, return_index=True)
        coords, ring = shapely.get_coordinates(rings, return_index=True)
        ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
        return cls(project(coords[:, 0], coords[:, 1]), ends, ring_polygon, finest=finest)

    def outlines(self) -> Outlines:
        """The rings as lines, without the edges that only close them along 180° and along the poles."""
        make = self._levels.at
        return Outlines(Levels(lambda zoom: chunked(without_seams(make(zoom), zoom)), finest=self._finest))

    def in_tile(self, tile: Tile, *, sharper: int = 0) -> Strokes:
        """The rings that cover some of a tile, clipped a little outside it."""
        zoom, column, row = tile
        cell = (zoom - CELL_ZOOMS, column >> CELL_ZOOMS, row >> CELL_ZOOMS)
        near = self._cell(cell, zoom, sharper)
        west, north, east, south = tile_box(tile)
        rings = []
        for ring, (ring_west, ring_north, ring_east, ring_south) in near:
            if ring_east >= west and ring_west <= east and ring_south >= north and ring_north <= south:
                rings.append(ring)
        return in_pixels(joined(rings), tile)

    def within(self, box: Box, zoom: int) -> Strokes:
        """The rings at a zoom's detail, in world coordinates, clipped to a box."""
        level = self._levels.at(zoom)
        rings = [
            clip_ring(level.coords[level.starts[i] : level.ends[i]], box) for i in meeting(level.boxes, box)
        ]
        return joined([ring for ring in rings if len(ring) >= 3])

    def holds(self, x: float, y: float) -> bool:
        """Whether a world position lies inside, by the even-odd rule at full detail."""
        coords, ring = shapely.get_coordinates(self._shapes, return_index=True)
        here, there = coords[:-1], coords[1:]
        spans = (ring[1:] == ring[:-1]) & ((here[:, 1] > y) != (there[:, 1] > y))
        a, b = here[spans], there[spans]
        met = a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
        return bool(np.count_nonzero(met > x) % 2)

    def forget_levels(self) -> None:
        """Give the memory of the levels back; they are made again when asked for."""
        self._levels.forget()
        with self._lock:
            self._cells.clear()

    def _cell(self, cell: Tile, zoom: int, sharper: int) -> list[tuple[Floats, Box]]:
        """Rings clipped to a few tiles at once, each with its box: the long ones are walked only once."""
        key = (*cell, sharper)
        with self._lock:
            if (found := self._cells.get(key)) is not None:
                self._cells.move_to_end(key)
                return found
        strokes = self.within(tile_box(cell, margin_px=MARGIN_PX / 2**CELL_ZOOMS), zoom + sharper)
        rings = [(ring, (*ring.min(axis=0).tolist(), *ring.max(axis=0).tolist())) for ring in strokes]
        with self._lock:
            self._cells[key] = rings
            if len(self._cells) > CELLS_KEPT:
                self._cells.popitem(last=False)
        return rings

    def _simplified(self, zoom: int) -> Level:
        return simplified(self._shapes, self.boxes, self.owners, zoom)


def _shapes(coords: Floats, ends: Ints, owners: Ints | None) -> tuple[Shapes, Ints]:
    """Paths as shapely lines with their owners, without those of fewer than two points."""
    if owners is None:
        owners = np.arange(len(ends))
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    lengths = ends - starts
    whole = lengths >= 2
    if not whole.all():
        coords, owners, ends = coords[np.repeat(whole, lengths)], owners[whole], np.cumsum(lengths[whole])
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, coords, (offsets,))
    return lines, np.asarray(owners, dtype=np.int64)


def _whole_pieces(tracks: Sequence[Floats]) -> tuple[list[Floats], list[int]]:
    """Tracks without gaps and jumps; most have none and pass untouched."""
    parts: list[Floats] = []
    owners: list[int] = []
    for owner, track in enumerate(tracks):
        pieces = [np.asarray(track, dtype=np.float64)[:, :2]]
        good: NDArray[np.bool_] = np.isfinite(pieces[0][:, 0] + pieces[0][:, 1])
        if not good.all():
            runs = np.split(np.arange(len(good)), np.nonzero(np.diff(good))[0] + 1)
            pieces = [pieces[0][run] for run in runs if good[run[0]]]
        pieces = [part for piece in pieces for part in antimeridian.cut_line(piece)]
        parts += pieces
        owners += [owner] * len(pieces)
    return parts, owners
