"""One patrol in full: what it was, what it took, its days and tracks, and what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ranger_app.domain.ids import Id
from ranger_app.domain.patrols import LegDay
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.differences.badge import DifferenceBadge
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.patrols.seen import PatrolSeen
from ranger_app.gui.widgets.patrols.words import clock, days, hours, state_words, type_words
from ranger_app.gui.widgets.text import figure, heading, muted, plain, say, small
from ranger_app.i18n import _, day, distance_km, duration, number
from ranger_app.patrols.effort import DEFINITIONS, Definition, Effort
from ranger_app.patrols.recording import names_of
from ranger_app.patrols.reports import Line, PatrolReport


@dataclass(frozen=True, slots=True)
class Counted:
    """One number of effort with its definition."""

    definition: Definition
    value: float

    @property
    def words(self) -> str:
        if self.definition.unit == "m":
            return distance_km(self.value)
        if self.definition.unit == "s":
            return hours(self.value)
        return number(self.value)


def counted(effort: Effort) -> list[Counted]:
    """The numbers of one patrol; how many patrols it is goes without saying."""
    return [Counted(one, getattr(effort, one.id)) for one in DEFINITIONS if one.id != "patrols"]


class PatrolSheet(QWidget):
    """The sheet with its buttons. The page does what they ask for."""

    edit_asked = Signal()
    finish_asked = Signal()
    remove_asked = Signal()
    map_asked = Signal()
    day_asked = Signal(object)
    """A LegDay to be corrected, or None for a new one."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: PatrolReport | None = None
        self.name, self.about, self.people = heading(""), muted(), plain()
        self.words, self.zone = plain(), small()
        self.figures = {
            "distance_m": figure(),
            "field_s": figure(),
            "days": figure(),
            "man_days": figure(),
        }
        self.edit = button(_("Correct…"), icon="edit", on=self.edit_asked.emit)
        self.finish = button(_("Finish"), icon="check", on=self.finish_asked.emit)
        self.map = button(_("Show on the map"), icon="map", on=self.map_asked.emit)
        self.remove = button(_("Remove…"), kind="quiet", on=self.remove_asked.emit)
        self.effort = Listing(
            [
                Column[Counted](_("Number"), lambda one: one.definition.title()),
                Column(_("Value"), lambda one: one.words, lambda one: one.value, numeric=True),
                Column(
                    _("What it counts"),
                    lambda one: one.definition.text(),
                    stretch=True,
                    tip=lambda one: one.definition.text(),
                ),
            ],
            name=_("Effort"),
            empty=EmptyState("clock", _("Nothing to count yet")),
            key=lambda one: one.definition.id,
        )
        self.days = Listing(
            [
                Column[LegDay](_("Day"), lambda one: day(one.day), lambda one: one.day),
                Column(_("From"), lambda one: clock(one.starts_local)),
                Column(_("To"), lambda one: clock(one.ends_local)),
                Column(_("Rest"), lambda one: duration(one.rest_s) if one.rest_s else ""),
                Column(_("Distance"), self._distance, numeric=True, stretch=True),
            ],
            name=_("Days"),
            empty=EmptyState("calendar", _("No day is written down")),
            key=lambda one: one.id,
        )
        self.tracks = Listing(
            [
                Column[Line](_("Track"), lambda one: one.name or _("without a name"), stretch=True),
                Column(
                    _("Fixes"), lambda one: number(one.fix_count), lambda one: one.fix_count, numeric=True
                ),
                Column(
                    _("Length"), lambda one: distance_km(one.length_m), lambda one: one.length_m, numeric=True
                ),
                Column(_("From"), lambda one: clock(one.first_local)),
                Column(_("To"), lambda one: clock(one.last_local)),
                Column(
                    _("Not counted"), lambda one: number(one.left_out) if one.left_out else "", numeric=True
                ),
            ],
            name=_("Tracks"),
            empty=EmptyState("patrols", _("There is no track")),
            key=lambda one: one.id,
        )
        self.seen = PatrolSeen()
        self.badge = DifferenceBadge()
        self.add_day = button(_("Add a day…"), icon="plus", on=lambda: self.day_asked.emit(None))
        self.days.opened.connect(self.day_asked.emit)
        self._lay_out()

    def _lay_out(self) -> None:
        for listing, rows in ((self.effort, 5), (self.days, 3), (self.tracks, 3)):
            height = listing.table.verticalHeader().defaultSectionSize()
            listing.setMinimumHeight(height * (rows + 1))
        head = Card(
            "",
            self.name,
            self.about,
            self._figures(),
            self.people,
            self.words,
            self.badge,
            ButtonRow(self.edit, self.finish, self.map, None, self.remove),
        )
        inside = column(
            head,
            self.seen,
            Card(_("Effort"), self.effort),
            Card(_("Days"), self.days, row(self.add_day, None)),
            Card(_("Tracks"), self.tracks),
            self.zone,
            None,
            gap=4,
        )
        self.setLayout(inside)

    def _figures(self) -> QHBoxLayout:
        """The numbers that matter most, each over its name."""
        names = {one.id: one.title() for one in DEFINITIONS}
        inside = row(gap=6)
        for id_, label in self.figures.items():
            label.setWordWrap(False)
            name = small(names[id_])
            name.setWordWrap(False)
            inside.addLayout(column(label, name, gap=0))
        inside.addStretch(1)
        return inside

    def show_report(self, report: PatrolReport) -> None:
        """Show this patrol."""
        patrol = report.patrol
        self.shown = report
        say(self.name, patrol.title or patrol.number)
        about = (
            patrol.number if patrol.title else "",
            days(patrol.starts_on, patrol.ends_on),
            type_words(patrol.patrol_type),
            patrol.team,
            patrol.station,
            state_words(patrol.status),
        )
        say(self.about, " · ".join(part for part in about if part))
        people = list(dict.fromkeys(name for leg in report.legs for name in names_of(leg)))
        say(self.people, _("With {names}").format(names=", ".join(people)) if people else "")
        say(self.words, "\n".join(part for part in (patrol.objective, patrol.comment) if part))
        self.finish.setVisible(patrol.status == "draft")
        numbers = counted(report.effort)
        for one in numbers:
            if one.definition.id in self.figures:
                say(self.figures[one.definition.id], one.words)
        self.effort.show_rows(numbers)
        self.days.show_rows(report.days)
        self.tracks.show_rows(report.lines)
        self.seen.show_noted(report.noted)
        say(self.zone, report.zone_words)

    def _distance(self, one: LegDay) -> str:
        """What was measured on the day's tracks, else what was written down."""
        lines: Sequence[Line] = self.shown.lines if self.shown else ()
        own = [line.length_m for line in lines if line.leg_day_id == one.id]
        if own:
            return distance_km(sum(own))
        return distance_km(one.stated_distance_m) if one.stated_distance_m is not None else ""

    def place(self) -> Id | None:
        """The place that the person stands on."""
        line = self.seen.listing.current
        return line.noted.waypoint.id if line is not None else None
