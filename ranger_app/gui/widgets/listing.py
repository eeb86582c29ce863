"""A table of records: sorted by a click on its head, walked by keys, with an empty state of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    SIGNAL,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QTableView

from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.empty_state import EmptyState

HEAD_PAD_STEPS = 3
ROW_STEPS = 8
STRETCHED_EMS = 16  # what the widest column keeps at least

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make a Column[Patrol](…)
class Column(Generic[T]):
    """One column: its name, the words for a row, what to sort by (the words when not given)."""

    words: str
    text: Callable[[T], str]
    sort: Callable[[T], Any] | None = None
    numeric: bool = False
    """Numbers stand at the right."""
    stretch: bool = False
    """Takes the width that is left; one column a table."""
    width_ems: float = 0
    """Its width in letters; by its contents when not given."""
    tip: Callable[[T], str] | None = None
    icon: Callable[[T], QIcon] | None = None
    """Drawn before the words; it must not say what no word says."""
    optional: bool = False
    """Not shown while no row has anything in it."""


class RowsModel(QAbstractTableModel, Generic[T]):
    """Rows of any kind behind columns; made for up to some ten thousand rows."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[T] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    def show(self, rows: Sequence[T]) -> None:
        """Show these rows instead, sorted as the person last asked."""
        self.beginResetModel()
        self.rows = list(rows)
        self._arrange()
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, row = self.columns[index.column()], self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole and column.tip:
            return column.tip(row)
        if role == Qt.ItemDataRole.DecorationRole and column.icon:
            return column.icon(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.columns):
            return
        self.layoutAboutToBeChanged.emit()
        self._sorted_by = column, order
        before = self.persistentIndexList()
        came_from = self._arrange()
        # By place and not by row: the same thing may stand in a table twice.
        went_to = {old: new for new, old in enumerate(came_from)}
        after = [self.index(went_to[index.row()], index.column()) for index in before]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _arrange(self) -> list[int]:
        """Sort as was asked; returns at which place each row stood before."""
        places = list(range(len(self.rows)))
        if self._sorted_by is not None:
            column, order = self._sorted_by
            by = self.columns[column].sort or self.columns[column].text
            keys = [by(row) for row in self.rows]
            # None sorts last in either direction: what is not known is never the first thing to see.
            known = [place for place in places if keys[place] is not None]
            unknown = [place for place in places if keys[place] is None]
            known.sort(key=lambda place: keys[place], reverse=order is Qt.SortOrder.DescendingOrder)
            places = known + unknown
            self.rows = [self.rows[place] for place in places]
        return places


class _Table(QTableView):
    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class Listing(QStackedWidget, Generic[T]):
    """The table, or the empty state when there are no rows.

    `picked` says which row the person stands on (or None), `opened` which one was opened by Enter or a
    double click. Rows keep their place and the chosen one by `key` when they are read anew.
    """

    picked = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column[T]],
        *,
        name: str,
        empty: EmptyState,
        key: Callable[[T], object] = lambda row: row,
    ) -> None:
        super().__init__()
        self.model = RowsModel(columns, parent=self)  # without a parent it may go before its view
        self._key = key
        self.table = _Table()
        self.table.setAccessibleName(name)
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        # Unsorted until asked: rows come in the order that their page means.
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.verticalHeader().hide()
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        if not any(column.stretch for column in columns):
            self.table.horizontalHeader().setStretchLastSection(True)
        self.empty = empty
        self.addWidget(empty)
        self.addWidget(self.table)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self.picked.emit(self.current))
        self.table.doubleClicked.connect(lambda *_: self.opened.emit(self.current))
        self.table.horizontalHeader().setMinimumSectionSize(space(4))
        self.table.resized.connect(self._stretch)

    @property
    def current(self) -> T | None:
        """The row that the person stands on."""
        index = self.table.currentIndex()
        return self.model.rows[index.row()] if index.isValid() else None

    def show_rows(self, rows: Sequence[T]) -> None:
        """Show these rows; the chosen one stays chosen if it is still among them."""
        chosen = self.current
        kept = None if chosen is None else self._key(chosen)
        self.model.show(rows)
        self.setCurrentWidget(self.table if rows else self.empty)
        self._fit()
        if kept is not None:
            self.choose(kept)

    def choose(self, key: object) -> bool:
        """Stand on the row with this key; False when there is none."""
        for at, row in enumerate(self.model.rows):
            if self._key(row) == key:
                self.table.selectRow(at)
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens a row where rows can be opened; else it is for the dialog that the table stands in."""
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enters and self.current is not None and self.receivers(SIGNAL("opened(PyObject)")):
            self.opened.emit(self.current)
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        """Make each column as wide as its head and what is seen of it need; Qt would add room for an arrow
        beside every head, where ours stands above it."""
        self.table.verticalHeader().setDefaultSectionSize(space(ROW_STEPS))
        self.table.setIconSize(QSize(space(4), space(4)))
        header = self.table.horizontalHeader()
        head_font = QFont(header.font())
        head_font.setBold(True)
        heads = QFontMetrics(head_font)
        for at, column in enumerate(self.model.columns):
            if column.stretch:
                continue
            if column.optional:
                header.setSectionHidden(at, not any(column.text(row) for row in self.model.rows))
            head_px = heads.horizontalAdvance(column.words) + 2 * space(HEAD_PAD_STEPS)
            needed = max(head_px, self.table.sizeHintForColumn(at))
            header.resizeSection(at, ems(column.width_ems) if column.width_ems else needed)
        self._stretch()

    def _stretch(self) -> None:
        """Give the stretching column what the others leave, but always enough to read: else it scrolls."""
        header = self.table.horizontalHeader()
        for at, column in enumerate(self.model.columns):
            if column.stretch:
                others = header.length() - header.sectionSize(at)
                header.resizeSection(at, max(ems(STRETCHED_EMS), self.table.viewport().width() - others))
