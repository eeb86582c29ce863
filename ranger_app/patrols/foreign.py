"""Makes drafts of whole patrols, incidents and data models that another program exported."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from ranger_app.domain.fields import Record
from ranger_app.domain.found import (
    Found,
    FoundDay,
    FoundLeg,
    FoundModel,
    FoundObservation,
    FoundPatrol,
    FoundTrack,
    FoundWaypoint,
)
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.patrols import DataModel, Leg, LegDay, Observation, Patrol, Value, Waypoint
from ranger_app.domain.seeing import NONE_MARKED, marked_in, tells_of_people
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.patrols.proposals import Draft, DraftFile
from ranger_app.patrols.tracks import track_record
from ranger_app.patrols.words import period_words
from ranger_app.patrols.zones import zone_named


class Foreign:
    """Takes one file apart. The same patrol gets the same ids on every laptop that reads it."""

    def __init__(self, found: Found, *, site: Site) -> None:
        self._found = found
        self._site = site
        self._marked = NONE_MARKED.union(*(marked_in(model.definition) for model in found.models))
        self._records: list[Record] = []
        self._files: list[DraftFile] = []
        self._nth: dict[tuple[str, ...], int] = defaultdict(int)

    def drafts(self) -> list[Draft]:
        out = [self._patrol(patrol) for patrol in self._found.patrols]
        if self._found.waypoints:
            for waypoint in self._found.waypoints:
                at = waypoint.at_local or waypoint.at
                day = at.date().isoformat() if at else ""  # incidents are counted anew every year
                self._waypoint(waypoint, f"{self._found.format}:incident:{waypoint.number}:{day}", None, None)
            out.append(self._draft(self._found.file_name, ""))
        for model in self._found.models:
            out.append(self._model(model))
        return out

    def _draft(self, title: str, about: str) -> Draft:
        records, self._records = tuple(self._records), []
        files, self._files = tuple(self._files), []
        self._nth.clear()
        return Draft(file=self._found.file_name, title=title, about=about, records=records, files=files)

    def _id(self, kind: str, *parts: str) -> Id:
        """The parts name the thing within its file; equal ones are counted."""
        key = (kind, *parts)
        self._nth[key] += 1
        nth = self._nth[key]
        return derived_id(0, kind, self._site.id, *parts, *([str(nth)] if nth > 1 else []))

    def _patrol(self, found: FoundPatrol) -> Draft:
        key = f"{self._found.format}:{found.number or '#' + _fingerprint(found)}"
        patrol = Patrol(
            id=self._id("patrol", key),
            site_id=self._site.id,
            number=found.number or self._found.file_name.rpartition(".")[0],
            title=found.title,
            patrol_type=found.patrol_type,
            armed=found.armed,
            objective=found.objective,
            mandate=found.mandate,
            team=found.team,
            station=found.station,
            starts_on=found.starts_on,
            ends_on=found.ends_on,
            comment=found.comment,
            time_zone=self._site.time_zone if zone_named(self._site.time_zone) else "",
            origin_format=self._found.format,
            origin_key=key,
            origin_raw=dict(found.raw) or None,
        )
        self._records.append(patrol)
        for number, leg in enumerate(found.legs, 1):
            self._leg(leg, number, patrol, key)
        observed = sum(isinstance(record, Observation) for record in self._records)
        about = " · ".join(
            word
            for word in (
                period_words(found.starts_on, found.ends_on),
                found.team,
                _("{count} observations").format(count=observed),
            )
            if word
        )
        return self._draft(patrol.number, about)

    def _leg(self, found: FoundLeg, number: int, patrol: Patrol, key: str) -> None:
        label = found.label or str(number)
        leg = Leg(
            id=self._id("leg", key, label),
            site_id=self._site.id,
            patrol_id=patrol.id,
            number=number,
            label=found.label,
            transport=found.transport,
            starts_on=found.starts_on,
            ends_on=found.ends_on,
            members=[dict(member) for member in found.members] or None,
            mandate=found.mandate,
            origin_raw=dict(found.raw) or None,
        )
        self._records.append(leg)
        for day in found.days:
            self._day(day, leg, patrol, key, label)

    def _day(self, found: FoundDay, leg: Leg, patrol: Patrol, key: str, label: str) -> None:
        iso = found.day.isoformat()
        day = LegDay(
            id=self._id("leg_day", key, label, iso),
            site_id=self._site.id,
            patrol_id=patrol.id,
            leg_id=leg.id,
            day=found.day,
            starts_local=found.starts_local,
            ends_local=found.ends_local,
            rest_s=found.rest_s,
            stated_distance_m=found.stated_distance_m,
            origin_raw=dict(found.raw) or None,
        )
        self._records.append(day)
        for track in found.tracks:
            self._track(track, patrol, day, (key, label, iso))
        for waypoint in found.waypoints:
            self._waypoint(waypoint, f"{key}:{label}:{waypoint.number}", patrol.id, day.id)

    def _track(self, found: FoundTrack, patrol: Patrol, day: LegDay, parts: tuple[str, ...]) -> None:
        self._records.append(
            track_record(
                found.fixes,
                id_=self._id("track", *parts),
                site_id=self._site.id,
                patrol_id=patrol.id,
                leg_day_id=day.id,
                name=found.name,
                clock=found.clock,
                origin_key=":".join(parts),
                raw=found.raw,
            )
        )

    def _waypoint(self, found: FoundWaypoint, key: str, patrol_id: Id | None, day_id: Id | None) -> None:
        id_ = self._id("waypoint", key)
        self._records.append(
            Waypoint(
                id=id_,
                site_id=self._site.id,
                patrol_id=patrol_id,
                leg_day_id=day_id,
                number=found.number,
                lon=found.lon,
                lat=found.lat,
                elevation_m=found.elevation_m,
                distance_m=found.distance_m,
                bearing_deg=found.bearing_deg,
                at=found.at,
                at_local=found.at_local,
                name=found.name,
                comment=found.comment,
                symbol=found.symbol,
                origin_key=key,
                origin_raw=dict(found.raw) or None,
                source=self._found.format,
            )
        )
        self._files += [DraftFile(id_, Waypoint.NAME, file) for file in found.files]
        for ordinal, observation in enumerate(found.observations):
            self._observation(observation, ordinal, key, id_, patrol_id)

    def _observation(
        self, found: FoundObservation, ordinal: int, key: str, waypoint_id: Id, patrol_id: Id | None
    ) -> None:
        # Named by category and not by place in the list: one more in the middle leaves the others the same.
        id_ = self._id("observation", key, found.category)
        nth = str(self._nth["observation", key, found.category])
        self._records.append(
            Observation(
                id=id_,
                site_id=self._site.id,
                waypoint_id=waypoint_id,
                patrol_id=patrol_id,
                category=found.category,
                group=found.group,
                ordinal=ordinal,
                comment=found.comment,
                origin_raw=dict(found.raw) or None,
            )
        )
        self._files += [DraftFile(id_, Observation.NAME, file) for file in found.files]
        for order, value in enumerate(found.values):
            sensitive = tells_of_people(value.attribute, self._marked)
            raw = {**value.raw, **({"sensitive": True} if sensitive else {})}
            self._records.append(
                Value(
                    id=self._id("value", key, found.category, nth, value.attribute),
                    site_id=self._site.id,
                    observation_id=id_,
                    attribute=value.attribute,
                    number=value.number,
                    text=value.text,
                    flag=value.flag,
                    items=value.items,
                    ordinal=order,
                    origin_raw=raw or None,
                )
            )

    def _model(self, found: FoundModel) -> Draft:
        key = hashlib.sha256(json.dumps(found.definition, sort_keys=True).encode()).hexdigest()
        record = DataModel(
            id=self._id("data_model", self._found.format, key),
            site_id=self._site.id,
            name=found.name,
            version=found.version,
            definition=dict(found.definition),
            origin_format=self._found.format,
        )
        self._records.append(record)
        return self._draft(found.name, _("data model"))


def keys_used(records: Iterable[Record]) -> Mapping[str, set[str]]:
    """The category and attribute keys that these records use."""
    out: dict[str, set[str]] = {"category": set(), "attribute": set()}
    for record in records:
        if isinstance(record, Observation):
            out["category"].add(record.category)
        elif isinstance(record, Value):
            out["attribute"].add(record.attribute)
    return out


def _fingerprint(found: FoundPatrol) -> str:
    said = (found.starts_on, found.ends_on, found.team, [leg.members for leg in found.legs])
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
