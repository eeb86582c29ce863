"""The world base map: land, borders, lakes and rivers of Natural Earth, kept in one file of our own.

The file is a `.npz` without objects. Each layer at each scale has two arrays: `<layer>-<scale>.steps`,
bytes (8, N): the differences between neighbouring points in units of 0.001°, sign folded into the last
bit, as four byte planes of longitude and four of latitude (bytes of equal weight lie together, which
packs best), and `<layer>-<scale>.ends`, the row after the last one of each path. Areas are rings for
the even-odd rule, cut at 180°. `packaging/fetch_basemap.py` makes it; without it the map still works.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.maps.mercator import Floats, project, project_one
from ranger_app.maps.strokes import Ints
from ranger_app.maps.vectors import Areas, Lines, Outlines

FILE_NAME = "world.npz"
ATTRIBUTION = "Natural Earth"
UNIT_DEG = 0.001  # 111 m; the finest source lies on a grid of 190 to 400 m
POINTS_AT_MOST = 5_000_000

# Which scale of Natural Earth (1 : n million) serves from which zoom on, and the last zoom at which
# its half-pixel simplification still removes anything.
SCALES: tuple[tuple[int, str], ...] = ((0, "110"), (3, "50"), (6, "10"))
FINEST_LEVEL = {"110": 5, "50": 8, "10": 9}
LAKE_SCALES: tuple[tuple[int, str], ...] = ((0, "110"), (4, "50"))
RIVERS = "rivers-50"
# Lakes and rivers come from a grid of 4 km. Closer than this they would lie beside where they are.
RIVERS_FROM_ZOOM, RIVERS_TO_ZOOM = 4, 8
LAKES_TO_ZOOM = 10


@dataclass(frozen=True, slots=True)
class BaseParts:
    """What to paint at one zoom; a part is None where it would be too coarse or too much."""

    land: Areas
    coast: Outlines
    borders: Lines
    lakes: Areas | None
    shores: Outlines | None
    rivers: Lines | None


class Basemap:
    """The opened file. Layers are decoded when first needed, which may be on a worker's thread."""

    attribution = ATTRIBUTION

    def __init__(self, path: Path) -> None:
        """Raises `NotFound` when the file is missing, `BadInput` when it is not a base map."""
        self._packed = _read(path)
        self._lock = Lock()
        self._areas: dict[str, tuple[Areas, Outlines]] = {}
        self._lines: dict[str, Lines] = {}

    def parts(self, zoom: int) -> BaseParts:
        """The layers that serve tiles of a zoom."""
        scale, water = _serving(SCALES, zoom), _serving(LAKE_SCALES, zoom)
        with self._lock:
            land, coast = self._area(f"land-{scale}", FINEST_LEVEL[scale])
            lakes = shores = None
            if zoom <= LAKES_TO_ZOOM:
                lakes, shores = self._area(f"lakes-{water}", FINEST_LEVEL[water])
            rivers = None
            if RIVERS_FROM_ZOOM <= zoom <= RIVERS_TO_ZOOM:
                rivers = self._line(RIVERS, FINEST_LEVEL["50"])
            borders = self._line(f"borders-{scale}", FINEST_LEVEL[scale])
        return BaseParts(land, coast, borders, lakes, shores, rivers)

    def is_land(self, lon_deg: float, lat_deg: float) -> bool:
        """Whether a position lies on land at the coarsest scale; small islands count as sea."""
        x, y = project_one(lon_deg, lat_deg)
        with self._lock:
            land, _coast = self._area(f"land-{SCALES[1][1]}", FINEST_LEVEL[SCALES[1][1]])
        return land.holds(x, y)

    def forget_levels(self) -> None:
        """Give the memory of the levels back."""
        with self._lock:
            for areas, outlines in self._areas.values():
                areas.forget_levels()
                outlines.forget_levels()
            for lines in self._lines.values():
                lines.forget_levels()

    def _area(self, name: str, finest: int) -> tuple[Areas, Outlines]:
        if name not in self._areas:
            coords, ends = self._decode(name)
            areas = Areas(coords, ends, finest=finest)
            self._areas[name] = areas, areas.outlines()
        return self._areas[name]

    def _line(self, name: str, finest: int) -> Lines:
        if name not in self._lines:
            coords, ends = self._decode(name)
            self._lines[name] = Lines(coords, ends, finest=finest)
        return self._lines[name]

    def _decode(self, name: str) -> tuple[Floats, Ints]:
        steps, ends = self._packed.pop(f"{name}.steps"), self._packed.pop(f"{name}.ends")
        degrees = unpack(steps.astype(np.uint8, copy=False))
        return project(degrees[:, 0], degrees[:, 1]), ends.astype(np.int64)


