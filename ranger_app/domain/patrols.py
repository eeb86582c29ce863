"""Patrols as planned, walked and recorded; the shape is a superset of SMART's and EarthRanger's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ranger_app.domain.fields import Form, Merge, Privacy, Record, record, stored
from ranger_app.domain.ids import Id

PATROL_TYPES = ("GROUND", "MARINE", "AIR", "MIXED")
"""SMART's patrolType values."""
PATROL_STEPS = ("draft", "submitted", "verified")
UTC_CLOCK, LOCAL_CLOCK = "utc", "local"


@record(10, "data_model")
class DataModel(Record):
    """One version of the categories, attributes, lists and trees that observations are made of."""

    name: str = stored(2, Form.TEXT)
    version: str = stored(3, Form.TEXT, default="1")
    definition: Any = stored(4, Form.DATA, default=None)
    origin_format: str = stored(5, Form.TEXT, default="")


@record(11, "patrol_plan")
class PatrolPlan(Record):
    """What a patrol is meant to do, before it goes."""

    title: str = stored(2, Form.TEXT)
    starts_on: date | None = stored(3, Form.DAY, default=None)
    ends_on: date | None = stored(4, Form.DAY, default=None)
    objective: str = stored(5, Form.TEXT, default="", merge=Merge.PARAGRAPHS)
    patrol_type: str = stored(6, Form.TEXT, default="GROUND")
    team: str = stored(7, Form.TEXT, default="")
    station: str = stored(8, Form.TEXT, default="")
    route: bytes | None = stored(9, Form.BYTES, default=None, privacy=Privacy.ROUTE)
    origin_key: str = stored(10, Form.TEXT, default="")
    origin_raw: Any = stored(11, Form.DATA, default=None, privacy=Privacy.PRIVATE)


@record(12, "patrol")
class Patrol(Record):
    """One patrol, from leaving the station to coming back."""

    number: str = stored(2, Form.TEXT, indexed=True)
    """What people call it, such as KRU-07-0123 or SMART's id."""
    title: str = stored(3, Form.TEXT, default="")
    patrol_type: str = stored(4, Form.TEXT, default="GROUND")
    armed: bool = stored(5, Form.FLAG, default=False)
    objective: str = stored(6, Form.TEXT, default="")
    mandate: str = stored(7, Form.TEXT, default="")
    team: str = stored(8, Form.TEXT, default="")
    station: str = stored(9, Form.TEXT, default="")
    starts_on: date | None = stored(10, Form.DAY, default=None, indexed=True)
    ends_on: date | None = stored(11, Form.DAY, default=None)
    comment: str = stored(12, Form.TEXT, default="", merge=Merge.PARAGRAPHS, privacy=Privacy.PERSON)
    status: str = stored(13, Form.TEXT, default="draft", steps=PATROL_STEPS)
    plan_id: Id | None = stored(14, Form.ID, default=None)
    time_zone: str = stored(15, Form.TEXT, default="")
    """IANA name of the place; empty when nobody has said it yet and times are local and naive."""
    origin_format: str = stored(16, Form.TEXT, default="")
    origin_key: str = stored(17, Form.TEXT, default="", indexed=True)
    """What makes this the same patrol when the file is read again."""
    origin_raw: Any = stored(18, Form.DATA, default=None, privacy=Privacy.PRIVATE)
    """Foreign values that Ranger has no field for, kept for the way back."""


@record(13, "leg")
class Leg(Record):
    """A part of a patrol with one transport and one set of people."""

    patrol_id: Id = stored(2, Form.ID, parent="patrol", indexed=True)
    number: int = stored(3, Form.INTEGER, default=1)
    label: str = stored(4, Form.TEXT, default="")
    transport: str = stored(5, Form.TEXT, default="")
    starts_on: date | None = stored(6, Form.DAY, default=None)
    ends_on: date | None = stored(7, Form.DAY, default=None)
    members: Any = stored(8, Form.DATA, default=None, merge=Merge.UNION, privacy=Privacy.PERSON)
    """A list of {"given", "family", "employee_number", "leader", "pilot"}."""
    mandate: str = stored(9, Form.TEXT, default="")
    origin_raw: Any = stored(10, Form.DATA, default=None, privacy=Privacy.PRIVATE)


@record(14, "leg_day")
class LegDay(Record):
    """One day of one leg: SMART's unit of effort."""

    patrol_id: Id = stored(2, Form.ID, indexed=True)
    leg_id: Id = stored(3, Form.ID, parent="leg", indexed=True)
    day: date = stored(4, Form.DAY)
    starts_local: datetime | None = stored(5, Form.LOCAL, default=None)
    ends_local: datetime | None = stored(6, Form.LOCAL, default=None)
    rest_s: float = stored(7, Form.REAL, default=0.0)
    stated_distance_m: float | None = stored(8, Form.REAL, default=None)
    """The distance that the source itself gave; ours is measured on the track."""
    origin_raw: Any = stored(9, Form.DATA, default=None, privacy=Privacy.PRIVATE)


