"""One photo, large: fitted or zoomed, moved by hand, with the boxes of the model over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ranger_app.gui.look.theme import Type, font, space
from ranger_app.i18n import percent

ZOOM_STEP = 1.25
ZOOM_AT_MOST = 16.0
"""Times the size at which the whole photo is seen."""
BOX_LINE_PX = 2.0
WEAK_SHARE = 1 / 3
"""A box with less than this share of the surest one's score is drawn faintly and without words: a detector
gives a dozen guesses beside the animal, and their signs would cover it."""
BOX_COLOURS = {"animal": QColor("#ffd23f"), "person": QColor("#ff6f91"), "vehicle": QColor("#5ac8fa")}
"""Photos are the same in light and dark, so these are too; each stands on a dark edge."""


@dataclass(frozen=True, slots=True)
class ShownBox:
    """A box over the photo, in shares of its sides from the top left."""

    area: QRectF
    kind: str
    words: str
    score: float


class PhotoView(QWidget):
    """Shows an image; `zoomed_in` says that more of the original could be seen than is loaded."""

    zoomed_in = Signal()

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(space(40), space(30))
        self._image = QImage()
        self._words = ""
        self._boxes: Sequence[ShownBox] = ()
        self.boxes_shown = True
        self.zoom = 1.0
        self._middle = QPointF(0.5, 0.5)
        """The point of the photo, in shares, that is in the middle of the view."""
        self._held: QPointF | None = None

    def sizeHint(self) -> QSize:
        return QSize(space(120), space(90))

    # ---- what is shown

    def show_photo(self, image: QImage, boxes: Sequence[ShownBox], *, same: bool = False) -> None:
        """Show this photo; `same` keeps zoom and place, because it is only sharper or has boxes now."""
        self._image, self._boxes, self._words = image, boxes, ""
        if not same:
            self.fit()
        self.update()

    def show_words(self, words: str) -> None:
        """Say why there is no picture."""
        self._image, self._boxes, self._words = QImage(), (), words
        self.fit()

    def show_boxes(self, boxes: Sequence[ShownBox]) -> None:
        """Draw these boxes from now on."""
        self._boxes = boxes
        self.update()

    @property
    def image(self) -> QImage:
        return self._image

    @property
    def words(self) -> str:
        return self._words

    @property
    def boxes(self) -> Sequence[ShownBox]:
        return self._boxes

    # ---- zoom

    def fit(self) -> None:
        """The whole photo."""
        self.zoom, self._middle = 1.0, QPointF(0.5, 0.5)
        self.update()

    def zoom_in(self) -> None:
        self.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        self.zoom_by(1 / ZOOM_STEP)

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Come nearer (above 1) or go back; the point `around` of the view stays where it is."""
        if self._image.isNull():
            return
        at = around or QPointF(self.width() / 2, self.height() / 2)
        point = self._in_photo(at)
        self.zoom = min(max(self.zoom * factor, 1.0), ZOOM_AT_MOST)
        area = self._area()
        shift = at - QPointF(area.x() + point.x() * area.width(), area.y() + point.y() * area.height())
        self._move(shift)
        if self.zoom > 1:
            self.zoomed_in.emit()

    def toggle_boxes(self) -> None:
        """Draw the boxes, or leave the photo bare."""
        self.boxes_shown = not self.boxes_shown
        self.update()

    # ---- for Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#101311"))
        if self._image.isNull():
            painter.setPen(QColor("#c9d1cb"))
            painter.setFont(font())
            where = self.rect().adjusted(space(4), space(4), -space(4), -space(4))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(where, int(flags), self._words)
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom < ZOOM_AT_MOST / 2)
        area = self._area()
        painter.drawImage(area, self._image)
        if self.boxes_shown:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            told_from = WEAK_SHARE * max((box.score for box in self._boxes), default=0.0)
            for box in sorted(self._boxes, key=lambda box: box.score):
                self._draw_box(painter, area, box, weak=box.score < told_from)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._move(event.position() - self._held)
            self._held = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.zoom > 1:
            self.fit()
        else:
            self.zoom_by(2.0, event.position())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._move(QPointF())

    # ---- geometry

    def _area(self) -> QRectF:
        """Where the whole photo lies, in the view's pixels; larger than the view when zoomed."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        width, height = size.width() * self.zoom, size.height() * self.zoom
        left = self.width() / 2 - self._middle.x() * width
        top = self.height() / 2 - self._middle.y() * height
        return QRectF(left, top, width, height)

    def _in_photo(self, at: QPointF) -> QPointF:
        area = self._area()
        return QPointF((at.x() - area.x()) / area.width(), (at.y() - area.y()) / area.height())

    def _move(self, by: QPointF) -> None:
        """Move the photo under the view, never past its edges."""
        if self._image.isNull():
            return
        area = self._area()

        def held(middle: float, shift: float, room: float, size: float) -> float:
            half = min(room / size / 2, 0.5)
            return min(max(middle - shift / size, half), 1 - half)

        self._middle = QPointF(
            held(self._middle.x(), by.x(), self.width(), area.width()),
            held(self._middle.y(), by.y(), self.height(), area.height()),
        )
        self.update()

    def _draw_box(self, painter: QPainter, area: QRectF, box: ShownBox, *, weak: bool) -> None:
        where = QRectF(
            area.x() + box.area.x() * area.width(),
            area.y() + box.area.y() * area.height(),
            box.area.width() * area.width(),
            box.area.height() * area.height(),
        )
        line = QColor(BOX_COLOURS.get(box.kind, "#ffffff"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if weak:
            line.setAlphaF(0.5)
            painter.setPen(QPen(line, BOX_LINE_PX / 2))
            painter.drawRect(where)
            return
        for colour_, width in ((QColor(0, 0, 0, 160), BOX_LINE_PX + 2), (line, BOX_LINE_PX)):
            painter.setPen(QPen(colour_, width))
            painter.drawRect(where)
        painter.setFont(font(Type.SMALL, bold=True))
        text = f"{box.words} {percent(box.score)}"
        sign = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(0, 0, space(3), space(1))
        below = QPointF(0, 0 if where.top() > sign.height() else sign.height())
        sign.moveBottomLeft(where.topLeft() + below)
        sign.moveLeft(max(0.0, min(sign.left(), self.width() - sign.width())))
        painter.fillRect(sign, line)
        painter.setPen(QColor("#101311"))
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, text)
