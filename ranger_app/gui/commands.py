"""Gives every action of the list its keys in the window, as far as it can be asked for now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ranger_app.gui.actions import ACTIONS, Action
from ranger_app.i18n import _


class Commands:
    """The actions of `window`; `run` is called with the one that was asked for."""

    def __init__(self, window: QWidget, run: Callable[[Action], None]) -> None:
        self._by_id: dict[str, QAction] = {}
        self._open = False
        for action in ACTIONS:
            made = QAction(_(action.words), window)
            made.setShortcut(QKeySequence(action.keys))
            made.triggered.connect(lambda _checked=False, action=action: run(action))
            window.addAction(made)
            self._by_id[action.id] = made
        self.follow(is_open=False, page_id="")

    def follow(self, *, is_open: bool, page_id: str) -> None:
        """Let through what fits: keys of a page only while it is in front, most only with a workspace."""
        self._open = is_open
        for action in ACTIONS:
            fits = action.always or (is_open and action.page in ("", page_id))
            self._by_id[action.id].setEnabled(fits)

    def on_offer(self) -> list[Action]:
        """What the palette offers: everything that works now, those of other pages too."""
        return [action for action in ACTIONS if self._open or action.always]
