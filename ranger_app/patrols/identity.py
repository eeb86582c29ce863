"""What makes a fix, a track or a waypoint the same one when it is read again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ranger_app.domain.found import NO_TIME_MS, Fixes, FoundWaypoint, unpack_notes
from ranger_app.patrols.slicing import take

Hashes = npt.NDArray[np.uint64]
_PLACE_UNIT, _METRE_UNIT = 1e9, 1e3
_LARGEST = 2.0**62
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63)


def place_hashes(fixes: Fixes) -> Hashes:
    """One number a fix for where and when it is, shape (N,)."""
    return _mixed(_places(fixes))


def content_hashes(fixes: Fixes) -> Hashes:
    """One number a fix for everything that it says, shape (N,)."""
    return _mixed([*_places(fixes), _units(fixes.elevation_m, _METRE_UNIT), _rests(fixes)])


def _places(fixes: Fixes) -> list[npt.NDArray[np.int64]]:
    time = np.frombuffer(fixes.time_ms, np.int64) if len(fixes) else np.empty(0, np.int64)
    return [time, _units(fixes.lon, _PLACE_UNIT), _units(fixes.lat, _PLACE_UNIT)]


def _units(column: Any, units: float) -> npt.NDArray[np.int64]:
    if not len(column):
        return np.empty(0, np.int64)
    values = np.frombuffer(column, np.float64)
    whole = np.clip(np.rint(np.nan_to_num(values) * units), -_LARGEST, _LARGEST).astype(np.int64)
    return np.where(np.isfinite(values), whole, NO_TIME_MS)


def _rests(fixes: Fixes) -> npt.NDArray[np.int64]:
    """What else each fix says; 0 for nothing, whatever the other fixes of its track say."""
    if not fixes.more and not fixes.notes:
        return np.zeros(len(fixes), np.int64)
    notes = unpack_notes(fixes.notes, len(fixes))
    names = sorted(fixes.more)

    def said(i: int, note: str) -> int:
        numbers = [(name, fixes.more[name][i] + 0.0) for name in names]  # without the sign of zero
        numbers = [pair for pair in numbers if pair[1] == pair[1]]
        return zlib.crc32(f"{note}{numbers}".encode()) if note or numbers else 0

    return np.fromiter((said(i, note) for i, note in enumerate(notes)), np.int64, len(fixes))


def _mixed(columns: Iterable[npt.NDArray[np.int64]]) -> Hashes:
    """64 bits that depend on every column, as in splitmix64: equal by chance once in 10^13 fixes or so."""
    out: Hashes | None = None
    with np.errstate(over="ignore"):
        for column, odd in zip(columns, _ODD, strict=False):
            mixed = column.view(np.uint64) * np.uint64(odd)
            out = mixed if out is None else (out ^ (out >> np.uint64(29))) * np.uint64(_ODD[0]) + mixed
            out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            out ^= out >> np.uint64(27)
    assert out is not None
    return out


def line_key(fixes: Fixes) -> str:
    """The same for a track that has grown since: all that its first fix says, or all positions when that
    has no time."""
    digest = hashlib.sha256()
    if len(fixes) and fixes.time_ms[0] != NO_TIME_MS:
        digest.update(content_hashes(take(fixes, 0, 1)[0]).tobytes())
    else:
        for column in _places(fixes):
            digest.update(column.tobytes())
        digest.update(_units(fixes.elevation_m, _METRE_UNIT).tobytes())
    return digest.hexdigest()[:32]


def rest_key(fixes: Fixes) -> str:
    """The key of what was left of a track when the fixes that are here were taken out: all of it. It will
    not grow, and must never be taken for the track that it is the rest of."""
    return hashlib.sha256(b"rest" + content_hashes(fixes).tobytes()).hexdigest()[:32]


def waypoint_key(waypoint: FoundWaypoint) -> str:
    """The same for a waypoint that says exactly the same."""
    said = (
        waypoint.lon,
        waypoint.lat,
        waypoint.elevation_m,
        waypoint.at.isoformat() if waypoint.at else None,
        waypoint.at_local.isoformat() if waypoint.at_local else None,
        waypoint.name,
        waypoint.comment,
        waypoint.symbol,
        sorted(map(str, waypoint.raw.get("children") or ())),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]
