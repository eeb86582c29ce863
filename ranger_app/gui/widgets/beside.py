"""Columns that stand beside one another where there is room, and below one another where there is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.layout import Part, column

NARROW_EMS = 58  # a column of text is not made narrower than this to fit two of them


class Beside(QWidget):
    """Each argument is one column's list of parts, `shares` how the width is shared out among them.

    At 200 % text on a small screen most become one column.
    """

    def __init__(
        self,
        *columns: list[Part],
        shares: Sequence[int] = (),
        gap: float = 4,
        narrow_ems: float = NARROW_EMS,
    ) -> None:
        super().__init__()
        self._narrow_ems = narrow_ems
        self._columns: list[QWidget] = []
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(space(gap))
        self._shares = tuple(shares) or (1,) * len(columns)
        for parts in columns:
            made = QWidget()
            made.setLayout(column(*parts, None, gap=gap))
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            self._columns.append(made)
            self._layout.addWidget(made)
        self.setLayout(self._layout)

    def minimumSizeHint(self) -> QSize:
        # As wide as one column; how high follows from the width that there is.
        return QSize(max(one.minimumSizeHint().width() for one in self._columns), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._turn(event.size().width())
        super().resizeEvent(event)

    def _turn(self, width: int) -> None:
        fits = width >= len(self._columns) * ems(self._narrow_ems)
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._layout.direction() != way:
            self._layout.setDirection(way)
            for at, share in enumerate(self._shares):  # a share of the width is no share of the height
                self._layout.setStretch(at, share if fits else 0)
