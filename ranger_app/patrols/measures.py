"""Numbers that patrols give as evidence, each with its definition and the table behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ranger_app.domain.ids import Id
from ranger_app.domain.measures import Cell, Measure, MeasureResult
from ranger_app.domain.patrols import Observation, Patrol, Waypoint
from ranger_app.domain.sites import Site
from ranger_app.i18n import _, ngettext
from ranger_app.patrols.effort import DEFINITIONS, Effort, Outing, effort
from ranger_app.patrols.stock import Period
from ranger_app.patrols.tables import walked
from ranger_app.patrols.vocabulary import Vocabulary
from ranger_app.patrols.zones import to_local, zone_named
from ranger_app.storage import Workspace
from ranger_app.storage.query import equal
from ranger_app.storage.reading import Reading

KM_M = 1000.0
HOUR_S = 3600.0
_DEFINED = {one.id: one for one in DEFINITIONS}

Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class _Number:
    """A measure that is one field of `Effort`, in a unit for people."""

    id: str
    field: str
    unit: str
    per: float = 1.0


_NUMBERS = (
    _Number("patrols.count", "patrols", ""),
    _Number("patrols.distance", "distance_m", "km", KM_M),
    _Number("patrols.hours", "field_s", "h", HOUR_S),
    _Number("patrols.patrol_hours", "patrol_s", "h", HOUR_S),
    _Number("patrols.days", "days", "d"),
    _Number("patrols.man_days", "man_days", "d"),
)


def measures(workspace: Workspace, words: Callable[[Reading], Vocabulary]) -> tuple[Measure, ...]:
    """What patrols can count."""

    def counted(one: _Number) -> Callable[[date | None, date | None], MeasureResult]:
        def compute(first: date | None, last: date | None) -> MeasureResult:
            with workspace.reading() as data:
                return _effort_result(data, workspace.site_id, one, Period(first=first, last=last))

        return compute

    def seen(first: date | None, last: date | None) -> MeasureResult:
        with workspace.reading() as data:
            site = data.need(Site, workspace.site_id)
            return _seen_result(data, site, words(data), Period(first=first, last=last))

    return (
        *(
            Measure(
                id=one.id,
                title=_DEFINED[one.field].title(),
                definition=_DEFINED[one.field].text(),
                unit=one.unit,
                compute=counted(one),
            )
            for one in _NUMBERS
        ),
        Measure(
            id="patrols.observations",
            title=_("Observations"),
            definition=_(
                "Observations on patrols and of incidents, by category; a place that was noted without "
                "a category counts once."
            ),
            unit="",
            compute=seen,
        ),
    )


def _effort_result(data: Reading, site_id: Id, one: _Number, period: Period) -> MeasureResult:
    mine = walked(data, equal("site_id", site_id))
    outings = [outing for outing in mine.outings if period.has(outing.day)]
    undated_m = sum(mine.undated_m.values()) if period.is_open else 0.0
    dated = {outing.patrol_id for outing in mine.outings}
    undated = [id_ for id_ in data.column(Patrol, "id", equal("site_id", site_id)) if id_ not in dated]
    total = effort(outings, patrols=undated if period.is_open else (), undated_m=undated_m)
    value = _value(total, one)
    return MeasureResult(
        value=value if outings or undated else None,
        rows=tuple(_by_month(outings, one)),
        query=_query(one.id, site_id, period),
        notes=tuple(_notes(outings, total, len(undated), period)),
    )


def _value(total: Effort, one: _Number) -> float:
    return round(float(getattr(total, one.field)) / one.per, 3)


def _by_month(outings: list[Outing], one: _Number) -> list[Row]:
    months: dict[str, list[Outing]] = defaultdict(list)
    for outing in outings:
        months[outing.day.strftime("%Y-%m")].append(outing)
    rows: list[Row] = []
    for month, some in sorted(months.items()):
        own = effort(some)
        row: dict[str, Cell] = {"month": month, "patrols": own.patrols, "days": own.days}
        row["km"] = round(own.distance_m / KM_M, 3)
        row["hours"] = round(own.field_s / HOUR_S, 2)
        if one.field not in {"patrols", "days", "distance_m", "field_s"}:
            row[one.field.removesuffix("_s")] = _value(own, one)
        rows.append(row)
    return rows


def _notes(outings: list[Outing], total: Effort, undated: int, period: Period) -> list[str]:
    notes = []
    if total.stated_m:
        stated = sum(1 for o in outings if o.track_m is None and o.stated_m)
        notes.append(
            ngettext(
                "{count} day has no track: its distance is the one that was written down.",
                "{count} days have no track: their distance is the one that was written down.",
                stated,
            ).format(count=stated)
        )
    clockless = sum(1 for o in outings if o.starts_local is None or o.ends_local is None)
    if clockless:
        notes.append(
            ngettext(
                "{count} day has no start or no end and counts no hours.",
                "{count} days have no start or no end and count no hours.",
                clockless,
            ).format(count=clockless)
        )
    if undated and not period.is_open:
        notes.append(
            ngettext(
                "{count} patrol without a date is left out.",
                "{count} patrols without a date are left out.",
                undated,
            ).format(count=undated)
        )
    return notes


def _seen_result(data: Reading, site: Site, words: Vocabulary, period: Period) -> MeasureResult:
    of_site = equal("site_id", site.id)
    zone = zone_named(site.time_zone)
    days = dict(data.columns(Patrol, ("id", "starts_on"), of_site))
    within: set[Id] = set()
    undated = 0
    for id_, patrol_id, at, at_local in data.columns(
        Waypoint, ("id", "patrol_id", "at", "at_local"), of_site
    ):
        local = at_local or (to_local(at, zone) if at else None)
        day = local.date() if local else days.get(patrol_id)
        if period.has(day):
            within.add(id_)
        undated += day is None
    categories: Counter[str] = Counter()
    with_category: set[Id] = set()
    for waypoint_id, category in data.columns(Observation, ("waypoint_id", "category"), of_site):
        if waypoint_id in within:
            categories[category] += 1
            with_category.add(waypoint_id)
    rows: list[Row] = [
        {"category": words.category_words(key), "key": key, "observations": count}
        for key, count in categories.most_common()
    ]
    bare = len(within - with_category)
    if bare:
        rows.append({"category": _("noted, no category"), "key": "", "observations": bare})
    notes = []
    if undated and not period.is_open:
        text = ngettext(
            "{count} place without a date is left out.",
            "{count} places without a date are left out.",
            undated,
        )
        notes.append(text.format(count=undated))
    return MeasureResult(
        value=float(categories.total() + bare) if within else None,
        rows=tuple(rows),
        query=_query("patrols.observations", site.id, period),
        notes=tuple(notes),
    )


def _query(measure_id: str, site_id: Id, period: Period) -> dict[str, str | None]:
    return {
        "measure": measure_id,
        "site": site_id.hex(),
        "first": period.first.isoformat() if period.first else None,
        "last": period.last.isoformat() if period.last else None,
    }
