"""A person at the window: keys go where the focus is, Tab finds what has a name, dialogs are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from ranger_app.gui.main_window import MainWindow
from tests.gui.screen import heard_name

TABS_AT_MOST = 120
LOOKS_AGAIN_MS = 5


class Person:
    """Touches nothing but the keyboard, and knows a field only by the name that is read aloud."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self._qtbot, self.window = qtbot, window

    # ---- keys

    def press(self, *keys: str) -> None:
        """Press keys, such as "Ctrl+K", one after the other; each lands where the focus is then."""
        for one in keys:
            QTest.keySequence(self._where(), QKeySequence(one))

    def types(self, words: str) -> None:
        """Type into the field that has the focus, at the caret."""
        QTest.keyClicks(self._where(), words)

    def writes(self, words: str) -> None:
        """Type into the field that has the focus, in place of what stands there."""
        self.press("Ctrl+A")
        self.types(words)

    def goes_to(self, name: str) -> QWidget:
        """Press Tab until the focus is on what bears this name."""
        heard: list[str] = []
        for _tab in range(TABS_AT_MOST):
            focused = QApplication.focusWidget()
            if focused is not None:
                heard.append(_name_of(focused))
                if heard[-1] == name:
                    return focused
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {name!r}; it comes to {list(dict.fromkeys(heard))}")

    # ---- waiting and answering

    def sees(self, what: Callable[[], object]) -> None:
        """Wait until it is so, and no job is under way."""
        self._qtbot.waitUntil(lambda: bool(what()) and not self.window.background.tasks)

    @contextmanager
    def answering(self, answer: Callable[[], object]) -> Iterator[None]:
        """Answer the dialog that comes up in here with keys; at the end it has been answered and is gone."""
        watch, outcome = QTimer(interval=LOOKS_AGAIN_MS), list[str]()

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QDialog) or not dialog.isActiveWindow():
                return
            watch.stop()
            try:
                answer()
                outcome.append("" if not dialog.isVisible() else f"“{dialog.windowTitle()}” is still open")
            except AssertionError as fault:
                outcome.append(str(fault))
            if dialog.isVisible():
                dialog.reject()  # else a test that failed would stand here for ever

        watch.timeout.connect(look)
        watch.start()
        yield
        self._qtbot.waitUntil(lambda: bool(outcome))
        assert not outcome[0], outcome[0]
        self.comes_back()

    def comes_back(self) -> None:
        """Turn to this window: without a screen nothing gives the focus back when a dialog has gone."""
        self.window.activateWindow()
        self._qtbot.waitUntil(self.window.isActiveWindow)

    def _where(self) -> QWidget:
        return (
            QApplication.activePopupWidget()
            or QApplication.focusWidget()
            or QApplication.activeModalWidget()
            or self.window
        )


def _name_of(widget: QWidget) -> str:
    """Its name. A choice is read aloud as what is chosen, after the label that it belongs to."""
    return widget.accessibleName() or heard_name(widget)
