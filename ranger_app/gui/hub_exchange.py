"""Exchanges with the hub beside everything else that the window does: when asked, and by itself if it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _
from ranger_app.jobs import Progress, Work

if TYPE_CHECKING:
    from ranger_app.gui.background import Background, Task
    from ranger_app.gui.messages import Messages
    from ranger_app.sync.hub.exchange import Synced
    from ranger_app.sync.hub.line import Patience

FIRST_MS = 20_000
"""After the workspace was opened: who opens it wants to work."""
AGAIN_MS = 15 * 60_000
AFTER_CHANGE_MS = 60_000
"""After the last change, so that an hour of work is not an hour of exchanges."""


class HubExchange(QObject):
    """The exchanges of one open workspace with its hub, one at a time. They run beside the jobs that write,
    so that nobody waits for a slow line. Without a network nothing is different but what the page says."""

    moved = Signal(Progress)
    changed = Signal()
    """One began or came to its end, or what is remembered of the hub is another."""

    def __init__(self, ranger: Any, background: Background, messages: Messages, parent: QObject) -> None:
        super().__init__(parent)
        self._ranger, self._background, self._messages = ranger, background, messages
        self._task: Task | None = None
        self._asked = False
        """Whether a person asked for what is under way."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._by_itself)
        self._timer.start(FIRST_MS)

    @property
    def running(self) -> bool:
        return self._task is not None

    def start(self, *, url: str | None = None, new_hub: bool = False) -> None:
        """Exchange now; with an address, with the hub there from now on."""
        exchange = self._ranger.exchange

        def job(work: Work) -> Synced:
            done: Synced = exchange.sync(work, url=url, new_hub=new_hub)
            return done

        self._run(job, quiet=False)

    def may_go_by_itself(self, may: bool) -> None:
        """Whether to exchange without being asked whenever there is a network."""
        exchange = self._ranger.exchange
        task = self._background.run(lambda _work: exchange.set_hub(automatic=may), "hub", quiet=True)
        task.finished.connect(self._begin if may else self.changed)
        task.failed.connect(self._messages.error)

    def _begin(self) -> None:
        self._timer.start(0)
        self.changed.emit()

    def data_changed(self) -> None:
        """Something was written here: bring it over soon, if that is wished."""
        if not self.running and self._timer.isActive() and self._timer.remainingTime() > AFTER_CHANGE_MS:
            self._timer.start(AFTER_CHANGE_MS)

    def end(self) -> None:
        """The workspace is about to be closed."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()

    def _by_itself(self) -> None:
        exchange = self._ranger.exchange

        def job(work: Work) -> Synced | None:
            seen = exchange.hub()
            if not (seen.url and seen.automatic):
                return None
            done: Synced = exchange.sync(work, patience=_once())
            return done

        self._run(job, quiet=True)

    def _run(self, job: Any, *, quiet: bool) -> None:
        if self._task is not None:
            return
        self._timer.stop()
        self._asked = not quiet
        task = self._task = self._background.run(job, _("Exchange with the hub"), quiet=quiet, long=True)
        # Methods and no lambdas: Qt forgets them with this object, and the job may end after it.
        task.progressed.connect(self.moved)
        task.finished.connect(self._finished)
        task.cancelled.connect(self._cancelled)
        task.failed.connect(self._failed)
        self.changed.emit()

    def _finished(self, done: Synced | None) -> None:
        self._ended(again=done is not None or self._asked)

    def _cancelled(self) -> None:
        self._ended(again=True)

    def _failed(self, error: Exception) -> None:
        self._ended(again=True)
        if not isinstance(error, KnownError):  # what the world did wrong, the hub's part of the page says
            self._messages.error(error, page_id="exchange")

    def _ended(self, *, again: bool) -> None:
        self._task = None
        if again:
            self._timer.start(AGAIN_MS)
        self.changed.emit()


def _once() -> Patience:
    from ranger_app.sync.hub.line import Patience

    return Patience(tries_at_first=1)
