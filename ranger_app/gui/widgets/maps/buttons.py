"""The buttons on the map: closer, farther, and back to the whole site."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ranger_app.gui.look import theme
from ranger_app.gui.widgets.buttons import icon_button
from ranger_app.i18n import _


class MapButtons(QWidget):
    """Three buttons one above the other on a card. The keys +, − and Home do the same from the map."""

    def __init__(
        self,
        parent: QWidget,
        *,
        closer: Callable[[], None],
        farther: Callable[[], None],
        home: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        for words, icon, on in (
            (_("Zoom in (+)"), "plus", closer),
            (_("Zoom out (−)"), "minus", farther),
            (_("Show the whole site (Home)"), "fit", home),
        ):
            button = icon_button(words, icon=icon, on=on, role="text")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the map itself has the focus and the keys
            column.addWidget(button)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.adjustSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        painter.end()
