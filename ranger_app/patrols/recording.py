"""Patrols written down by hand: started, filled with days and observations, corrected and finished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import Record
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import (
    PATROL_TYPES,
    Leg,
    LegDay,
    Observation,
    Patrol,
    Track,
    Value,
    Waypoint,
)
from ranger_app.domain.seeing import tells_of_people
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.patrols.vocabulary import Attribute
from ranger_app.patrols.zones import to_instant, zone_named
from ranger_app.storage.query import contains, equal
from ranger_app.storage.reading import Reading
from ranger_app.storage.unit import Unit

MAX_TEXT_CHARS = 20_000
LONGEST_DAY = timedelta(hours=36)
BY_HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolEntry:
    """What a person writes down of a patrol."""

    number: str
    title: str = ""
    patrol_type: str = "GROUND"
    team: str = ""
    station: str = ""
    objective: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    transport: str = ""
    members: tuple[str, ...] = ()
    """Names, the leader first."""
    comment: str = ""
    armed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """One day of a patrol; clock times are of the place."""

    day: date
    starts_local: datetime | None = None
    ends_local: datetime | None = None
    rest_s: float = 0.0
    stated_distance_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaypointEntry:
    """A place where something was noted; without a patrol it is an incident of its own."""

    patrol_id: Id | None = None
    lon: float | None = None
    lat: float | None = None
    at_local: datetime | None = None
    name: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationEntry:
    """One thing seen. `values` by attribute: a number, a text, a flag, or a tuple of keys."""

    category: str
    values: Mapping[str, float | str | bool | tuple[str, ...]]
    comment: str = ""


def next_number(data: Reading, site: Site, on: date) -> str:
    """The next free number of the year, such as KRU-2026-007."""
    letters = "".join(c for c in site.name.upper() if c.isalnum())[:3] or "P"
    stem = f"{letters}-{on.year}-"
    used = data.column(Patrol, "number", equal("site_id", site.id), contains("number", stem))
    tails = [text[len(stem) :] for text in used if text.startswith(stem)]
    return f"{stem}{max((int(t) for t in tails if t.isdecimal()), default=0) + 1:03d}"


def start_patrol(unit: Unit, site: Site, entry: PatrolEntry) -> Patrol:
    """A new patrol with one leg. Raises `BadInput`."""
    _check_patrol(entry)
    patrol = Patrol(
        site_id=site.id,
        **_as_written(entry),
        time_zone=site.time_zone if zone_named(site.time_zone) else "",
        origin_format=BY_HAND,
    )
    unit.add(patrol)
    unit.add(
        Leg(
            site_id=site.id,
            patrol_id=patrol.id,
            transport=entry.transport.strip(),
            starts_on=patrol.starts_on,
            ends_on=patrol.ends_on,
            members=_people(entry.members),
        )
    )
    return patrol


def correct_patrol(unit: Unit, patrol: Patrol, entry: PatrolEntry) -> None:
    """Change what is written down of a patrol; only what differs becomes a change. Raises `BadInput`."""
    _check_patrol(entry)
    unit.change(patrol, **_as_written(entry))
    legs = unit.data.find(Leg, equal("patrol_id", patrol.id), order=("number", "id"))
    if len(legs) == 1:  # who went on which of several legs is a question of its own
        fields: dict[str, Any] = {"transport": entry.transport.strip()}
        if entry.members != names_of(legs[0]):
            fields["members"] = _people(entry.members)
        unit.change(legs[0], **fields)


def _as_written(entry: PatrolEntry) -> dict[str, Any]:
    """The fields of a patrol that somebody writes down of it."""
    return {
        "number": entry.number.strip(),
        "title": entry.title.strip(),
        "patrol_type": entry.patrol_type,
        "armed": entry.armed,
        "objective": entry.objective,
        "team": entry.team.strip(),
        "station": entry.station.strip(),
        "starts_on": entry.starts_on,
        "ends_on": entry.ends_on or entry.starts_on,
        "comment": entry.comment,
    }


def entry_of(patrol: Patrol, legs: Sequence[Leg]) -> PatrolEntry:
    """What is written down of a patrol, to be corrected."""
    return PatrolEntry(
        number=patrol.number,
        title=patrol.title,
        patrol_type=patrol.patrol_type,
        team=patrol.team,
        station=patrol.station,
        objective=patrol.objective,
        starts_on=patrol.starts_on,
        ends_on=patrol.ends_on,
        transport=legs[0].transport if legs else "",
        members=names_of(legs[0]) if legs else (),
        comment=patrol.comment,
        armed=patrol.armed,
    )


def record_day(unit: Unit, patrol: Patrol, entry: DayEntry) -> LegDay:
    """Write down a day, or correct the one of that date. Raises `BadInput`."""
    _check_day(entry)
    legs = unit.data.find(Leg, equal("patrol_id", patrol.id), order=("number", "id"))
    leg = legs[0] if legs else Leg(site_id=patrol.site_id, patrol_id=patrol.id)
    if not legs:
        unit.add(leg)
    present = unit.data.find(LegDay, equal("patrol_id", patrol.id), equal("day", entry.day))
    if present:
        day = present[0]
        unit.change(
            day,
            starts_local=entry.starts_local,
            ends_local=entry.ends_local,
            rest_s=entry.rest_s,
            stated_distance_m=entry.stated_distance_m,
        )
    else:
        day = LegDay(
            site_id=patrol.site_id,
            patrol_id=patrol.id,
            leg_id=leg.id,
            day=entry.day,
            starts_local=entry.starts_local,
            ends_local=entry.ends_local,
            rest_s=entry.rest_s,
            stated_distance_m=entry.stated_distance_m,
        )
        unit.add(day)
    unit.change(
        patrol,
        starts_on=min(filter(None, (patrol.starts_on, entry.day))),
        ends_on=max(filter(None, (patrol.ends_on, entry.day))),
    )
    return day


def note_waypoint(unit: Unit, site: Site, entry: WaypointEntry) -> Waypoint:
    """A place where something was noted. Raises `BadInput`."""
    _check_position(entry.lon, entry.lat)
    patrol = unit.data.need(Patrol, entry.patrol_id) if entry.patrol_id is not None else None
    zone = zone_named((patrol.time_zone if patrol else "") or site.time_zone)
    day_id = None
    if patrol is not None and entry.at_local is not None:
        on = equal("day", entry.at_local.date())
        days = unit.data.find(LegDay, equal("patrol_id", patrol.id), on)
        day_id = days[0].id if days else None
    waypoint = Waypoint(
        site_id=site.id,
        patrol_id=entry.patrol_id,
        leg_day_id=day_id,
        lon=entry.lon,
        lat=entry.lat,
        at=to_instant(entry.at_local, zone) if entry.at_local is not None and zone is not None else None,
        at_local=entry.at_local,
        name=_text(entry.name),
        comment=_text(entry.comment),
        source="paper",
    )
    unit.add(waypoint)
    return waypoint


def add_observation(
    unit: Unit, waypoint: Waypoint, entry: ObservationEntry, attributes: Sequence[Attribute] = ()
) -> Observation:
    """One thing that was seen at a waypoint. Raises `BadInput` when a value does not suit its attribute."""
    if not entry.category.strip("."):
        raise BadInput(_("Say what was seen."), _("Type a few letters and choose a category."))
    before = unit.data.count(Observation, equal("waypoint_id", waypoint.id))
    observation = Observation(
        site_id=waypoint.site_id,
        waypoint_id=waypoint.id,
        patrol_id=waypoint.patrol_id,
        category=entry.category,
        group=before,
        ordinal=before,
        comment=_text(entry.comment),
    )
    unit.add(observation)
    known = {attribute.key: attribute for attribute in attributes}
    for order, (key, value) in enumerate(entry.values.items()):
        unit.add(_value(observation, known.get(key) or Attribute(key, key, ""), value, order))
    return observation


def finish_patrol(unit: Unit, patrol: Patrol) -> None:
    """The patrol is back and everything is written down: it waits for somebody to verify it."""
    unit.change(patrol, status="submitted")


def remove_patrol(unit: Unit, patrol: Patrol, *, reason: str) -> int:
    """Hide a patrol with all that belongs to it; nothing is erased. Returns how many records."""
    of_patrol = equal("patrol_id", patrol.id)
    observations = unit.data.find(Observation, of_patrol)
    belongings: list[Record] = [
        *(v for o in observations for v in unit.data.find(Value, equal("observation_id", o.id))),
        *observations,
        *unit.data.find(Waypoint, of_patrol),
        *unit.data.find(Track, of_patrol),
        *unit.data.find(LegDay, of_patrol),
        *unit.data.find(Leg, of_patrol),
        patrol,
    ]
    for record in belongings:
        unit.remove(record, reason=reason)
    return len(belongings)


def names_of(leg: Leg) -> tuple[str, ...]:
    """The people of a leg, the leader first."""
    people = [m for m in leg.members or () if isinstance(m, Mapping)]
    people.sort(key=lambda m: not m.get("leader"))
    return tuple(f"{m.get('given') or ''} {m.get('family') or ''}".strip() for m in people)


# ---- checks


def _check_patrol(entry: PatrolEntry) -> None:
    if not entry.number.strip():
        raise BadInput(_("A patrol needs a number."), _("Take the one that is proposed."))
    if entry.patrol_type not in PATROL_TYPES:
        raise BadInput(
            _("“{type}” is no type of patrol.").format(type=entry.patrol_type[:20]),
            _("Use one of: {types}.").format(types=", ".join(PATROL_TYPES)),
        )
    if entry.starts_on and entry.ends_on and entry.ends_on < entry.starts_on:
        raise BadInput(_("The patrol ends before it starts."), _("Exchange the two dates."))
    for text in (entry.title, entry.team, entry.station, entry.objective, entry.comment):
        _text(text)


def _check_day(entry: DayEntry) -> None:
    if entry.starts_local and entry.ends_local:
        length = entry.ends_local - entry.starts_local
        if length < timedelta():
            raise BadInput(
                _("The day ends before it starts."), _("If it went on over midnight, give the next date.")
            )
        if length > LONGEST_DAY:
            raise BadInput(_("A day of a patrol cannot be longer than 36 hours."), _("Write down two days."))
        if entry.rest_s > length.total_seconds():
            raise BadInput(_("The rest is longer than the day."), _("Give the rest in minutes."))
    if not entry.rest_s >= 0 or (entry.stated_distance_m is not None and not entry.stated_distance_m >= 0):
        raise BadInput(_("Rest and distance cannot be less than nothing."))


def _check_position(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise BadInput(_("A position needs both latitude and longitude."), _("Or leave both empty."))
    if lon is not None and lat is not None and not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadInput(
            _("Latitude {lat}, longitude {lon} is nowhere on Earth.").format(lat=lat, lon=lon),
            _("Latitude goes from −90 to 90, longitude from −180 to 180."),
        )


def _text(text: str) -> str:
    if len(text) > MAX_TEXT_CHARS:
        raise BadInput(
            _("A text is longer than {count} letters.").format(count=MAX_TEXT_CHARS),
            _("Attach it as a file instead."),
        )
    return text.strip()


def _people(names: Sequence[str]) -> list[dict[str, Any]] | None:
    people: list[dict[str, Any]] = []
    for name in filter(None, (n.strip() for n in names)):
        given, _blank, family = name.rpartition(" ")
        people.append(
            {"given": given, "family": family, "employee_number": "", "leader": not people, "pilot": False}
        )
    return people or None


def _value(
    observation: Observation, about: Attribute, value: float | str | bool | tuple[str, ...], order: int
) -> Value:
    key, number, text, flag, items = about.key, None, None, None, None
    if isinstance(value, bool):
        flag = value
    elif isinstance(value, int | float):
        if not math.isfinite(value):
            raise BadInput(_("“{name}” needs a number.").format(name=key))
        number = float(value)
    elif isinstance(value, tuple):
        items = value
    elif about.type == "NUMERIC":
        raise BadInput(_("“{name}” needs a number.").format(name=key))
    else:
        text = _text(value)
    return Value(
        site_id=observation.site_id,
        observation_id=observation.id,
        attribute=key,
        number=number,
        text=text,
        flag=flag,
        items=items,
        ordinal=order,
        origin_raw={"sensitive": True} if about.sensitive or tells_of_people(key) else None,
    )
