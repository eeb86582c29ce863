"""Paints what stands around the map: grid of degrees, scale bar, position, attribution, notes, focus."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from ranger_app.maps.colours import MapColours
from ranger_app.maps.scale import grid_lines, position_text, scale_bar
from ranger_app.maps.view import View

EDGE_PX = 10.0
PAD_PX = 6.0
TICK_PX = 5.0
SMALLER = 0.85  # of the widget's own font
GRID_OPACITY = 0.22
CROSS_PX = 9.0
HALO_PX = 2.5


class Furniture:
    """The widget's font and colours, and where the panels lie so that one can be painted alone."""

    def __init__(self, font: QFont, colours: MapColours) -> None:
        self.colours = colours
        self.font = QFont(font)
        self.font.setPointSizeF(max(font.pointSizeF() * SMALLER, 6.0))
        self._metrics = QFontMetricsF(self.font)

    def paint_grid(self, painter: QPainter, view: View) -> None:
        """Meridians and parallels, quiet, under everything that is data."""
        line = QColor(self.colours.grid)
        line.setAlphaF(GRID_OPACITY)
        meridians, parallels = grid_lines(view)
        for meridian in meridians:
            painter.fillRect(QRectF(round(meridian.px), 0, 1, view.height), line)
        for parallel in parallels:
            painter.fillRect(QRectF(0, round(parallel.px), view.width, 1), line)

    def paint_grid_labels(self, painter: QPainter, view: View) -> None:
        """The degrees of the grid, at the upper and the left edge."""
        meridians, parallels = grid_lines(view)
        font, colours, dpr = self.font.toString(), self.colours, painter.device().devicePixelRatioF()
        height = self._metrics.height()
        corner = 5 * height  # kept free, so that no label lies on another
        for meridian in meridians:
            if corner < meridian.px < view.width - corner:
                label = _label(meridian.label, font, colours.grid_text, colours.land, dpr)
                painter.drawPixmap(round(meridian.px - label.width() / dpr / 2), round(EDGE_PX / 2), label)
        for parallel in parallels:
            if corner / 2 < parallel.px < view.height - corner:
                label = _label(parallel.label, font, colours.grid_text, colours.land, dpr)
                painter.drawPixmap(round(EDGE_PX / 2), round(parallel.px - height - 2), label)

    def paint_scale(self, painter: QPainter, view: View) -> None:
        """The scale bar at the lower left, true for the middle of the view."""
        bar = scale_bar(view.centre[1], view.zoom)
        height = self._metrics.height()
        width = max(bar.length_px, self._width(bar.label))
        panel = QRectF(EDGE_PX, 0, width + 2 * PAD_PX, height + TICK_PX + 2 * PAD_PX)
        panel.moveBottom(view.height - EDGE_PX)
        self._panel(painter, panel)
        left, bottom = panel.left() + PAD_PX, round(panel.bottom() - PAD_PX) - 0.5
        self._words(painter, QPointF(left, panel.top() + PAD_PX + self._metrics.ascent()), bar.label)
        painter.setPen(QPen(QColor(self.colours.text), 1.4, c=Qt.PenCapStyle.SquareCap))
        right = left + bar.length_px
        painter.drawPolyline(
            [
                QPointF(left, bottom - TICK_PX),
                QPointF(left, bottom),
                QPointF(right, bottom),
                QPointF(right, bottom - TICK_PX),
            ]
        )

    def paint_attribution(self, painter: QPainter, view: View, words: str) -> None:
        """Where the data under the map come from, at the lower right."""
        if words:
            fitting = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, view.width * 0.5)
            panel = self._line_panel(fitting)
            panel.moveBottomRight(QPointF(view.width - EDGE_PX, view.height - EDGE_PX))
            self._panel(painter, panel)
            self._words(painter, self._baseline(panel), fitting, self.colours.grid_text)

    def position_rect(self, view: View) -> QRect:
        """Where the pointer's position is shown: above the attribution, at the lower right."""
        panel = self._line_panel(position_text(-179.999999, -89.999999, view.zoom))
        panel.moveBottomRight(QPointF(view.width - EDGE_PX, view.height - EDGE_PX - panel.height() - PAD_PX))
        return panel.toAlignedRect()

    def paint_position(self, painter: QPainter, view: View, lon_deg: float, lat_deg: float) -> None:
        """The position under the pointer."""
        words = position_text(lon_deg, lat_deg, view.zoom)
        panel = self._line_panel(words)
        panel.moveBottomRight(QPointF(self.position_rect(view).bottomRight()))
        self._panel(painter, panel)
        self._words(painter, self._baseline(panel), words)

    def paint_note(self, painter: QPainter, view: View, words: str) -> None:
        """A sentence at the upper middle, such as that the base map is missing."""
        room = QRectF(0, 0, min(view.width * 0.6, 560.0), view.height)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        inside = self._metrics.boundingRect(room, int(flags), words)
        panel = inside.adjusted(-2 * PAD_PX, -PAD_PX, 2 * PAD_PX, PAD_PX)
        panel.moveCenter(QPointF(view.width / 2, 0))
        panel.moveTop(EDGE_PX + 1.6 * self._metrics.height())
        self._panel(painter, panel)
        painter.setFont(self.font)
        painter.setPen(QColor(self.colours.text))
        painter.drawText(panel, int(flags), words)

    def paint_focus(self, painter: QPainter, view: View) -> None:
        """That the keyboard works here, and with a cross what Enter would pick."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.colours.focus), 2.0))
        painter.drawRect(QRectF(1, 1, view.width - 2, view.height - 2))
        x, y = view.width / 2, view.height / 2
        for colour, width in ((self.colours.halo, 4.0), (self.colours.focus, 1.6)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(QPointF(x - CROSS_PX, y), QPointF(x + CROSS_PX, y))
            painter.drawLine(QPointF(x, y - CROSS_PX), QPointF(x, y + CROSS_PX))

    def _line_panel(self, words: str) -> QRectF:
        return QRectF(0, 0, self._width(words) + 2 * PAD_PX, self._metrics.height() + PAD_PX)

    def _baseline(self, panel: QRectF) -> QPointF:
        return QPointF(panel.left() + PAD_PX, panel.top() + PAD_PX / 2 + self._metrics.ascent())

    def _panel(self, painter: QPainter, panel: QRectF) -> None:
        ground = QColor(self.colours.panel)
        ground.setAlphaF(self.colours.panel_opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(panel, 4.0, 4.0)

    def _words(self, painter: QPainter, at: QPointF, words: str, colour: str = "") -> None:
        painter.setFont(self.font)
        painter.setPen(QColor(colour or self.colours.text))
        painter.drawText(at, words)

    def _width(self, words: str) -> float:
        return self._metrics.horizontalAdvance(words)


@lru_cache(maxsize=512)
def _label(words: str, font_text: str, colour: str, halo: str, dpr: float) -> QPixmap:
    """Words with a halo of the ground's colour; made once, for drawing the halo is slow."""
    font = QFont()
    font.fromString(font_text)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(words) + 2 * HALO_PX, metrics.height() + 2 * HALO_PX
    label = QPixmap(round(width * dpr), round(height * dpr))
    label.setDevicePixelRatio(dpr)
    label.fill(Qt.GlobalColor.transparent)
    at = QPointF(HALO_PX, HALO_PX + metrics.ascent())
    outline = QPainterPath()
    outline.addText(at, font, words)
    around = QColor(halo)
    around.setAlphaF(0.8)
    painter = QPainter(label)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(outline, QPen(around, HALO_PX))
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(at, words)
    painter.end()
    return label
