"""The layers that lie on the map, painted from their tiles and marks, and asked what is under a place."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from ranger_app.gui.widgets.maps.cache import Failed, Held, TileCache, TileKey
from ranger_app.gui.widgets.maps.furniture import Furniture
from ranger_app.gui.widgets.maps.marks import paint_highlight, paint_points, paint_site_mark
from ranger_app.gui.widgets.maps.tiles import TilePaint
from ranger_app.maps.layers import BaseLayer, BoundaryLayer, Layer, PointLayer, RasterLayer, TrackLayer
from ranger_app.maps.picking import REACH_PX, Mark, Picked, PickedKind, nearest_mark
from ranger_app.maps.strokes import Ints
from ranger_app.maps.view import View


@dataclass(slots=True)
class Placed:
    """A layer on the map. A changed layer has another revision, and so have its tiles."""

    layer: Layer
    revision: int
    order: int
    visible: bool = True
    opacity: float = 1.0
    chosen: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


class Scene:
    """What lies on the map, and the tiles of it that are painted already."""

    def __init__(self) -> None:
        self.placed: dict[str, Placed] = {}
        self.cache = TileCache()
        self._marks: list[Mark] = []
        self._revision = 0

    # ---- layers

    def put(self, layer_id: str, layer: Layer, *, visible: bool, opacity: float) -> None:
        """Place a layer, or another in its place: it keeps its order among those of its kind."""
        before = self.placed.get(layer_id)
        self._revision += 1
        order = before.order if before else self._revision
        self.placed[layer_id] = Placed(layer, self._revision, order, visible, opacity)
        self.cache.drop_layer(layer_id)

    def take(self, layer_id: str) -> None:
        """Take a layer away; nothing happens when it is not there."""
        if self.placed.pop(layer_id, None) is not None:
            self.cache.drop_layer(layer_id)

    def choose(self, layer_id: str, keys: Collection[Hashable]) -> None:
        """Make what belongs to some keys stand out."""
        placed = self.placed[layer_id]
        placed.chosen = placed.layer.numbers_of(keys)

    def renew(self) -> None:
        """Have everything painted anew, as after a change of colours."""
        self.cache.clear()
        for placed in self.placed.values():
            self._revision += 1
            placed.revision = self._revision

    def forget(self) -> None:
        """Give back the memory of what can be made again."""
        self.cache.clear()
        for placed in self.placed.values():
            placed.layer.forget_levels()

    def keep(self, key: TileKey, held: Held) -> None:
        """Take a painted tile, unless its layer has changed or gone meanwhile."""
        placed = self.placed.get(key.layer)
        if placed is not None and placed.revision == key.revision:
            self.cache.put(key, held)

    def stacked(self) -> list[tuple[str, Placed]]:
        """The visible layers from the ground upwards."""
        visible = [(layer_id, placed) for layer_id, placed in self.placed.items() if placed.visible]
        return sorted(visible, key=lambda item: (item[1].layer.stack, item[1].order))

    def state(self) -> object:
        """Equal as long as the same tiles are shown of the same view."""
        return tuple((layer_id, placed.revision) for layer_id, placed in self.stacked())

    @property
    def attribution(self) -> str:
        """Who made what is visible, each named once."""
        named = dict.fromkeys(placed.layer.attribution for _id, placed in self.stacked())
        return " · ".join(words for words in named if words)

    # ---- painting

    def paint(
        self, painter: QPainter, view: View, region: QRect, furniture: Furniture, paint: TilePaint
    ) -> list[TileKey]:
        """Paint the map into a region; returns the tiles that are missing, the most wanted first."""
        stacked = self.stacked()
        colours = furniture.colours
        has_ground = any(isinstance(placed.layer, BaseLayer) for _id, placed in stacked)
        painter.fillRect(region, QColor(colours.water if has_ground else colours.land))
        missing: list[tuple[int, TileKey]] = []
        grounds = [item for item in stacked if isinstance(item[1].layer, BaseLayer | RasterLayer)]
        for layer_id, placed in grounds:
            missing += self._paint_tiles(painter, view, region, layer_id, placed, paint)
        furniture.paint_grid(painter, view)
        for layer_id, placed in stacked[len(grounds) :]:
            if not isinstance(placed.layer, PointLayer):
                missing += self._paint_tiles(painter, view, region, layer_id, placed, paint)
        self._paint_marks(painter, view, stacked, furniture)
        missing.sort(key=lambda item: item[0])  # from the middle outwards, whatever the layer
        return list(dict.fromkeys(key for _rank, key in missing))

    def _paint_tiles(
        self,
        painter: QPainter,
        view: View,
        region: QRect,
        layer_id: str,
        placed: Placed,
        paint: TilePaint,
    ) -> list[tuple[int, TileKey]]:
        painter.setOpacity(placed.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, paint.stretch != 1.0)
        missing = []
        for rank, (zoom, column, row) in enumerate(view.tiles()):
            count = 2**zoom
            target = _on_whole_pixels(view, column / count, row / count, 1 / count, paint.dpr)
            key = TileKey(layer_id, placed.revision, zoom, column % count, row, paint.ratio)
            if key not in self.cache:
                missing.append((rank, key))
                self._paint_stand_ins(painter, key, target)
                continue
            held = self.cache[key]
            if held is None or not region.intersects(target.toAlignedRect()):
                continue
            if isinstance(held, Failed):
                painter.fillRect(target, QColor(paint.colours.border))
            else:
                painter.drawPixmap(target, held, QRectF(held.rect()))
        painter.setOpacity(1.0)
        return missing

    def _paint_stand_ins(self, painter: QPainter, key: TileKey, target: QRectF) -> None:
        for stand_in in self.cache.stand_ins(key):
            pixmap = stand_in.pixmap
            painter.drawPixmap(
                _part(target, *stand_in.target), pixmap, _part(QRectF(pixmap.rect()), *stand_in.source)
            )

    def _paint_marks(
        self, painter: QPainter, view: View, stacked: list[tuple[str, Placed]], furniture: Furniture
    ) -> None:
        colours = furniture.colours
        self._marks = []
        for layer_id, placed in stacked:
            painter.setOpacity(placed.opacity)
            match placed.layer:
                case BoundaryLayer() as boundary:
                    paint_site_mark(painter, view, boundary, colours)
                case TrackLayer() as tracks:
                    paint_highlight(painter, view, tracks, placed.chosen, colours)
                case PointLayer() as points:
                    self._marks += paint_points(
                        painter, view, layer_id, points, colours, furniture.font, placed.chosen
                    )
        painter.setOpacity(1.0)

    # ---- picking

    def pick(self, view: View, at: QPointF) -> Picked | None:
        """What lies at a place on the screen: a point or cluster as last painted, else the nearest track."""
        if found := nearest_mark(self._marks, at.x(), at.y()):
            mark, distance_px = found
            points = self.placed[mark.layer].layer if mark.layer in self.placed else None
            if isinstance(points, PointLayer):
                members = points.clusters.level(view.zoom).members(mark.number).tolist()
                kind = PickedKind.POINT if len(members) == 1 else PickedKind.CLUSTER
                return Picked(kind, mark.layer, tuple(points.keys[i] for i in members), distance_px)
        return self._nearest_track(view, at)

    def _nearest_track(self, view: View, at: QPointF) -> Picked | None:
        x, y = view.to_world(at.x(), at.y())
        best: Picked | None = None
        for layer_id, placed in reversed(self.stacked()):
            tracks = placed.layer
            if not isinstance(tracks, TrackLayer) or not tracks.ready:
                continue
            near = tracks.lines.nearest(x % 1.0, y, REACH_PX / view.scale)
            if near is not None and (best is None or near[1] * view.scale < best.distance_px):
                key = tracks.keys[near[0]]
                best = Picked(PickedKind.TRACK, layer_id, (key,), near[1] * view.scale)
        return best


def _on_whole_pixels(view: View, x: float, y: float, side: float, dpr: float) -> QRectF:
    """A tile's square, its edges on pixels of the screen: neighbours meet without a seam."""
    left, top = view.to_screen(x, y)
    right, bottom = view.to_screen(x + side, y + side)
    left, top, right, bottom = (round(edge * dpr) / dpr for edge in (left, top, right, bottom))
    return QRectF(left, top, right - left, bottom - top)


def _part(whole: QRectF, left: float, top: float, side: float) -> QRectF:
    width, height = whole.width(), whole.height()
    return QRectF(whole.left() + left * width, whole.top() + top * height, side * width, side * height)
