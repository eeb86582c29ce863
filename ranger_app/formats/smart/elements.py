"""SMART's patrols and independent incidents: from what was found, or made by hand, to elements of XML."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ranger_app.domain.found import (
    Fixes,
    FoundDay,
    FoundLeg,
    FoundObservation,
    FoundPatrol,
    FoundTrack,
    FoundValue,
    FoundWaypoint,
)
from ranger_app.formats.smart.geometry import encode_track
from ranger_app.formats.smart.tree import Node, put_back

PATROL_SPACE = "http://www.smartconservationsoftware.org/xml/1.3/patrol"
INCIDENT_SPACE = "http://www.smartconservationsoftware.org/xml/1.0/independentincident"


def patrol_element(patrol: FoundPatrol) -> Node:
    """A `patrol` element of the version that it was read from, or 1.3."""
    raw = patrol.raw
    node = Node(
        "patrol",
        str(raw.get("space") or PATROL_SPACE),
        _attributes(
            patrolType=patrol.patrol_type,
            startDate=_iso(patrol.starts_on),
            endDate=_iso(patrol.ends_on),
            isArmed=_flag(patrol.armed),
            id=patrol.number,
        ),
    )
    words = raw.get("words") or {}
    if patrol.objective or "objective" in words:
        objective = Node("objective")
        if patrol.objective:
            objective.children.append(Node("description", text=patrol.objective))
        put_back(objective, words.get("objective") or {})
        node.children.append(objective)
    node.children += _words({"team": patrol.team, "station": patrol.station}, words)
    node.children += [_leg(leg, number) for number, leg in enumerate(patrol.legs, 1)]
    node.children += _words({"mandate": patrol.mandate}, words)
    if patrol.comment:
        node.children.append(Node("comment", text=patrol.comment))
    put_back(node, raw)
    return node


def incident_element(waypoint: FoundWaypoint) -> Node:
    """The root element of an independent incident."""
    node = _waypoint(waypoint, "Waypoint")
    node.space = str(waypoint.raw.get("space") or INCIDENT_SPACE)
    node.attributes.pop("time", None)
    at = waypoint.at or waypoint.at_local
    if at is not None:
        node.attributes["dateTime"] = at.isoformat(timespec="auto")
    return node


def _leg(leg: FoundLeg, number: int) -> Node:
    node = Node(
        "legs",
        attributes=_attributes(
            startDate=_iso(leg.starts_on), endDate=_iso(leg.ends_on), id=leg.label or str(number)
        ),
    )
    words = leg.raw.get("words") or {}
    node.children += _words({"transportType": leg.transport}, words)
    for member in leg.members:
        person = Node(
            "members",
            attributes={
                "givenName": str(member.get("given") or ""),
                "familyName": str(member.get("family") or ""),
                "employeeId": str(member.get("employee_number") or ""),
                "isPilot": _flag(bool(member.get("pilot"))),
                "isLeader": _flag(bool(member.get("leader"))),
            },
        )
        put_back(person, member.get("raw") or {})
        node.children.append(person)
    node.children += [_leg_day(day) for day in leg.days]
    node.children += _words({"mandate": leg.mandate}, words)
    put_back(node, leg.raw)
    return node


def _leg_day(day: FoundDay) -> Node:
    node = Node(
        "days",
        attributes=_attributes(
            date=day.day.isoformat(),
            startTime=_clock(day.starts_local),
            endTime=_clock(day.ends_local),
            restMinutes=_plain(day.rest_s / 60),
        ),
    )
    node.children += [_waypoint(w, "waypoints") for w in day.waypoints]
    stated_km = None if day.stated_distance_m is None else day.stated_distance_m / 1000
    if day.tracks:
        node.children.append(_track(day.tracks, stated_km))
    unread = day.raw.get("unread_tracks") or ()
    node.children += [Node.from_raw(track) for track in unread]
    if not day.tracks and not unread and (day.raw.get("empty_tracks") or stated_km is not None):
        node.children.append(Node("track", attributes=_attributes(distance=_plain(stated_km))))
    put_back(node, day.raw)
    return node


def _track(tracks: Iterable[FoundTrack], stated_km: float | None) -> Node:
    """One element for all tracks of a day, which is all that the form has room for."""
    every = list(tracks)
    kept = str(every[0].raw.get("distance") or "") if len(every) == 1 else ""
    fixes = every[0].fixes if len(every) == 1 else _joined([t.fixes for t in every])
    node = Node("track", attributes={"geom": encode_track(fixes)})
    if kept or stated_km is not None:
        node.attributes["distance"] = kept or _plain(stated_km)
    for track in every:
        put_back(node, track.raw)
    return node


def _joined(parts: Iterable[Fixes]) -> Fixes:
    lon, lat, elevation, time = array("d"), array("d"), array("d"), array("q")
    starts: list[int] = []
    for part in parts:
        starts += [len(lon) + start for start in part.starts]
        lon.extend(part.lon)
        lat.extend(part.lat)
        elevation.extend(part.elevation_m)
        time.extend(part.time_ms)
    return Fixes(lon=lon, lat=lat, elevation_m=elevation, time_ms=time, starts=tuple(starts))


def _waypoint(waypoint: FoundWaypoint, name: str) -> Node:
    raw = waypoint.raw
    node = Node(
        name,
        attributes=_attributes(
            id=waypoint.number,
            x=_plain(waypoint.lon),
            y=_plain(waypoint.lat),
            time=_clock(waypoint.at_local),
            direction=_plain(waypoint.bearing_deg),
            distance=_plain(waypoint.distance_m),
        ),
    )
    if waypoint.comment:
        node.children.append(Node("comment", text=waypoint.comment))
    node.children += [_observation(o) for o in waypoint.observations if o.raw.get("direct")]
    grouped: dict[int, list[FoundObservation]] = {}
    for observation in waypoint.observations:
        if not observation.raw.get("direct"):
            grouped.setdefault(observation.group, []).append(observation)
    kept = raw.get("groups") or {}
    for index in sorted({*grouped, *(int(i) for i in kept)}):
        group = Node("groups", children=[_observation(o) for o in grouped.get(index, ())])
        put_back(group, kept.get(str(index)) or {})
        node.children.append(group)
    node.children += _attachments([f.name for f in waypoint.files], raw)
    put_back(node, raw)
    return node


def _observation(observation: FoundObservation) -> Node:
    node = Node("observations", attributes={"categoryKey": observation.category})
    if observation.comment:
        node.children.append(Node("comment", text=observation.comment))
    node.children += [_value(value) for value in observation.values]
    node.children += _attachments([f.name for f in observation.files], observation.raw)
    put_back(node, observation.raw)
    return node


def _value(value: FoundValue) -> Node:
    node = Node("attributes", attributes={"attributeKey": value.attribute})
    if value.items is not None:
        node.children += [Node("itemKey", text=item) for item in value.items]
    elif value.number is not None:
        node.children.append(Node("dValue", text=repr(value.number)))
    elif value.flag is not None:
        node.children.append(Node("bValue", text=_flag(value.flag)))
    elif value.text is not None:
        node.children.append(Node("sValue", text=value.text))
    put_back(node, value.raw)
    return node


def _attachments(names: Iterable[str], raw: Mapping[str, Any]) -> list[Node]:
    every = [*names, *(str(name) for name in raw.get("attachments") or ())]
    return [Node("attachments", attributes={"filename": name}) for name in every]


def _words(named: Mapping[str, str], words: Mapping[str, Any]) -> list[Node]:
    """Display names such as `<team languageCode="en" value="…"/>`."""
    out = []
    for name, text in named.items():
        if text or name in words:
            kept = (words.get(name) or {}).get("attributes") or {"languageCode": "en"}
            out.append(Node(name, attributes={**kept, "value": text}))
    return out


def _attributes(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _iso(day: object) -> str:
    return "" if day is None else str(day)


def _clock(at: datetime | None) -> str:
    return "" if at is None else at.time().isoformat(timespec="auto")


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _plain(value: float | None) -> str:
    return "" if value is None else repr(value)
