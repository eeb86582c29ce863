"""The grid of small pictures: drawn only where it is seen, so that a million cost no more than ten."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QKeyEvent, QPainter, QPainterPath, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ranger_app.domain.ids import Id
from ranger_app.gui.look import icons
from ranger_app.gui.look.theme import Type, colour, ems, font, space
from ranger_app.gui.models.photos import TILE_ROLE, PhotoGrid, label_words, machine_words
from ranger_app.i18n import moment
from ranger_app.photos.views import Tile

Index = QModelIndex | QPersistentModelIndex
ICONS = {"empty": "blank", "human": "person"}
"""Icons that are not called as what they stand for."""
TILE_EMS = 22
LEAST_ACROSS = 2
ROWS_AHEAD = 3
"""Rows beyond the edge whose pictures are loaded as well."""


class PhotoGridView(QTableView):
    """Shows a `PhotoGrid`; `chosen` says on which photo the person stands."""

    chosen = Signal(int)
    """The place in the order."""
    wanted = Signal(list)
    """Files (SHA-256) of the pictures in sight, those in the middle of attention first."""

    def __init__(self, model: PhotoGrid, picture: Callable[[bytes], QImage | None], *, name: str) -> None:
        super().__init__()
        self.grid = model
        self.tiles = TileDelegate(self, picture)
        self.setModel(model)
        self.setItemDelegate(self.tiles)
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._tell_wanted)
        self.verticalScrollBar().valueChanged.connect(self._soon.start)
        model.modelReset.connect(self._soon.start)
        model.dataChanged.connect(self._soon.start)

    @property
    def current(self) -> int:
        """The place of the photo that the person stands on, or -1."""
        index = self.currentIndex()
        return self.grid.at(index) if index.isValid() else -1

    def choose(self, place: int) -> None:
        """Stand on the photo at this place."""
        if 0 <= place < len(self.grid.ids):
            self.setCurrentIndex(self.grid.cell(place))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(self.grid.at(current))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() and event.text().isprintable():
            event.ignore()  # letters and digits are for labels, not for a search in the list
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        place = self.current
        room = self.viewport().width()
        self.grid.set_across(max(LEAST_ACROSS, room // ems(TILE_EMS)))
        self.choose(place)
        across = room // self.grid.across
        self.horizontalHeader().setDefaultSectionSize(across)
        self.verticalHeader().setDefaultSectionSize(self.tiles.height_for(across))
        self._soon.start()

    def _tell_wanted(self) -> None:
        """Say which pictures are in sight, and then those just beyond."""
        top, bottom = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = self.grid.rowCount() - 1
        top, bottom = max(top, 0), bottom if bottom >= 0 else last
        beyond = [*range(bottom + 1, bottom + 1 + ROWS_AHEAD), *range(top - ROWS_AHEAD, top)]
        rows = [*range(top, bottom + 1), *(row for row in beyond if 0 <= row <= last)]
        places = (row * self.grid.across + column for row in rows for column in range(self.grid.across))
        self.wanted.emit([tile.file for place in places if (tile := self.grid.tile(place))])

    def picture_came(self) -> None:
        """A picture is there that was not: draw anew."""
        self.viewport().update()


class TileDelegate(QStyledItemDelegate):
    """Draws one photo: the picture, its time, and below it what the model and what people say, apart."""

    def __init__(self, view: QTableView, picture: Callable[[bytes], QImage | None]) -> None:
        super().__init__(view)
        self._picture = picture
        self.sequence_id: Id | None = None
        """The sequence that the person stands in; its photos bear a mark."""

    def height_for(self, width: int) -> int:
        """A picture of 4:3 and two lines of words."""
        return round((width - space(3)) * 0.75) + 2 * self._line() + space(4)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = option.rect.width()
        return QSize(width, self.height_for(width))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tile: Tile | None = index.data(TILE_ROLE)
        if not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = option.rect.adjusted(space(0.5), space(0.5), -space(0.5), -space(0.5))
        if option.state & QStyle.StateFlag.State_Selected:
            path = QPainterPath()
            path.addRoundedRect(QRectF(cell), space(1.5), space(1.5))
            painter.fillPath(path, colour("accent_soft"))
            painter.setPen(colour("accent"))
            painter.drawPath(path)
        inside = cell.adjusted(space(1), space(1), -space(1), -space(1))
        words = QRect(inside.left(), inside.bottom() - 2 * self._line() + 1, inside.width(), 2 * self._line())
        frame = QRect(inside.topLeft(), QSize(inside.width(), words.top() - inside.top() - space(0.5)))
        painter.fillRect(frame, colour("line"))
        if tile is not None:
            self._draw_picture(painter, frame, tile)
            self._draw_words(painter, words, tile)
            if self.sequence_id is not None and tile.sequence_id == self.sequence_id:
                mark = QRect(cell.left(), frame.top(), space(0.75), frame.height())
                painter.fillRect(mark, colour("accent"))
        painter.restore()

    def _draw_picture(self, painter: QPainter, frame: QRect, tile: Tile) -> None:
        image = self._picture(tile.file)
        if image is None or image.isNull():
            return
        size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        fitted = QRect(frame.topLeft(), size)
        fitted.moveCenter(frame.center())
        painter.drawImage(fitted, image)

    def _draw_words(self, painter: QPainter, words: QRect, tile: Tile) -> None:
        upper = QRect(words.topLeft(), QSize(words.width(), self._line()))
        lower = upper.translated(0, self._line())
        painter.setFont(font(Type.SMALL))
        painter.setPen(colour("muted"))
        when = moment(tile.taken_local) if tile.taken_local else tile.file_name
        _elided(painter, upper, when)
        if tile.verdict:
            latest = tile.verdict.latest
            text = label_words(latest.type, latest.name, latest.count)
            tone = "text" if tile.verdict.agreed else "warning"
            self._draw_said(painter, lower, latest.type, text, tone, bold=True)
        elif tile.machine_shows:
            # What only the model says is quiet, and bears no weight of a decision.
            self._draw_said(painter, lower, tile.machine_shows, machine_words(tile), "muted")
        elif tile.note:
            self._draw_said(painter, lower, "warning", tile.note, "warning")

    def _draw_said(
        self, painter: QPainter, line: QRect, icon: str, text: str, role: str, *, bold: bool = False
    ) -> None:
        side = line.height() - space(0.5)
        box = QRectF(line.left(), line.top(), side, line.height())
        icons.draw(painter, box, ICONS.get(icon, icon), role)
        painter.setFont(font(Type.SMALL, bold=bold))
        painter.setPen(QColor(colour(role)))
        _elided(painter, line.adjusted(side + space(1), 0, 0, 0), text)

    def _line(self) -> int:
        return QFontMetrics(font(Type.SMALL)).height() + space(0.5)


def _elided(painter: QPainter, line: QRect, text: str) -> None:
    fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
