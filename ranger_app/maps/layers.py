"""What may lie on the map: each layer with the data that it is drawn from, and nothing of how.

Making one is quick; the heavy part is done when a tile first needs it, on a worker's thread.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranger_app.maps.basemap import Basemap
from ranger_app.maps.boundary import Boundary
from ranger_app.maps.clusters import Clusters
from ranger_app.maps.mercator import Floats
from ranger_app.maps.strokes import Ints
from ranger_app.maps.tiles import RasterPack
from ranger_app.maps.vectors import Areas, Lines
from ranger_app.maps.view import Degrees


class Layer:
    """Base of all layers: from the ground upwards they are stacked by `stack`, then as they came."""

    stack = 0
    attribution = ""
    keys: tuple[Hashable, ...] = ()

    def numbers_of(self, keys: Collection[Hashable]) -> Ints:
        """The places in the layer of what belongs to any of the keys."""
        return np.array([number for number, key in enumerate(self.keys) if key in keys], dtype=np.int64)

    def forget_levels(self) -> None:
        """Give back the memory of what can be made again."""


class BaseLayer(Layer):
    """The world base map."""

    stack = 0

    def __init__(self, basemap: Basemap) -> None:
        self.basemap = basemap
        self.attribution = basemap.attribution

    def forget_levels(self) -> None:
        self.basemap.forget_levels()


class RasterLayer(Layer):
    """Pictures out of a map pack."""

    stack = 1

    def __init__(self, pack: RasterPack) -> None:
        self.pack = pack
        self.attribution = pack.facts.attribution


class BoundaryLayer(Layer):
    """The boundary of a site."""

    stack = 2

    def __init__(self, boundary: Boundary) -> None:
        self.bounds: Degrees = boundary.bounds
        self.areas = Areas.from_polygons(list(boundary.geometry.geoms))
        self.outline = self.areas.outlines()

    def forget_levels(self) -> None:
        self.areas.forget_levels()
        self.outline.forget_levels()


class TrackLayer(Layer):
    """Tracks, each an array (N, 2) of longitude and latitude, with the key of what it belongs to.

    `role` is the name of a colour of `MapColours`.
    """

    stack = 3

    def __init__(self, tracks: Sequence[Floats], keys: Sequence[Hashable], *, role: str = "track") -> None:
        if len(tracks) != len(keys):
            raise ValueError(f"{len(tracks)} tracks but {len(keys)} keys")
        self.keys = tuple(keys)
        self.role = role
        self._tracks = tracks
        self._lines: Lines | None = None
        self._lock = Lock()

    @property
    def ready(self) -> bool:
        """Whether the lines are made already, so that asking for them does not keep the screen waiting."""
        return self._lines is not None

    @property
    def lines(self) -> Lines:
        """The tracks as lines; the first who asks makes them."""
        with self._lock:
            if self._lines is None:
                self._lines = Lines.from_degrees(self._tracks)
                self._tracks = ()
            return self._lines

    def forget_levels(self) -> None:
        if self._lines is not None:
            self._lines.forget_levels()


class PointLayer(Layer):
    """Points in clusters. Positions that are not numbers are left out.

    `kinds[i]` chooses colour and shape; `keys[i]` is what the point belongs to.
    """

    stack = 4

    def __init__(
        self,
        lon_deg: ArrayLike,
        lat_deg: ArrayLike,
        keys: Sequence[Hashable],
        kinds: Sequence[int] | NDArray[np.int64] | None = None,
    ) -> None:
        lon, lat = np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
        if not len(lon) == len(lat) == len(keys):
            raise ValueError(f"{len(lon)} longitudes, {len(lat)} latitudes and {len(keys)} keys")
        placed = np.nonzero(np.isfinite(lon + lat))[0]
        self.clusters = Clusters(lon[placed], lat[placed])
        self.keys = tuple(keys[i] for i in placed.tolist())
        every = np.zeros(len(lon), dtype=np.int64) if kinds is None else np.asarray(kinds, dtype=np.int64)
        self.kinds = every[placed]

    def forget_levels(self) -> None:
        self.clusters.forget_levels()
