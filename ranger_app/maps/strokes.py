"""Pieces of lines and rings on their way to the painter: cut to a tile and given in its pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranger_app.maps.mercator import TILE_PX, Floats, world_px

Ints = NDArray[np.int64]
Tile = tuple[int, int, int]  # zoom, column from the west, row from the north
Box = tuple[float, float, float, float]  # west, north, east, south in world coordinates

MARGIN_PX = 8.0  # what is drawn beyond a tile, so that no pen shows where it was cut


@dataclass(frozen=True, slots=True)
class Strokes:
    """What to draw in one tile: `points` (N, 2) in its pixels; piece i ends before row `ends[i]`."""

    points: Floats
    ends: Ints

    def __iter__(self) -> Iterator[Floats]:
        start = 0
        for end in self.ends.tolist():
            yield self.points[start:end]
            start = end

    def __len__(self) -> int:
        return len(self.ends)


NO_STROKES = Strokes(np.empty((0, 2)), np.empty(0, dtype=np.int64))


def clip_ring(ring: Floats, box: Box) -> Floats:
    """A ring (N, 2) clipped to a box, after Sutherland and Hodgman (CACM 17, 1974).

    Parts that fall apart stay joined along the edge of the box, which the even-odd rule fills rightly.
    """
    west, north, east, south = box
    for axis, bound, above in ((0, west, True), (0, east, False), (1, north, True), (1, south, False)):
        inside = ring[:, axis] >= bound if above else ring[:, axis] <= bound
        if inside.all():
            continue
        if not inside.any():
            return np.empty((0, 2))
        after, inside_after = np.roll(ring, -1, axis=0), np.roll(inside, -1)
        crossing = inside != inside_after
        met = np.empty((2 * len(ring), 2))
        met[0::2] = ring
        before, behind = ring[crossing], after[crossing]
        share = (bound - before[:, axis]) / (behind[:, axis] - before[:, axis])
        points = before + share[:, None] * (behind - before)
        points[:, axis] = bound
        met[1::2][crossing] = points
        kept = np.empty(2 * len(ring), dtype=bool)
        kept[0::2], kept[1::2] = inside, crossing
        ring = met[kept]
    return ring


def tile_box(tile: Tile, *, margin_px: float = MARGIN_PX) -> Box:
    """A tile and a margin around it."""
    zoom, column, row = tile
    scale = world_px(zoom)
    west, north = (column * TILE_PX - margin_px) / scale, (row * TILE_PX - margin_px) / scale
    side = (TILE_PX + 2 * margin_px) / scale
    return west, north, west + side, north + side


def meeting(boxes: Floats, box: Box) -> Ints:
    """The rows of `boxes` (n, 4) that touch a box."""
    west, north, east, south = box
    meets = (boxes[:, 2] >= west) & (boxes[:, 0] <= east) & (boxes[:, 3] >= north) & (boxes[:, 1] <= south)
    return np.nonzero(meets)[0]


def joined(pieces: Sequence[Floats]) -> Strokes:
    """Pieces as one array with their ends."""
    if not pieces:
        return NO_STROKES
    return Strokes(np.concatenate(pieces), np.cumsum([len(piece) for piece in pieces]))


def in_pixels(strokes: Strokes, tile: Tile) -> Strokes:
    """World coordinates as pixels of a tile: small numbers, whatever the zoom."""
    zoom, column, row = tile
    origin = np.array([column * TILE_PX, row * TILE_PX], dtype=np.float64)
    return Strokes(strokes.points * world_px(zoom) - origin, strokes.ends)
