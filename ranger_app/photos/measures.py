"""Numbers that camera traps give as evidence, each with its effort, its definition and who checked it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from ranger_app.domain.ids import Id
from ranger_app.domain.measures import Cell, Measure, MeasureResult
from ranger_app.domain.photos import CameraStation, Deployment, Photo
from ranger_app.i18n import _, ngettext
from ranger_app.photos.review import Latest
from ranger_app.photos.views import PackUsed, Scores, all_latest, all_scores, shown_by
from ranger_app.storage import Workspace
from ranger_app.storage.query import Condition, at_least, below, present
from ranger_app.storage.reading import Reading

INDEPENDENT_AFTER = timedelta(minutes=30)
"""O'Brien, Kinnaird and Wibisono 2003: photos of one species at one station further apart are two events."""
DAY = timedelta(days=1)
Compute = Callable[[date | None, date | None], MeasureResult]
Row = dict[str, Cell]


class Shown(NamedTuple):
    """One dated photo with what it shows."""

    taken_local: datetime
    station_id: Id | None
    what: str
    """animal, person, vehicle, empty, unknown, or empty text when nobody and nothing has looked."""
    name: str
    """Species or group that a person gave, else the same as `what`."""
    checked: bool


@dataclass(frozen=True, slots=True)
class Effort:
    """Days that cameras were at work, by station, and how they are known."""

    days: Mapping[Id | None, float]
    guessed: frozenset[Id | None]
    """Stations without the times of a deployment: counted from the first to the last photo."""

    @property
    def total(self) -> float:
        return sum(self.days.values())


def measures(workspace: Workspace, pack: Callable[[], PackUsed | None]) -> tuple[Measure, ...]:
    """What camera traps can count; `pack` says whose results are used where nobody has spoken."""

    def counted(
        count: Callable[[_Period], MeasureResult],
    ) -> Callable[[date | None, date | None], MeasureResult]:
        def compute(first: date | None, last: date | None) -> MeasureResult:
            with workspace.reading() as data:
                return count(_Period(data, first, last, pack()))

        return compute

    return (
        Measure(
            id="photos.count",
            title=_("Camera-trap photos"),
            definition=_("Photos whose own time lies in the period. Photos without a time are left out."),
            unit="",
            compute=counted(_count),
        ),
        Measure(
            id="photos.camera_days",
            title=_("Camera-days"),
            definition=_(
                "Days that cameras were at work, from the times of their deployments; at stations without "
                "them, from the day of the first photo to that of the last, both counted."
            ),
            unit=_("days"),
            compute=counted(_camera_days),
        ),
        Measure(
            id="photos.events",
            title=_("Independent events per 100 camera-days"),
            definition=_(
                "Photos of one species (or of “animal” where nobody named it) at one station count as one "
                "event until 30 minutes pass without another. A person's label counts before the model's "
                "result. People and vehicles are not counted."
            ),
            unit=_("events per 100 camera-days"),
            compute=counted(_events),
        ),
        Measure(
            id="photos.checked",
            title=_("Share of photos that a person has checked"),
            definition=_("Photos of the period with at least one label that stands, of all its photos."),
            unit="%",
            compute=counted(_checked),
        ),
    )


def independent_events(times: Iterable[datetime]) -> int:
    """How many events photos of one species at one station are."""
    events, before = 0, None
    for taken in sorted(times):
        events += before is None or taken - before >= INDEPENDENT_AFTER
        before = taken
    return events


class _Period:
    """The photos and the effort of one period."""

    def __init__(self, data: Reading, first: date | None, last: date | None, pack: PackUsed | None) -> None:
        self._data = data
        self.first, self.last, self.pack = first, last, pack

    def query(self, name: str) -> dict[str, Any]:
        return {
            "measure": name,
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "model": f"{self.pack.id} {self.pack.version}" if self.pack else None,
        }

    def station_names(self) -> dict[Id | None, str]:
        names: dict[Id | None, str] = dict(self._data.columns(CameraStation, ("id", "name")))
        return names | {None: _("no station")}

    def photos(self) -> list[Shown]:
        """The dated photos of the period, in the order of time."""
        spoken = all_latest(self._data)
        scores = all_scores(self._data, self.pack)
        display = self.pack.display if self.pack else 1.0
        rows = self._data.columns(
            Photo, ("id", "taken_local", "station_id"), *self._dated(), order=("taken_local",)
        )
        return [
            _shown(taken, station, spoken.get(id_), scores.get(id_), display) for id_, taken, station in rows
        ]

    def left_out(self) -> tuple[str, ...]:
        undated = self._data.count(Photo) - self._data.count(Photo, present("taken_local"))
        if not undated:
            return ()
        text = ngettext(
            "{count} photo has no time and is left out.",
            "{count} photos have no time and are left out.",
            undated,
        )
        return (text.format(count=undated),)

    def effort(self) -> Effort:
        days: dict[Id | None, float] = defaultdict(float)
        for deployment in self._data.find(Deployment):
            if deployment.starts_local and deployment.ends_local:
                days[deployment.station_id] += self._within(deployment.starts_local, deployment.ends_local)
        guessed: dict[Id | None, set[date]] = defaultdict(set)
        for taken, station_id in self._data.columns(Photo, ("taken_local", "station_id"), *self._dated()):
            if station_id not in days:
                guessed[station_id].add(taken.date())
        days |= {station: (max(seen) - min(seen)).days + 1 for station, seen in guessed.items()}
        return Effort(dict(days), frozenset(guessed))

    def _within(self, starts: datetime, ends: datetime) -> float:
        if self.first:
            starts = max(starts, datetime.combine(self.first, time()))
        if self.last:
            ends = min(ends, datetime.combine(self.last, time()) + DAY)
        return max(ends - starts, timedelta()) / DAY

    def _dated(self) -> Sequence[Condition]:
        conditions = [present("taken_local")]
        if self.first:
            conditions.append(at_least("taken_local", datetime.combine(self.first, time())))
        if self.last:
            conditions.append(below("taken_local", datetime.combine(self.last, time()) + DAY))
        return conditions


