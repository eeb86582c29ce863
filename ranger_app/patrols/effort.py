"""Counts the effort of patrols: the numbers of SMART by SMART's own definitions, and a few of ours.

The SMART ones follow the SQL that its summaries execute (see `DEFINITIONS`), so that a site sees the same
numbers after changing over. All of them are sums over leg-days: one day of one leg of one patrol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ranger_app.domain.ids import Id
from ranger_app.i18n import _

TRACK_GAP_S = 600.0
"""Fixes further apart than this do not count as recorded time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """One leg-day with all that effort is counted from. `members` name people, each once."""

    patrol_id: Id
    leg_id: Id
    day: date
    starts_local: datetime | None = None
    ends_local: datetime | None = None
    rest_s: float = 0.0
    members: frozenset[str] = frozenset()
    track_m: float | None = None
    """Measured on the tracks of the day; None when it has none."""
    stated_m: float | None = None
    recorded_s: float = 0.0

    @property
    def clock_s(self) -> float:
        """End less start; nothing when one of them is missing or the end is before the start."""
        if self.starts_local is None or self.ends_local is None:
            return 0.0
        return max((self.ends_local - self.starts_local).total_seconds(), 0.0)

    @property
    def field_s(self) -> float:
        return max(self.clock_s - self.rest_s, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a number of patrols took."""

    patrols: int
    days: int
    nights: int
    calendar_days: int
    members: int
    distance_m: float
    stated_m: float
    """The part of `distance_m` that no track was there to measure."""
    patrol_s: float
    field_s: float
    track_s: float
    man_field_s: float
    man_patrol_s: float
    man_days: int
    person_days: int


@dataclass(frozen=True, slots=True)
class Definition:
    """What one number of `Effort` is. `smart_key` is SMART's own name for the same, or empty."""

    id: str
    title: Callable[[], str]
    text: Callable[[], str]
    unit: str
    smart_key: str = ""


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "patrols",
        lambda: _("Patrols"),
        lambda: _("How many different patrols went out."),
        "",
        "numpatrols",
    ),
    Definition(
        "days",
        lambda: _("Patrol days"),
        lambda: _("Different pairs of patrol and date: two patrols on one date count twice."),
        "d",
        "numdays",
    ),
    Definition(
        "nights",
        lambda: _("Patrol nights"),
        lambda: _("Patrol days less patrols."),
        "",
        "numnights",
    ),
    Definition(
        "distance_m",
        lambda: _("Distance"),
        lambda: _(
            "Length of the tracks on the ellipsoid, not across gaps between their segments; "
            "for days without a track the distance that was written down."
        ),
        "m",
        "distance",
    ),
    Definition(
        "patrol_s",
        lambda: _("Patrol hours"),
        lambda: _("End less start of each day of each leg; rest is not subtracted."),
        "s",
        "numpatrolhours",
    ),
    Definition(
        "field_s",
        lambda: _("Field hours"),
        lambda: _("End less start less rest of each day of each leg."),
        "s",
        "numhours",
    ),
    Definition(
        "members",
        lambda: _("Members"),
        lambda: _("How many different people took part."),
        "",
        "nummembers",
    ),
    Definition(
        "man_field_s",
        lambda: _("Man-hours"),
        lambda: _("Field hours times the members of the leg: rest is subtracted."),
        "s",
        "manhours",
    ),
    Definition(
        "man_patrol_s",
        lambda: _("Man-hours with rest"),
        lambda: _("Patrol hours times the members of the leg: rest is not subtracted."),
        "s",
    ),
    Definition(
        "man_days",
        lambda: _("Man-days"),
        lambda: _(
            "Different triples of patrol, date and person: somebody in two patrols on one date counts twice."
        ),
        "d",
        "mandays",
    ),
    Definition(
        "track_s",
        lambda: _("Track hours"),
        lambda: _("From the first to the last fix of each track, less gaps of more than ten minutes."),
        "s",
        "numtrackpatrolhours",
    ),
    Definition(
        "person_days",
        lambda: _("Person-days by the calendar"),
        lambda: _("Different pairs of date and person, in however many patrols."),
        "d",
    ),
    Definition(
        "calendar_days",
        lambda: _("Days with a patrol"),
        lambda: _("Different dates on which at least one patrol was out, as EarthRanger counts."),
        "d",
    ),
)


def effort(outings: Iterable[Outing], *, patrols: Iterable[Id] = (), undated_m: float = 0.0) -> Effort:
    """The effort of these leg-days; `patrols` adds such as have no day, `undated_m` tracks of no day."""
    each = list(outings)
    patrol_ids = {o.patrol_id for o in each} | set(patrols)
    days = {(o.patrol_id, o.day) for o in each}
    # Nights are SMART's: counted over patrols that have a day, or an empty one would make it negative.
    walked = {o.patrol_id for o in each}
    stated = sum(o.stated_m or 0.0 for o in each if o.track_m is None)
    return Effort(
        patrols=len(patrol_ids),
        days=len(days),
        nights=len(days) - len(walked),
        calendar_days=len({o.day for o in each}),
        members=len({person for o in each for person in o.members}),
        distance_m=sum(o.track_m or 0.0 for o in each) + stated + undated_m,
        stated_m=stated,
        patrol_s=sum(o.clock_s for o in each),
        field_s=sum(o.field_s for o in each),
        track_s=sum(o.recorded_s for o in each),
        man_field_s=sum(o.field_s * len(o.members) for o in each),
        man_patrol_s=sum(o.clock_s * len(o.members) for o in each),
        man_days=len({(o.patrol_id, o.day, person) for o in each for person in o.members}),
        person_days=len({(o.day, person) for o in each for person in o.members}),
    )


def person_key(member: Mapping[str, object]) -> str:
    """What makes a member of a leg the same person as in another: the employee number, else the name."""
    number = str(member.get("employee_number") or "").strip()
    if number:
        return f"#{number}"
    return f"{member.get('given') or ''} {member.get('family') or ''}".strip().casefold()
