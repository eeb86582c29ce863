"""Small forms about a patrol: the patrol itself, and one of its days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from ranger_app.domain.patrols import PATROL_TYPES, LegDay
from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.forms import Asking, DayField
from ranger_app.gui.widgets.layout import Form, row
from ranger_app.gui.widgets.patrols.words import clock, type_words
from ranger_app.i18n import _
from ranger_app.patrols.recording import DayEntry, PatrolEntry

LINES_SEEN = 12  # in steps of space


class ClockField(QLineEdit):
    """Hours and minutes, written as 07:30, that may be left empty."""

    def __init__(self, at: datetime | None = None) -> None:
        super().__init__(clock(at))
        self.setPlaceholderText(_("such as 07:30"))

    @property
    def time(self) -> time | None:
        """The time of day; None when the field is empty or holds none."""
        text = self.text().strip().replace(".", ":")
        try:
            return time.fromisoformat(text.zfill(5)).replace(tzinfo=None) if text else None
        except ValueError:
            return None

    def find_fault(self) -> str:
        if self.text().strip() and self.time is None:
            self.setFocus()
            return _("Write the time as 07:30.")
        return ""


class NumberField(QLineEdit):
    """A number that may be left empty; a comma for the decimal point is understood."""

    def __init__(self, value: float | None = None) -> None:
        super().__init__("" if value is None else f"{value:g}")

    @property
    def value(self) -> float | None:
        try:
            value = float(self.text().strip().replace(",", "."))
        except ValueError:
            return None
        return value if abs(value) < 1e15 else None

    def find_fault(self) -> str:
        if self.text().strip() and self.value is None:
            self.setFocus()
            return _("“{text}” is not a number.").format(text=self.text().strip()[:20])
        return ""


class PatrolForm(Asking):
    """Asks what a patrol was; `entry` is the answer."""

    def __init__(self, parent: QWidget, entry: PatrolEntry, *, title: str, yes: str) -> None:
        self.number, self.title = QLineEdit(entry.number), QLineEdit(entry.title)
        self.kind = QComboBox()
        for one in PATROL_TYPES:
            self.kind.addItem(type_words(one), one)
        self.kind.setCurrentIndex(max(self.kind.findData(entry.patrol_type), 0))
        self.team, self.station = QLineEdit(entry.team), QLineEdit(entry.station)
        self.starts, self.ends = DayField(entry.starts_on), DayField(entry.ends_on)
        self.transport = QLineEdit(entry.transport)
        self.members = QLineEdit(", ".join(entry.members))
        self.objective = QLineEdit(entry.objective)
        self.comment = QPlainTextEdit(entry.comment)
        self.comment.setTabChangesFocus(True)
        self.comment.setMaximumHeight(space(LINES_SEEN))
        self.armed = QCheckBox(_("Armed"))
        self.armed.setChecked(entry.armed)
        left, right = Form(), Form()
        left.field(_("Number"), self.number)
        left.field(_("Title"), self.title)
        left.field(_("Kind"), self.kind)
        left.field(_("Transport"), self.transport, hint=_("On foot, by boat, by car…"))
        left.addWidget(self.armed)
        left.addStretch(1)
        right.field(_("First day"), self.starts)
        right.field(_("Last day"), self.ends)
        right.field(_("Team"), self.team)
        right.field(_("Station"), self.station)
        right.addStretch(1)
        wide = Form()
        wide.field(_("Who went"), self.members, hint=_("Names with commas between them, the leader first."))
        wide.field(_("What for"), self.objective)
        wide.field(_("Remarks"), self.comment)
        super().__init__(parent, title, yes, row(left, right, gap=4), wide)

    def find_fault(self) -> str:
        if not self.number.text().strip():
            self.number.setFocus()
            return _("A patrol needs a number.")
        wrong = self.starts.find_fault() or self.ends.find_fault()
        if wrong:
            return wrong
        if self.starts.day and self.ends.day and self.ends.day < self.starts.day:
            self.ends.setFocus()
            return _("The patrol ends before it starts.")
        return ""

    @property
    def entry(self) -> PatrolEntry:
        return PatrolEntry(
            number=self.number.text(),
            title=self.title.text(),
            patrol_type=self.kind.currentData(),
            team=self.team.text(),
            station=self.station.text(),
            objective=self.objective.text(),
            starts_on=self.starts.day,
            ends_on=self.ends.day,
            transport=self.transport.text(),
            members=tuple(name.strip() for name in self.members.text().split(",") if name.strip()),
            comment=self.comment.toPlainText(),
            armed=self.armed.isChecked(),
        )


class DayForm(Asking):
    """Asks about one day of a patrol; `entry` is the answer."""

    def __init__(self, parent: QWidget, day: LegDay | None, *, propose: date | None) -> None:
        self.day = DayField(day.day if day else propose)
        self.day.setReadOnly(day is not None)
        self.starts = ClockField(day.starts_local if day else None)
        self.ends = ClockField(day.ends_local if day else None)
        self.rest = NumberField(day.rest_s / 60 if day and day.rest_s else None)
        stated = day.stated_distance_m if day else None
        self.distance = NumberField(stated / 1000 if stated is not None else None)
        form = Form()
        form.field(_("Day"), self.day)
        form.field(_("Left at"), self.starts)
        form.field(_("Came back at"), self.ends, hint=_("Before the start: it was after midnight."))
        form.field(_("Rest in minutes"), self.rest)
        hint = _("Counted only where no track was recorded.")
        form.field(_("Distance in kilometres"), self.distance, hint=hint)
        super().__init__(parent, _("A day of the patrol"), _("Keep"), form)

    def find_fault(self) -> str:
        for field in self._fields():
            if wrong := field.find_fault():
                return wrong
        if self.day.day is None:
            self.day.setFocus()
            return _("Which day was it?")
        return ""

    def _fields(self) -> Sequence[DayField | ClockField | NumberField]:
        return (self.day, self.starts, self.ends, self.rest, self.distance)

    @property
    def entry(self) -> DayEntry:
        day = self.day.day
        assert day is not None
        starts, ends = _at(day, self.starts.time), _at(day, self.ends.time)
        if starts is not None and ends is not None and ends < starts:
            ends = _at(date.fromordinal(day.toordinal() + 1), self.ends.time)
        km = self.distance.value
        return DayEntry(
            day=day,
            starts_local=starts,
            ends_local=ends,
            rest_s=(self.rest.value or 0.0) * 60,
            stated_distance_m=None if km is None else km * 1000,
        )


def _at(day: date, clock_time: time | None) -> datetime | None:
    return None if clock_time is None else datetime.combine(day, clock_time)