def _shown(
    taken_local: datetime,
    station_id: Id | None,
    said: Latest | None,
    scores: Scores | None,
    display: float,
) -> Shown:
    what = shown_by(said, scores, display)
    return Shown(taken_local, station_id, what, (said.name if said else "") or what, said is not None)


def _count(period: _Period) -> MeasureResult:
    photos = period.photos()
    rows: list[Row] = []
    for station, some in _by_station(photos, period.station_names()):
        row: Row = {"station": station, "photos": len(some)}
        for what in ("animal", "person", "vehicle", "empty"):
            row[what] = sum(one.what == what for one in some)
        rows.append(row | {"not_looked_at": sum(not one.what for one in some)})
    return MeasureResult(
        value=len(photos), rows=tuple(rows), query=period.query("photos.count"), notes=period.left_out()
    )


def _camera_days(period: _Period) -> MeasureResult:
    effort, names = period.effort(), period.station_names()
    return MeasureResult(
        value=round(effort.total, 2) if effort.days else None,
        rows=tuple(_effort_rows(effort, names)),
        query=period.query("photos.camera_days"),
        notes=(*_how_known(effort, names), *period.left_out()),
    )


def _events(period: _Period) -> MeasureResult:
    photos, effort, names = period.photos(), period.effort(), period.station_names()
    animals = [photo for photo in photos if photo.what == "animal"]
    times: dict[tuple[Id | None, str], list[datetime]] = defaultdict(list)
    for photo in animals:
        times[photo.station_id, photo.name.casefold()].append(photo.taken_local)
    called = {photo.name.casefold(): photo.name for photo in animals}
    rows: list[Row] = []
    for (station, name), taken in times.items():
        events, days = independent_events(taken), effort.days.get(station, 0.0)
        rows.append(
            {
                "station": names.get(station, ""),
                "species": called[name],
                "photos": len(taken),
                "events": events,
                "camera_days": round(days, 2),
                "per_100_camera_days": round(100 * events / days, 2) if days else None,
            }
        )
    all_events = sum(int(str(row["events"])) for row in rows)
    return MeasureResult(
        value=round(100 * all_events / effort.total, 3) if effort.total else None,
        rows=tuple(sorted(rows, key=lambda row: (str(row["station"]), str(row["species"])))),
        query=period.query("photos.events") | {"independent_after_min": 30},
        checked_share=_share(animals) if period.pack else None,
        notes=(*_how_known(effort, names), *_unseen(photos), *period.left_out()),
    )


def _checked(period: _Period) -> MeasureResult:
    photos = period.photos()
    rows: list[Row] = [
        {"station": station, "photos": len(some), "checked": sum(one.checked for one in some)}
        for station, some in _by_station(photos, period.station_names())
    ]
    share = _share(photos)
    return MeasureResult(
        value=round(100 * share, 2) if share is not None else None,
        rows=tuple(rows),
        query=period.query("photos.checked"),
        checked_share=share,
        notes=period.left_out(),
    )


def _by_station(
    photos: Iterable[Shown], names: Mapping[Id | None, str]
) -> Iterator[tuple[str, Sequence[Shown]]]:
    """The photos of each station, by its name."""
    found: dict[str, list[Shown]] = defaultdict(list)
    for photo in photos:
        found[names.get(photo.station_id, "")].append(photo)
    yield from sorted(found.items())


def _share(photos: Sequence[Shown]) -> float | None:
    return sum(photo.checked for photo in photos) / len(photos) if photos else None


def _effort_rows(effort: Effort, names: Mapping[Id | None, str]) -> Iterator[Row]:
    for station in sorted(effort.days, key=lambda one: names.get(one, "")):
        yield {
            "station": names.get(station, ""),
            "camera_days": round(effort.days[station], 2),
            "from_photos_only": station in effort.guessed,
        }


def _how_known(effort: Effort, names: Mapping[Id | None, str]) -> Iterator[str]:
    if effort.guessed:
        stations = ", ".join(sorted(names.get(station, "") for station in effort.guessed))
        text = _(
            "No deployment times for {stations}: camera-days run from the first photo to the last there, "
            "which is too few when a camera took none at its beginning or end."
        )
        yield text.format(stations=stations)


def _unseen(photos: Iterable[Shown]) -> Iterator[str]:
    unseen = sum(not photo.what for photo in photos)
    if unseen:
        text = ngettext(
            "{count} photo was looked at by nobody and no model.",
            "{count} photos were looked at by nobody and no model.",
            unseen,
        )
        yield text.format(count=unseen)
