"""A list and what is chosen in it: beside one another, or below one another where the text is too large."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from ranger_app.gui.look.theme import ems, space

LEAST_STEPS = 60  # below one another each keeps at least this height, and the page scrolls


class Halves(QSplitter):
    """Two widgets with a handle between them; `shares` of the room, and the width that both need at least."""

    def __init__(self, one: QWidget, other: QWidget, *, shares: tuple[int, int], least_ems: float) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._least_ems = least_ems
        self._shares = shares
        self._halves = (one, other)
        self._is_shared_out = False
        self.setChildrenCollapsible(False)
        for at, (half, share) in enumerate(zip(self._halves, shares, strict=True)):
            self.addWidget(half)
            self.setStretchFactor(at, share)

    def minimumSizeHint(self) -> QSize:
        hints = [half.minimumSizeHint() for half in self._halves]
        width = max(hint.width() for hint in hints)
        if self.orientation() is Qt.Orientation.Vertical:
            return QSize(width, len(hints) * space(LEAST_STEPS))
        return QSize(width, max(hint.height() for hint in hints))

    def resizeEvent(self, event: QResizeEvent) -> None:
        fits = event.size().width() >= ems(self._least_ems)
        way = Qt.Orientation.Horizontal if fits else Qt.Orientation.Vertical
        if self.orientation() is not way or not self._is_shared_out:
            self.setOrientation(way)
            self._is_shared_out = True
            whole = event.size().width() if fits else event.size().height()
            self.setSizes([whole * share // sum(self._shares) for share in self._shares])
            self.updateGeometry()
        super().resizeEvent(event)
