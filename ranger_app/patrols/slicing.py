"""Cuts fixes into parts and joins parts again, with segments, further numbers and notes."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ranger_app.domain.found import Fixes, pack_notes, unpack_notes

_NAN = float("nan")


def take(fixes: Fixes, start: int, end: int) -> tuple[Fixes, bool]:
    """Fixes `start` to `end`, and whether they go on with a segment that began before.

    A segment that begins at `end` belongs to the next part; at the very end, to this one.
    """
    last = end == len(fixes)
    starts = [s - start for s in fixes.starts if start <= s < end or (last and s == end)]
    continues = start < end and (not starts or starts[0] != 0)
    notes = pack_notes(unpack_notes(fixes.notes, len(fixes))[start:end]) if fixes.notes else b""
    part = Fixes(
        lon=fixes.lon[start:end],
        lat=fixes.lat[start:end],
        elevation_m=fixes.elevation_m[start:end],
        time_ms=fixes.time_ms[start:end],
        starts=(0, *starts) if continues else tuple(starts),
        more={name: column[start:end] for name, column in fixes.more.items()},
        notes=notes,
    )
    return part, continues


def pick(fixes: Fixes, kept: npt.NDArray[np.bool_]) -> Fixes:
    """Only the fixes of the mask; where some were taken out in between, a new segment begins."""
    index = np.flatnonzero(kept)
    segment = np.searchsorted(np.asarray(fixes.starts, np.int64), index, side="right")
    breaks = np.flatnonzero((np.diff(segment) != 0) | (np.diff(index) != 1)) + 1

    def some(column: array[Any]) -> array[Any]:
        return array(column.typecode, (column[i] for i in index.tolist()))

    notes = unpack_notes(fixes.notes, len(fixes)) if fixes.notes else []
    return Fixes(
        lon=some(fixes.lon),
        lat=some(fixes.lat),
        elevation_m=some(fixes.elevation_m),
        time_ms=some(fixes.time_ms),
        starts=(0, *(int(b) for b in breaks)) if len(index) else (),
        more={name: some(column) for name, column in fixes.more.items()},
        notes=pack_notes(notes[i] for i in index.tolist()) if notes else b"",
    )


def join(parts: Sequence[tuple[Fixes, bool]]) -> Fixes:
    """Parts in order, each with whether it goes on with the segment before: the reverse of `take`."""
    lon, lat, elevation, time = array("d"), array("d"), array("d"), array("q")
    starts: list[int] = []
    more: dict[str, array[float]] = {}
    notes: list[str] = []
    noted = any(part.notes for part, _continues in parts)
    for part, continues in parts:
        before = len(lon)
        starts += [before + s for s in part.starts[1 if continues and before else 0 :]]
        lon.extend(part.lon)
        lat.extend(part.lat)
        elevation.extend(part.elevation_m)
        time.extend(part.time_ms)
        for name in part.more.keys() - more.keys():
            more[name] = array("d", [_NAN]) * before
        for name, column in more.items():
            column.extend(part.more.get(name) or array("d", [_NAN]) * len(part))
        if noted:
            notes += unpack_notes(part.notes, len(part))
    return Fixes(
        lon=lon,
        lat=lat,
        elevation_m=elevation,
        time_ms=time,
        starts=tuple(starts),
        more=more,
        notes=pack_notes(notes),
    )
