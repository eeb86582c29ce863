"""One site's patrols of a period as they are kept: what every export and every table begins with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TypeVar

from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import Record
from ranger_app.domain.found import Fixes, Found
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Observation, Patrol, Track, Waypoint
from ranger_app.domain.sites import Site
from ranger_app.i18n import ngettext
from ranger_app.patrols.fixes import decode
from ranger_app.patrols.zones import to_local, zone_named
from ranger_app.storage.query import equal, one_of
from ranger_app.storage.reading import Reading

R = TypeVar("R", bound=Record)
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days, both counted; None is open."""

    first: date | None = None
    last: date | None = None

    @property
    def is_open(self) -> bool:
        return self.first is None and self.last is None

    def has(self, starts: date | None, ends: date | None = None) -> bool:
        """Whether something that lasted from one day to another touches the period."""
        if starts is None:
            return self.is_open
        return (self.last is None or starts <= self.last) and (
            self.first is None or (ends or starts) >= self.first
        )


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is to be written, and what had to stay out of it."""

    found: Found
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class Missed:
    """What could not be said in an export."""

    damaged: int = 0
    zones: int = 0
    homeless: int = 0
    names: int = 0

    def words(self) -> tuple[str, ...]:
        out = []
        if self.names:
            text = ngettext(
                "{count} value that tells who somebody is.",
                "{count} values that tell who somebody is.",
                self.names,
            )
            out.append(text.format(count=self.names))
        if self.damaged:
            text = ngettext(
                "{count} track whose fixes are damaged.",
                "{count} tracks whose fixes are damaged.",
                self.damaged,
            )
            out.append(text.format(count=self.damaged))
        if self.zones:
            text = ngettext(
                "The zone of {count} track or waypoint: it is unknown, so its clock stands as it is.",
                "The zone of {count} tracks and waypoints: it is unknown, so their clock stands as it is.",
                self.zones,
            )
            out.append(text.format(count=self.zones))
        if self.homeless:
            text = ngettext(
                "{count} waypoint of a patrol that has no day.",
                "{count} waypoints of patrols that have no day.",
                self.homeless,
            )
            out.append(text.format(count=self.homeless))
        return tuple(out)


class Stock:
    """The patrols, tracks, waypoints and observations of one site that touch a period."""

    def __init__(self, data: Reading, site: Site, period: Period) -> None:
        self.data = data
        self.site = site
        self.period = period
        self.missed = Missed()
        of_site = equal("site_id", site.id)
        self.patrols = [
            patrol
            for patrol in data.find(Patrol, of_site, order=("starts_on", "number", "id"))
            if period.has(patrol.starts_on, patrol.ends_on)
        ]
        self._zones = {patrol.id: zone_named(patrol.time_zone or site.time_zone) for patrol in self.patrols}
        ids = [patrol.id for patrol in self.patrols]
        self.tracks = self.children(Track, "patrol_id", ids)
        alone = data.find(Waypoint, of_site, equal("patrol_id", None), order=("id",))
        self.waypoints = [
            *sorted(self.children(Waypoint, "patrol_id", ids), key=in_time),
            *sorted((one for one in alone if period.has(self.day_of(one))), key=in_time),
        ]
        seen = self.children(Observation, "waypoint_id", [w.id for w in self.waypoints])
        self.seen = grouped(sorted(seen, key=lambda o: (o.ordinal, o.id)), "waypoint_id")

    def children(self, kind: type[R], name: str, ids: Sequence[Id]) -> list[R]:
        """Every record whose field `name` is one of the ids."""
        return children(self.data, kind, name, ids)

    def grid_deg(self, waypoint: Waypoint) -> float | None:
        """The grid that a place is given out on; None when it is given out as it is."""
        if self.data.looker is None or waypoint.lon is None:
            return None
        return self.data.looker.grid_deg(Waypoint.KIND, waypoint.id)

    def zone(self, patrol_id: Id | None) -> tzinfo | None:
        """The zone of a patrol's clocks, else of the site; None when nobody has said it."""
        if patrol_id is not None and patrol_id in self._zones:
            return self._zones[patrol_id]
        return zone_named(self.site.time_zone)

    def day_of(self, waypoint: Waypoint) -> date | None:
        if waypoint.at_local is not None:
            return waypoint.at_local.date()
        return to_local(waypoint.at, self.zone(waypoint.patrol_id)).date() if waypoint.at else None

    def fixes(self, value: bytes) -> Fixes | None:
        """The fixes in a value; a damaged one is counted and None."""
        try:
            return decode(value)
        except BadInput:
            self.missed.damaged += 1
            return None


def in_time(waypoint: Waypoint) -> tuple[object, ...]:
    """Sorts places as they were noted: by time, then by number as people count."""
    at = waypoint.at_local or (waypoint.at.replace(tzinfo=None) if waypoint.at else None)
    number = waypoint.number or waypoint.name
    counted = int(number) if number.isascii() and number.isdecimal() else 0
    return (at is None, at or datetime.min, counted, number, waypoint.id)


def children(data: Reading, kind: type[R], name: str, ids: Sequence[Id]) -> list[R]:
    """Every record whose field `name` is one of the ids, however many."""
    out: list[R] = []
    for start in range(0, len(ids), _AT_ONCE):
        out += data.find(kind, one_of(name, ids[start : start + _AT_ONCE]), order=("id",))
    return out


def grouped(records: Iterable[R], name: str) -> dict[Id, list[R]]:
    """Records by the id in one of their fields, in their order."""
    out: dict[Id, list[R]] = defaultdict(list)
    for record in records:
        key = getattr(record, name)
        if key is not None:
            out[key].append(record)
    return out
