"""Patrols as rows with their effort: for the list, and for the numbers that are frozen as evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Leg, LegDay, Observation, Patrol, Track, Waypoint
from ranger_app.patrols.effort import Effort, Outing, effort, person_key
from ranger_app.storage.query import Condition, equal
from ranger_app.storage.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolRow:
    """One line of the list."""

    id: Id
    number: str
    title: str
    patrol_type: str
    team: str
    station: str
    starts_on: date | None
    ends_on: date | None
    status: str
    days: int
    distance_m: float
    patrol_s: float
    field_s: float
    waypoints: int
    observations: int

    def has(self, text: str) -> bool:
        """Whether every typed word is somewhere in the row."""
        said = " ".join((self.number, self.title, self.team, self.station)).casefold()
        return all(word in said for word in text.casefold().split())


@dataclass(slots=True)
class Walked:
    """The effort of some patrols, in its parts."""

    outings: list[Outing] = field(default_factory=list)
    undated_m: dict[Id, float] = field(default_factory=lambda: defaultdict(float))
    """By patrol the length of tracks that belong to no day."""

    def of(self, patrol_ids: Iterable[Id]) -> Mapping[Id, Effort]:
        """The effort of each patrol alone."""
        by_patrol: dict[Id, list[Outing]] = defaultdict(list)
        for outing in self.outings:
            by_patrol[outing.patrol_id].append(outing)
        return {
            id_: effort(by_patrol.get(id_, ()), patrols=[id_], undated_m=self.undated_m.get(id_, 0.0))
            for id_ in patrol_ids
        }


def walked(data: Reading, *conditions: Condition) -> Walked:
    """Every leg-day with its members and its tracks. Conditions are on fields that legs, days and tracks
    all have: site_id and patrol_id."""
    out = Walked()
    members: dict[Id, frozenset[str]] = {
        leg_id: frozenset(person_key(m) for m in people if isinstance(m, Mapping))
        for leg_id, people in data.columns(Leg, ("id", "members"), *conditions)
        if isinstance(people, list)
    }
    length: dict[Id, float] = defaultdict(float)
    recorded: dict[Id, float] = defaultdict(float)
    for patrol_id, day_id, length_m, quality in data.columns(
        Track, ("patrol_id", "leg_day_id", "length_m", "quality"), *conditions
    ):
        if day_id is None:
            out.undated_m[patrol_id] += length_m
        else:
            length[day_id] += length_m
            recorded[day_id] += _recorded_s(quality)
    fields = (
        "id", "patrol_id", "leg_id", "day", "starts_local", "ends_local", "rest_s", "stated_distance_m",
    )  # fmt: skip
    for id_, patrol_id, leg_id, day, starts, ends, rest_s, stated_m in data.columns(
        LegDay, fields, *conditions
    ):
        out.outings.append(
            Outing(
                patrol_id=patrol_id,
                leg_id=leg_id,
                day=day,
                starts_local=starts,
                ends_local=ends,
                rest_s=rest_s or 0.0,
                members=members.get(leg_id, frozenset()),
                track_m=length.get(id_),
                stated_m=stated_m,
                recorded_s=recorded.get(id_, 0.0),
            )
        )
    return out


def _recorded_s(quality: Any) -> float:
    value = quality.get("recorded_s") if isinstance(quality, Mapping) else None
    return float(value) if isinstance(value, int | float) else 0.0


def patrol_rows(data: Reading, site_id: Id) -> list[PatrolRow]:
    """Every patrol of the site, the latest first."""
    of_site = equal("site_id", site_id)
    fields = ("id", "number", "title", "patrol_type", "team", "station", "starts_on", "ends_on", "status")
    patrols = data.columns(Patrol, fields, of_site, order=("-starts_on", "-number", "-id"))
    efforts = walked(data, of_site).of([row[0] for row in patrols])
    waypoints = data.tally(Waypoint, "patrol_id", of_site)
    seen = data.tally(Observation, "patrol_id", of_site)
    rows = []
    for id_, number, title, patrol_type, team, station, starts_on, ends_on, status in patrols:
        own = efforts[id_]
        rows.append(
            PatrolRow(
                id=id_,
                number=number,
                title=title or "",
                patrol_type=patrol_type or "GROUND",
                team=team or "",
                station=station or "",
                starts_on=starts_on,
                ends_on=ends_on,
                status=status or "draft",
                days=own.days,
                distance_m=own.distance_m,
                patrol_s=own.patrol_s,
                field_s=own.field_s,
                waypoints=waypoints.get(id_, 0),
                observations=seen.get(id_, 0),
            )
        )
    return rows
