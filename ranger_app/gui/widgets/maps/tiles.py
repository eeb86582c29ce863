"""Paints one layer of the map into one tile; runs on a worker's thread and knows no widget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath, QPen, QPolygonF

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.maps.colours import MapColours
from ranger_app.maps.layers import BaseLayer, BoundaryLayer, Layer, RasterLayer, TrackLayer
from ranger_app.maps.mercator import TILE_PX, Floats
from ranger_app.maps.strokes import Strokes, Tile
from ranger_app.maps.tiles import TilePicture
from ranger_app.maps.vectors import HALO_PIECES_AT_MOST

PICTURE_SIDE_AT_MOST_PX = 2048
TRACK_PX, TRACK_HALO_PX = 1.9, 4.2
BOUNDARY_PX, BOUNDARY_HALO_PX = 2.2, 5.0


@dataclass(frozen=True, slots=True)
class TilePaint:
    """What a tile is painted with, the same for all tiles of a round.

    A tile is shown `stretch` times its nominal 256 pixels, on a screen with `dpr` dots to the pixel; it
    is painted with just so many dots, so that nothing has to be scaled and lines keep their width.
    """

    colours: MapColours
    dpr: float = 1.0
    stretch: float = 1.0

    @property
    def ratio(self) -> float:
        """Dots of the screen for one nominal pixel of the tile."""
        return self.dpr * self.stretch

    @property
    def sharper(self) -> int:
        """Zooms of detail to add so that a dense screen is used."""
        return math.ceil(math.log2(self.ratio)) if self.ratio > 1.0 else 0

    def pen(self, colour: str, width_px: float, opacity: float = 1.0) -> QPen:
        """A pen so many pixels of the screen wide."""
        return pen(colour, width_px / self.stretch, opacity)


def paint_tile(layer: Layer, tile: Tile, paint: TilePaint) -> QImage | None:
    """The layer in one tile, or None where it has nothing. Raises `BadInput` for a damaged map pack."""
    match layer:
        case BaseLayer():
            return _base(layer, tile, paint)
        case RasterLayer():
            picture = layer.pack.tile(tile)
            return None if picture is None else _decoded(picture)
        case BoundaryLayer():
            return _boundary(layer, tile, paint)
        case TrackLayer():
            return _tracks(layer, tile, paint)
        case _:
            return None


def polygon(points: Floats) -> QPolygonF:
    """Points (N, 2) as Qt has them, copied at once and not one by one."""
    made = QPolygonF()
    made.resize(len(points))
    if len(points):
        # The stubs know neither this form of VoidPtr nor that it is a buffer.
        inside: Any = shiboken6.VoidPtr(made.data(), len(points) * 16, True)  # type: ignore[call-arg, arg-type]
        np.frombuffer(inside, np.float64).reshape(-1, 2)[:] = points
    return made


def area_path(strokes: Strokes) -> QPainterPath:
    """Rings as one path that is filled by the even-odd rule."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in strokes:
        path.addPolygon(polygon(ring))
        path.closeSubpath()
    return path


