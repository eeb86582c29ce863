"""The track of a SMART leg-day: hexadecimal WKB whose third number is not a height but a time.

SMART writes big-endian extended WKB, a MultiLineString with the old flag for Z; z is the fix's wall clock
in milliseconds since 1970, read as if it were UTC. Little-endian, ISO type numbers, SRIDs, single lines and
a fourth number are understood as well.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

from ranger_app.domain.found import NO_TIME_MS, Fixes

MAX_FIXES = 5_000_000
_LINE, _LINES = 2, 5
_HIGHEST_M = 10_000.0
"""A third number below this everywhere is a height after all."""


class NotATrack(ValueError):
    """The text is no line in WKB."""


class _Bytes:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, form: str) -> tuple[float, ...]:
        try:
            values = struct.unpack_from(form, self._raw, self._at)
        except struct.error:
            raise NotATrack from None
        self._at += struct.calcsize(form)
        return values


def decode_track(text: str) -> tuple[Fixes, bool]:
    """The fixes of a `geom` text, and whether they have times. `NotATrack` when it cannot be read."""
    try:
        raw = _Bytes(bytes.fromhex(text.strip()))
    except ValueError:
        raise NotATrack from None
    lines = _geometry(raw)
    points = [point for line in lines for point in line]
    starts, count = [], 0
    for line in lines:
        starts.append(count)
        count += len(line)
    thirds = [point[2] for point in points]
    timed = bool(thirds) and any(third > _HIGHEST_M for third in thirds)
    nan = float("nan")
    return (
        Fixes(
            lon=array("d", (point[0] for point in points)),
            lat=array("d", (point[1] for point in points)),
            elevation_m=array("d", (nan if timed or third == 0 else third for third in thirds)),
            time_ms=array("q", (_ms(third) if timed else NO_TIME_MS for third in thirds)),
            starts=tuple(starts),
        ),
        timed or not points,
    )


def _ms(third: float) -> int:
    return round(third) if _HIGHEST_M < third < 1e14 else NO_TIME_MS


def _geometry(raw: _Bytes, *, inner: bool = False) -> list[list[tuple[float, float, float]]]:
    order = "<" if raw.take("B")[0] else ">"
    code = int(raw.take(order + "I")[0])
    flags, plain = code & 0xF0000000, code & 0x0FFFFFFF
    if flags & 0x20000000:
        raw.take(order + "I")  # SRID; SMART keeps degrees of WGS 84 whatever it says
    iso, kind = divmod(plain, 1000)
    third = bool(flags & 0x80000000) or iso in (1, 3)
    fourth = bool(flags & 0x40000000) or iso in (2, 3)
    count = int(raw.take(order + "I")[0])
    if count > MAX_FIXES:
        raise NotATrack
    if kind == _LINES and not inner:
        return [line for _ in range(count) for line in _geometry(raw, inner=True)]
    if kind != _LINE:
        raise NotATrack
    form = f"{order}{2 + third + fourth}d"
    line = []
    for _ in range(count):
        values = raw.take(form)
        if not (abs(values[0]) <= 180 and abs(values[1]) <= 90):
            raise NotATrack
        extra = values[2] if len(values) > 2 else 0.0
        line.append((values[0], values[1], extra if extra == extra else 0.0))
    return [line]


def encode_track(fixes: Fixes) -> str:
    """The `geom` text of fixes whose times are wall clock, as SMART writes it."""
    ends: Sequence[int] = (*fixes.starts[1:], len(fixes))
    out = [struct.pack(">BII", 0, 0x80000000 | _LINES, len(fixes.starts))]
    for start, end in zip(fixes.starts, ends, strict=True):
        out.append(struct.pack(">BII", 0, 0x80000000 | _LINE, end - start))
        for i in range(start, end):
            ms = fixes.time_ms[i]
            third = 0.0 if ms == NO_TIME_MS else float(ms)
            out.append(struct.pack(">3d", fixes.lon[i], fixes.lat[i], third))
    return b"".join(out).hex()
