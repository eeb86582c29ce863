"""Asks when the model may run, and says before it starts how many photos wait and for how long."""

from __future__ import annotations

from datetime import time

from PySide6.QtCore import QTime
from PySide6.QtWidgets import QCheckBox, QTimeEdit, QWidget

from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import row
from ranger_app.gui.widgets.text import field_label, muted, plain
from ranger_app.i18n import _, ngettext, number, time_to_wait
from ranger_app.photos.runs.forecast import Forecast
from ranger_app.photos.runs.pace import Pace

NIGHT = QTime(20, 0), QTime(6, 0)


class RunForm(Asking):
    """Asks for the conditions of a run; `pace` is what was asked for."""

    def __init__(self, parent: QWidget, forecast: Forecast) -> None:
        self.waiting = plain(forecast_words(forecast))
        self.by_night = QCheckBox(_("Only by night"))
        self.start, self.until = QTimeEdit(NIGHT[0]), QTimeEdit(NIGHT[1])
        self.mains = QCheckBox(_("Pause while this laptop runs on its battery"))
        self.mains.setChecked(True)
        self.by_night.toggled.connect(self._night)
        from_, until = field_label(_("From"), self.start), field_label(_("until"), self.until)
        super().__init__(
            parent,
            _("Run the model"),
            _("Start"),
            self.waiting,
            self.mains,
            self.by_night,
            row(from_, self.start, until, self.until, None),
            muted(_("It goes on where it was, also after the laptop slept or Ranger was closed.")),
        )
        self._night(False)

    def _night(self, only: bool) -> None:
        self.start.setEnabled(only)
        self.until.setEnabled(only)

    @property
    def pace(self) -> Pace:
        by_night = self.by_night.isChecked()
        return Pace(
            start=_time(self.start) if by_night else None,
            until=_time(self.until) if by_night else None,
            pause_on_battery=self.mains.isChecked(),
        )


def forecast_words(forecast: Forecast) -> str:
    """How many photos wait, and for how long if that is known."""
    if not forecast.waiting:
        return _("The model has seen every photo already.")
    count = ngettext("{count} photo waits.", "{count} photos wait.", forecast.waiting).format(
        count=number(forecast.waiting)
    )
    if forecast.seconds is None:
        return count + " " + _("How long that takes is known after the first run.")
    return (
        count + " " + _("On this laptop that takes about {time}.").format(time=time_to_wait(forecast.seconds))
    )


def for_pace(parent: QWidget, forecast: Forecast) -> Pace | None:
    """The conditions of a run, or None when the person thought better of it."""
    form = RunForm(parent, forecast)
    return form.pace if form.asked() else None


def _time(field: QTimeEdit) -> time:
    return time(field.time().hour(), field.time().minute())
