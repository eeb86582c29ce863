"""SMART's patrols and independent incidents: from the elements of the XML to what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ranger_app.domain.found import (
    Doubt,
    FoundDay,
    FoundFile,
    FoundLeg,
    FoundObservation,
    FoundPatrol,
    FoundTrack,
    FoundValue,
    FoundWaypoint,
)
from ranger_app.domain.patrols import LOCAL_CLOCK, PATROL_TYPES
from ranger_app.formats.smart.geometry import NotATrack, decode_track
from ranger_app.formats.smart.tree import Node, Taking
from ranger_app.i18n import _


@dataclass(slots=True)
class Said:
    """What is to be said about one document, and the files that came along."""

    files: Mapping[str, FoundFile] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    unmapped: set[str] = field(default_factory=set)

    def doubt(self, code: str, text: str) -> None:
        self.doubts.append(Doubt(code, text))


def read_patrol(root: Node, said: Said) -> FoundPatrol:
    """A `patrol` element of any version."""
    taking = Taking(root, said.unmapped)
    words: dict[str, Any] = {}
    number = taking.attribute("id")
    if not number:
        said.doubt("no-number", _("The patrol has no id; it cannot be recognised when it is read again."))
    patrol_type = taking.attribute("patrolType")
    if patrol_type not in PATROL_TYPES:
        taking.put_back("patrolType", patrol_type)
        patrol_type = "GROUND"
    objective, kept_objective = taking.first("objective"), ""
    if objective is not None:
        inner = Taking(objective, said.unmapped)
        kept_objective = inner.text("description")
        if rest := inner.rest():
            words["objective"] = rest
    found = FoundPatrol(
        number=number,
        patrol_type=patrol_type,
        armed=taking.attribute("isArmed").strip().lower() == "true",
        objective=kept_objective,
        team=_word(taking, "team", words),
        station=_word(taking, "station", words),
        mandate=_word(taking, "mandate", words),
        starts_on=_day(taking, "startDate"),
        ends_on=_day(taking, "endDate"),
        comment=taking.text("comment"),
        legs=tuple(_leg(node, said) for node in taking.every("legs", "leg")),
        raw=_raw(taking, words, space=root.space),
    )
    if not any(leg.days for leg in found.legs):
        said.doubt("no-days", _("Patrol {number} has no day on which it was out.").format(number=number))
    return found


def read_incident(root: Node, said: Said) -> FoundWaypoint:
    """An independent incident: one waypoint without a patrol."""
    taking = Taking(root, said.unmapped)
    text = taking.attribute("dateTime")
    at = at_local = None
    try:
        moment = datetime.fromisoformat(text.strip())
        at, at_local = (moment.astimezone(UTC), None) if moment.tzinfo else (None, moment)
    except ValueError:
        taking.put_back("dateTime", text)
        said.doubt("no-time", _("The incident has no time that can be read."))
    return _waypoint(taking, said, at_local=at_local, at=at, space=root.space)


def _leg(node: Node, said: Said) -> FoundLeg:
    taking = Taking(node, said.unmapped)
    words: dict[str, Any] = {}
    return FoundLeg(
        label=taking.attribute("id"),
        transport=_word(taking, "transportType", words),
        starts_on=_day(taking, "startDate"),
        ends_on=_day(taking, "endDate"),
        members=tuple(_member(member, said) for member in taking.every("members", "member")),
        mandate=_word(taking, "mandate", words),
        days=tuple(day for day in (_leg_day(d, said) for d in taking.every("days", "day")) if day),
        raw=_raw(taking, words),
    )


def _member(node: Node, said: Said) -> dict[str, Any]:
    taking = Taking(node, said.unmapped)
    member: dict[str, Any] = {
        "given": taking.attribute("givenName"),
        "family": taking.attribute("familyName"),
        "employee_number": taking.attribute("employeeId"),
        "leader": taking.attribute("isLeader").strip().lower() == "true",
        "pilot": taking.attribute("isPilot").strip().lower() == "true",
    }
    if rest := taking.rest():
        member["raw"] = rest
    return member


def _leg_day(node: Node, said: Said) -> FoundDay | None:
    taking = Taking(node, said.unmapped)
    day = _day(taking, "date")
    if day is None:
        said.doubt("day-without-date", _("A day of a patrol has no date; it is left out."))
        said.unmapped.add("days")
        return None
    starts, ends = _clock(taking, "startTime", day), _clock(taking, "endTime", day)
    if starts is not None and ends is not None and ends < starts and day < date.max:
        ends += timedelta(days=1)
        said.doubt(
            "over-midnight",
            _("On {day} the end is before the start; it is taken as the next day.").format(day=day),
        )
    tracks: list[FoundTrack] = []
    raw: dict[str, Any] = {}
    stated_m: float | None = None
    for node in taking.every("track", "tracks"):
        found, distance_m = _track(node, said)
        if found is not None:
            tracks.append(found)
        elif _geometry(node):
            raw.setdefault("unread_tracks", []).append(node.as_raw())
        else:
            raw["empty_tracks"] = raw.get("empty_tracks", 0) + 1
        if distance_m is not None:
            stated_m = (stated_m or 0.0) + distance_m
    waypoints = tuple(
        _waypoint(Taking(w, said.unmapped), said, day=day) for w in taking.every("waypoints", "waypoint")
    )
    return FoundDay(
        day=day,
        starts_local=starts,
        ends_local=ends,
        rest_s=(_number(taking, "restMinutes") or 0.0) * 60,
        stated_distance_m=stated_m,
        tracks=tuple(tracks),
        waypoints=waypoints,
        raw={**raw, **taking.rest()},
    )


def _geometry(node: Node) -> str:
    return (node.attributes.get("geom") or node.text).strip()


def _track(node: Node, said: Said) -> tuple[FoundTrack | None, float | None]:
    """The track, None when it is empty or cannot be read, and the distance that SMART states in metres."""
    taking = Taking(node, said.unmapped)
    stated = _number(taking, "distance")
    distance_m = None if stated is None else stated * 1000
    raw: dict[str, Any] = {} if stated is None else {"distance": node.attributes["distance"]}
    geometry = _geometry(node)
    taking.attribute("geom")
    if not geometry:
        return None, distance_m
    try:
        fixes, timed = decode_track(geometry)
    except NotATrack:
        said.doubt("track-unreadable", _("A track could not be read; it is kept as it came."))
        said.unmapped.add("track@geom")
        return None, distance_m
    if not timed:
        said.doubt("no-time", _("A track has no times: its hours and speed are unknown."))
    return FoundTrack(fixes=fixes, clock=LOCAL_CLOCK, raw={**raw, **taking.rest()}), distance_m


def _waypoint(
    taking: Taking,
    said: Said,
    *,
    day: date | None = None,
    at: datetime | None = None,
    at_local: datetime | None = None,
    space: str = "",
) -> FoundWaypoint:
    if day is not None:
        at_local = _clock(taking, "time", day)
    groups: dict[str, Any] = {}
    observations = [_observation(o, said, 0, direct=True) for o in taking.every("observations")]
    for index, group in enumerate(taking.every("groups", "group")):
        inner = Taking(group, said.unmapped)
        observations += [_observation(o, said, index) for o in inner.every("observations")]
        if rest := inner.rest():
            groups[str(index)] = rest
    found_files, missing = _files(taking, said)
    lon, lat = _number(taking, "x"), _number(taking, "y")
    if lon is None or lat is None or not (abs(lon) <= 180 and abs(lat) <= 90):
        said.doubt("bad-position", _("A waypoint has no position on Earth."))
        taking.put_back("x", "" if lon is None else repr(lon))
        taking.put_back("y", "" if lat is None else repr(lat))
        lon = lat = None
    raw: dict[str, Any] = {"groups": groups} if groups else {}
    if missing:
        raw["attachments"] = missing
    if space:
        raw["space"] = space
    return FoundWaypoint(
        number=taking.attribute("id"),
        lon=lon,
        lat=lat,
        distance_m=_number(taking, "distance"),
        bearing_deg=_number(taking, "direction"),
        at=at,
        at_local=at_local,
        comment=taking.text("comment"),
        observations=tuple(observations),
        files=found_files,
        raw={**raw, **taking.rest()},
    )


def _observation(node: Node, said: Said, group: int, *, direct: bool = False) -> FoundObservation:
    taking = Taking(node, said.unmapped)
    files, missing = _files(taking, said)
    raw: dict[str, Any] = {"direct": True} if direct else {}
    if missing:
        raw["attachments"] = missing
    return FoundObservation(
        category=taking.attribute("categoryKey"),
        group=group,
        comment=taking.text("comment"),
        values=tuple(_value(a, said) for a in taking.every("attributes")),
        files=files,
        raw={**raw, **taking.rest()},
    )


def _value(node: Node, said: Said) -> FoundValue:
    taking = Taking(node, said.unmapped)
    key = taking.attribute("attributeKey")
    items = tuple(child.text.strip() for child in taking.every("itemKey"))
    if items:
        return FoundValue(attribute=key, items=items, raw=taking.rest())
    number_text = taking.text("dValue")
    if number_text:
        number = _finite(number_text)
        if number is None:
            return FoundValue(attribute=key, text=number_text, raw=taking.rest())
        return FoundValue(attribute=key, number=number, raw=taking.rest())
    flag = taking.text("bValue")
    if flag:
        return FoundValue(attribute=key, flag=flag.lower() in {"true", "1"}, raw=taking.rest())
    text = taking.first("sValue")
    return FoundValue(attribute=key, text=None if text is None else text.text, raw=taking.rest())


# ---- small parts


def _word(taking: Taking, name: str, words: dict[str, Any]) -> str:
    """A display name such as `<team languageCode="en" value="…"/>`; its language goes into `words`."""
    node = taking.first(name)
    if node is None:
        return ""
    rest = {key: value for key, value in node.attributes.items() if key != "value"}
    if rest:
        words[name] = {"attributes": rest}
    return node.attributes.get("value", "") or node.text.strip()


def _day(taking: Taking, name: str) -> date | None:
    text = taking.attribute(name)
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        taking.put_back(name, text)
        return None


def _clock(taking: Taking, name: str, day: date) -> datetime | None:
    text = taking.attribute(name)
    try:
        return datetime.combine(day, time.fromisoformat(text.strip()).replace(tzinfo=None))
    except ValueError:
        taking.put_back(name, text)
        return None


def _number(taking: Taking, name: str) -> float | None:
    text = taking.attribute(name)
    value = _finite(text)
    if value is None:
        taking.put_back(name, text)
    return value


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


def _files(taking: Taking, said: Said) -> tuple[tuple[FoundFile, ...], list[str]]:
    """The attachments that came along, and the names of those that did not."""
    found, missing = [], []
    for node in taking.every("attachments", "attachment"):
        name = next(
            (node.attributes[a] for a in ("filename", "fileName", "name") if a in node.attributes), node.text
        ).strip()
        bare = name.replace("\\", "/").rpartition("/")[2]
        file = said.files.get(bare.casefold())
        if file is not None:
            found.append(file)
        elif name:
            missing.append(name)
            said.doubt(
                "attachment-missing", _("The attachment “{name}” is not there.").format(name=bare[:80])
            )
    return tuple(found), missing


def _raw(taking: Taking, words: Mapping[str, Any], space: str = "") -> dict[str, Any]:
    raw = taking.rest()
    if words:
        raw["words"] = dict(words)
    if space:
        raw["space"] = space
    return raw
