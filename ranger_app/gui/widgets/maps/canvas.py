"""The map: layers painted tile by tile off the screen's thread, moved by mouse and keyboard.

Pages put layers onto it and listen: `clicked` with the position and what lies there, `picked` when
something does, `viewChanged` while it moves, and `settled` once all that is in view has been painted.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.gui.background import Background
from ranger_app.gui.widgets.maps.buttons import MapButtons
from ranger_app.gui.widgets.maps.cache import FAILED, TileKey
from ranger_app.gui.widgets.maps.furniture import EDGE_PX, Furniture
from ranger_app.gui.widgets.maps.rounds import Painted, Rounds
from ranger_app.gui.widgets.maps.scene import Scene
from ranger_app.gui.widgets.maps.tiles import TilePaint
from ranger_app.i18n import _
from ranger_app.maps.basemap import open_basemap
from ranger_app.maps.colours import DARK, LIGHT, MapColours
from ranger_app.maps.layers import BaseLayer, Layer
from ranger_app.maps.mercator import tile_zoom
from ranger_app.maps.picking import Picked
from ranger_app.maps.scale import position_text
from ranger_app.maps.view import WHOLE_WORLD, ZOOM_STEP, Degrees, View

ARROW_PX = 80.0
CLICK_PX = 4.0  # a press that moves farther is a drag
WHEEL_NOTCH = 120  # eighths of a degree, as Qt counts them
FORGET_AFTER_MS = 60_000  # a map that is not looked at gives its memory back
BASE = "base"
WORLD: Degrees = (-180.0, -60.0, 180.0, 78.0)
_BY_KEY = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)


class MapCanvas(QWidget):
    """A map with layers; its work goes through `background`, the application's own."""

    settled = Signal()
    clicked = Signal(float, float, object)  # longitude, latitude, Picked | None
    picked = Signal(object)  # Picked
    viewChanged = Signal(object)  # noqa: N815  # Degrees
    troubled = Signal(object)  # KnownError: something of a layer cannot be shown

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._furniture = self._furnish()
        self._scene = Scene()
        self._view = WHOLE_WORLD
        self._home: Degrees | None = None
        self._fitted: Degrees | None = WORLD  # kept in view while the window changes its size
        self._note = ""
        self._told: set[str] = set()
        self._pointer: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragged_from: View | None = None
        self._wheel = 0
        self._by_key = False
        self._settled_state: object = None
        self._rounds = Rounds(background, self)
        self._rounds.painted.connect(self._take)
        self._rounds.gave_up.connect(self._give_up)
        self._forgetting = QTimer(self, singleShot=True, interval=FORGET_AFTER_MS)
        self._forgetting.timeout.connect(self.forget)
        self._buttons = MapButtons(self, closer=self.closer, farther=self.farther, home=self.go_home)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)
        self.setAccessibleName(_("Map"))

    # ---- layers

    def set_layer(self, layer_id: str, layer: Layer, *, visible: bool = True, opacity: float = 1.0) -> None:
        """Put a layer on the map, or another one in its place."""
        self._scene.put(layer_id, layer, visible=visible, opacity=opacity)
        self.update()

    def remove_layer(self, layer_id: str) -> None:
        """Take a layer off the map; nothing happens when it is not there."""
        self._scene.take(layer_id)
        self.update()

    def show_layer(self, layer_id: str, *, visible: bool) -> None:
        """Hide a layer, or show it again."""
        self._scene.placed[layer_id].visible = visible
        self.update()

    def fade_layer(self, layer_id: str, opacity: float) -> None:
        """Let what lies under a layer shine through; 1 is opaque."""
        self._scene.placed[layer_id].opacity = opacity
        self.update()

    def highlight(self, layer_id: str, keys: Collection[Hashable]) -> None:
        """Make the tracks or points of some keys stand out; an empty collection ends it."""
        self._scene.choose(layer_id, keys)
        self.update()

    def open_basemap(self, folder: Path) -> None:
        """Put the base map of a folder on the ground; where there is none, say so on the map."""
        try:
            self.set_layer(BASE, BaseLayer(open_basemap(folder)))
            self.set_note("")
        except KnownError as error:
            self.set_note(f"{error.text} {error.what_to_do}".strip())

    def set_note(self, words: str) -> None:
        """A sentence on the map itself; empty words take it away."""
        self._note = words
        self.update()

    def forget(self) -> None:
        """Give back the memory of everything that can be painted again."""
        self._rounds.stop()
        self._scene.forget()
        self._settled_state = None
        self.update()

    # ---- what is in view

    @property
    def view(self) -> View:
        return self._view

    @property
    def colours(self) -> MapColours:
        return self._furniture.colours

    @property
    def is_settled(self) -> bool:
        """Whether all that is in view now has been painted."""
        return self._settled_state == self._state()

    def set_home(self, bounds: Degrees | None) -> None:
        """What “the whole site” is, to which the key Home leads."""
        self._home = bounds

    def go_home(self) -> None:
        """Show the whole site, or the world where no site has been set."""
        self.fit(self._home or WORLD)

    def fit(self, bounds: Degrees) -> None:
        """Show all of some bounds, and keep doing so in another size until the map is moved.

        West, south, east, north in degrees; west is greater than east across 180°.
        """
        self._look(self._view.fitted(bounds))
        self._fitted = bounds

    def look_at(self, lon_deg: float, lat_deg: float, zoom: float) -> None:
        """Show the surroundings of a position."""
        self._look(self._view.centred(lon_deg, lat_deg, zoom))

    def closer(self) -> None:
        """One zoom in about the middle."""
        self._look(self._view.zoomed(1.0))

    def farther(self) -> None:
        """One zoom out about the middle."""
        self._look(self._view.zoomed(-1.0))

    def pick(self, at: QPointF) -> Picked | None:
        """What lies at a place on the screen: a point or cluster, else the nearest track."""
        return self._scene.pick(self._view, at)

    def sizeHint(self) -> QSize:
        return QSize(800, 560)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        view, furniture = self._view, self._furniture
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint = self._tile_paint()
        missing = self._scene.paint(painter, view, event.rect(), furniture, paint)
        furniture.paint_grid_labels(painter, view)
        furniture.paint_scale(painter, view)
        furniture.paint_attribution(painter, view, self._scene.attribution)
        if self._pointer is not None:
            lon, lat = view.to_degrees(self._pointer.x(), self._pointer.y())
            furniture.paint_position(painter, view, lon, lat)
        if self._note:
            furniture.paint_note(painter, view, self._note)
        if self.hasFocus() and self._by_key:
            furniture.paint_focus(painter, view)
        painter.end()
        if missing:
            layers = {layer_id: placed.layer for layer_id, placed in self._scene.placed.items()}
            self._rounds.ask(missing, layers, paint)
        elif not self.is_settled:
            painted = self._state()
            QTimer.singleShot(0, self, lambda: self._settle(painted))

    @Slot(object)
    def _take(self, painted: Painted) -> None:
        for key, result in painted:
            if isinstance(result, KnownError):
                self._scene.keep(key, FAILED)
                self._tell_once(result)
            else:
                self._scene.keep(key, QPixmap.fromImage(result) if isinstance(result, QImage) else None)
        self.update()

    @Slot(object)
    def _give_up(self, asked: list[TileKey]) -> None:
        for key in asked:
            self._scene.keep(key, FAILED)
        self.update()

    def _settle(self, painted: object) -> None:
        if painted == self._state() and not self.is_settled:  # still what is looked at
            self._settled_state = painted
            self._describe()
            self.settled.emit()

    def _state(self) -> object:
        return self._view, self._scene.state(), self.devicePixelRatioF()

    def _tell_once(self, error: KnownError) -> None:
        if error.text not in self._told:
            self._told.add(error.text)
            self.troubled.emit(error)

    def _tile_paint(self) -> TilePaint:
        stretch = 2.0 ** (self._view.zoom - tile_zoom(self._view.zoom))
        return TilePaint(self._furniture.colours, self.devicePixelRatioF(), round(stretch, 4))

    def _furnish(self) -> Furniture:
        is_dark = self.palette().color(QPalette.ColorRole.Window).lightnessF() < 0.5
        return Furniture(self.font(), DARK if is_dark else LIGHT)

    def _describe(self) -> None:
        """In words for a screen reader; what is in view must also stand in a list beside the map."""
        words = _(
            "The middle of the map is at {position}. Arrow keys move it, plus and minus zoom,"
            " Home shows the whole site, Enter picks what lies in the middle."
        )
        self.setAccessibleDescription(
            words.format(position=position_text(*self._view.centre, self._view.zoom))
        )

    # ---- moving

    def _look(self, view: View) -> None:
        self._fitted = None
        if view != self._view:
            self._view = view
            self.update()
            self.viewChanged.emit(view.degrees)

    def _click(self, at: QPointF) -> None:
        found = self.pick(at)
        self.clicked.emit(*self._view.to_degrees(at.x(), at.y()), found)
        if found is not None:
            self.picked.emit(found)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._dragged_from = None
            self._by_key = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(event.position())
        if self._pressed is None:
            return
        moved = event.position() - self._pressed
        if self._dragged_from is None and moved.manhattanLength() > CLICK_PX:
            self._dragged_from = self._view
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragged_from is not None:
            self._look(self._dragged_from.moved(-moved.x(), -moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if self._dragged_from is None:
            self._click(event.position())
        self._pressed = self._dragged_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._look(self._view.zoomed(1.0, (event.position().x(), event.position().y())))

    def leaveEvent(self, _event: QEvent) -> None:
        self._point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Half a zoom a notch about the pointer; the small steps of a touch pad add up to notches."""
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / WHEEL_NOTCH)
        self._wheel -= notches * WHEEL_NOTCH
        if notches and self._dragged_from is None:
            at = event.position()
            self._look(self._view.zoomed(notches * ZOOM_STEP, (at.x(), at.y())))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._by_key = True
        match event.key():
            case Qt.Key.Key_Left:
                self._look(self._view.moved(-ARROW_PX, 0))
            case Qt.Key.Key_Right:
                self._look(self._view.moved(ARROW_PX, 0))
            case Qt.Key.Key_Up:
                self._look(self._view.moved(0, -ARROW_PX))
            case Qt.Key.Key_Down:
                self._look(self._view.moved(0, ARROW_PX))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.closer()
            case Qt.Key.Key_Minus | Qt.Key.Key_Underscore:
                self.farther()
            case Qt.Key.Key_Home:
                self.go_home()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._click(QPointF(self._view.width / 2, self._view.height / 2))
            case _:
                super().keyPressEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_key = event.reason() in _BY_KEY
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        sized, fitted = self._view.resized(self.width(), self.height()), self._fitted
        self._look(sized.fitted(fitted) if fitted else sized)
        self._fitted = fitted
        self._buttons.move(self.width() - self._buttons.width() - round(EDGE_PX), round(EDGE_PX))

    def showEvent(self, _event: QShowEvent) -> None:
        self._forgetting.stop()

    def hideEvent(self, _event: QHideEvent) -> None:
        self._rounds.stop()
        self._forgetting.start()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            before = self._furniture.colours
            self._furniture = self._furnish()
            if self._furniture.colours is not before:
                self._scene.renew()
            self.update()
        super().changeEvent(event)

    def _point_at(self, at: QPointF | None) -> None:
        self._pointer = at
        self.update(self._furniture.position_rect(self._view))
