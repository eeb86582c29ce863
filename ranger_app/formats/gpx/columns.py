"""Gathers the fixes of one track into columns, one by one or in runs of plain ones."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ranger_app.domain.found import Fixes
from ranger_app.formats.gpx.said import Said
from ranger_app.formats.gpx.shapes import LARGEST, Rest
from ranger_app.formats.gpx.times import milliseconds

NUMBERS = frozenset(("magvar", "geoidheight", "sat", "hdop", "vdop", "pdop", "ageofdgpsdata"))
"""Children of a fix that are kept as columns of numbers."""
_TIMES_AT_ONCE = 50_000
_NAN = float("nan")
_NOTHING = Rest({}, "")


class Run(NamedTuple):
    """Plain fixes that follow one another: columns of texts, None where a child is missing."""

    lats: list[bytes]
    lons: list[bytes]
    elevations: list[bytes | None]
    times: list[bytes | None]
    rests: list[Rest | None] | None
    """What else each fix has, when any has."""


def number(text: str | bytes | None) -> float:
    """A number of a size that a receiver can mean, or NaN. A comma for a decimal point is understood."""
    if not text:
        return _NAN
    try:
        value = float(text)
    except ValueError:
        plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        if plain.count(",") != 1:
            return _NAN
        try:
            value = float(plain.replace(",", "."))
        except ValueError:
            return _NAN
    return value if abs(value) < LARGEST else _NAN  # also false for NaN


def position(lat: str | bytes | None, lon: str | bytes | None) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, or None when they are not a place on Earth."""
    y, x = number(lat), number(lon)
    return (y, x) if -90 <= y <= 90 and -180 <= x <= 180 else None


class Columns:
    """The fixes of one track while they are read."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._lat, self._lon, self._elevation = array("d"), array("d"), array("d")
        self._time: array[int] = array("q")
        self._time_texts: list[bytes | None] = []
        self._starts: list[int] = []
        self._more: dict[str, array[float]] = {}
        self._deflate: zlib._Compress | None = None
        self._packed = bytearray()

    def __len__(self) -> int:
        return len(self._lat)

    def start_segment(self) -> None:
        self._starts.append(len(self._lat))

    @property
    def segment(self) -> int:
        """Index of the segment that is being read."""
        return len(self._starts) - 1

    def add(self, *, lat: str, lon: str, elevation: float, time: str, rest: Rest) -> None:
        """One fix. One that is nowhere on Earth is counted and left out."""
        place = position(lat, lon)
        if place is None:
            self._said.nowhere += 1
            return
        if "," in lat or "," in lon:
            self._said.decimal_commas += 1
        self._add_rest(len(self._lat), *rest)
        self._lat.append(place[0])
        self._lon.append(place[1])
        self._elevation.append(elevation)
        self._time_texts.append(time.encode() if time else None)
        if len(self._time_texts) >= _TIMES_AT_ONCE:
            self._read_times()

    def add_run(self, run: Run) -> bool:
        """Many plain fixes at once; False when one of them is odd, and then none was added."""
        try:
            lat, lon = array("d", map(float, run.lats)), array("d", map(float, run.lons))
            elevation = array(
                "d",
                map(float, run.elevations)  # type: ignore[arg-type]  # None was ruled out
                if None not in run.elevations
                else (number(text) for text in run.elevations),
            )
        except ValueError:
            return False
        y, x, z = (np.frombuffer(column) for column in (lat, lon, elevation))
        if not ((np.abs(y) <= 90) & (np.abs(x) <= 180)).all() or (np.abs(z) >= LARGEST).any():
            return False
        self._lat.extend(lat)
        self._lon.extend(lon)
        self._elevation.extend(elevation)
        self._read_times()
        self._time.extend(milliseconds(run.times, self._said.times))
        before = len(self._lat) - len(lat)
        if run.rests is None:
            for column in self._more.values():
                column.extend(array("d", [_NAN]) * len(lat))
            if self._deflate is not None:
                self._packed += self._deflate.compress(b"\0" * len(lat))
        else:
            for offset, rest in enumerate(run.rests):
                self._add_rest(before + offset, *(rest or _NOTHING))
        return True

    def _add_rest(self, index: int, more: Mapping[str, float], note: str) -> None:
        columns = self._more
        for name, value in more.items():
            if name not in columns:
                columns[name] = array("d", [_NAN]) * index
            columns[name].append(value)
        if len(more) != len(columns):
            for column in columns.values():
                if len(column) == index:
                    column.append(_NAN)
        if note and self._deflate is None:
            self._deflate = zlib.compressobj(6)
            self._packed += self._deflate.compress(b"\0" * index)
        if self._deflate is not None:
            self._packed += self._deflate.compress(note.encode() + b"\0")

    def fixes(self) -> Fixes:
        """What was gathered; call once, at the end of the track."""
        self._read_times()
        if self._deflate is not None:
            self._packed += self._deflate.flush()
        return Fixes(
            lon=self._lon,
            lat=self._lat,
            elevation_m=self._elevation,
            time_ms=self._time,
            starts=tuple(self._starts),
            more=self._more,
            notes=bytes(self._packed),
        )

    def _read_times(self) -> None:
        if self._time_texts:
            self._time.extend(milliseconds(self._time_texts, self._said.times))
            self._time_texts.clear()
