"""Buttons that go on in the next line where the one above is full, as words do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ranger_app.gui.look.theme import space

GAP_STEPS = 2.0


class Flow(QWidget):
    """Widgets at their own width, line after line."""

    def __init__(self, *parts: QWidget) -> None:
        super().__init__()
        self._parts = parts
        for part in parts:
            part.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        hints = [part.sizeHint() for part in self._shown()]
        width = sum(hint.width() for hint in hints) + space(GAP_STEPS) * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSizeHint(self) -> QSize:
        hints = [part.sizeHint() for part in self._shown()]
        return QSize(
            max((hint.width() for hint in hints), default=0),
            max((hint.height() for hint in hints), default=0),
        )

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for place in self._places(width)), default=0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a part needs another size
            self.updateGeometry()
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        for part, place in zip(self._shown(), self._places(self.width()), strict=True):
            part.setGeometry(place)

    def _places(self, width: int) -> list[QRect]:
        gap, at, line_height = space(GAP_STEPS), QPoint(0, 0), 0
        found = []
        for part in self._shown():
            size = part.sizeHint()
            if at.x() and at.x() + size.width() > width:
                at = QPoint(0, at.y() + line_height + gap)
                line_height = 0
            found.append(QRect(at, size))
            at = QPoint(at.x() + size.width() + gap, at.y())
            line_height = max(line_height, size.height())
        return found

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]
