"""An icon by itself that follows light and dark."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ranger_app.gui.look import icons
from ranger_app.gui.look.theme import space

SIGNS = {"danger": "error", "warning": "warning", "good": "check"}
"""The icon for each tone."""


class Sign(QWidget):
    """The icon `name` in the colour `role`, `steps` of space wide."""

    def __init__(self, name: str, role: str = "text", *, steps: float = 5) -> None:
        super().__init__()
        self._name, self._role = name, role
        self.setFixedSize(space(steps), space(steps))

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon instead."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons.draw(painter, QRectF(self.rect()), self._name, self._role)
        painter.end()
