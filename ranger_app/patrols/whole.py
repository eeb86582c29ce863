"""Gathers whole patrols, with legs, days and observations, for a format that knows patrols."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ranger_app.domain.errors import NotFound
from ranger_app.domain.found import (
    Found,
    FoundDay,
    FoundFile,
    FoundLeg,
    FoundObservation,
    FoundPatrol,
    FoundTrack,
    FoundValue,
    FoundWaypoint,
)
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import (
    LOCAL_CLOCK,
    UTC_CLOCK,
    Leg,
    LegDay,
    Observation,
    Patrol,
    Track,
    Value,
    Waypoint,
)
from ranger_app.domain.seeing import tells_of_people
from ranger_app.domain.sites import Attachment
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.patrols.distance import times
from ranger_app.patrols.loose import day_alone, with_times
from ranger_app.patrols.stock import Gathered, Stock, grouped
from ranger_app.patrols.zones import local_ms, to_local
from ranger_app.storage.files import FileStore


def gather_whole(stock: Stock, files: FileStore, work: Work, *, names: bool) -> Gathered:
    """All times by the clock of the place; without `names`, no value that tells who somebody is."""
    gathering = _Gathering(stock, files, names=names)
    patrols = tuple(gathering.patrol(patrol) for patrol in work.each(stock.patrols, len(stock.patrols)))
    loose = tuple(gathering.waypoint(w) for w in stock.waypoints if w.patrol_id is None)
    undated = [t for t in stock.tracks if t.leg_day_id is None]
    tracks = tuple(
        FoundTrack(name=t.name, fixes=fixes) for t in undated if (fixes := stock.fixes(t.fixes)) is not None
    )
    found = Found(format="", patrols=patrols, waypoints=loose, tracks=tracks)
    return Gathered(found, stock.missed.words())


class _Gathering:
    def __init__(self, stock: Stock, files: FileStore, *, names: bool) -> None:
        self._stock = stock
        self._names = names
        self._files = files
        ids = [patrol.id for patrol in stock.patrols]
        observations = [o for some in stock.seen.values() for o in some]
        seen_ids = [o.id for o in observations]
        owners = [*(w.id for w in stock.waypoints), *seen_ids]
        legs = sorted(stock.children(Leg, "patrol_id", ids), key=lambda leg: (leg.number, leg.id))
        days = sorted(stock.children(LegDay, "patrol_id", ids), key=lambda day: (day.day, day.id))
        values = sorted(stock.children(Value, "observation_id", seen_ids), key=lambda v: (v.ordinal, v.id))
        self._legs = grouped(legs, "patrol_id")
        self._days = grouped(days, "leg_id")
        self._values = grouped(values, "observation_id")
        self._attached = grouped(stock.children(Attachment, "owner_id", owners), "owner_id")
        self._tracks = grouped(
            sorted(stock.tracks, key=lambda t: (t.first_at is None, str(t.first_at), t.id)), "leg_day_id"
        )
        self._waypoints = grouped(stock.waypoints, "patrol_id")

    def patrol(self, patrol: Patrol) -> FoundPatrol:
        legs = self._legs.get(patrol.id, [])
        days = [day for leg in legs for day in self._days.get(leg.id, [])]
        placed = self._by_day(self._waypoints.get(patrol.id, []), days)
        return FoundPatrol(
            number=patrol.number,
            title=patrol.title,
            patrol_type=patrol.patrol_type,
            armed=patrol.armed,
            objective=patrol.objective,
            mandate=patrol.mandate,
            team=patrol.team,
            station=patrol.station,
            starts_on=patrol.starts_on,
            ends_on=patrol.ends_on,
            comment=patrol.comment,
            legs=tuple(self._leg(leg, placed) for leg in legs),
            raw=_raw(patrol.origin_raw) if patrol.origin_format == "smart" else {},
        )

    def _by_day(self, waypoints: Sequence[Waypoint], days: Sequence[LegDay]) -> dict[Id, list[Waypoint]]:
        """Each waypoint on its day, else on that of its date, else on the patrol's first."""
        out: dict[Id, list[Waypoint]] = {day.id: [] for day in days}
        dates: dict[date, Id] = {day.day: day.id for day in reversed(days)}
        for waypoint in waypoints:
            on = self._stock.day_of(waypoint)
            day_id = waypoint.leg_day_id if waypoint.leg_day_id in out else dates.get(on) if on else None
            if day_id is None and days:
                day_id = days[0].id
            if day_id is None:
                self._stock.missed.homeless += 1
            else:
                out[day_id].append(waypoint)
        return out

    def _leg(self, leg: Leg, placed: dict[Id, list[Waypoint]]) -> FoundLeg:
        return FoundLeg(
            label=leg.label,
            transport=leg.transport,
            starts_on=leg.starts_on,
            ends_on=leg.ends_on,
            members=tuple(leg.members or ()),
            mandate=leg.mandate,
            days=tuple(self._day(day, placed.get(day.id, [])) for day in self._days.get(leg.id, [])),
            raw=_raw(leg.origin_raw),
        )

    def _day(self, day: LegDay, waypoints: Sequence[Waypoint]) -> FoundDay:
        tracks = self._tracks.get(day.id, [])
        stated = day.stated_distance_m
        if stated is None and tracks:
            stated = sum(track.length_m for track in tracks)
        return FoundDay(
            day=day.day,
            starts_local=day.starts_local,
            ends_local=day.ends_local,
            rest_s=day.rest_s,
            stated_distance_m=stated,
            tracks=tuple(found for track in tracks if (found := self._track(track)) is not None),
            waypoints=tuple(self.waypoint(waypoint) for waypoint in waypoints),
            raw=_raw(day.origin_raw),
        )

    def _track(self, track: Track) -> FoundTrack | None:
        fixes = self._stock.fixes(track.fixes)
        if fixes is None:
            return None
        if track.clock == UTC_CLOCK:
            zone = self._stock.zone(track.patrol_id)
            self._stock.missed.zones += zone is None
            fixes = with_times(fixes, local_ms(times(fixes), zone))
        # What GPX keeps of a track means nothing elsewhere.
        raw = _raw(track.origin_raw) if "line" not in (track.origin_raw or {}) else {}
        return FoundTrack(name=track.name, fixes=fixes, clock=LOCAL_CLOCK, raw=raw)

    def waypoint(self, waypoint: Waypoint) -> FoundWaypoint:
        at_local = waypoint.at_local
        if at_local is None and waypoint.at is not None:
            zone = self._stock.zone(waypoint.patrol_id)
            self._stock.missed.zones += zone is None
            at_local = to_local(waypoint.at, zone)
        grid_deg = self._stock.grid_deg(waypoint)
        if grid_deg is not None:
            at_local = day_alone(at_local)
        return FoundWaypoint(
            number=waypoint.number or waypoint.name,
            lon=waypoint.lon,
            lat=waypoint.lat,
            elevation_m=waypoint.elevation_m,
            distance_m=waypoint.distance_m,
            bearing_deg=waypoint.bearing_deg,
            at=waypoint.at if waypoint.patrol_id is None and grid_deg is None else None,
            at_local=at_local,
            name=waypoint.name,
            comment=waypoint.comment,
            symbol=waypoint.symbol,
            observations=tuple(self._observation(one) for one in self._stock.seen.get(waypoint.id, [])),
            files=self._attachments(waypoint.id),
            raw=_raw(waypoint.origin_raw) if waypoint.source == "smart" else {},
            grid_deg=grid_deg,
        )

    def _observation(self, observation: Observation) -> FoundObservation:
        values = self._values.get(observation.id, [])
        marked = self._stock.data.marked
        told = [v for v in values if self._names or not tells_of_people(v.attribute, marked)]
        self._stock.missed.names += len(values) - len(told)
        return FoundObservation(
            category=observation.category,
            group=observation.group,
            comment=observation.comment,
            values=tuple(
                FoundValue(
                    attribute=value.attribute,
                    number=value.number,
                    text=value.text,
                    flag=value.flag,
                    items=value.items,
                    raw={k: v for k, v in _raw(value.origin_raw).items() if k != "sensitive"},
                )
                for value in told
            ),
            files=self._attachments(observation.id),
            raw=_raw(observation.origin_raw),
        )

    def _attachments(self, owner_id: Id) -> tuple[FoundFile, ...]:
        if not self._names:
            return ()
        return tuple(
            FoundFile(name=one.file_name, size_bytes=one.size_bytes, read=self._opener(one))
            for one in self._attached.get(owner_id, [])
        )

    def _opener(self, one: Attachment) -> Any:
        def read() -> bytes:
            found = self._files.find(one.file)
            if found is None:
                raise NotFound(
                    _("The file “{name}” is not on this laptop.").format(name=one.file_name),
                    _("Read a bundle that has it, then export again."),
                )
            return found.read_bytes()

        return read


def _raw(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}
