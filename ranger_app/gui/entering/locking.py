"""Locks the window: by a key or after some quiet minutes, and opens it again for who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication, QDialog, QStackedWidget, QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.gui.entering.lock_screen import IdleWatch, LockScreen
from ranger_app.gui.widgets.forms import KeptDialog
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger
    from ranger_app.gui.background import Background


class Locking(QObject):
    """Puts the lock screen before what is open. Nothing is closed: jobs go on, pages stay as they are."""

    locked = Signal()
    unlocked = Signal()
    switch_asked = Signal()

    def __init__(self, stack: QStackedWidget, broke: Callable[[Exception], None]) -> None:
        super().__init__(stack)
        self._stack, self._broke = stack, broke
        self._ranger: Ranger | None = None
        self._background: Background | None = None
        self._behind: QWidget | None = None
        self._site = self._person = ""
        self.screen = LockScreen()
        self.screen.given.connect(self._check)
        self.screen.switched.connect(self.switch_asked)
        stack.addWidget(self.screen)
        self.watch = IdleWatch(self)
        self.watch.idle.connect(self.lock)

    @property
    def is_on(self) -> bool:
        """Whether the window is locked."""
        return self._behind is not None

    def begin(
        self, ranger: Ranger, background: Background, *, site: str, person: str, minutes: int, sealed: bool
    ) -> None:
        """Watch over an open workspace; one without a passphrase is never locked, as nothing would unlock."""
        self._ranger, self._background = (ranger, background) if sealed else (None, None)
        self._site, self._person = site, person
        self.watch.wait(minutes if sealed else 0)

    def wait(self, minutes: int) -> None:
        """Lock after so many quiet minutes from now on."""
        if self._ranger is not None and not self.is_on:
            self.watch.wait(minutes)

    def end(self) -> None:
        """The workspace is closed."""
        self.watch.wait(0)
        self._ranger = self._background = self._behind = None

    def lock(self) -> bool:
        """Lock now; False when this workspace has no passphrase that could unlock it."""
        if self._ranger is None or self._background is None:
            return False
        if self.is_on:
            return True
        put_away_dialogs()
        forget_copied()
        self._behind = self._stack.currentWidget()
        jobs = sum(not task.quiet for task in self._background.tasks)
        self._stack.setCurrentWidget(self.screen)
        self.screen.show_locked(site=self._site, person=self._person, jobs=jobs)
        self.locked.emit()
        return True

    def _check(self, passphrase: str) -> None:
        if self._ranger is None or self._background is None:
            return
        people = self._ranger.people
        task = self._background.run(lambda _work: people.check(passphrase), _("Unlocking"), quiet=True)
        task.finished.connect(lambda _done: self._unlock())
        task.failed.connect(self._refuse)

    def _unlock(self) -> None:
        behind, self._behind = self._behind, None
        self.watch.wait_again()
        if behind is not None:
            self._stack.setCurrentWidget(behind)
            self.unlocked.emit()

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.screen.show_fault(f"{error.text} {error.what_to_do}".strip())
        else:
            self.screen.show_fault("")
            self._broke(error)


def forget_copied() -> None:
    """Empty the clipboard of what was copied here: it may be a name, and the next program could paste it."""
    clipboard = QApplication.clipboard()
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        if is_ours(clipboard, mode):
            clipboard.clear(mode)


def is_ours(clipboard: QClipboard, mode: QClipboard.Mode) -> bool:
    """Whether what can be pasted was copied in this program."""
    return clipboard.ownsClipboard() if mode is QClipboard.Mode.Clipboard else clipboard.ownsSelection()


def put_away_dialogs() -> None:
    """Close every dialog as if its person had thought better of it; forms keep what was typed."""
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    for dialog in reversed(dialogs):
        if isinstance(dialog, KeptDialog):
            dialog.put_away()
        else:
            dialog.reject()
