"""Makes drafts of what a receiver recorded: tracks, waypoints and routes that know nothing of patrols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from ranger_app.domain.fields import Record
from ranger_app.domain.found import Fixes, Found, FoundTrack, FoundWaypoint
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.patrols import Leg, LegDay, Patrol, PatrolPlan, Track, Waypoint
from ranger_app.domain.sites import Site
from ranger_app.patrols.distance import Mask
from ranger_app.patrols.fixes import encode
from ranger_app.patrols.identity import content_hashes, line_key, rest_key, waypoint_key
from ranger_app.patrols.known import Known
from ranger_app.patrols.lines import Part, outings, parts_of
from ranger_app.patrols.proposals import Draft
from ranger_app.patrols.quality import REPEAT
from ranger_app.patrols.slicing import pick
from ranger_app.patrols.tracks import track_record
from ranger_app.patrols.words import outing_words
from ranger_app.patrols.zones import local_ms, to_local, wall_clock, zone_named

MAX_NAME_CHARS = 60


ONCE = frozenset(("origin_raw", "patrol_id", "leg_day_id"))
"""Fields that a second reading of the same thing leaves alone when they say something."""
NEAR_A_TRACK = timedelta(minutes=15)
"""A waypoint of a file without tracks belongs to the one patrol that was out then, give or take this."""


class _Kept(NamedTuple):
    """A part of which there is something to keep, and what."""

    part: Part
    fixes: Fixes
    masks: Mapping[str, Mask]
    here: Track | None = None
    """The very same, when it is here."""


@dataclass(frozen=True, slots=True)
class Loose:
    """The drafts of one file, and how many fixes were left out because they are here already."""

    drafts: tuple[Draft, ...]
    fixes_known: int
    """In tracks that bring something new as well."""


class Receiver:
    """Takes one file apart. `gap` divides patrols."""

    def __init__(self, found: Found, *, site: Site, known: Known, gap: timedelta) -> None:
        self._found = found
        self._site = site
        self._zone = zone_named(site.time_zone)
        self._known = known
        self._gap_ms = round(gap / timedelta(milliseconds=1))
        self._source: dict[str, Any] | None = _source(found)
        self._fixes_known = 0

    def drafts(self) -> Loose:
        parts = parts_of(self._found.tracks, zone=self._zone, gap_ms=self._gap_ms)
        groups = outings(parts, gap_ms=self._gap_ms)
        waypoints, alone = self._given_to(groups)
        drafts = [
            self._patrol(group, waypoints[number], number, len(groups))
            for number, group in enumerate(groups, 1)
        ]
        if alone or self._found.routes:
            drafts.append(self._without_patrol(alone))
        return Loose(tuple(drafts), self._fixes_known)

    def _id(self, *parts: str | bytes) -> Id:
        return derived_id(0, *parts[:1], self._site.id, *parts[1:])

    def _take_source(self) -> dict[str, Any] | None:
        """What the file says of itself goes with the first thing that is made of it."""
        source, self._source = self._source, None
        return source

    # ---- waypoints

    def _given_to(
        self, groups: Sequence[Sequence[Part]]
    ) -> tuple[dict[int, list[FoundWaypoint]], list[FoundWaypoint]]:
        """The waypoints of each outing (by its number, from 1), and those of none."""
        spans = [self._span(group) for group in groups]
        given: dict[int, list[FoundWaypoint]] = {n: [] for n in range(1, len(groups) + 1)}
        alone: list[FoundWaypoint] = []
        for waypoint in self._found.waypoints:
            at_ms = self._moment_ms(waypoint)
            near = [
                (max(span[0] - at_ms, at_ms - span[1], 0), n)
                for n, span in enumerate(spans, 1)
                if span is not None and at_ms is not None
            ]
            if near and min(near)[0] <= self._gap_ms:
                given[min(near)[1]].append(waypoint)
            elif len(groups) == 1 and (at_ms is None or spans[0] is None):
                given[1].append(waypoint)
            else:
                alone.append(waypoint)
        return given, alone

    def _span(self, group: Sequence[Part]) -> tuple[int, int] | None:
        """First and last moment of an outing by the clock of the place, milliseconds."""
        ms = [t for p in group for t in (p.first_ms, p.last_ms) if t is not None]
        if not ms:
            return None
        first, last = local_ms(np.array([min(ms), max(ms)], np.int64), self._zone)
        return int(first), int(last)

    def _moment_ms(self, waypoint: FoundWaypoint) -> int | None:
        """By the clock of the place, which is all that some waypoints have."""
        local = waypoint.at_local or (to_local(waypoint.at, self._zone) if waypoint.at else None)
        return None if local is None else _ms(local)

    def _waypoint_records(
        self, waypoints: Sequence[FoundWaypoint], patrol_id: Id | None, days: Mapping[date, Id]
    ) -> list[Waypoint]:
        out = []
        nth: dict[str, int] = {}
        for waypoint in waypoints:
            key = waypoint_key(waypoint)
            nth[key] = nth.get(key, 0) + 1
            key = key if nth[key] == 1 else f"{key}#{nth[key]}"
            wall = self._wall(waypoint)
            patrol = patrol_id or (
                self._known.patrol_out_at(waypoint.at, NEAR_A_TRACK) if waypoint.at else None
            )
            if patrol_id is None and patrol is not None:
                days = {day.day: day.id for day in self._known.days(patrol)}
            raw = {**waypoint.raw, **_sourced(self._take_source())}
            out.append(
                Waypoint(
                    id=self._id("waypoint", key),
                    site_id=self._site.id,
                    patrol_id=patrol,
                    leg_day_id=days.get(wall.date()) if wall and patrol else None,
                    lon=waypoint.lon,
                    lat=waypoint.lat,
                    elevation_m=waypoint.elevation_m,
                    at=waypoint.at,
                    at_local=waypoint.at_local,
                    name=waypoint.name,
                    comment=waypoint.comment,
                    symbol=waypoint.symbol,
                    origin_key=f"{self._found.format}:{key}",
                    origin_raw=raw or None,
                    source="gps",
                )
            )
        return out

    # ---- one patrol

    def _patrol(self, group: list[Part], waypoints: list[FoundWaypoint], number: int, of: int) -> Draft:
        kept, patrol_id, recognised = self._sifted(group)
        key = f"{self._found.format}:{group[0].key}"
        new_id = self._id("patrol", key)
        present = self._known.patrol(new_id) or (self._known.patrol(patrol_id) if patrol_id else None)
        days = sorted({part.day for part in group if part.day})
        patrol = self._patrol_record(present, new_id, key, group, days, number, of)
        leg = self._known.first_leg(patrol.id) or Leg(
            id=derived_id(0, "leg", patrol.id, "1"), site_id=self._site.id, patrol_id=patrol.id
        )
        if days:
            leg = replace(leg, starts_on=_first(leg.starts_on, days[0]), ends_on=_last(leg.ends_on, days[-1]))
        walked = {w.date() for w in map(self._wall, waypoints) if w is not None}
        leg_days = self._days(patrol.id, leg.id, group, walked)
        by_day = {day.day: day.id for day in leg_days}
        tracks = [self._track(one, patrol.id, by_day) for one in kept]
        records: list[Record] = [patrol, leg, *leg_days, *tracks]
        records += self._waypoint_records(waypoints, patrol.id, by_day)
        self._known.add(records)
        return Draft(
            file=self._found.file_name,
            title=patrol.title or patrol.number,
            about=outing_words(group, zone=self._zone, zone_name=self._site.time_zone),
            records=tuple(records),
            once=ONCE,
            recognised={"track": recognised} if recognised else {},
        )

    def _wall(self, waypoint: FoundWaypoint) -> datetime | None:
        at_ms = self._moment_ms(waypoint)
        return wall_clock(at_ms) if at_ms is not None else None

    def _sifted(self, group: list[Part]) -> tuple[list[_Kept], Id | None, int]:
        """The parts that bring something, the patrol that knows them, and how many are known whole."""
        kept: list[_Kept] = []
        patrol_id, whole = None, 0
        for part in group:
            if part.first_ms is None or part.last_ms is None:
                kept.append(_Kept(part, part.fixes, part.masks))
                continue
            track_id = self._id("track", part.key)
            sifted = self._known.sift(part.fixes, first_ms=part.first_ms, last_ms=part.last_ms, but=track_id)
            patrol_id = patrol_id or sifted.patrol_id
            masks, known = dict(part.masks), sifted.known
            if sifted.repeats.any():
                masks[REPEAT] = masks.get(REPEAT, sifted.repeats) | sifted.repeats
            here = self._known.hashes(track_id)
            if here is not None:
                same = self._known.track(track_id)
                patrol_id = same.patrol_id if same is not None else patrol_id
                contents = content_hashes(part.fixes)
                there = np.isin(contents, here[0])
                if np.isin(here[0], contents).all():  # the same track, or more of it
                    if REPEAT in masks:  # what was here first is not the repetition
                        masks[REPEAT] = masks[REPEAT] & ~there
                    kept.append(_Kept(part, part.fixes, masks, same if there.all() else None))
                    continue
                known = known | there
            if known.all():
                whole += 1
            elif known.any():
                self._fixes_known += int(known.sum())
                rest = {reason: mask[~known] for reason, mask in masks.items()}
                kept.append(_Kept(part, pick(part.fixes, ~known), rest))
            else:
                kept.append(_Kept(part, part.fixes, masks))
        return kept, patrol_id, whole

    def _track(self, kept: _Kept, patrol_id: Id, days: Mapping[date, Id]) -> Track:
        if kept.here is not None:
            return kept.here
        part, whole = kept.part, kept.fixes is kept.part.fixes
        key = part.key if whole else rest_key(kept.fixes)
        raw: dict[str, Any] = {**(part.track.raw if part.part == 0 else {}), "line": part.line}
        if part.part:
            raw["part"] = part.part
        if part.continues and whole:
            raw["continues"] = True
        return track_record(
            kept.fixes,
            id_=self._id("track", key),
            site_id=self._site.id,
            patrol_id=patrol_id,
            leg_day_id=days.get(part.day) if part.day else None,
            name=part.track.name,
            clock=part.track.clock,
            masks=kept.masks,
            onward_m=part.onward_m if whole else 0.0,
            origin_key=f"{self._found.format}:{key}",
            raw=raw,
        )

    def _patrol_record(
        self,
        present: Patrol | None,
        new_id: Id,
        key: str,
        group: list[Part],
        days: list[date],
        number: int,
        of: int,
    ) -> Patrol:
        first, last = (days[0], days[-1]) if days else (None, None)
        source = self._take_source()
        if present is not None:
            return replace(
                present, starts_on=_first(present.starts_on, first), ends_on=_last(present.ends_on, last)
            )
        stem = self._found.file_name.rpartition(".")[0] or self._found.file_name
        name = stem[:MAX_NAME_CHARS] if of == 1 else f"{stem[:MAX_NAME_CHARS]}-{number}"
        return Patrol(
            id=new_id,
            site_id=self._site.id,
            number=name,
            title=next((p.track.name.strip()[:200] for p in group if p.track.name.strip()), ""),
            starts_on=first,
            ends_on=last,
            time_zone=self._site.time_zone if self._zone else "",
            origin_format=self._found.format,
            origin_key=key,
            origin_raw=_sourced(source) or None,
        )

    def _days(self, patrol_id: Id, leg_id: Id, group: list[Part], walked: set[date]) -> list[LegDay]:
        present = {day.day: day for day in self._known.days(patrol_id)}
        out = []
        for day in sorted({part.day for part in group if part.day} | walked):
            record = present.get(day) or LegDay(
                id=derived_id(0, "leg_day", patrol_id, day.isoformat()),
                site_id=self._site.id,
                patrol_id=patrol_id,
                leg_id=leg_id,
                day=day,
            )
            clocks = [self._clock(ms) for p in group if p.day == day for ms in (p.first_ms, p.last_ms)]
            known = [clock for clock in clocks if clock is not None]
            if known:
                starts, ends = min(known), max(known)
                record = replace(
                    record,
                    starts_local=min(starts, record.starts_local or starts),
                    ends_local=max(ends, record.ends_local or ends),
                )
            out.append(record)
        return out

    def _clock(self, ms: int | None) -> datetime | None:
        if ms is None:
            return None
        return wall_clock(int(local_ms(np.array([ms], np.int64), self._zone)[0]))

    # ---- what belongs to no patrol

    def _without_patrol(self, waypoints: list[FoundWaypoint]) -> Draft:
        records: list[Record] = [self._plan(route) for route in self._found.routes]
        records += self._waypoint_records(waypoints, None, {})
        self._known.add(records)
        return Draft(
            file=self._found.file_name, title=self._found.file_name, records=tuple(records), once=ONCE
        )

    def _plan(self, route: FoundTrack) -> PatrolPlan:
        key = line_key(route.fixes)
        return PatrolPlan(
            id=self._id("patrol_plan", key, route.name),
            site_id=self._site.id,
            title=route.name,
            route=encode(route.fixes),
            origin_key=f"{self._found.format}:{key}",
            origin_raw={**route.raw, **_sourced(self._take_source())} or None,
        )


def _source(found: Found) -> dict[str, Any] | None:
    """What the file says of itself."""
    kept = {name: value for name, value in found.raw.items() if value}
    return {"file": found.file_name, **kept} if kept.keys() & {"metadata", "extensions"} else None


def _sourced(source: dict[str, Any] | None) -> dict[str, Any]:
    return {"source": source} if source else {}


def _ms(local: datetime) -> int:
    return round((local - datetime(1970, 1, 1)) / timedelta(milliseconds=1))


def _first(known: date | None, new: date | None) -> date | None:
    return min((d for d in (known, new) if d), default=None)


def _last(known: date | None, new: date | None) -> date | None:
    return max((d for d in (known, new) if d), default=None)
