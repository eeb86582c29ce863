"""The Patrols page: all patrols on the left, one in full on the right, files in and entry by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.patrols import LegDay
from ranger_app.domain.roles import PATROLS
from ranger_app.formats import format_by_ending
from ranger_app.gui import asking
from ranger_app.gui.context import Context
from ranger_app.gui.page import Command, Page
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.differences.badge import look_for_differences
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.halves import Halves
from ranger_app.gui.widgets.layout import OneOf, page_column
from ranger_app.gui.widgets.patrols.erasing import ask_to_erase
from ranger_app.gui.widgets.patrols.filter import INCIDENTS
from ranger_app.gui.widgets.patrols.forms import DayForm, PatrolForm
from ranger_app.gui.widgets.patrols.list import PatrolList
from ranger_app.gui.widgets.patrols.observation_form import ObservationForm
from ranger_app.gui.widgets.patrols.proposal_form import ProposalForm, counts_words
from ranger_app.gui.widgets.patrols.seen import PatrolSeen
from ranger_app.gui.widgets.patrols.sheet import PatrolSheet
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.patrols.proposals import Accepted, Exported, Proposal
from ranger_app.patrols.recording import PatrolEntry, entry_of
from ranger_app.patrols.reports import Noted, PatrolReport
from ranger_app.patrols.tables import PatrolRow
from ranger_app.patrols.vocabulary import Choice, Vocabulary

if TYPE_CHECKING:
    from ranger_app.patrols.service import Patrols

ENDINGS = (".gpx", ".xml", ".zip")
LIST_SHARE, SHEET_SHARE = 6, 7
LEAST_EMS = 100  # of list and sheet beside one another


@dataclass(frozen=True, slots=True)
class Listed:
    """All that the left side shows."""

    rows: list[PatrolRow] = field(default_factory=list)
    incidents: list[Noted] = field(default_factory=list)


class PatrolsPage(Page):
    """Nothing of a file is kept before a person has seen its doubts."""

    page_id = "patrols"
    watches = frozenset({*PATROLS, "data_model", "site", "erasure"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.patrols: Patrols = context.ranger.patrols
        self.listed = Listed()
        self._wanted: dict[str, Id] = {}
        self.take = button(_("Take in files…"), icon="receive", kind="primary", on=self.take_in)
        self.give = button(_("Give out…"), icon="send", on=self.give_out)
        self.new = button(_("New patrol…"), icon="plus", on=self.start)
        self.list = PatrolList()
        self.sheet = PatrolSheet()
        self.incidents = PatrolSeen()
        self.nothing = EmptyState("patrols", _("Choose a patrol"), _("Arrow keys walk through the list."))
        self.empty = EmptyState(
            "patrols",
            _("No patrol yet"),
            _("Take in GPX files of a receiver or phone, or patrols exported from SMART; drop them here. "
              "Or write one down from the notebook."),
            button(_("Take in files…"), icon="receive", kind="primary", on=self.take_in),
            button(_("New patrol…"), icon="plus", on=self.start),
        )  # fmt: skip
        self.right, self.whole = OneOf(), OneOf()
        self._lists = (self.sheet.seen, self.incidents)
        self._lay_out()
        self.first = self.list.listing.table
        self._connect()

    def _lay_out(self) -> None:
        self.setAcceptDrops(True)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.right)
        self.work = Halves(self.list, scroll, shares=(LIST_SHARE, SHEET_SHARE), least_ems=LEAST_EMS)
        for right in (self.nothing, self.sheet, self.incidents):  # what has no parent outlives its page
            self.right.addWidget(right)
        for whole in (self.empty, self.work):
            self.whole.addWidget(whole)
        page_column(self, self.whole)

    def _connect(self) -> None:
        self.list.changed.connect(self._listed_anew)
        self.list.picked.connect(self._picked)
        self.list.opened.connect(lambda _one: self.correct())
        self.sheet.edit_asked.connect(self.correct)
        self.sheet.finish_asked.connect(self.finish)
        self.sheet.remove_asked.connect(self.remove)
        self.sheet.map_asked.connect(self.show_on_map)
        self.sheet.day_asked.connect(self.add_day)
        for seen in self._lists:
            seen.add_asked.connect(self.observe)
            seen.more_asked.connect(self._observe_more)
            seen.map_asked.connect(self._map_of)
            seen.erase_asked.connect(partial(ask_to_erase, self, self._lists))

    # ---- as a page

    def tools(self) -> Sequence[QWidget]:
        return (self.give, self.new, self.take)

    def commands(self) -> Mapping[str, Command]:
        return {
            "patrols.take": self.take_in,
            "patrols.give": self.give_out,
            "patrols.new": self.start,
            "patrols.correct": self.correct,
            "patrols.day": partial(self.add_day, None),
            "patrols.observe": self.observe,
            "patrols.erase": partial(ask_to_erase, self, self._lists),
            "patrols.find": self.list.filter.search.setFocus,
            "patrols.map": self.show_on_map,
            "patrols.finish": self.finish,
        }

    def go_to(self, **where: Any) -> None:
        """Show one patrol (`patrol_id`) or one place (`waypoint_id`)."""
        self._wanted = {name: id_ for name, id_ in where.items() if id_ is not None}
        self._show_wanted()

    def reload(self) -> None:
        self.fetch(lambda work: look(self.patrols), self._show, key="patrols")

    # ---- what is shown

    def _show(self, listed: Listed) -> None:
        self.listed = listed
        some = bool(listed.rows or listed.incidents)
        self.take.setVisible(some)
        self.new.setVisible(some)
        self.give.setVisible(some)
        self.whole.show_one(self.work if some else self.empty)
        self.incidents.show_noted(listed.incidents)
        if not listed.rows and listed.incidents:
            self.list.filter.show_kind(INCIDENTS)
        self.list.show_patrols(listed.rows, len(listed.incidents))
        self._show_wanted()
        self._wanted.pop("patrol_id", None)  # it is not here
        if not self._wanted:
            self.list.choose_first()

    def _listed_anew(self) -> None:
        if self.list.filter.shows_incidents:
            self.right.show_one(self.incidents)
        else:
            self._picked(self.list.current)

    def _picked(self, one: PatrolRow | None) -> None:
        if self.list.filter.shows_incidents:
            return
        if one is None:
            self.right.show_one(self.nothing)
            return
        self.fetch(lambda work: self.patrols.patrol(one.id), self._show_report, key="patrol")

    def _show_report(self, report: PatrolReport) -> None:
        if self.list.filter.shows_incidents:
            return
        self.sheet.show_report(report)
        self.right.show_one(self.sheet)
        look_for_differences(self, report.ids, (self.sheet.badge, self.sheet.seen))
        if waypoint_id := self._wanted.pop("waypoint_id", None):
            self.sheet.seen.choose_place(waypoint_id)

    def _show_wanted(self) -> None:
        """Stand on what `go_to` asked for, once it is listed."""
        if not (self.listed.rows or self.listed.incidents):
            return
        patrol_id = self._wanted.get("patrol_id")
        if patrol_id is not None:
            # One that was started just now is not listed yet: `_show` comes back to it.
            if any(one.id == patrol_id for one in self.listed.rows):
                del self._wanted["patrol_id"]
                self.list.choose(patrol_id)
        elif waypoint_id := self._wanted.get("waypoint_id"):
            self.fetch(
                lambda work: self.patrols.patrol_of(waypoint_id),
                partial(self._show_place, waypoint_id),
                key="place",
            )

    def _show_place(self, waypoint_id: Id, patrol_id: Id | None) -> None:
        if patrol_id is not None:
            self.list.choose(patrol_id)
            if self.report is not None and self.report.patrol.id == patrol_id:
                self._show_report(self.report)  # it is shown already, and nothing else would come
            return
        self._wanted.clear()
        self.list.filter.show_kind(INCIDENTS)
        self.incidents.choose_place(waypoint_id)

    @property
    def report(self) -> PatrolReport | None:
        """The patrol that is shown."""
        return self.sheet.shown if self.right.currentWidget() is self.sheet else None

    # ---- files in

    def take_in(self) -> None:
        """Ask for files, and show what they hold."""
        self.read(asking.for_files(self, _("GPX files, or patrols from SMART"), endings=ENDINGS))

    def read(self, paths: Sequence[Path]) -> None:
        """Read files as a job that can be stopped, then show what they hold."""
        if not paths:
            return

        def propose(work: Work) -> Proposal:
            return self.patrols.propose(paths, work=work)

        task = self.context.background.run(propose, _("Reading files"))
        task.finished.connect(self._ask)
        task.failed.connect(self.error)

    def _ask(self, proposal: Proposal) -> None:
        if shiboken6.isValid(self) and ProposalForm(self, proposal).asked():
            self.do(
                lambda work: self.patrols.accept(proposal, work=work), _("Taking in patrols"), self._taken
            )

    def _taken(self, accepted: Accepted) -> None:
        new = counts_words(dict(accepted.made)) or _("nothing new")
        self.context.messages.say(_("Taken in: {new}.").format(new=new))
        self.reload()

    def give_out(self) -> None:
        """Ask for a name, and write all patrols in the format that its ending says."""
        hint = _("Give out patrols as .gpx, .zip for SMART, .geojson or .csv")
        path = asking.for_new_file(self, hint, name="patrols.gpx")
        if path is None:
            return

        def export(work: Work) -> Exported:
            return self.patrols.export(format_by_ending(path), path, work=work)

        task = self.context.background.run(export, _("Giving out patrols"))
        task.finished.connect(self._given)
        task.failed.connect(self.error)

    def _given(self, exported: Exported) -> None:
        words = _("Written: {name}.").format(name=exported.path.name)
        if exported.left_out:
            words += " " + _("Left out: {what}").format(what=" ".join(exported.left_out))
        self.context.messages.say(words)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.read(_files(event))

    # ---- by hand

    def start(self) -> None:
        """Ask for a new patrol."""
        today = date.today()

        def ask(number_: str) -> None:
            entry = PatrolEntry(number=number_, starts_on=today, ends_on=today)
            form = PatrolForm(self, entry, title=_("New patrol"), yes=_("Start"))
            if form.asked():
                wanted = form.entry
                self._keep(
                    lambda: self.patrols.start(wanted).id,
                    _("Starting a patrol"),
                    lambda id_: self.go_to(patrol_id=id_),
                )

        self.fetch(lambda work: self.patrols.next_number(today), ask, key="number")

    def correct(self) -> None:
        """Ask what is to be corrected in the patrol that is shown."""
        if (report := self.report) is None:
            return
        form = PatrolForm(
            self, entry_of(report.patrol, report.legs), title=_("Correct the patrol"), yes=_("Keep")
        )
        form.about = id_text(report.patrol.id)
        if form.asked():
            self._keep(partial(self.patrols.correct, report.patrol.id, form.entry), _("Correcting a patrol"))

    def add_day(self, day: LegDay | None) -> None:
        """Ask about a new day of the patrol that is shown, or about this one."""
        if (report := self.report) is None:
            return
        form = DayForm(self, day, propose=report.patrol.ends_on or date.today())
        form.about = id_text(day.id if day is not None else report.patrol.id)
        if form.asked():
            self._keep(partial(self.patrols.record_day, report.patrol.id, form.entry), _("Keeping a day"))

    def observe(self) -> None:
        """Ask what was seen: on the patrol that is shown, else without one."""
        report = self.report
        patrol_id = report.patrol.id if report is not None else None
        propose = report.patrol.starts_on if report is not None else date.today()

        def ask(words: Vocabulary, frequent: list[Choice]) -> None:
            form = ObservationForm(self, words, frequent, patrol_id=patrol_id, propose=propose)
            form.about = id_text(patrol_id) if patrol_id is not None else ""
            if form.asked():
                place, seen = form.place, form.seen
                self._keep(lambda: self.patrols.note(place, [seen]), _("Keeping an observation"))

        self._with_words(ask)

    def _observe_more(self, waypoint_id: Id) -> None:
        def ask(words: Vocabulary, frequent: list[Choice]) -> None:
            form = ObservationForm(self, words, frequent, patrol_id=None, with_place=False)
            form.about = id_text(waypoint_id)
            if form.asked():
                seen = form.seen
                self._keep(lambda: self.patrols.observe(waypoint_id, seen), _("Keeping an observation"))

        self._with_words(ask)

    def _with_words(self, ask: Callable[[Vocabulary, list[Choice]], None]) -> None:
        self.fetch(
            lambda work: (self.patrols.vocabulary(), self.patrols.frequent_categories()),
            lambda found: ask(*found),
            key="words",
        )

    def finish(self) -> None:
        """Say that the patrol that is shown is back and written down."""
        if (report := self.report) is not None:
            self._keep(lambda: self.patrols.finish(report.patrol.id), _("Finishing a patrol"))

    def remove(self) -> None:
        """Hide the patrol that is shown, once a person has said so."""
        if (report := self.report) is None:
            return
        name = report.patrol.title or report.patrol.number
        sure = asking.whether(
            self,
            _("Remove “{name}”?").format(name=name),
            yes=_("Remove"),
            hint=_("Its tracks and observations go with it. Nothing is erased: its history stays."),
        )
        if sure:
            self._keep(
                lambda: self.patrols.remove(report.patrol.id, reason="removed on the page"),
                _("Removing a patrol"),
                lambda _count: self.context.messages.say(_("Removed: {name}").format(name=name)),
            )

    def _keep(self, change: Callable[[], Any], title: str, then: Callable[[Any], None] | None = None) -> None:
        self.do(lambda work: change(), title, then, quiet=True)

    # ---- elsewhere

    def show_on_map(self) -> None:
        """Show the patrol that is shown, or the place that is stood on, on the map."""
        if (report := self.report) is not None:
            self.context.go("map", id=report.patrol.id)
        elif (line := self.incidents.listing.current) is not None:
            self._map_of(line.noted.waypoint.id)

    def _map_of(self, waypoint_id: Id) -> None:
        self.context.go("map", id=waypoint_id)


def look(patrols: Patrols) -> Listed:
    """Read what the page lists; on a worker's thread."""
    return Listed(patrols.rows(), patrols.incidents())


def _files(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
