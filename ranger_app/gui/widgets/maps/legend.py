"""A sample of how a layer of the map looks, for the list of layers beside it."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ranger_app.gui.look import theme
from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.maps.marks import point_icon
from ranger_app.maps.colours import DARK, LIGHT, MapColours

LINE_PX = 2.5


class Swatch(QWidget):
    """A line in the colour `role` of `MapColours`, or the mark of points of one kind for "kind:1"."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role
        self.setFixedSize(space(6), space(5))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours: MapColours = DARK if theme.is_dark() else LIGHT
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        kind, _colon, number = self._role.partition(":")
        if number:
            icon = point_icon(int(number), colours, self.devicePixelRatioF())
            side = icon.width() / icon.devicePixelRatioF()
            painter.drawPixmap(middle - QPointF(side / 2, side / 2), icon)
        else:
            painter.setPen(QPen(QColor(getattr(colours, kind)), LINE_PX))
            painter.drawLine(QLineF(1, middle.y(), self.width() - 1, middle.y()))
        painter.end()
