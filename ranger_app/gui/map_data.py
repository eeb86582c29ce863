"""Gathers what lies on the map of a site: its boundary, tracks, observations and camera stations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ranger_app.domain.errors import KnownError
from ranger_app.domain.fields import Record
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Observation, Patrol, Track, Waypoint
from ranger_app.domain.photos import CameraStation
from ranger_app.domain.seeing import uncertainty_m
from ranger_app.i18n import _, ngettext, number
from ranger_app.jobs import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ranger_app.bootstrap import Ranger
    from ranger_app.maps.boundary import Boundary
    from ranger_app.maps.view import Degrees

FIXES_AT_MOST = 3_000_000  # about 50 MB of positions; older tracks are left out, and that is said


class Thing(StrEnum):
    """What can be seen on the map."""

    PATROL = "patrol"
    WAYPOINT = "waypoint"
    STATION = "camera_station"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing on the map, as the list beside it names it."""

    thing: Thing
    id: Id
    name: str
    about: str = ""
    when: date | datetime | None = None
    bounds: Degrees
    """West, south, east, north in degrees; a point twice."""
    grid_deg: float = 0.0
    """Not 0 where it is shown in the middle of a cell that its place lies in."""


@dataclass(frozen=True, slots=True)
class MapData:
    """Everything for the map. Tracks are (N, 2) longitude and latitude, one array a segment."""

    boundary: Boundary | None = None
    tracks: Sequence[NDArray[np.float64]] = ()
    track_keys: Sequence[Id] = ()
    shown: Sequence[Shown] = ()
    note: str = ""
    doubts: Sequence[KnownError] = field(default_factory=tuple)


def gather(ranger: Ranger, work: Work) -> MapData:
    """Read all that is drawn; runs on a worker's thread."""
    boundary, doubts = _boundary(ranger)
    patrols = _patrols(ranger)
    tracks, keys, boxes, note = _tracks(ranger, work, patrols)
    shown = [
        *_shown_patrols(patrols, boxes),
        *_waypoints(ranger, patrols),
        *_stations(ranger),
    ]
    return MapData(boundary, tracks, keys, shown, " ".join(filter(None, (note, _grid_note(shown)))), doubts)


def _grid_note(shown: Sequence[Shown]) -> str:
    """That places are blurred, and how far; empty where none is."""
    grid_deg = max((one.grid_deg for one in shown), default=0.0)
    if not grid_deg:
        return ""
    return _(
        "Not every place is exact: that of a listed species is the middle of a cell of {grid}°, "
        "up to {far} km from where it was."
    ).format(grid=f"{grid_deg:g}", far=number(math.ceil(uncertainty_m(0.0, grid_deg) / 1000)))


def in_view(shown: Sequence[Shown], view: Degrees) -> list[Shown]:
    """Those whose bounds meet the view; a view across 180° has its west east of its east."""
    west, south, east, north = view
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return [
        one
        for one in shown
        if one.bounds[1] <= north
        and one.bounds[3] >= south
        and any(one.bounds[0] <= right and one.bounds[2] >= left for left, right in spans)
    ]


def _boundary(ranger: Ranger) -> tuple[Boundary | None, tuple[KnownError, ...]]:
    from ranger_app.maps.boundary import boundary_of

    site = ranger.site()
    if site is None or site.boundary is None:
        return None, ()
    try:
        return boundary_of(site.boundary), ()
    except KnownError as error:
        return None, (error,)


def _patrols(ranger: Ranger) -> dict[Id, Patrol]:
    with ranger.workspace.reading() as data:
        return {one.id: one for one in data.find(Patrol, order=("-starts_on", "-id"))}


def _tracks(
    ranger: Ranger, work: Work, patrols: dict[Id, Patrol]
) -> tuple[list[Any], list[Id], dict[Id, list[Track]], str]:
    """The newest tracks as arrays, their patrols, the tracks by patrol, and what had to be left out."""
    arrays: list[Any] = []
    keys: list[Id] = []
    boxes: dict[Id, list[Track]] = {}
    fixes, left_out = 0, 0
    with ranger.workspace.reading() as data:
        for done, track in enumerate(data.each(Track, order=("-first_at", "-id"))):
            work.tick(done)
            if track.patrol_id not in patrols:
                continue
            if fixes + track.fix_count > FIXES_AT_MOST:
                left_out += 1
                continue
            fixes += track.fix_count
            boxes.setdefault(track.patrol_id, []).append(track)
            for segment in _segments(track):
                arrays.append(segment)
                keys.append(track.patrol_id)
    if not left_out:
        return arrays, keys, boxes, ""
    words = ngettext("{count} older track is not drawn.", "{count} older tracks are not drawn.", left_out)
    return arrays, keys, boxes, words.format(count=number(left_out))


