"""Paints what keeps its size on the screen: points, clusters, the mark of a small site, highlights."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from ranger_app.gui.widgets.maps.tiles import pen, polygon
from ranger_app.maps.colours import MapColours
from ranger_app.maps.layers import BoundaryLayer, PointLayer, TrackLayer
from ranger_app.maps.mercator import project_one, tile_zoom
from ranger_app.maps.picking import Mark
from ranger_app.maps.strokes import Ints
from ranger_app.maps.view import View

POINT_RADIUS_PX = 5.0
RIM_PX = 1.5
CLUSTER_PAD_PX = 6.0
SITE_MARK_BELOW_PX = 12.0  # a boundary smaller than this is marked by a dot
SHAPES = 4
BEYOND_PX = 40.0  # marks whose middle lies so far outside may still reach into the view


def paint_points(
    painter: QPainter,
    view: View,
    layer_id: str,
    layer: PointLayer,
    colours: MapColours,
    font: QFont,
    chosen: Ints,
) -> list[Mark]:
    """Paint the points and clusters in view; returns where they lie, for picking.

    The places of the `chosen` points in the layer get a ring, or the clusters that they are in.
    """
    level = layer.clusters.level(view.zoom)
    ringed = set(level.cluster_of[chosen].tolist())
    marks: list[Mark] = []
    dpr = painter.device().devicePixelRatioF()
    beyond = BEYOND_PX / view.scale
    west, north, east, south = view.box
    for copy in view.copies():
        here = level.within((west - copy - beyond, north - beyond, east - copy + beyond, south + beyond))
        for cluster in here.tolist():
            x, y = view.to_screen(float(level.x[cluster]) + copy, float(level.y[cluster]))
            count, first = int(level.counts[cluster]), int(level.first[cluster])
            if count == 1:
                icon = point_icon(int(layer.kinds[first]), colours, dpr)
            else:
                icon = cluster_icon(count_text(count), colours, font.toString(), dpr)
            side = icon.width() / icon.devicePixelRatioF()
            if cluster in ringed:
                painter.setPen(QPen(QColor(colours.highlight), 2.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, y), side / 2 + 1, side / 2 + 1)
            painter.drawPixmap(QPointF(x - side / 2, y - side / 2), icon)
            marks.append(Mark(x, y, side / 2, layer_id, cluster))
    return marks


def paint_site_mark(painter: QPainter, view: View, layer: BoundaryLayer, colours: MapColours) -> None:
    """A dot where the whole boundary would be too small to be seen."""
    west, south, east, north = layer.bounds
    left, top = project_one(west, north)
    right, bottom = project_one(east + 360.0 if east < west else east, south)
    if max(right - left, bottom - top) * view.scale >= SITE_MARK_BELOW_PX:
        return
    painter.setPen(QPen(QColor(colours.halo), 2.0))
    painter.setBrush(QColor(colours.boundary))
    for copy in view.copies():
        x, y = view.to_screen((left + right) / 2 + copy, (top + bottom) / 2)
        painter.drawEllipse(QPointF(x, y), 6.0, 6.0)


def paint_highlight(
    painter: QPainter, view: View, layer: TrackLayer, chosen: Ints, colours: MapColours
) -> None:
    """The chosen tracks once more, on top of all others and stronger."""
    if not len(chosen) or not layer.ready:
        return
    west, north, _east, _south = view.box
    for copy in view.copies():
        for line in layer.lines.of_owners(chosen, tile_zoom(view.zoom)):
            on_screen = (line - [west - copy, north]) * view.scale
            if (on_screen.max(axis=0) < 0).any() or (on_screen.min(axis=0) > [view.width, view.height]).any():
                continue
            drawn = polygon(on_screen)
            painter.setPen(pen(colours.halo, 6.0, 0.9))
            painter.drawPolyline(drawn)
            painter.setPen(pen(colours.highlight, 3.0))
            painter.drawPolyline(drawn)


def count_text(count: int) -> str:
    """How many, in the room that a cluster has: “850”, “1.2k”, “15k”."""
    if count < 1000:
        return str(count)
    thousands = count / 1000
    return f"{thousands:.1f}k" if thousands < 9.95 else f"{thousands:.0f}k"


@lru_cache(maxsize=256)
def point_icon(kind: int, colours: MapColours, dpr: float) -> QPixmap:
    """The mark of one point: colour and shape both tell its kind. Legends use it too."""
    side = 2 * (POINT_RADIUS_PX + RIM_PX + 0.5)
    icon, painter = _blank(side, dpr)
    painter.setPen(QPen(QColor(colours.halo), RIM_PX))
    painter.setBrush(QColor(colours.kinds[kind % len(colours.kinds)]))
    painter.drawPath(_shape(kind % SHAPES, side / 2))
    painter.end()
    return icon


@lru_cache(maxsize=512)
def cluster_icon(words: str, colours: MapColours, font_text: str, dpr: float) -> QPixmap:
    """The mark of a cluster, with the number of its points."""
    font = QFont()
    font.fromString(font_text)
    font.setPointSizeF(max(font.pointSizeF() * 0.85, 6.0))
    font.setBold(True)
    metrics = QFontMetricsF(font)
    inside = max(metrics.horizontalAdvance(words), metrics.height()) + 2 * CLUSTER_PAD_PX
    side = inside + 6.0
    icon, painter = _blank(side, dpr)
    soft = QColor(colours.cluster)
    soft.setAlphaF(0.28)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(soft)
    painter.drawEllipse(QPointF(side / 2, side / 2), side / 2, side / 2)
    painter.setBrush(QColor(colours.cluster))
    painter.drawEllipse(QPointF(side / 2, side / 2), inside / 2, inside / 2)
    painter.setPen(QColor(colours.cluster_text))
    painter.setFont(font)
    painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return icon


def _blank(side_px: float, dpr: float) -> tuple[QPixmap, QPainter]:
    icon = QPixmap(round(side_px * dpr), round(side_px * dpr))
    icon.setDevicePixelRatio(dpr)
    icon.fill(Qt.GlobalColor.transparent)
    painter = QPainter(icon)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return icon, painter


def _shape(number: int, middle: float) -> QPainterPath:
    path = QPainterPath()
    radius = POINT_RADIUS_PX
    if number == 0:
        path.addEllipse(QPointF(middle, middle), radius, radius)
    elif number == 1:
        path.addPolygon(
            [
                QPointF(middle, middle - radius),
                QPointF(middle + radius, middle + radius * 0.8),
                QPointF(middle - radius, middle + radius * 0.8),
            ]
        )
        path.closeSubpath()
    elif number == 2:
        side = radius * 0.88
        path.addRect(QRectF(middle - side, middle - side, 2 * side, 2 * side))
    else:
        path.addPolygon(
            [
                QPointF(middle, middle - radius - 0.5),
                QPointF(middle + radius + 0.5, middle),
                QPointF(middle, middle + radius + 0.5),
                QPointF(middle - radius - 0.5, middle),
            ]
        )
        path.closeSubpath()
    return path
