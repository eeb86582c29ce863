"""Everything that a screen or a command can ask of patrols, over one workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.found import Fixes
from ranger_app.domain.ids import Id
from ranger_app.domain.measures import Measure
from ranger_app.domain.patrols import LegDay, Observation, Patrol, Track, Waypoint
from ranger_app.domain.seeing import SAFE
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.patrols import recording
from ranger_app.patrols.measures import measures
from ranger_app.patrols.proposals import GAP_H, Accepted, Exported, Proposal
from ranger_app.patrols.recording import DayEntry, ObservationEntry, PatrolEntry, WaypointEntry
from ranger_app.patrols.reports import Noted, PatrolReport, noted, patrol_report
from ranger_app.patrols.tables import PatrolRow, patrol_rows
from ranger_app.patrols.vocabulary import Choice, Vocabulary, newest_model, starter
from ranger_app.patrols.zones import zone_named
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.given_out import give_out
from ranger_app.storage.query import equal
from ranger_app.storage.reading import Reading

FREQUENT = 8


class Patrols:
    """The patrol room of one open workspace. Every method may be called from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    # ---- files in and out; what they need is heavy and loaded when it is asked for

    def propose(
        self,
        paths: Sequence[Path],
        *,
        format: str | None = None,
        gap_h: float = GAP_H,
        work: Work | None = None,
        now: datetime | None = None,
    ) -> Proposal:
        """What these files and folders hold, with every doubt; nothing is written.

        A file that cannot be read is in `failed` and the others go on. Raises `BadInput` for an unknown
        format or far too many files.
        """
        from ranger_app.formats import format_named
        from ranger_app.patrols.proposing import propose

        if not gap_h > 0:
            raise BadInput(_("The gap between patrols must be longer than nothing."), _("12 hours is usual."))
        if format is not None:
            format_named(format)
        with self._workspace.reading(whole=True) as data:  # to know again what is here already
            return propose(
                data,
                paths,
                site=self._site(data),
                format_id=format,
                gap=timedelta(hours=gap_h),
                now=now or datetime.now(UTC),
                work=work or Work(),
            )

    def accept(self, proposal: Proposal, *, work: Work | None = None) -> Accepted:
        """Keep a proposal, all of it or nothing. Accepting the same again makes nothing new."""
        from ranger_app.patrols.accepting import accept

        return accept(self._workspace, proposal, site_id=self._workspace.site_id, work=work or Work())

    def export(
        self,
        format: str,
        out: Path,
        *,
        first: date | None = None,
        last: date | None = None,
        site_id: Id | None = None,
        names: bool = False,
        work: Work | None = None,
    ) -> Exported:
        """Write the patrols of a period to a file. Raises `BadInput`, `Refused` or an error of the disk.

        Places of listed species are blurred, and what tells who somebody is stays here, unless `names` says
        that all of it is to go along: by those who may see it all, and it is noted.
        """
        from ranger_app.patrols.exporting import export

        if names:
            give_out(self._workspace, f"{format} {out.name}")
        with self._workspace.reading(eyes=None if names else SAFE) as data:
            site = self._site(data) if site_id is None else data.need(Site, site_id)
            return export(
                data,
                site,
                self._workspace.files,
                format,
                out,
                first=first,
                last=last,
                names=names,
                words=self._words(data),
                work=work or Work(),
            )

    # ---- looking

    def rows(self) -> list[PatrolRow]:
        """Every patrol of the site with its effort, the latest first."""
        with self._workspace.reading() as data:
            return patrol_rows(data, self._workspace.site_id)

    def patrol(self, id_: Id) -> PatrolReport:
        """One patrol in full. Raises `NotFound`."""
        with self._workspace.reading() as data:
            return patrol_report(data, data.need(Patrol, id_), self._site(data), self._words(data))

    def incidents(self) -> list[Noted]:
        """The waypoints that belong to no patrol, by time."""
        with self._workspace.reading() as data:
            site = self._site(data)
            alone = data.find(Waypoint, equal("site_id", site.id), equal("patrol_id", None))
            return noted(data, alone, zone_named(site.time_zone), self._words(data))

    def patrol_of(self, waypoint_id: Id) -> Id | None:
        """The patrol that a waypoint belongs to; None when it belongs to none or is not there."""
        with self._workspace.reading() as data:
            waypoint = data.get(Waypoint, waypoint_id)
            return waypoint.patrol_id if waypoint else None

    def tracks(self, *, patrol_id: Id | None = None) -> Iterator[tuple[Track, Fixes]]:
        """Tracks with their fixes, the newest first; a damaged one is passed over."""
        from ranger_app.patrols.fixes import decode

        conditions = [equal("patrol_id", patrol_id)] if patrol_id is not None else []
        with self._workspace.reading() as data:
            for track in data.each(Track, *conditions, order=("-first_at", "-id")):
                try:
                    yield track, decode(track.fixes)
                except BadInput:  # `verify` tells of it
                    continue

    def vocabulary(self) -> Vocabulary:
        """The words of the site's newest data model; our own small one while it has none."""
        with self._workspace.reading() as data:
            return self._words(data)

    def frequent_categories(self) -> list[Choice]:
        """What is seen most often here, to be offered before a letter is typed."""
        with self._workspace.reading() as data:
            counts = data.tally(Observation, "category", equal("site_id", self._workspace.site_id))
            words = self._words(data)
        known = {choice.key: choice for choice in words.categories}
        often = sorted((key for key in counts if key in known), key=lambda key: (-counts[key], key))
        return [known[key] for key in often[:FREQUENT]]

    def measures(self) -> tuple[Measure, ...]:
        """The numbers that patrols give as evidence."""
        return measures(self._workspace, self._words)

    def _site(self, data: Reading) -> Site:
        return data.need(Site, self._workspace.site_id)

    def _words(self, data: Reading) -> Vocabulary:
        model = newest_model(data)
        return starter() if model is None else Vocabulary(model.definition)

    # ---- by hand

    def next_number(self, on: date) -> str:
        """A free number for a new patrol."""
        with self._workspace.reading() as data:
            return recording.next_number(data, self._site(data), on)

    def start(self, entry: PatrolEntry) -> Patrol:
        """Write down a new patrol. Raises `BadInput`."""
        with self._workspace.unit("start patrol") as unit:
            return recording.start_patrol(unit, self._site(unit.data), entry)

    def correct(self, id_: Id, entry: PatrolEntry) -> None:
        """Change what is written down of a patrol. Raises `BadInput`, `NotFound`."""
        with self._workspace.unit("correct patrol") as unit:
            recording.correct_patrol(unit, unit.data.need(Patrol, id_), entry)

    def record_day(self, patrol_id: Id, entry: DayEntry) -> LegDay:
        """Write down or correct a day of a patrol. Raises `BadInput`, `NotFound`."""
        with self._workspace.unit("record day") as unit:
            return recording.record_day(unit, unit.data.need(Patrol, patrol_id), entry)

    def note(self, entry: WaypointEntry, seen: Sequence[ObservationEntry] = ()) -> Waypoint:
        """A place, with what was seen there. Raises `BadInput`, `NotFound`."""
        with self._workspace.unit("note") as unit:
            waypoint = recording.note_waypoint(unit, self._site(unit.data), entry)
            words = self._words(unit.data)
            for one in seen:
                recording.add_observation(unit, waypoint, one, words.attributes_of(one.category))
            return waypoint

    def observe(self, waypoint_id: Id, entry: ObservationEntry) -> Observation:
        """One more thing seen at a waypoint. Raises `BadInput`, `NotFound`."""
        with self._workspace.unit("add observation") as unit:
            waypoint = unit.data.need(Waypoint, waypoint_id)
            attributes = self._words(unit.data).attributes_of(entry.category)
            return recording.add_observation(unit, waypoint, entry, attributes)

    def finish(self, id_: Id) -> None:
        """The patrol is back and everything is written down."""
        with self._workspace.unit("finish patrol") as unit:
            recording.finish_patrol(unit, unit.data.need(Patrol, id_))

    def remove(self, id_: Id, *, reason: str) -> int:
        """Hide a patrol and all that belongs to it. Raises `NotFound`."""
        with self._workspace.unit("remove patrol") as unit:
            patrol = unit.data.get(Patrol, id_)
            if patrol is None:
                raise NotFound(_("There is no such patrol here."), _("Look at the list again."))
            return recording.remove_patrol(unit, patrol, reason=reason)
