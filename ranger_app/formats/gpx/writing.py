"""Writes GPX 1.1: tracks, routes and waypoints, with all that a reader of this package kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise, repeat
from pathlib import Path
from typing import IO, Any

import numpy as np

from ranger_app import __version__
from ranger_app.domain.found import (
    Fixes,
    Found,
    FoundTrack,
    FoundWaypoint,
    Written,
    unpack_notes,
)
from ranger_app.formats.gpx.fragments import GPX_1_1, common_namespaces, escape, hoist
from ranger_app.formats.gpx.points import (
    EXTENSION,
    LINE_ORDER,
    META_ORDER,
    ORDER,
    children_of_note,
    decimal,
    in_order,
)
from ranger_app.i18n import ngettext
from ranger_app.jobs import Work

RANGER = "urn:ranger-app:gpx:1"
"""Namespace of what Ranger adds to GPX."""
_NO_LAST = np.iinfo(np.int64).min


def write(found: Found, path: Path, *, work: Work) -> Written:
    """Put tracks, routes and waypoints into one file.

    Patrols are not gone into: whoever has some puts their tracks and waypoints into `found`.
    """
    counts = {"track": 0, "route": 0, "waypoint": 0, "fix": 0}
    placed = [w for w in found.waypoints if w.lon is not None and w.lat is not None]
    with path.open("w", encoding="utf-8", newline="\n") as out:
        spaces = common_namespaces(_fragments(found))
        _Writer(out, spaces, work).file(found, placed)
    counts["waypoint"] = len(placed)
    counts["track"], counts["route"] = len(found.tracks), len(found.routes)
    counts["fix"] = sum(len(track.fixes) for track in found.tracks)
    return Written(counts=counts, left_out=tuple(_left_out(found, len(found.waypoints) - len(placed))))


class _Writer:
    def __init__(self, out: IO[str], spaces: Mapping[str, str], work: Work) -> None:
        self._out = out
        self._spaces = spaces
        self._work = work

    def file(self, found: Found, placed: Sequence[FoundWaypoint]) -> None:
        spaces = "".join(f' xmlns:{p}="{s}"' for p, s in sorted(self._spaces.items()))
        self._out.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<gpx version="1.1" creator="Ranger {__version__}" xmlns="{GPX_1_1}"{spaces}>\n'
        )
        kept = [(str(name), self._placed(str(xml))) for name, xml in found.raw.get("metadata") or ()]
        kept += [(EXTENSION, self._source(source)) for source in found.raw.get("sources") or ()]
        metadata = in_order(kept, META_ORDER)
        if metadata:
            self._out.write("<metadata>" + "".join(metadata) + "</metadata>\n")
        for waypoint in placed:
            self._out.write(self._waypoint(waypoint))
        for route in found.routes:
            self._route(route)
        for done, track in enumerate(found.tracks):
            self._work.tick(done, len(found.tracks))
            self._track(track)
        extensions = [self._placed(xml) for xml in found.raw.get("extensions") or ()]
        if extensions:
            self._out.write("<extensions>" + "".join(extensions) + "</extensions>\n")
        self._out.write("</gpx>\n")

    def _waypoint(self, waypoint: FoundWaypoint) -> str:
        raw = waypoint.raw
        children = [(str(name), self._placed(str(xml))) for name, xml in raw.get("children") or ()]
        if waypoint.elevation_m is not None:
            children.append(("ele", f"<ele>{decimal(waypoint.elevation_m)}</ele>"))
        if waypoint.at is not None:
            children.append(("time", f"<time>{_moment(waypoint.at)}</time>"))
        comment_as = "desc" if raw.get("comment") == "desc" else "cmt"
        for name, text in (("name", waypoint.name), (comment_as, waypoint.comment), ("sym", waypoint.symbol)):
            if text:
                children.append((name, f"<{name}>{escape(text)}</{name}>"))
        assert waypoint.lat is not None
        assert waypoint.lon is not None
        place = f'lat="{decimal(waypoint.lat)}" lon="{decimal(waypoint.lon)}"'
        return f"<wpt {place}>{''.join(in_order(children, ORDER))}</wpt>\n"

    def _line_head(self, line: FoundTrack) -> str:
        children = [(str(name), self._placed(str(xml))) for name, xml in line.raw.get("children") or ()]
        if line.name:
            children.append(("name", f"<name>{escape(line.name)}</name>"))
        return "".join(in_order(children, LINE_ORDER))

    def _route(self, route: FoundTrack) -> None:
        self._out.write(f"<rte>{self._line_head(route)}\n")
        self._points(route.fixes, "rtept", 0, len(route.fixes))
        self._out.write("</rte>\n")

    def _track(self, track: FoundTrack) -> None:
        self._out.write(f"<trk>{self._line_head(track)}\n")
        of_segments: dict[int, list[str]] = {}
        for index, xml in track.raw.get("segments") or ():
            of_segments.setdefault(int(index), []).append(self._placed(str(xml)))
        starts = track.fixes.starts
        for number, (start, end) in enumerate(pairwise((*starts, len(track.fixes)))):
            self._out.write("<trkseg>\n")
            self._points(track.fixes, "trkpt", start, end)
            if number in of_segments:
                self._out.write("<extensions>" + "".join(of_segments[number]) + "</extensions>\n")
            self._out.write("</trkseg>\n")
        self._out.write("</trk>\n")

    def _points(self, fixes: Fixes, tag: str, start: int, end: int) -> None:
        lats = [decimal(v) for v in fixes.lat[start:end]]
        lons = [decimal(v) for v in fixes.lon[start:end]]
        elevations = [decimal(v) for v in fixes.elevation_m[start:end]]
        times = _times(fixes, start, end)
        if fixes.more or fixes.notes:
            rests: Iterable[str] = self._rests(fixes, start, end)
        else:
            rests = repeat("", len(lats))
        for lat, lon, elevation, time, rest in zip(lats, lons, elevations, times, rests, strict=True):
            ele = f"<ele>{elevation}</ele>" if elevation else ""
            at = f"<time>{time}</time>" if time else ""
            if lat and lon:
                self._out.write(f'<{tag} lat="{lat}" lon="{lon}">{ele}{at}{rest}</{tag}>\n')

    def _rests(self, fixes: Fixes, start: int, end: int) -> Iterator[str]:
        """What follows elevation and time in each point."""
        notes = unpack_notes(fixes.notes, len(fixes))[start:end]
        for index, note in enumerate(notes, start):
            children = [(name, self._placed(xml)) for name, xml in children_of_note(note)]
            for name, column in fixes.more.items():
                if text := decimal(column[index]):
                    children.append((name, f"<{name}>{text}</{name}>"))
            yield "".join(in_order(children, ORDER))

    def _source(self, source: Mapping[str, Any]) -> str:
        """What one of several files said of itself, as an extension of our own."""
        inner = in_order([(str(name), str(xml)) for name, xml in source.get("metadata") or ()], META_ORDER)
        inner += [str(xml) for xml in source.get("extensions") or ()]
        name = escape(str(source.get("file") or ""))
        return f'<ranger:source xmlns:ranger="{RANGER}" file="{name}">' + "".join(inner) + "</ranger:source>"

    def _placed(self, xml: str) -> str:
        return hoist(xml, self._spaces)


def _fragments(found: Found) -> Iterator[str]:
    """Every piece of foreign XML that will be written, to learn which namespaces to declare at the top."""
    yield from (str(xml) for _name, xml in found.raw.get("metadata") or ())
    yield from map(str, found.raw.get("extensions") or ())
    for raw in (thing.raw for things in (found.waypoints, found.routes, found.tracks) for thing in things):
        yield from (str(xml) for _name, xml in raw.get("children") or ())
        yield from (str(xml) for _index, xml in raw.get("segments") or ())
    for line in (*found.routes, *found.tracks):
        if line.fixes.notes:
            yield from unpack_notes(line.fixes.notes, len(line.fixes))


def _times(fixes: Fixes, start: int, end: int) -> list[str]:
    ms = np.frombuffer(fixes.time_ms, np.int64)[start:end] if len(fixes) else np.empty(0, np.int64)
    whole = (ms % 1000 == 0) | (ms == _NO_LAST)
    text = np.datetime_as_string(ms.astype("datetime64[ms]"), unit="ms").tolist()
    return [
        "" if t == "NaT" else (t[:-4] if w else t) + "Z" for t, w in zip(text, whole.tolist(), strict=True)
    ]


def _moment(at: datetime) -> str:
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds") + "Z"


def _left_out(found: Found, without_place: int) -> Iterator[str]:
    if without_place:
        yield ngettext(
            "{count} waypoint without a position: GPX has no place for it.",
            "{count} waypoints without a position: GPX has no place for them.",
            without_place,
        ).format(count=without_place)
    observations = sum(len(w.observations) for w in found.waypoints)
    if observations:
        yield ngettext(
            "{count} observation: GPX keeps the place and not what was seen.",
            "{count} observations: GPX keeps the places and not what was seen.",
            observations,
        ).format(count=observations)
