"""Finds out what needs doing at a site: what waits for a person, what is missing, what has not been kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ranger_app.domain.assessments import Evidence
from ranger_app.domain.clock import stamp_time
from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import Observation, Patrol, Track, Waypoint
from ranger_app.domain.photos import CameraStation, Photo
from ranger_app.domain.sites import Site
from ranger_app.gui import unfinished
from ranger_app.i18n import N_, _, day, distance_km, ngettext, number

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger

BACKUP_AFTER = timedelta(days=7)
BUNDLE_AFTER = timedelta(days=30)
LATEST_SHOWN = 5
OPEN_RATING = "not_yet_assessed"
CLOCKS_DIFFER = timedelta(days=1)
NOBODY_WROTE = timedelta(days=365)  # a clock that has leapt into the future is likelier


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """One thing to do, with the way to it if there is one: `page` and what to show there."""

    icon: str
    words: str
    hint: str
    button: str = ""
    page: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    tone: str = "accent"
    begun: str = ""
    """The key of a job that was begun and is not finished: nobody has to go on with it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number about the site."""

    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Latest:
    """One of the patrols that came last."""

    id: Id
    words: str
    about: str


@dataclass(frozen=True, slots=True)
class Today:
    """What the Today page shows."""

    to_do: tuple[ToDo, ...]
    latest: tuple[Latest, ...]
    figures: tuple[Figure, ...]
    is_new: bool
    """Nothing has been brought in yet."""


def look(ranger: Ranger, *, now: datetime | None = None, under_way: Collection[str] = ()) -> Today:
    """Go through the rooms and gather what waits, but for the jobs that are `under_way` (their keys); runs on
    a worker's thread."""
    now = now or datetime.now(UTC)
    counts = _counts(ranger)
    if ranger.site() is None:  # nothing else is of use before the first bundle
        found = [*_unfinished(ranger, under_way), *_site(ranger)]
        return Today(to_do=tuple(found), latest=(), figures=_figures(ranger, counts), is_new=False)
    found = [*_clock(ranger, now), *_unfinished(ranger, under_way), *_site(ranger)]
    found += [*_patrols(ranger), *_photos(ranger, counts), *_assessment(ranger)]
    return Today(
        to_do=(*found, *_keeping(ranger, now), *_recovery(ranger)),
        latest=_latest(ranger),
        figures=_figures(ranger, counts),
        is_new=not any(counts.values()),
    )


def _counts(ranger: Ranger) -> dict[str, int]:
    with ranger.workspace.reading() as data:
        kinds = (Patrol, Observation, CameraStation, Photo, Evidence)
        return {kind.NAME: data.count(kind) for kind in kinds}


def _figures(ranger: Ranger, counts: dict[str, int]) -> tuple[Figure, ...]:
    with ranger.workspace.reading() as data:
        walked_m = sum(data.column(Track, "length_m"))
    return (
        Figure(_("Patrols"), number(counts["patrol"])),
        Figure(_("Walked, driven, flown"), distance_km(walked_m)),
        Figure(_("Observations"), number(counts["observation"])),
        Figure(_("Camera stations"), number(counts["camera_station"])),
        Figure(_("Photos"), number(counts["photo"])),
        Figure(_("Pieces of evidence"), number(counts["evidence"])),
    )


def _latest(ranger: Ranger) -> tuple[Latest, ...]:
    with ranger.workspace.reading() as data:
        patrols = data.find(Patrol, order=("-starts_on", "-id"), limit=LATEST_SHOWN)
    return tuple(
        Latest(
            one.id,
            one.title or one.number,
            " · ".join([*([day(one.starts_on)] if one.starts_on else []), *([one.team] if one.team else [])]),
        )
        for one in patrols
    )


def _clock(ranger: Ranger, now: datetime) -> Iterator[ToDo]:
    """A clock that says an hour before this site was made, or long after anybody wrote here: a laptop whose
    small battery is empty begins in 1970."""
    workspace = ranger.workspace
    with workspace.reading() as data:
        made = min((change.at for change in data.history(Site, workspace.site_id)), default=now)
    last = stamp_time(workspace.clock.last)
    if made - CLOCKS_DIFFER <= now <= max(made, last) + NOBODY_WROTE:
        return
    hint = _(
        "It says {now}; something was written here on {then}. If it is wrong, set it before you enter more."
    )
    then = made if now < made else max(made, last)
    yield ToDo(
        icon="clock",
        words=_("The clock of this laptop seems to be wrong"),
        hint=hint.format(now=day(now.astimezone()), then=day(then.astimezone())),
        tone="warning",
    )


def _unfinished(ranger: Ranger, under_way: Collection[str]) -> Iterator[ToDo]:
    """The long jobs in which Ranger was cut off."""
    for key, asked in ranger.begun.all().items():
        told = unfinished.told(unfinished.noted(key, asked)) if key not in under_way else None
        if told is not None:
            yield ToDo(
                icon=told.icon,
                words=told.words,
                hint=told.hint,
                button=_("Go on"),
                page=told.page,
                where={key.partition(" ")[0]: asked},
                tone="warning",
                begun=key,
            )


