"""The tray of jobs at the foot of the window: what is under way, how long it will take, and a stop button."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from ranger_app.gui.background import Background, Task
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import row
from ranger_app.gui.widgets.text import muted, plain
from ranger_app.i18n import _, duration, ngettext, number
from ranger_app.jobs import Progress

SHOWN_AFTER_MS = 400  # what is over sooner would only flicker
GUESSED_AFTER_S = 3.0  # before that a guess of the time left jumps about
STILL_S, STILL_TIMES = 30.0, 20
"""Longer than that, and than so many times the usual: the job had to wait, or the laptop slept."""


class JobTray(QFrame):
    """One line for each job that is not quiet; gone when there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "tray")
        self._lines: dict[Task, JobLine] = {}
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self.hide()

    def watch(self, background: Background) -> None:
        """Show the jobs of `background` from now on."""
        background.started.connect(self._started)
        background.ended.connect(self._ended)

    @property
    def lines(self) -> list[JobLine]:
        """The lines that are shown, oldest first."""
        return list(self._lines.values())

    def _started(self, task: Task) -> None:
        if not task.quiet:
            QTimer.singleShot(SHOWN_AFTER_MS, self, lambda: self._show(task))

    def _show(self, task: Task) -> None:
        if task.ended:
            return
        self._lines[task] = line = JobLine(task)
        self._inside.addWidget(line)
        self.show()

    def _ended(self, task: Task) -> None:
        if line := self._lines.pop(task, None):
            line.setParent(None)
            line.deleteLater()
        self.setVisible(bool(self._lines))


class JobLine(QWidget):
    """One job: its name, a bar, how far it is, and the button that stops it."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task
        self._worked = Worked(task.started_at_s)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(task.title)
        self.bar.setMinimumWidth(ems(10))
        self.how_far = muted()
        self.stop = button(_("Stop"), icon="stop", on=self._stop)
        self.stop.setAccessibleName(_("Stop: {title}").format(title=task.title))
        name = plain(task.title)
        inside = row(name, self.bar, self.how_far, self.stop, gap=4)
        for part, share in ((0, 3), (1, 2), (2, 3)):
            inside.setStretch(part, share)
        inside.setContentsMargins(space(6), space(2), space(6), space(2))
        self.setLayout(inside)
        task.progressed.connect(self.show_progress)
        self.show_progress(task.progress)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the job is."""
        if self._task.stopping:
            return
        self.bar.setRange(0, progress.total or 0)  # without a total the bar only shows that it lives
        self.bar.setValue(progress.done)
        self._worked.reached(progress.done, time.monotonic())
        self.how_far.setText(how_far(progress, self._worked.seconds))

    def _stop(self) -> None:
        self._task.cancel()
        self.stop.setEnabled(False)
        self.how_far.setText(_("Stopping; what is done is kept."))


class Worked:
    """For how long a job has been at work: not while it had to wait for the night, nor while the laptop
    slept, so that the time left is told from its pace alone."""

    def __init__(self, now_s: float) -> None:
        self.seconds = 0.0
        self._done = 0
        self._at_s = now_s

    def reached(self, done: int, now_s: float) -> None:
        """So much is done now; what stood still far beyond the usual counts as usual."""
        if done <= self._done:
            return
        taken_s = now_s - self._at_s
        usual_s = self.seconds / self._done * (done - self._done) if self._done else taken_s
        stood_still = taken_s > STILL_S and taken_s > STILL_TIMES * usual_s
        self.seconds += usual_s if stood_still else max(taken_s, 0.0)
        self._done, self._at_s = done, now_s


def how_far(progress: Progress, elapsed_s: float) -> str:
    """Where a job is, in words: "12 of 340, about 3 min left", or why it has to wait."""
    if progress.held and progress.total:
        so_far = _("{done} of {total}").format(done=number(progress.done), total=number(progress.total))
        return _("{so_far}, {why}").format(so_far=so_far, why=progress.note)
    if not progress.total:
        return progress.note or (number(progress.done) if progress.done else _("Working…"))
    words = _("{done} of {total}").format(done=number(progress.done), total=number(progress.total))
    if progress.done and elapsed_s >= GUESSED_AFTER_S:
        left_s = elapsed_s / progress.done * (progress.total - progress.done)
        words = _("{so_far}, about {time} left").format(so_far=words, time=_rough(left_s))
    return words


def _rough(left_s: float) -> str:
    if left_s < 90:
        seconds = max(5, round(left_s / 5) * 5)
        return ngettext("{count} second", "{count} seconds", seconds).format(count=number(seconds))
    return duration(left_s)
