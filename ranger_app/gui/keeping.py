"""Keeps what is being typed while it is typed: a laptop that dies takes the last seconds with it, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from ranger_app.gui.widgets.forms import KeptDialog
from ranger_app.jobs import Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ranger_app.gui.context import Context
    from ranger_app.gui.drafts import Drafts, Typed
    from ranger_app.gui.workspace_view import WorkspaceView

KEEP_EVERY_MS = 2_000


class Keeping(QObject):
    """Looks every few seconds at the forms that are open, and has the workspace keep what is new in them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.timer = QTimer(self, interval=KEEP_EVERY_MS)
        self.timer.timeout.connect(self.keep)
        self._for: tuple[Context, WorkspaceView, Drafts] | None = None
        self._told: Mapping[str, Typed | None] | None = None
        self._is_in_trouble = False

    def begin(self, context: Context, view: WorkspaceView, drafts: Drafts) -> None:
        """Keep what is typed in this workspace, from now on."""
        self._for = context, view, drafts
        self._told, self._is_in_trouble = None, False
        self.timer.start()

    def end(self) -> None:
        """Its workspace is about to be closed. What is on its way to it may not arrive, and is told again."""
        self.timer.stop()
        self._owe()
        self._for = None  # else the view, and every page in it, would stay for ever

    def keep(self) -> None:
        """Have what is new kept; what was told before and is still on its way is waited for."""
        if self._for is None or self._told is not None:
            return
        context, view, drafts = self._for
        for one in QApplication.topLevelWidgets():
            if isinstance(one, KeptDialog) and one.isVisible():
                one.keep()
        view.keep_half_written()
        changes, people = drafts.changes(), context.ranger.people
        if not changes:
            return
        self._told = changes

        def job(_work: Work) -> None:
            people.keep_drafts(changes)

        # Not among the writers, where it would wait for a card that is being taken in.
        task = context.background.run(job, "drafts", quiet=True)
        task.finished.connect(self._are_kept)
        task.failed.connect(self._failed)

    def _are_kept(self) -> None:
        self._told, self._is_in_trouble = None, False

    def _failed(self, error: Exception) -> None:
        self._owe()
        if not self._is_in_trouble:  # a full disk is told of once, not every two seconds
            self._is_in_trouble = True
            # A page that shows an error says more of it: what could not be saved, and where that is now.
            if self._for is not None and not self._for[1].shows_error:
                self._for[0].messages.error(error)

    def _owe(self) -> None:
        if self._told is not None and self._for is not None:
            self._for[2].owe(self._told)
        self._told = None
