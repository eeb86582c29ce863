"""Keeps the fixes of a track as one compressed value.

Each column becomes whole numbers (1e-7 degrees, millimetres, milliseconds), then differences of
neighbours with the sign folded into the last bit, then planes of bytes of equal weight, then zlib: about
4 bytes a fix for a position, where a row per fix costs 52. A column is as many bytes wide as its largest
step needs, so a step over the 180° meridian or a receiver that was flown home cannot overflow.

What is lost: nothing of a source with up to seven decimals of a degree, which is what receivers resolve
(6 mm). A source with more keeps up to eleven decimals when that says it exactly, else nine (0.1 mm).
Elevations and other numbers keep all decimals up to the ninth.

Layout, version 1: `RF`, version, then CBOR [fixes, starts, [[name, decimals, first, width, gaps], …],
packed notes], preceded by its length (4 bytes, big-endian), then zlib of the masks of gaps and the planes
of each column in that order.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Sequence
from typing import Any

import cbor2
import numpy as np
import numpy.typing as npt

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found import NO_TIME_MS, Fixes
from ranger_app.i18n import _

CODEC = 1
MAX_FIXES = 20_000_000
MAX_NUMBERS = 8 * MAX_FIXES
"""In all columns together: columns that never change take no room and could otherwise fill the memory."""
MAX_VALUE_BYTES = 1 << 29
"""Of a value before it is looked at; 20 million fixes are about 100 MB."""
_MAGIC = b"RF\x01"
_PLACES = (7, 9, 11)
_METRES = (3, 6, 9)
_OTHER = (0, 1, 2, 3, 6, 9)
_TIME = (0,)
_DEGREES_WHEN_NOTHING_FITS = 9
_MASTER = ("lon", "lat", "elevation_m", "time_ms")

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def encode(fixes: Fixes) -> bytes:
    """The value to keep. The same fixes give the same bytes."""
    head: list[list[Any]] = []
    body: list[bytes] = []
    for name, column, choices in _columns(fixes):
        decimals = _decimals(column, choices) if column.dtype == np.float64 else 0
        whole, gaps = _whole(column, decimals)
        first = int(whole[0]) if len(whole) else 0
        steps = np.diff(whole, prepend=np.int64(first))
        folded = ((steps << 1) ^ (steps >> 63)).view(np.uint64)
        width = (int(folded.max()).bit_length() + 7) // 8 if len(folded) else 0
        if gaps.any():
            body.append(np.packbits(gaps).tobytes())
        planes = folded.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width]
        body.append(np.ascontiguousarray(planes.T).tobytes())
        head.append([name, decimals, first, width, bool(gaps.any())])
    about = cbor2.dumps([len(fixes), list(fixes.starts), head, fixes.notes])
    return _MAGIC + len(about).to_bytes(4, "big") + about + zlib.compress(b"".join(body), 6)


def decode(value: bytes) -> Fixes:
    """The fixes in a value; `BadInput` when it is damaged or would unpack to more than it may."""
    try:
        return _decode(value)
    except (ValueError, TypeError, OverflowError, zlib.error, cbor2.CBORDecodeError) as error:
        raise BadInput(
            _("The fixes of a track are damaged."),
            _("Restore a backup, or import the file that the track came from again."),
        ) from error


def _decode(value: bytes) -> Fixes:
    if value[:3] != _MAGIC or len(value) > MAX_VALUE_BYTES:
        raise ValueError("not a value of this version")
    end = 7 + int.from_bytes(value[3:7], "big")
    count, starts, head, notes = cbor2.loads(value[7:end])
    if not 0 <= count <= MAX_FIXES or count * len(head) > MAX_NUMBERS or not isinstance(notes, bytes):
        raise ValueError("impossible counts")
    if any(a > b for a, b in zip([0, *starts], [*starts, count], strict=True)):
        raise ValueError("segments out of order")
    if count and (not starts or starts[0] != 0):
        raise ValueError("fixes before the first segment")
    mask_bytes = (count + 7) // 8
    sizes = [(mask_bytes if gaps else 0) + count * width for _name, _d, _first, width, gaps in head]
    if any(not 0 <= width <= 8 or not 0 <= d <= 12 for _name, d, _first, width, _gaps in head):
        raise ValueError("impossible columns")
    inflate = zlib.decompressobj()
    raw = inflate.decompress(value[end:], sum(sizes) + 1)
    if len(raw) != sum(sizes) or not inflate.eof:
        raise ValueError("wrong length")
    columns: dict[str, Any] = {}
    at = 0
    for (name, decimals, first, width, gaps), size in zip(head, sizes, strict=True):
        piece, at = raw[at : at + size], at + size
        mask = np.zeros(count, bool)
        if gaps:
            mask = np.unpackbits(np.frombuffer(piece[:mask_bytes], np.uint8))[:count].astype(bool)
            piece = piece[mask_bytes:]
        wide = np.zeros((count, 8), np.uint8)
        wide[:, :width] = np.frombuffer(piece, np.uint8).reshape(width, count).T
        folded = wide.view("<u8").ravel()
        steps = (folded >> np.uint64(1)).astype(np.int64) ^ -(folded & np.uint64(1)).astype(np.int64)
        whole = np.cumsum(steps) + np.int64(first)
        columns[str(name)] = _column(str(name), whole, mask, decimals)
    if not all(name in columns for name in _MASTER):
        raise ValueError("a column is missing")
    main = {name: columns.pop(name) for name in _MASTER}
    return Fixes(**main, starts=tuple(map(int, starts)), more=columns, notes=notes)


def _columns(fixes: Fixes) -> list[tuple[str, Any, tuple[int, ...]]]:
    def real(column: array[float]) -> Floats:
        return np.frombuffer(column, np.float64) if len(column) else np.empty(0)

    time = np.frombuffer(fixes.time_ms, np.int64) if len(fixes) else np.empty(0, np.int64)
    return [
        ("lon", real(fixes.lon), _PLACES),
        ("lat", real(fixes.lat), _PLACES),
        ("elevation_m", real(fixes.elevation_m), _METRES),
        ("time_ms", time, _TIME),
        *((name, real(column), _OTHER) for name, column in sorted(fixes.more.items())),
    ]


def _decimals(column: Floats, choices: Sequence[int]) -> int:
    """The fewest decimals that say every number of the column, from the choices."""
    present = column[np.isfinite(column)]
    for decimals in choices:
        scaled = present * 10.0**decimals
        if np.abs(scaled).max(initial=0.0) > 2**52:
            break
        if (np.abs(scaled - np.rint(scaled)) <= np.maximum(1e-4, np.abs(scaled) * 4e-16)).all():
            return decimals
    if choices is _PLACES:
        return _DEGREES_WHEN_NOTHING_FITS
    largest = float(np.abs(present).max(initial=1.0))
    return min(choices[-1], max(0, 14 - math.ceil(math.log10(largest))))


def _whole(column: Any, decimals: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The column in whole units with each gap filled by the number before it, and where the gaps are."""
    if column.dtype == np.int64:
        gaps = column == NO_TIME_MS
        whole = np.where(gaps, 0, column)
    else:
        gaps = ~np.isfinite(column)
        scaled = np.where(gaps, 0.0, column) * 10.0**decimals
        whole = np.rint(np.clip(scaled, -(2.0**61), 2.0**61)).astype(np.int64)
    if gaps.any() and not gaps.all():
        last = np.where(gaps, 0, np.arange(len(whole)))
        np.maximum.accumulate(last, out=last)
        whole = whole[np.where(gaps & (last == 0), int(np.argmin(gaps)), last)]
    return whole, gaps


def _column(name: str, whole: Ints, mask: npt.NDArray[np.bool_], decimals: int) -> array[Any]:
    if name == "time_ms":
        out: array[Any] = array("q")
        out.frombytes(np.where(mask, NO_TIME_MS, whole).astype(np.int64).tobytes())
        return out
    out = array("d")
    out.frombytes(np.where(mask, np.nan, whole / 10.0**decimals).tobytes())
    return out
