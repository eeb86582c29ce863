"""What a test does to a window: press keys, look for widgets, hear names as a screen reader does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.widgets.maps.canvas import MapCanvas

W = TypeVar("W", bound=QWidget)

INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    MapCanvas,
)
FIELDS = (QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until no job is under way, and all that they brought has been shown."""
    qtbot.waitUntil(lambda: not window.background.tasks)


@contextmanager
def coming_in_front(qtbot: QtBot, window: QWidget) -> Iterator[None]:
    """Whoever opens `window` in here has the keys in it at the end. Qt's own `waitActive` does not do: it
    holds a dialog for active as soon as the window that it belongs to is, before the keys are in it."""
    yield
    qtbot.waitUntil(window.isActiveWindow)


def press(widget: QWidget, keys: str) -> None:
    """Press keys, such as "Ctrl+K", as a person would with `widget` in front."""
    QTest.keySequence(widget, QKeySequence(keys))


def type_into(widget: QWidget, text: str) -> None:
    """Type some letters."""
    QTest.keyClicks(widget, text)


def click(widget: QWidget) -> None:
    """Click in the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def button(parent: QWidget, words: str) -> QAbstractButton:
    """The button that bears these words; an error names those that are there."""
    every = parent.findChildren(QAbstractButton)
    found = [one for one in every if words in (one.text(), one.accessibleName())]
    assert len(found) == 1, f"{len(found)} buttons say {words!r}; there are {[one.text() for one in every]}"
    return found[0]


def heard_name(widget: QWidget) -> str:
    """The name that a screen reader would say."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def interactive(parent: QWidget) -> Iterator[QWidget]:
    """Everything below `parent` that a person can use; parts of Qt's own composite widgets left out."""
    for kind in INTERACTIVE:
        for widget in parent.findChildren(kind):
            if not widget.objectName().startswith("qt_") and not _is_part(widget):
                yield widget


def _is_part(widget: QWidget) -> bool:
    """Whether Qt put it inside a field or a list, as the list that a combo box opens."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (*FIELDS, QAbstractItemView)):
            return True
        parent = parent.parentWidget()
    return False