def _site(ranger: Ranger) -> Iterator[ToDo]:
    site = ranger.site()
    if site is None:
        yield ToDo(
            icon="receive",
            words=_("This workspace belongs to no site yet"),
            hint=_("Read the first bundle of the site from a stick."),
            button=_("Read a bundle…"),
            page="exchange",
            where={"do": "exchange.read"},
        )
    elif site.boundary is None:
        yield ToDo(
            icon="map",
            words=_("The site has no boundary yet"),
            hint=_("Maps and coverage need one: GeoJSON, GeoPackage or KML."),
            button=_("Add the boundary"),
            page="settings",
        )


def _patrols(ranger: Ranger) -> Iterator[ToDo]:
    with ranger.workspace.reading() as data:
        zones: dict[Any, str] = dict(data.columns(Patrol, ("id", "time_zone")))
        with_notes = set(data.tally(Waypoint, "patrol_id"))
    bare = sum(1 for id_ in zones if id_ not in with_notes)
    if bare:
        words = ngettext("{count} patrol has no observation", "{count} patrols have no observation", bare)
        yield ToDo(
            icon="patrols",
            words=words.format(count=number(bare)),
            hint=_("Was nothing seen, or is a notebook still to be typed in?"),
            button=_("Show patrols"),
            page="patrols",
        )
    unset = sum(1 for zone in zones.values() if not zone)
    if unset:
        words = ngettext(
            "The time zone of {count} patrol is not set", "The time zone of {count} patrols is not set", unset
        )
        yield ToDo(
            icon="clock",
            words=words.format(count=number(unset)),
            hint=_("Their clock times are shown as they were read."),
            button=_("Show patrols"),
            page="patrols",
        )


def _photos(ranger: Ranger, counts: dict[str, int]) -> Iterator[ToDo]:
    if not counts["photo"]:
        return
    from ranger_app.photos.views import Wanted

    waiting = len(ranger.photos.ids(Wanted(unlabelled=True)))
    if waiting:
        words = ngettext("{count} photo waits for review", "{count} photos wait for review", waiting)
        yield ToDo(
            icon="photos",
            words=words.format(count=number(waiting)),
            hint=_("What the machine says is a proposal until a person has looked."),
            button=_("Review photos"),
            page="photos",
        )


def _assessment(ranger: Ranger) -> Iterator[ToDo]:
    if not ranger.assessments.all():
        return
    ratings = ranger.assessments.standing().ratings()
    open_, total = ratings.get(OPEN_RATING, 0), sum(ratings.values())
    if open_:
        words = ngettext(
            "{count} of {total} indicators has no answer yet",
            "{count} of {total} indicators have no answer yet",
            open_,
        )
        yield ToDo(
            icon="green_list",
            words=words.format(count=number(open_), total=number(total)),
            hint=_("The board shows where evidence is missing."),
            button=_("Open the Green List"),
            page="green_list",
        )


def _keeping(ranger: Ranger, now: datetime) -> Iterator[ToDo]:
    """What concerns keeping the data: differences, backups, bundles."""
    differences = ranger.workspace.differences()
    if differences:
        words = ngettext(
            "{count} field was written apart on two laptops",
            "{count} fields were written apart on two laptops",
            differences,
        )
        yield ToDo(
            icon="differences",
            words=words.format(count=number(differences)),
            hint=_("Both values are kept until somebody settles it."),
            button=_("Show differences"),
            page="differences",
            tone="warning",
        )
    folder = ranger.workspace.folder / "backups"
    backups = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in folder.glob("*.db")]
    yield from _kept_lately(
        max(backups, default=None),
        now,
        BACKUP_AFTER,
        never=N_("There is no backup yet"),
        late=N_("The last backup is {count} days old"),
        hint=_("A backup is checked as it is made, and takes a moment."),
        icon="backup",
        button=_("Make a backup"),
        do="exchange.backup",
    )
    written = [entry.at for entry in ranger.exchange.diary() if entry.way == "written"]
    yield from _kept_lately(
        max(written, default=None),
        now,
        BUNDLE_AFTER,
        never=N_("No bundle has left this laptop yet"),
        late=N_("The last bundle left {count} days ago"),
        hint=_("What is on one laptop only is lost with it."),
        icon="send",
        button=_("Write a bundle…"),
        do="exchange.write",
    )


def _recovery(ranger: Ranger) -> Iterator[ToDo]:
    """A site whose laptops are sealed and of which nobody has the words on paper."""
    directory = ranger.devices.directory()
    if ranger.site() is None or not (ranger.people.is_sealed or directory):
        return
    if not (directory and directory.recovery_key) and not ranger.devices.why_not():
        yield ToDo(
            icon="print",
            words=_("There is no recovery sheet yet"),
            hint=_("If the last administrator's laptop is lost, nobody can administer the site."),
            button=_("Print a recovery sheet…"),
            page="people",
            where={"do": "people.sheet"},
            tone="warning",
        )


def _kept_lately(
    last: datetime | None,
    now: datetime,
    after: timedelta,
    *,
    never: str,
    late: str,
    hint: str,
    icon: str,
    button: str,
    do: str,
) -> Iterator[ToDo]:
    if last is not None and now - last <= after:
        return
    words = _(never) if last is None else _(late).format(count=number((now - last).days))
    yield ToDo(icon=icon, words=words, hint=hint, button=button, page="exchange", where={"do": do})