def _segments(track: Track) -> Iterator[Any]:
    """The pieces of a track between its gaps; a damaged track has none."""
    from ranger_app.patrols.drawing import pieces

    try:
        yield from pieces(track)
    except KnownError:
        return


def _shown_patrols(patrols: dict[Id, Patrol], boxes: dict[Id, list[Track]]) -> Iterator[Shown]:
    for id_, tracks in boxes.items():
        placed = [
            (one.west, one.south, one.east, one.north)
            for one in tracks
            if one.west is not None
            and one.south is not None
            and one.east is not None
            and one.north is not None
        ]
        if not placed:
            continue
        west, south, east, north = zip(*placed, strict=True)
        patrol = patrols[id_]
        yield Shown(
            thing=Thing.PATROL,
            id=id_,
            name=patrol.title or patrol.number,
            about=patrol.number if patrol.title else "",
            when=patrol.starts_on,
            bounds=(min(west), min(south), max(east), max(north)),
        )


def _waypoints(ranger: Ranger, patrols: dict[Id, Patrol]) -> Iterator[Shown]:
    from ranger_app.patrols.zones import to_local, zone_named

    fields = ("id", "patrol_id", "lon", "lat", "at", "at_local", "name", "number")
    words = ranger.patrols.vocabulary()
    site = ranger.site()
    home = zone_named(site.time_zone) if site else None
    zones = {id_: zone_named(patrol.time_zone) or home for id_, patrol in patrols.items()}
    with ranger.workspace.reading() as data:
        seen: dict[Id, list[str]] = {}
        for waypoint_id, category in data.columns(Observation, ("waypoint_id", "category")):
            seen.setdefault(waypoint_id, []).append(category)
        rows = data.columns(Waypoint, fields)
        blurred = _blurred(data, Waypoint, rows)
    for id_, patrol_id, lon, lat, at, at_local, name, text in rows:
        if lon is None or lat is None:
            continue
        kinds = ", ".join(dict.fromkeys(words.category_words(one) for one in seen.get(id_, ())))
        yield Shown(
            thing=Thing.WAYPOINT,
            id=id_,
            name=kinds or name or _("Waypoint {number}").format(number=text).strip(),
            about=" · ".join(part for part in (name if kinds else "", _within(blurred.get(id_))) if part),
            grid_deg=blurred.get(id_, 0.0),
            when=at_local or (to_local(at, zones.get(patrol_id, home)) if at else None),
            bounds=(lon, lat, lon, lat),
        )


def _stations(ranger: Ranger) -> Iterator[Shown]:
    with ranger.workspace.reading() as data:
        rows = data.columns(CameraStation, ("id", "name", "lon", "lat", "habitat"))
        blurred = _blurred(data, CameraStation, rows)
    for id_, name, lon, lat, habitat in rows:
        if lon is not None and lat is not None:
            grid_deg = blurred.get(id_, 0.0)
            yield Shown(
                thing=Thing.STATION,
                id=id_,
                name=name,
                about=" · ".join(part for part in (habitat, _within(grid_deg)) if part),
                bounds=(lon, lat, lon, lat),
                grid_deg=grid_deg,
            )


def _blurred(data: Any, kind: type[Record], rows: Sequence[tuple[Any, ...]]) -> dict[Id, float]:
    """By id, the grid in degrees of what is not shown where it is."""
    if data.looker is None:
        return {}
    grids = {row[0]: data.looker.grid_deg(kind.KIND, row[0]) for row in rows}
    return {id_: grid for id_, grid in grids.items() if grid}


def _within(grid_deg: float | None) -> str:
    """How far from its place a thing may be, in words; empty where it is shown at it."""
    return _("somewhere within {grid}°").format(grid=f"{grid_deg:g}") if grid_deg else ""
