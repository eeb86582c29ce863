"""Lines and areas ready to be painted tile by tile, each zoom with no more points than its pixels can show.

Positions are world coordinates of `mercator` as float64: precise to a thousandth of a pixel at every
zoom, so what leaves here is relative to its own tile and small. Levels are made when first asked for,
which may be on a worker's thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray

from ranger_app.maps import antimeridian
from ranger_app.maps.mercator import Floats, project, world_px
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
TOLERANCE_PX = 0.5
CHUNK_SEGMENTS = 48  # few enough that a tile draws little that lies outside it
LEVELS_KEPT = 5
CELLS_KEPT = 96
CELL_ZOOMS = 2  # areas are clipped once for 4 × 4 tiles


@dataclass(frozen=True, slots=True)
class _Level:
    """Simplified polylines: row ranges `starts`..`ends` of `coords`, their boxes and owners."""

    coords: Floats
    starts: Ints
    ends: Ints
    boxes: Floats  # (n, 4): west, north, east, south in world coordinates
    owners: Ints


class Paths:
    """Polylines in world coordinates with their levels of detail; the ground of `Lines` and `Areas`."""

    def __init__(self, coords: Floats, ends: Ints, owners: Ints | None = None, *, finest: int = FINEST_LEVEL):
        """`coords` (N, 2); path i ends before row `ends[i]`; `owners[i]` is what it belongs to.

        Paths of fewer than two points are left out. `finest` is the last zoom that has a level of its own.
        """
        owners = np.arange(len(ends)) if owners is None else owners
        starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
        whole = ends - starts >= 2
        if not whole.all():
            rows = np.repeat(whole, ends - starts)
            coords, owners, ends = coords[rows], owners[whole], np.cumsum((ends - starts)[whole])
        self.owners = np.asarray(owners, dtype=np.int64)
        offsets = np.concatenate([[0], ends]).astype(np.int64)
        self._shapes = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, coords, (offsets,))
        self.boxes: Floats = shapely.bounds(self._shapes)
        self._finest = finest
        self._levels: OrderedDict[int, _Level] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._shapes)

    @property
    def points(self) -> int:
        """How many points there are at full detail."""
        return int(shapely.get_num_coordinates(self._shapes).sum())

    def forget_levels(self) -> None:
        """Give the memory of the levels back; they are made again when asked for."""
        with self._lock:
            self._levels.clear()

    def _level(self, zoom: int) -> _Level:
        zoom = min(zoom, self._finest)
        with self._lock:
            level = self._levels.get(zoom)
            if level is None:
                level = self._levels[zoom] = self._make_level(world_px(zoom))
                if len(self._levels) > LEVELS_KEPT:
                    self._levels.popitem(last=False)
            self._levels.move_to_end(zoom)
            return level

    def _make_level(self, scale: float) -> _Level:
        sides = self.boxes[:, 2:] - self.boxes[:, :2]
        seen = (
            np.nonzero(sides.max(axis=1, initial=0.0) * scale >= 1.0)[0] if len(sides) else np.empty(0, int)
        )
        if not len(seen):
            none = np.empty(0, dtype=np.int64)
            return _Level(np.empty((0, 2)), none, none, np.empty((0, 4)), none)
        simple = shapely.simplify(self._shapes[seen], TOLERANCE_PX / scale, preserve_topology=False)
        _kind, coords, (offsets,) = shapely.to_ragged_array(simple)
        return self._cut_up(coords, offsets.astype(np.int64), self.owners[seen])

    def _cut_up(self, coords: Floats, offsets: Ints, owners: Ints) -> _Level:
        raise NotImplementedError


class Lines(Paths):
    """Open lines, such as tracks, borders and rivers."""

    _tree: shapely.STRtree | None = None

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

    def in_tile(self, tile: Tile, *, sharper: int = 0) -> Strokes:
        """The pieces that may be seen in a tile. `sharper` adds zooms of detail for dense screens."""
        return in_pixels(self.within(tile_box(tile), tile[0] + sharper), tile)

    def within(self, box: Box, zoom: int) -> Strokes:
        """The pieces, in world coordinates, that may be seen in a box at a zoom's detail."""
        level = self._level(zoom)
        hit = meeting(level.boxes, box)
        if not len(hit):
            return NO_STROKES
        lengths = level.ends[hit] - level.starts[hit]
        ends = np.cumsum(lengths)
        rows = np.repeat(level.starts[hit] - ends + lengths, lengths) + np.arange(ends[-1])
        return Strokes(level.coords[rows], ends)

    def of_owners(self, owners: Ints, zoom: int) -> list[Floats]:
        """The lines of some owners in world coordinates, simplified for a zoom."""
        level = self._level(zoom)
        chosen = np.nonzero(np.isin(level.owners, owners))[0]
        return [level.coords[level.starts[i] : level.ends[i]] for i in chosen]

    def pieces(self, zoom: int) -> int:
        """How many pieces are drawn at a zoom's detail in the whole world: a measure of density."""
        return len(self._level(zoom).starts)

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

    def _cut_up(self, coords: Floats, offsets: Ints, owners: Ints) -> _Level:
        """Long lines in chunks that share their end points: a tile then draws only what is near it."""
        segments = np.diff(offsets) - 1
        chunks = np.maximum(-(-segments // CHUNK_SEGMENTS), 1)
        line = np.repeat(np.arange(len(segments)), chunks)
        number = np.arange(len(line)) - np.repeat(np.cumsum(chunks) - chunks, chunks)
        starts = offsets[line] + number * CHUNK_SEGMENTS
        ends = np.minimum(starts + CHUNK_SEGMENTS + 1, offsets[line + 1])
        low = np.minimum(np.minimum.reduceat(coords, starts), coords[ends - 1])
        high = np.maximum(np.maximum.reduceat(coords, starts), coords[ends - 1])
        return _Level(coords, starts, ends, np.hstack([low, high]), owners[line])


class Areas(Paths):
    """Closed rings filled by the even-odd rule, such as land, lakes and boundaries.

    In degrees outer rings run against the clock and holes with it, for painters without that rule.
    """

    def __init__(self, coords: Floats, ends: Ints, owners: Ints | None = None, *, finest: int = FINEST_LEVEL):
        super().__init__(coords, ends, owners, finest=finest)
        self._cells: OrderedDict[tuple[int, int, int, int], list[tuple[Floats, Box]]] = OrderedDict()

    @classmethod
    def from_polygons(cls, polygons: Sequence[shapely.Polygon], *, finest: int = FINEST_LEVEL) -> Areas:
        """Areas from polygons in degrees that do not overlap; the owner is the place in the sequence."""
        oriented = shapely.orient_polygons(np.asarray(polygons, dtype=object))
        rings, ring_polygon = shapely.get_rings(oriented, return_index=True)
        coords, ring = shapely.get_coordinates(rings, return_index=True)
        ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
        return cls(project(coords[:, 0], coords[:, 1]), ends, ring_polygon, finest=finest)

    def outlines(self) -> Lines:
        """The rings as lines, without the edges that only close them along 180° and along the poles."""
        coords, ring = shapely.get_coordinates(self._shapes, return_index=True)
        same_ring = ring[1:] == ring[:-1]
        x, y = coords[:, 0], coords[:, 1]
        seam = ((x[1:] == x[:-1]) & ((x[1:] == 0.0) | (x[1:] == 1.0))) | (
            (np.minimum(y[1:], y[:-1]) >= 1.0 - 1e-9) | (np.maximum(y[1:], y[:-1]) <= 1e-9)
        )
        breaks = np.nonzero(~same_ring | seam)[0] + 1
        ends = np.concatenate([breaks, [len(coords)]]).astype(np.int64)
        owners = self.owners[ring[ends - 1]] if len(coords) else self.owners
        return Lines(coords, ends, owners, finest=self._finest)

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
        level = self._level(zoom)
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
        super().forget_levels()
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

    def _cut_up(self, coords: Floats, offsets: Ints, owners: Ints) -> _Level:
        starts, ends = offsets[:-1], offsets[1:]
        low, high = np.minimum.reduceat(coords, starts), np.maximum.reduceat(coords, starts)
        return _Level(coords, starts, ends, np.hstack([low, high]), owners)


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