def open_basemap(folder: Path) -> Basemap:
    """The base map in a folder such as `resources/maps`.

    Raises `NotFound` when it has not been made yet, `BadInput` when it is damaged.
    """
    return Basemap(folder / FILE_NAME)


def layer_names() -> tuple[str, ...]:
    """Every layer that the file must hold."""
    drawn = [f"{layer}-{scale}" for layer in ("land", "borders") for _zoom, scale in SCALES]
    return (*drawn, *(f"lakes-{scale}" for _zoom, scale in LAKE_SCALES), RIVERS)


def write_basemap(path: Path, layers: Mapping[str, Sequence[Floats]]) -> None:
    """Keep layers (paths (N, 2) in degrees) as a base-map file, wholly or not at all."""
    arrays: dict[str, NDArray[np.uint8] | NDArray[np.uint32]] = {}
    for name in layer_names():
        paths = [path for path in (_on_grid(path) for path in layers[name]) if len(path) >= 2]
        arrays[f"{name}.steps"] = pack(np.concatenate(paths))
        arrays[f"{name}.ends"] = np.cumsum([len(path) for path in paths]).astype(np.uint32)
    aside = path.with_suffix(".new.npz")
    np.savez_compressed(aside, allow_pickle=False, **arrays)
    aside.replace(path)


def pack(degrees: Floats) -> NDArray[np.uint8]:
    """Positions (N, 2) in degrees as byte planes (8, N) of differences in units of 0.001°."""
    units = np.round(degrees / UNIT_DEG).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    folded = ((steps << 1) ^ (steps >> 63)).astype("<u4")
    return np.ascontiguousarray(folded.T).view(np.uint8).reshape(2, -1, 4).transpose(0, 2, 1).reshape(8, -1)


def unpack(planes: NDArray[np.uint8]) -> Floats:
    """The positions (N, 2) in degrees that `pack` made planes of."""
    together = np.ascontiguousarray(planes.reshape(2, 4, -1).transpose(0, 2, 1)).view("<u4")[:, :, 0]
    folded = together.astype(np.int64)
    units = np.cumsum((folded >> 1) ^ -(folded & 1), axis=1)
    degrees: Floats = np.ascontiguousarray(units.T) * UNIT_DEG
    return degrees


def _on_grid(path: Floats) -> Floats:
    """A path without neighbours that fall on the same point of the grid."""
    units = np.round(path / UNIT_DEG)
    moved = np.concatenate([[True], (np.diff(units, axis=0) != 0).any(axis=1)])
    kept: Floats = path[moved]
    return kept


def _serving(scales: Sequence[tuple[int, str]], zoom: int) -> str:
    return next(scale for first, scale in reversed(scales) if zoom >= first)


def _read(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            packed = {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise NotFound(
            _("The world base map is not installed."),
            _("Run the set-up again to get it; everything else on the map works without it."),
        ) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error
    for name in layer_names():
        steps, ends = packed.get(f"{name}.steps"), packed.get(f"{name}.ends")
        if steps is None or ends is None or not _fits(steps, ends):
            raise _damaged(path)
    return packed


def _fits(steps: NDArray[np.generic], ends: NDArray[np.generic]) -> bool:
    return (
        steps.dtype == np.uint8
        and steps.ndim == 2
        and steps.shape[0] == 8
        and steps.shape[1] <= POINTS_AT_MOST
        and ends.dtype == np.uint32
        and ends.ndim == 1
        and len(ends) > 0
        and int(ends[-1]) == steps.shape[1]
        and bool((np.diff(ends.astype(np.int64)) > 0).all())
    )


def _damaged(path: Path) -> BadInput:
    return BadInput(
        _("The world base map {name} is damaged.").format(name=path.name),
        _("Delete it and run the set-up again to get it anew."),
    )