def pen(colour: str, width_px: float, opacity: float = 1.0) -> QPen:
    """A round pen of the map."""
    drawn = QColor(colour)
    drawn.setAlphaF(opacity)
    return QPen(drawn, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _base(layer: BaseLayer, tile: Tile, paint: TilePaint) -> QImage:
    colours, more = paint.colours, paint.sharper
    parts = layer.basemap.parts(tile[0])
    image = _blank(paint, QImage.Format.Format_RGB32, colours.water)
    painter = _painter(image)
    _fill(painter, parts.land.in_tile(tile, sharper=more), colours.land)
    if parts.rivers is not None:
        _stroke(painter, parts.rivers.in_tile(tile, sharper=more), paint.pen(colours.river, 1.2))
    if parts.lakes is not None and parts.shores is not None:
        _fill(painter, parts.lakes.in_tile(tile, sharper=more), colours.water)
        _stroke(painter, parts.shores.in_tile(tile, sharper=more), paint.pen(colours.coast, 0.9))
    _stroke(painter, parts.borders.in_tile(tile, sharper=more), paint.pen(colours.border, 1.2))
    _stroke(painter, parts.coast.in_tile(tile, sharper=more), paint.pen(colours.coast, 1.0))
    painter.end()
    return image


def _boundary(layer: BoundaryLayer, tile: Tile, paint: TilePaint) -> QImage | None:
    inside = layer.areas.in_tile(tile, sharper=paint.sharper)
    edge = layer.outline.in_tile(tile, sharper=paint.sharper)
    if not len(inside) and not len(edge):
        return None
    colours = paint.colours
    image = _blank(paint, QImage.Format.Format_ARGB32_Premultiplied)
    painter = _painter(image)
    _fill(painter, inside, colours.boundary, colours.boundary_fill_opacity)
    _stroke(painter, edge, paint.pen(colours.halo, BOUNDARY_HALO_PX, colours.halo_opacity))
    _stroke(painter, edge, paint.pen(colours.boundary, BOUNDARY_PX))
    painter.end()
    return image


def _tracks(layer: TrackLayer, tile: Tile, paint: TilePaint) -> QImage | None:
    lines = layer.lines.in_tile(tile, sharper=paint.sharper)
    if not len(lines):
        return None
    colours = paint.colours
    image = _blank(paint, QImage.Format.Format_ARGB32_Premultiplied)
    painter = _painter(image)
    if layer.lines.pieces(tile[0] + paint.sharper) <= HALO_PIECES_AT_MOST:
        _stroke(painter, lines, paint.pen(colours.halo, TRACK_HALO_PX, colours.halo_opacity))
    _stroke(painter, lines, paint.pen(getattr(colours, layer.role), TRACK_PX))
    painter.end()
    return image


def _decoded(picture: TilePicture) -> QImage:
    """The picture of a map pack: only the named decoder is used, and only for a picture of sane size."""
    buffer = QBuffer()
    buffer.setData(QByteArray(picture.encoded))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(picture.format.value.encode()))
    reader.setDecideFormatFromContent(False)
    size = reader.size()
    if not 0 < size.width() <= PICTURE_SIDE_AT_MOST_PX or not 0 < size.height() <= PICTURE_SIDE_AT_MOST_PX:
        raise BadInput(_("A tile of the map pack is not a PNG, JPEG or WebP picture."))
    image = reader.read()
    if image.isNull():
        raise BadInput(_("A tile of the map pack is damaged."))
    if picture.side < 1.0:
        part = QRectF(
            picture.left * image.width(),
            picture.top * image.height(),
            picture.side * image.width(),
            picture.side * image.height(),
        )
        enlarged = QImage(TILE_PX, TILE_PX, QImage.Format.Format_ARGB32_Premultiplied)
        enlarged.fill(0)
        painter = QPainter(enlarged)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, TILE_PX, TILE_PX), image, part)
        painter.end()
        return enlarged
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _blank(paint: TilePaint, kind: QImage.Format, colour: str = "") -> QImage:
    side = math.ceil(TILE_PX * paint.ratio)
    image = QImage(side, side, kind)
    image.setDevicePixelRatio(side / TILE_PX)
    image.fill(QColor(colour) if colour else Qt.GlobalColor.transparent)
    return image


def _painter(image: QImage) -> QPainter:
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def _fill(painter: QPainter, strokes: Strokes, colour: str, opacity: float = 1.0) -> None:
    if len(strokes):
        filled = QColor(colour)
        filled.setAlphaF(opacity)
        painter.fillPath(area_path(strokes), filled)


def _stroke(painter: QPainter, strokes: Strokes, drawn: QPen) -> None:
    painter.setPen(drawn)
    for piece in strokes:
        if len(piece) == 1:
            painter.drawPoint(QPointF(*piece[0].tolist()))
        else:
            painter.drawPolyline(polygon(piece))
