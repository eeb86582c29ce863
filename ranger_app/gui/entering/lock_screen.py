"""What stands in the window while it is locked: who it waits for, and that running jobs go on."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, boxed, column, row
from ranger_app.gui.widgets.text import fault, muted, plain, say
from ranger_app.i18n import _, ngettext

WIDTH_EMS = 64
MINUTE_MS = 60_000
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class IdleWatch(QObject):
    """Says when nobody has touched keys or mouse for some minutes. It sees every event and keeps none."""

    idle = Signal()

    def __init__(self, parent: QObject, *, now_s: Callable[[], float] = time.time) -> None:
        super().__init__(parent)
        self._now_s = now_s
        self._minutes, self._touched_s = 0, 0.0
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.idle)

    def wait(self, minutes: int) -> None:
        """Wait for so many minutes of quiet from now on; 0 waits for none, and looks at no event."""
        self.timer.stop()
        self._minutes, self._touched_s = minutes, self._now_s()
        application = QApplication.instance()
        if application is None:
            return
        application.removeEventFilter(self)
        if minutes:
            application.installEventFilter(self)
            self.timer.start(minutes * MINUTE_MS)

    def wait_again(self) -> None:
        """Wait as before from now on: once it has spoken it is silent until then."""
        self.wait(self._minutes)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() not in _SIGNS_OF_LIFE or not self.timer.isActive():
            return False
        before_s, self._touched_s = self._touched_s, self._now_s()
        if self._touched_s - before_s > self._minutes * 60:
            # The laptop slept, and the timer with it. The hand that woke it touches nothing that is open.
            self.timer.stop()
            self.idle.emit()
            return True
        self.timer.start()
        return False


class LockScreen(QWidget):
    """One field. What is behind it is neither closed nor shown."""

    given = Signal(str)
    switched = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.who, self.jobs = plain(), muted()
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.returnPressed.connect(self._give)
        form = Form()
        form.field(_("Passphrase"), self.field)
        self.fault = fault()
        self.unlock = button(_("Unlock"), icon="lock", kind="primary", on=self._give)
        self.switch = button(_("Another person…"), icon="person", on=self.switched.emit)
        self.kept = muted(_("Nothing is lost: what is open stays open, and what was typed is kept."))
        card = Card(
            _("Locked"),
            self.who,
            form,
            self.fault,
            ButtonRow(self.unlock, self.switch, None),
            self.kept,
            self.jobs,
        )
        inside = boxed(column(None, card, None, None))
        inside.setMaximumWidth(ems(WIDTH_EMS))
        middle = row(None, inside, None)
        middle.setStretch(1, 1)
        middle.setContentsMargins(space(6), space(10), space(6), space(6))
        self.setLayout(middle)

    def show_locked(self, *, site: str, person: str, jobs: int) -> None:
        """Lock for this person; without a name it is the laptop's own passphrase that unlocks."""
        alone = _("{site} is locked; the laptop's passphrase unlocks it.")
        words = _("{site} is locked by {name}.") if person else alone
        self.who.setText(words.format(site=site, name=person))
        self.show_jobs(jobs)
        say(self.fault, "")
        self.field.clear()
        self.setEnabled(True)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_jobs(self, count: int) -> None:
        """Say how much goes on behind it."""
        words = ngettext("{count} job goes on.", "{count} jobs go on.", count) if count else ""
        say(self.jobs, words.format(count=count))

    def show_fault(self, words: str) -> None:
        """Say why it stays locked."""
        self.setEnabled(True)
        say(self.fault, words, "danger")
        self.field.setFocus()

    def _give(self) -> None:
        if words := self.field.text():
            self.field.clear()
            self.setEnabled(False)  # the answer takes a moment, by design
            self.given.emit(words)
