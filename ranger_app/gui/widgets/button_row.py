"""Buttons beside one another, or below one another where the text is too large for that."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from ranger_app.gui.look.theme import space

GAP_STEPS = 2.0


class ButtonRow(QWidget):
    """A row of buttons; None is the stretch that pushes the rest away."""

    def __init__(self, *parts: QWidget | None) -> None:
        super().__init__()
        self._parts = [part for part in parts if part is not None]
        self._inside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(space(GAP_STEPS))
        for part in parts:
            if part is None:
                self._inside.addStretch(1)
            else:
                self._inside.addWidget(part)
        self.setLayout(self._inside)

    def minimumSizeHint(self) -> QSize:
        widest = max((part.minimumSizeHint().width() for part in self._shown()), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        shown = self._shown()
        needed = sum(part.sizeHint().width() for part in shown) + space(GAP_STEPS) * max(0, len(shown) - 1)
        fits = event.size().width() >= needed
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._inside.direction() != way:
            self._inside.setDirection(way)
        super().resizeEvent(event)

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]
