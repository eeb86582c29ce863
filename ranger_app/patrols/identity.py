"""What makes a fix, a track or a waypoint the same one when it is read again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ranger_app.domain.found import NO_TIME_MS, Fixes, FoundWaypoint, unpack_notes

Hashes = npt.NDArray[np.uint64]
_PLACE_UNIT, _METRE_UNIT = 1e9, 1e3
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63)


def place_hashes(fixes: Fixes) -> Hashes:
    """One number a fix for where and when it is, shape (N,)."""
    return _mixed(_places(fixes))


def content_hashes(fixes: Fixes) -> Hashes:
    """One number a fix for everything that it says, shape (N,)."""
    columns = _places(fixes)
    columns.append(_units(fixes.elevation_m, _METRE_UNIT))
    if fixes.more or fixes.notes:
        columns.append(_rests(fixes))
    return _mixed(columns)


def _places(fixes: Fixes) -> list[npt.NDArray[np.int64]]:
    time = np.frombuffer(fixes.time_ms, np.int64) if len(fixes) else np.empty(0, np.int64)
    return [time, _units(fixes.lon, _PLACE_UNIT), _units(fixes.lat, _PLACE_UNIT)]


def _units(column: Any, units: float) -> npt.NDArray[np.int64]:
    if not len(column):
        return np.empty(0, np.int64)
    values = np.frombuffer(column, np.float64)
    return np.where(np.isfinite(values), np.rint(np.nan_to_num(values) * units), NO_TIME_MS).astype(np.int64)


def _rests(fixes: Fixes) -> npt.NDArray[np.int64]:
    notes = unpack_notes(fixes.notes, len(fixes))
    names = sorted(fixes.more)
    rows = (
        zlib.crc32(
            note.encode()
            + repr([fixes.more[n][i] for n in names if fixes.more[n][i] == fixes.more[n][i]]).encode()
        )
        for i, note in enumerate(notes)
    )
    return np.fromiter(rows, np.int64, len(fixes))


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
    """The same for a track that has grown since: its first fix, or all positions when it has no times."""
    digest = hashlib.sha256()
    if len(fixes) and fixes.time_ms[0] != NO_TIME_MS:
        digest.update(content_hashes(_first(fixes)).tobytes())
    else:
        for column in _places(fixes):
            digest.update(column.tobytes())
        digest.update(_units(fixes.elevation_m, _METRE_UNIT).tobytes())
    return digest.hexdigest()[:32]


def _first(fixes: Fixes) -> Fixes:
    return Fixes(
        lon=fixes.lon[:1], lat=fixes.lat[:1], elevation_m=fixes.elevation_m[:1], time_ms=fixes.time_ms[:1]
    )


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
