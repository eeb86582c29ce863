"""Groups points that would lie on top of each other into clusters, level by level.

Cells are squares aligned to the world, not to the view, so that clusters stay where they are while the
map is panned. The known price: a group on the border of two cells shows as two clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranger_app.maps.mercator import Floats, project, world_px
from ranger_app.maps.strokes import Box, Ints

CELL_PX = 48
SINGLE_FROM_ZOOM = 17  # from here on every point stands alone
LEVELS_TO_ZOOM = 20


@dataclass(frozen=True, slots=True)
class Level:
    """The clusters of one zoom: centres of gravity in world coordinates, sizes, one member each.

    `cluster_of[i]` is the cluster in which point i lies.
    """

    x: Floats
    y: Floats
    counts: Ints
    first: Ints
    cluster_of: Ints

    def within(self, box: Box) -> Ints:
        """The clusters whose centres lie in a box."""
        west, north, east, south = box
        return np.nonzero((self.x >= west) & (self.x <= east) & (self.y >= north) & (self.y <= south))[0]

    def members(self, cluster: int) -> Ints:
        """The points of a cluster."""
        chosen: Ints = np.nonzero(self.cluster_of == cluster)[0]
        return chosen


class Clusters:
    """The points of a layer and their clusters at every zoom, made when a zoom is first shown."""

    def __init__(self, lon_deg: Floats, lat_deg: Floats) -> None:
        """Points in degrees, one array each; a point without a position must be left out before."""
        self.world = project(lon_deg, lat_deg)
        self._levels: dict[int, Level] = {}

    def __len__(self) -> int:
        return len(self.world)

    def level(self, zoom: float) -> Level:
        """The clusters at a zoom (the nearest whole one)."""
        whole = min(max(round(zoom), 0), LEVELS_TO_ZOOM)
        key = min(whole, SINGLE_FROM_ZOOM)
        if key not in self._levels:
            self._levels[key] = self._alone() if key == SINGLE_FROM_ZOOM else self._grouped(key)
        return self._levels[key]

    def forget_levels(self) -> None:
        """Give the memory of the levels back."""
        self._levels.clear()

    def _alone(self) -> Level:
        everyone = np.arange(len(self.world))
        return Level(self.world[:, 0], self.world[:, 1], np.ones_like(everyone), everyone, everyone)

    def _grouped(self, zoom: int) -> Level:
        cells = np.floor(self.world * (world_px(zoom) / CELL_PX)).astype(np.int64)
        numbers = (cells[:, 0] << 32) | cells[:, 1]
        _cell, first, cluster_of, counts = np.unique(
            numbers, return_index=True, return_inverse=True, return_counts=True
        )
        x = np.bincount(cluster_of, self.world[:, 0]) / counts
        y = np.bincount(cluster_of, self.world[:, 1]) / counts
        return Level(x, y, counts, first, cluster_of)
