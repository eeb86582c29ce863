"""Levels of detail: the same paths with no more points than the pixels of a zoom can show."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ranger_app.maps.mercator import Floats, world_px
from ranger_app.maps.strokes import Ints

TOLERANCE_PX = 0.5
CHUNK_SEGMENTS = 48  # few enough that a tile draws little that lies outside it
LEVELS_KEPT = 4

Shapes = NDArray[Any]  # of shapely lines


@dataclass(frozen=True, slots=True)
class Level:
    """Paths of one zoom: path i is rows `starts[i]`..`ends[i]` of `coords`, within `boxes[i]`."""

    coords: Floats  # (N, 2) world coordinates
    starts: Ints
    ends: Ints
    boxes: Floats  # (n, 4) west, north, east, south
    owners: Ints


_NONE = np.empty(0, dtype=np.int64)
NOTHING = Level(np.empty((0, 2)), _NONE, _NONE, np.empty((0, 4)), _NONE)


class Levels:
    """The levels of one layer, made when first asked for, on whichever thread asks; the last few are kept."""

    def __init__(self, make: Callable[[int], Level], *, finest: int) -> None:
        """`make` makes the level of a zoom; closer than `finest` there is nothing left to add."""
        self._make = make
        self._finest = finest
        self._made: OrderedDict[int, Level] = OrderedDict()
        self._lock = Lock()

    def at(self, zoom: int) -> Level:
        """The level that serves a zoom."""
        zoom = min(zoom, self._finest)
        with self._lock:
            if zoom not in self._made:
                self._made[zoom] = self._make(zoom)
                if len(self._made) > LEVELS_KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(zoom)
            return self._made[zoom]

    def forget(self) -> None:
        """Give the memory back; levels are made again when asked for."""
        with self._lock:
            self._made.clear()


def simplified(shapes: Shapes, boxes: Floats, owners: Ints, zoom: int) -> Level:
    """Lines after Douglas and Peucker (1973) to half a pixel; what is smaller than a pixel is left out."""
    scale = world_px(zoom)
    sides = (boxes[:, 2:] - boxes[:, :2]) * scale
    seen = np.nonzero((sides >= 1.0).any(axis=1))[0]
    if not len(seen):
        return NOTHING
    simple = shapely.simplify(shapes[seen], TOLERANCE_PX / scale, preserve_topology=False)
    _kind, coords, (offsets,) = shapely.to_ragged_array(simple)
    return _boxed(coords, offsets[:-1].astype(np.int64), offsets[1:].astype(np.int64), owners[seen])


def chunked(level: Level) -> Level:
    """The same lines in chunks that share their end points: a tile then draws only what is near it."""
    segments = level.ends - level.starts - 1
    chunks = np.maximum(-(-segments // CHUNK_SEGMENTS), 1)
    line = np.repeat(np.arange(len(segments)), chunks)
    number = np.arange(len(line)) - np.repeat(np.cumsum(chunks) - chunks, chunks)
    starts = level.starts[line] + number * CHUNK_SEGMENTS
    ends = np.minimum(starts + CHUNK_SEGMENTS + 1, level.ends[line])
    return _boxed(level.coords, starts, ends, level.owners[line])


def without_seams(level: Level, zoom: int) -> Level:
    """Rings as open lines, without the edges that only close them along 180° and along the poles."""
    if not len(level.starts):
        return level
    pixel = 1.0 / world_px(zoom)
    low, high = (
        np.minimum(level.coords[1:], level.coords[:-1]),
        np.maximum(level.coords[1:], level.coords[:-1]),
    )
    seam = ((high < pixel) | (low > 1.0 - pixel)).any(axis=1)
    cuts = np.nonzero(seam)[0] + 1  # a line ends before this row and another begins with it
    starts = np.sort(np.concatenate([level.starts, cuts[~np.isin(cuts, level.starts)]]))
    ends = np.concatenate([starts[1:], level.ends[-1:]])
    drawn = ends - starts >= 2
    ring = np.searchsorted(level.starts, starts, side="right") - 1
    return _boxed(level.coords, starts[drawn], ends[drawn], level.owners[ring[drawn]])


def _boxed(coords: Floats, starts: Ints, ends: Ints, owners: Ints) -> Level:
    """A level with its boxes. Paths must follow each other, with no more than a point in common."""
    if not len(starts):
        return NOTHING
    # What stands between the start of a path and the end of it; `reduceat` would run on to the next start.
    edges = np.column_stack([starts, ends - 1]).ravel()
    low = np.minimum(np.minimum.reduceat(coords, edges)[::2], coords[ends - 1])
    high = np.maximum(np.maximum.reduceat(coords, edges)[::2], coords[ends - 1])
    return Level(coords, starts, ends, np.hstack([low, high]), owners)
