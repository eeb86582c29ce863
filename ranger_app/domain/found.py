"""What a foreign file was found to hold, before anybody has accepted it; also the form that is written back.

A reader of `formats` turns a file into one `Found`, a writer turns one into a file, and neither knows of
sites, ids or what is kept already: `patrols` makes records of it. `raw` values are for the way back: what
the format says and Ranger has no field for. They hold nothing but what JSON can say.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

NO_TIME_MS = -(1 << 63)
"""Stands for a missing time; numpy's NaT."""
MAX_NOTES_BYTES = 1 << 28
"""What the notes of one track may hold, unpacked."""


class Doubt(NamedTuple):
    """Something that a person should know before accepting. `code` is for scripts and stays."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixes:
    """The fixes of one track in columns of equal length, in the order in which they were recorded.

    `lon`, `lat` WGS 84 degrees; `elevation_m` NaN where it is missing; `time_ms` milliseconds since 1970,
    `NO_TIME_MS` where it is missing; `starts` the index of the first fix of each segment, 0 first when
    there are fixes; an empty segment shares its start with the next. `more` has further numbers of each
    fix by name (hdop, sat, NaN where missing), `notes` the rest of each fix as text, packed by
    `pack_notes`, or nothing.
    """

    lon: array[float]
    lat: array[float]
    elevation_m: array[float]
    time_ms: array[int]
    starts: tuple[int, ...] = (0,)
    more: Mapping[str, array[float]] = field(default_factory=dict)
    notes: bytes = b""

    def __len__(self) -> int:
        return len(self.lon)


class NotesDamaged(ValueError):
    """Packed notes that do not unpack to one text a fix."""


def pack_notes(notes: Iterable[str]) -> bytes:
    """One text a fix, each ended by NUL, deflated; nothing when all are empty."""
    texts = list(notes)
    if not any(texts):
        return b""
    return zlib.compress("".join(text.replace("\0", "") + "\0" for text in texts).encode(), 6)


def unpack_notes(packed: bytes, count: int) -> list[str]:
    """The texts of `count` fixes; `NotesDamaged` when they are not that, or larger than `MAX_NOTES_BYTES`."""
    if not packed:
        return [""] * count
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(packed, MAX_NOTES_BYTES).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise NotesDamaged from error
    texts = text.split("\0")
    if not inflate.eof or len(texts) != count + 1 or texts[-1]:
        raise NotesDamaged
    return texts[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTrack:
    """One track or route. `clock` is "utc", or "local" for a wall clock of unknown zone."""

    name: str = ""
    fixes: Fixes
    clock: str = "utc"
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundValue:
    """One attribute; exactly one of number, text, flag and items is filled, or none when it was empty."""

    attribute: str
    number: float | None = None
    text: str | None = None
    flag: bool | None = None
    items: tuple[str, ...] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that came along. `read` opens it again, checks its size and may raise `KnownError`."""

    name: str
    size_bytes: int
    read: Callable[[], bytes] = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObservation:
    """One thing seen or done, under a hierarchical category key with a trailing dot."""

    category: str
    group: int = 0
    comment: str = ""
    values: tuple[FoundValue, ...] = ()
    files: tuple[FoundFile, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundWaypoint:
    """A place where something was noted. `at` is an instant, `at_local` a naive wall clock."""

    number: str = ""
    lon: float | None = None
    lat: float | None = None
    elevation_m: float | None = None
    distance_m: float | None = None
    bearing_deg: float | None = None
    at: datetime | None = None
    at_local: datetime | None = None
    name: str = ""
    comment: str = ""
    symbol: str = ""
    observations: tuple[FoundObservation, ...] = ()
    files: tuple[FoundFile, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    grid_deg: float | None = None
    """When written: the place is the middle of a cell of this grid, and the time is the day alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDay:
    """One day of a leg; its times are naive wall clock."""

    day: date
    starts_local: datetime | None = None
    ends_local: datetime | None = None
    rest_s: float = 0.0
    stated_distance_m: float | None = None
    tracks: tuple[FoundTrack, ...] = ()
    waypoints: tuple[FoundWaypoint, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLeg:
    """A part of a patrol with one transport. `members` as in `domain.patrols.Leg`."""

    label: str = ""
    transport: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    members: tuple[Mapping[str, Any], ...] = ()
    mandate: str = ""
    days: tuple[FoundDay, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPatrol:
    """A patrol of a format that knows patrols. `number` is what makes it the same one in another file."""

    number: str
    title: str = ""
    patrol_type: str = "GROUND"
    armed: bool = False
    objective: str = ""
    mandate: str = ""
    team: str = ""
    station: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    comment: str = ""
    legs: tuple[FoundLeg, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A data model: the categories and attributes that observations are made of."""

    name: str
    version: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything in one file. `unmapped` names what is kept as it came because Ranger has no place for it."""

    format: str
    file_name: str = ""
    patrols: tuple[FoundPatrol, ...] = ()
    tracks: tuple[FoundTrack, ...] = ()
    routes: tuple[FoundTrack, ...] = ()
    waypoints: tuple[FoundWaypoint, ...] = ()
    models: tuple[FoundModel, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    unmapped: frozenset[str] = frozenset()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a writer put into a file: how many of each kind, and what the format has no place for."""

    counts: Mapping[str, int]
    left_out: tuple[str, ...] = ()
