"""One patrol in full, in words that a page can show: days, effort, tracks and what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Leg, LegDay, Observation, Patrol, Track, Value, Waypoint
from ranger_app.domain.seeing import tells_of_people
from ranger_app.domain.sites import Attachment, Site
from ranger_app.i18n import _, number
from ranger_app.patrols.effort import Effort
from ranger_app.patrols.stock import children, grouped
from ranger_app.patrols.tables import walked
from ranger_app.patrols.vocabulary import Vocabulary
from ranger_app.patrols.zones import to_local, zone_named
from ranger_app.storage.query import equal
from ranger_app.storage.reading import Reading


@dataclass(frozen=True, slots=True)
class Said:
    """One attribute of an observation in words. `sensitive` values are about a person."""

    attribute: str
    value: str
    sensitive: bool
    is_there: bool = True
    """False where something is said in the place of a value: that it is not shown, or was erased."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation in words."""

    observation: Observation
    words: str
    said: tuple[Said, ...]
    ids: tuple[Id, ...] = ()
    """Of the observation and of its values."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A waypoint with what was seen there, by the clock of the place."""

    waypoint: Waypoint
    at_local: datetime | None
    seen: tuple[Seen, ...]
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A track without its fixes."""

    id: Id
    leg_day_id: Id | None
    name: str
    fix_count: int
    length_m: float
    first_local: datetime | None
    last_local: datetime | None
    left_out: int
    """Fixes that are kept and not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolReport:
    """One patrol in full."""

    patrol: Patrol
    legs: tuple[Leg, ...]
    days: tuple[LegDay, ...]
    lines: tuple[Line, ...]
    noted: tuple[Noted, ...]
    effort: Effort
    zone_words: str
    """Whose clock the times are shown by."""

    @property
    def ids(self) -> list[Id]:
        """Of everything that it shows."""
        own = [self.patrol.id, *(one.id for one in self.legs), *(one.id for one in self.days)]
        places = [*(one.id for one in self.lines), *(one.waypoint.id for one in self.noted)]
        return [*own, *places, *(id_ for one in self.noted for seen in one.seen for id_ in seen.ids)]


def patrol_report(data: Reading, patrol: Patrol, site: Site, words: Vocabulary) -> PatrolReport:
    """Everything about one patrol, sorted by time."""
    of_patrol = equal("patrol_id", patrol.id)
    zone = zone_named(patrol.time_zone or site.time_zone)
    legs = data.find(Leg, of_patrol, order=("number", "id"))
    days = data.find(LegDay, of_patrol, order=("day", "id"))
    waypoints = data.find(Waypoint, of_patrol)
    mine = walked(data, of_patrol)
    return PatrolReport(
        patrol=patrol,
        legs=tuple(legs),
        days=tuple(days),
        lines=tuple(_lines(data, patrol.id, zone)),
        noted=tuple(noted(data, waypoints, zone, words)),
        effort=mine.of([patrol.id])[patrol.id],
        zone_words=zone_words(patrol, site),
    )


def zone_words(patrol: Patrol | None, site: Site) -> str:
    """Whose clock times are shown by."""
    name = (patrol.time_zone if patrol else "") or site.time_zone
    if zone_named(name) is not None:
        return _("Times by the clock of {zone}.").format(zone=name)
    return _("Nobody has set the site's time zone: GPS times are shown in UTC, other clocks as they were.")


def _lines(data: Reading, patrol_id: Id, zone: tzinfo | None) -> list[Line]:
    fields = (
        "id", "leg_day_id", "name", "fix_count", "length_m", "first_at", "last_at", "clock", "quality",
    )  # fmt: skip
    out = []
    rows = data.columns(Track, fields, equal("patrol_id", patrol_id), order=("first_at", "id"))
    for id_, day_id, name, count, length_m, first, last, clock, quality in rows:
        at = None if clock == "local" else zone
        spans = ((quality or {}).get("left_out") or {}).values() if isinstance(quality, dict) else ()
        out.append(
            Line(
                id_,
                day_id,
                name or "",
                count,
                length_m,
                to_local(first, at) if first else None,
                to_local(last, at) if last else None,
                sum(int(many) for runs in spans for _first, many in runs),
            )
        )
    return out


def noted(data: Reading, waypoints: list[Waypoint], zone: tzinfo | None, words: Vocabulary) -> list[Noted]:
    """The waypoints by time, those without one last, with everything that was seen at each."""
    ids = [waypoint.id for waypoint in waypoints]
    observations = sorted(children(data, Observation, "waypoint_id", ids), key=lambda o: (o.ordinal, o.id))
    seen_ids = [one.id for one in observations]
    values = sorted(children(data, Value, "observation_id", seen_ids), key=lambda v: (v.ordinal, v.id))
    files = grouped(children(data, Attachment, "owner_id", [*ids, *seen_ids]), "owner_id")
    by_waypoint, by_observation = grouped(observations, "waypoint_id"), grouped(values, "observation_id")
    out = []
    for waypoint in waypoints:
        at = waypoint.at_local or (to_local(waypoint.at, zone) if waypoint.at else None)
        own = by_waypoint.get(waypoint.id, [])
        seen = tuple(
            Seen(
                one,
                words.category_words(one.category),
                tuple(said(value, words, data) for value in by_observation.get(one.id, [])),
                (one.id, *(value.id for value in by_observation.get(one.id, []))),
            )
            for one in own
        )
        attached = [f for owner in (waypoint.id, *(o.id for o in own)) for f in files.get(owner, [])]
        out.append(Noted(waypoint, at, seen, tuple(attached)))
    return sorted(out, key=lambda n: (n.at_local is None, n.at_local or datetime.min, n.waypoint.id))


def said(value: Value, words: Vocabulary, data: Reading) -> Said:
    """An attribute and its value in words; of one that may not be seen, that it is not shown."""
    sensitive, looker = tells_of_people(value.attribute, data.marked), data.looker
    if sensitive and looker is not None and not looker.sees_suspects:
        return Said(words.attribute_words(value.attribute), _("not shown to you"), True, is_there=False)
    if value.id in data.erased:
        return Said(words.attribute_words(value.attribute), _("erased for good"), True, is_there=False)
    if value.items is not None:
        text = ", ".join(words.item_words(value.attribute, item) for item in value.items)
    elif value.number is not None:
        text = number(value.number)
    elif value.flag is not None:
        text = _("yes") if value.flag else _("no")
    else:
        text = value.text or ""
    return Said(words.attribute_words(value.attribute), text, sensitive)
