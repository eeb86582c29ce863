"""Gathers what the reader of GPX comes across into tracks, routes and waypoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

from ranger_app.domain.found import Found, FoundTrack, FoundWaypoint
from ranger_app.formats.gpx.columns import Columns, Run, number
from ranger_app.formats.gpx.fragments import Fragment
from ranger_app.formats.gpx.points import (
    EXTENSION,
    LINE_ORDER,
    META_ORDER,
    Child,
    Point,
    modern,
    text_child,
    with_child,
)
from ranger_app.formats.gpx.said import Said
from ranger_app.formats.gpx.shapes import Rest


class Place(Enum):
    """Where in the file the reader stands."""

    FILE = auto()
    METADATA = auto()
    WAYPOINT = auto()
    TRACK = auto()
    SEGMENT = auto()
    FIX = auto()
    ROUTE = auto()
    ROUTE_POINT = auto()


class Gathering:
    """What one file has given so far."""

    def __init__(self) -> None:
        self.said = Said()
        self.version = ""
        self.creator = ""
        self.answer: Callable[[Rest], None] | None = None
        """Who wants the next fix instead of the track: a question of `shapes`."""
        self.kept_chars = 0
        """Letters of everything that is kept as it came, but for what fixes say."""
        self._fixes_before = 0
        self._tracks: list[FoundTrack] = []
        self._routes: list[FoundTrack] = []
        self._waypoints: list[FoundWaypoint] = []
        self._of_file: list[Child] = []
        self._metadata: list[Child] = []
        self._of_line: list[Child] = []  # of the track or route
        self._of_segments: list[tuple[int, str]] = []
        self._columns = Columns(self.said)
        self._loose_segment = False
        self._is_route = False
        self._point = Point({})
        self._plain: dict[str, str] = {}

    @property
    def thing_count(self) -> int:
        """Tracks, routes and waypoints so far."""
        return len(self._tracks) + len(self._routes) + len(self._waypoints)

    @property
    def fix_count(self) -> int:
        return self._fixes_before + len(self._columns)

    # ---- called by the reader, in the order of the file

    def begin(self, place: Place, *, within: Place, attributes: Mapping[str, str]) -> None:
        match place:
            case Place.TRACK | Place.ROUTE:
                self._of_line, self._of_segments, self._loose_segment = [], [], False
                self._is_route = place is Place.ROUTE
                if self._is_route:
                    self._columns.start_segment()
            case Place.SEGMENT:
                self._columns.start_segment()
                self._loose_segment = False
            case Place.FIX | Place.ROUTE_POINT | Place.WAYPOINT:
                self._point = Point(attributes)
                self._plain = {}
                self._within(within)

    def add_run(self, run: Run, *, within: Place) -> None:
        self._within(within)
        if not self._columns.add_run(run):
            rests = run.rests or [None] * len(run.lats)
            for lat, lon, elevation, time, rest in zip(*run[:4], rests, strict=True):
                self._add(_text(lat), _text(lon), _text(elevation), _text(time), rest or Rest({}, ""))

    def _add(self, lat: str, lon: str, elevation: str, time: str, rest: Rest) -> None:
        """One fix. A height that is no number goes with what is kept as it came."""
        height = number(elevation)
        if height != height and elevation.strip():
            rest = Rest(rest.more, with_child(rest.note, text_child("ele", elevation)))
        self._columns.add(lat=lat, lon=lon, elevation=height, time=time, rest=rest)

    def plain(self, name: str, text: str) -> None:
        """A child of a fix that is a column."""
        if name in self._plain:
            self._point.add(text_child(name, text))
        else:
            self._plain[name] = text

    def child(self, place: Place, name: str, fragment: Fragment, text: str) -> None:
        """Any other child: kept as it came."""
        if fragment.too_large:
            self.said.too_large += 1
            return
        xml = fragment.xml()
        if place is not Place.FIX:  # what fixes say is deflated as it comes
            self.kept_chars += len(xml)
        child = Child(name, xml, None if fragment.has_elements else text, fragment.has_attributes)
        match place:
            case Place.FILE:
                self._of_file.append(child)
            case Place.METADATA:
                self._metadata.append(child)
            case Place.TRACK | Place.ROUTE:
                self._of_line.append(child)
            case Place.SEGMENT:
                self._of_segments.append((self._columns.segment, child.xml))
            case _:
                self._point.add(child)

    def finish(self, place: Place) -> None:
        match place:
            case Place.FIX:
                self._finish_fix()
            case Place.ROUTE_POINT:
                for name in ("ele", "time"):
                    self._plain[name] = self._point.take_text(name)
                self._finish_fix()
            case Place.WAYPOINT:
                self._waypoints.append(self._point.waypoint(self.said))
            case Place.TRACK:
                self._tracks.append(self._line())
            case Place.ROUTE:
                self._routes.append(self._line())
            case _:
                pass

    def found(self, file_name: str) -> Found:
        """Everything, once the file has been read; a track that was broken off is kept as far as it goes."""
        if len(self._columns):
            (self._routes if self._is_route else self._tracks).append(self._line())
        raw: dict[str, Any] = {"version": self.version, "creator": self.creator}
        of_file = [child for child in self._of_file if child.name == EXTENSION]
        metadata = modern([*self._metadata, *(c for c in self._of_file if c.name != EXTENSION)], META_ORDER)
        if metadata:
            raw["metadata"] = [[child.name, child.xml] for child in metadata]
        if of_file:
            raw["extensions"] = [child.xml for child in of_file]
        return Found(
            format="gpx",
            file_name=file_name,
            tracks=tuple(self._tracks),
            routes=tuple(self._routes),
            waypoints=tuple(self._waypoints),
            doubts=tuple(self.said.doubts(self._tracks, self._waypoints)),
            raw=raw,
        )

    # ---- one thing finished

    def _within(self, place: Place) -> None:
        if place is Place.TRACK and not self._loose_segment:
            self._columns.start_segment()
            self._loose_segment = True

    def _finish_fix(self) -> None:
        plain, point = self._plain, self._point
        more = {}
        for name, text in plain.items():
            if name in {"ele", "time"}:
                continue
            value = number(text)
            if value == value:
                more[name] = value
            elif text:
                point.add(text_child(name, text))
        rest = Rest(more, point.note())
        if self.answer is not None:
            answer, self.answer = self.answer, None
            answer(rest)
            return
        self._add(point.lat, point.lon, plain.get("ele", ""), plain.get("time", ""), rest)

    def _line(self) -> FoundTrack:
        children = modern(self._of_line, LINE_ORDER)
        name = next((c.text or "" for c in children if c.name == "name"), "")
        rest = [c for c in children if c.name != "name"]
        raw: dict[str, Any] = {}
        if rest:
            raw["children"] = [[c.name, c.xml] for c in rest]
        if self._of_segments:
            raw["segments"] = [list(pair) for pair in self._of_segments]
        self._fixes_before += len(self._columns)
        fixes = self._columns.fixes()
        self._columns = Columns(self.said)
        return FoundTrack(name=name, fixes=fixes, raw=raw)


def _text(raw: bytes | None) -> str:
    return raw.decode("utf-8", "replace") if raw else ""
