"""What every reader of boundary files hands over: rings as they stand in the file, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.i18n import _
from ranger_app.maps.mercator import Floats

FILE_BYTES_AT_MOST = 40_000_000  # text of this size may take twenty times as much memory when read
POINTS_AT_MOST = 2_000_000
RINGS_AT_MOST = 100_000
RING_POINTS_AT_LEAST = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person should look at before the boundary is taken."""

    code: str
    text: str


@dataclass(slots=True)
class Outlines:
    """Polygons as read: each a list of rings (outer first) of shape (N, 2), in the file's own coordinates.

    `crs` is what the file says of them: None for WGS 84 longitude and latitude, else `EPSG:32736`, or a
    definition in WKT.
    """

    polygons: list[list[Floats]] = field(default_factory=list)
    crs: str | None = None
    doubts: list[Doubt] = field(default_factory=list)
    _points: int = 0
    _rings: int = 0
    _open_rings: int = 0
    _small_rings: int = 0

    def add_polygon(self, rings: list[Floats]) -> None:
        """Take a polygon; rings are closed, those that enclose nothing are left out. Raises `BadInput`."""
        self._rings += len(rings)
        self._points += sum(len(ring) for ring in rings)
        if self._rings > RINGS_AT_MOST or self._points > POINTS_AT_MOST:
            raise too_large()
        kept = []
        for place, given in enumerate(rings):
            if not np.isfinite(given).all():
                raise BadInput(_("The boundary holds a position that is not a number."))
            ring = given
            if len(ring) and (ring[0] != ring[-1]).any():
                ring = np.vstack([ring, ring[:1]])
                self._open_rings += 1
            if len(ring) < RING_POINTS_AT_LEAST:
                self._small_rings += 1
                if place == 0:
                    return
                continue
            kept.append(ring)
        if kept:
            self.polygons.append(kept)

    def doubt(self, code: str, text: str) -> None:
        """Note a doubt, once for each code."""
        if all(known.code != code for known in self.doubts):
            self.doubts.append(Doubt(code, text))

    def finish(self) -> Outlines:
        """Say what had to be put right. Raises `BadInput` when the file holds no area at all."""
        if not self.polygons:
            raise BadInput(
                _("The file holds no area: a boundary must be a polygon."),
                _("Points and lines cannot be a boundary; save the outline as a polygon."),
            )
        if self._open_rings:
            self.doubt("open-ring", _("An outline did not end where it began; it was closed."))
        if self._small_rings:
            self.doubt("small-ring", _("An outline of fewer than three corners was left out."))
        return self


def read_bytes(path: Path) -> bytes:
    """A whole boundary file of bounded size. Raises `NotFound` or `BadInput`."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_AT_MOST + 1)
    except FileNotFoundError as error:
        raise NotFound(_("There is no file {name}.").format(name=path.name)) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if len(raw) > FILE_BYTES_AT_MOST:
        raise too_large()
    return raw


def unreadable(path: Path, error: OSError) -> KnownError:
    """The sentence for a file that the system will not read."""
    return BadInput(
        _("The file {name} cannot be read: {reason}.").format(name=path.name, reason=error.strerror)
    )


def too_large() -> BadInput:
    """The sentence for more than any boundary needs."""
    return BadInput(
        _("The file is too large to be a boundary."),
        _("Simplify the outline, or save only the boundary into a file of its own."),
    )
