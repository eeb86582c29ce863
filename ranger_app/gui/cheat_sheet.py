"""The cheat sheet: every key, by the page where it works."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QWidget

from ranger_app.gui.actions import ACTIONS, Action
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.pages import PAGES
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.text import heading, title
from ranger_app.i18n import _

WIDTH_EMS = 120


class CheatSheet(QDialog):
    """Groups of keys in two columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Keys"))
        inside = QWidget()
        inside.setProperty("kind", "page")
        sides: tuple[list[QWidget], list[QWidget]] = ([], [])
        heights = [0, 0]
        for words, keys in groups():
            side = 0 if heights[0] <= heights[1] else 1
            heights[side] += len(keys) + 2
            sides[side].append(_group(words, keys))
        inside.setLayout(row(*(column(*side, None, gap=5) for side in sides), gap=8, margin=2))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setProperty("kind", "read")  # the keys scroll it, and one sees that they do
        scroll.setWidget(inside)
        close = button(_("Close"), on=self.accept)
        self.setLayout(column(title(_("Keys")), scroll, row(None, close), gap=4, margin=5))
        room = parent.size()
        self.resize(
            min(ems(WIDTH_EMS), room.width() - space(6)),
            min(inside.sizeHint().height() + space(36), room.height() - space(6)),
        )


def groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Heading and (keys, words) for every action that has keys: everywhere first, then page by page."""
    everywhere = [*_keyed(action for action in ACTIONS if not action.page)]
    everywhere += [(_("Esc"), _("Close what is in front, or put a message away"))]
    everywhere += [(_("Tab"), _("To the next field or button; with Shift to the one before"))]
    found = [(_("Everywhere"), everywhere)]
    for spec in PAGES:
        if keyed := _keyed(action for action in ACTIONS if action.page == spec.id):
            found.append((_(spec.words), keyed))
    return found


def _keyed(actions: Iterable[Action]) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    return [
        (QKeySequence(action.keys).toString(native), _(action.words)) for action in actions if action.keys
    ]


def _group(words: str, keys: list[tuple[str, str]]) -> QWidget:
    grid = QGridLayout()
    grid.setHorizontalSpacing(space(4))
    grid.setVerticalSpacing(space(1.5))
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnStretch(1, 1)
    for at, (key, meaning) in enumerate(keys):
        name, does = QLabel(key), QLabel(meaning)
        for label in (name, does):
            label.setTextFormat(Qt.TextFormat.PlainText)
        name.setProperty("type", "key")
        name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        does.setWordWrap(True)
        grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(does, at, 1)
    made = QWidget()
    made.setLayout(column(heading(words), grid, gap=2))
    return made