@record(15, "track")
class Track(Record):
    """The fixes of one receiver in one piece, kept as one compressed value (see `patrols.fixes`)."""

    patrol_id: Id = stored(2, Form.ID, parent="patrol", indexed=True)
    leg_day_id: Id | None = stored(3, Form.ID, default=None, indexed=True)
    name: str = stored(4, Form.TEXT, default="")
    fixes: bytes = stored(5, Form.BYTES, privacy=Privacy.ROUTE)
    codec: int = stored(6, Form.INTEGER, default=1)
    fix_count: int = stored(7, Form.INTEGER, default=0)
    length_m: float = stored(8, Form.REAL, default=0.0)
    """On the WGS 84 ellipsoid, within segments, not across their gaps."""
    west: float | None = stored(9, Form.REAL, default=None, privacy=Privacy.ROUTE)
    south: float | None = stored(10, Form.REAL, default=None, privacy=Privacy.ROUTE)
    east: float | None = stored(11, Form.REAL, default=None, privacy=Privacy.ROUTE)
    north: float | None = stored(12, Form.REAL, default=None, privacy=Privacy.ROUTE)
    first_at: datetime | None = stored(13, Form.INSTANT, default=None)
    last_at: datetime | None = stored(14, Form.INSTANT, default=None)
    """First and last fix. For `clock` "local" the zone is unknown and the wall clock is written as if UTC."""
    clock: str = stored(15, Form.TEXT, default=UTC_CLOCK)
    origin_key: str = stored(16, Form.TEXT, default="", indexed=True)
    quality: Any = stored(17, Form.DATA, default=None)
    origin_raw: Any = stored(18, Form.DATA, default=None, privacy=Privacy.PRIVATE)


@record(16, "waypoint")
class Waypoint(Record):
    """A place where something was noted; without a patrol it is an incident of its own."""

    patrol_id: Id | None = stored(2, Form.ID, default=None, parent="patrol", indexed=True)
    leg_day_id: Id | None = stored(3, Form.ID, default=None, indexed=True)
    number: str = stored(4, Form.TEXT, default="")
    lon: float | None = stored(5, Form.REAL, default=None, together="position", privacy=Privacy.POSITION)
    lat: float | None = stored(6, Form.REAL, default=None, together="position", privacy=Privacy.POSITION)
    """A correction is an edit of both; the fix as it was taken stays in the op that made the record
    (`Reading.original`)."""
    elevation_m: float | None = stored(7, Form.REAL, default=None, privacy=Privacy.POSITION)
    distance_m: float | None = stored(8, Form.REAL, default=None, privacy=Privacy.POSITION)
    bearing_deg: float | None = stored(9, Form.REAL, default=None, privacy=Privacy.POSITION)
    """From the observer to what was seen, degrees from true north."""
    at: datetime | None = stored(10, Form.INSTANT, default=None, indexed=True)
    at_local: datetime | None = stored(11, Form.LOCAL, default=None)
    name: str = stored(12, Form.TEXT, default="", privacy=Privacy.PERSON)
    comment: str = stored(13, Form.TEXT, default="", merge=Merge.PARAGRAPHS, privacy=Privacy.PERSON)
    symbol: str = stored(14, Form.TEXT, default="")
    origin_key: str = stored(15, Form.TEXT, default="", indexed=True)
    origin_raw: Any = stored(16, Form.DATA, default=None, privacy=Privacy.PRIVATE)
    source: str = stored(17, Form.TEXT, default="")
    """gps, phone, paper or smart."""


@record(17, "observation")
class Observation(Record):
    """One thing seen or done at a waypoint, under a category of the data model."""

    waypoint_id: Id = stored(2, Form.ID, parent="waypoint", indexed=True)
    patrol_id: Id | None = stored(3, Form.ID, default=None, indexed=True)
    category: str = stored(4, Form.TEXT, indexed=True)
    """Hierarchical key with a trailing dot, such as humanactivity.timber.firewood."""
    group: int = stored(5, Form.INTEGER, default=0)
    ordinal: int = stored(6, Form.INTEGER, default=0)
    comment: str = stored(7, Form.TEXT, default="", merge=Merge.PARAGRAPHS, privacy=Privacy.PERSON)
    origin_raw: Any = stored(8, Form.DATA, default=None, privacy=Privacy.PRIVATE)


@record(18, "value")
class Value(Record):
    """One attribute of an observation. Exactly one of number, text, flag and items is filled."""

    observation_id: Id = stored(2, Form.ID, parent="observation", indexed=True)
    attribute: str = stored(3, Form.TEXT)
    number: float | None = stored(4, Form.REAL, default=None, privacy=Privacy.ATTRIBUTE)
    text: str | None = stored(5, Form.TEXT, default=None, privacy=Privacy.ATTRIBUTE)
    flag: bool | None = stored(6, Form.FLAG, default=None, privacy=Privacy.ATTRIBUTE)
    items: tuple[str, ...] | None = stored(7, Form.WORDS, default=None, privacy=Privacy.ATTRIBUTE)
    """Keys of a list (one or several) or one path of a tree with its trailing dot."""
    ordinal: int = stored(8, Form.INTEGER, default=0)
    origin_raw: Any = stored(9, Form.DATA, default=None, privacy=Privacy.PRIVATE)
