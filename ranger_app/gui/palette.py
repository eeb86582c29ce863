"""The command palette: type a few letters of what is wanted, press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget

from ranger_app.gui.actions import Action
from ranger_app.gui.look.icons import icon
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _

WIDTH_EMS = 76
ROWS_SHOWN = 9
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class Palette(QDialog):
    """A field over a list; the list follows the field, Enter runs what is marked."""

    def __init__(
        self, parent: QWidget, offers: Sequence[tuple[Action, str]], run: Callable[[Action], None]
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(_("Commands"))
        self._offers, self._run = offers, run
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("What do you want to do?"))
        self.field.setAccessibleName(_("What do you want to do?"))
        self.field.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Commands that fit"))
        self.list.setProperty("kind", "bare")  # its rows bring their own room
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.nothing = muted(_("Nothing fits. Try another word."))
        frame = QFrame()
        frame.setProperty("kind", "card")
        frame.setLayout(column(self.field, self.list, self.nothing, gap=2, margin=2))
        self.setLayout(column(frame))
        self.setFixedWidth(min(ems(WIDTH_EMS), parent.width() - 2 * space(6)))
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._narrow)
        self.list.itemClicked.connect(self._choose)
        self._narrow("")
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - self.width()) // 2, corner.y() + space(10))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
        return False

    def _narrow(self, typed: str) -> None:
        self.list.clear()
        for action, page_words in fitting(self._offers, typed):
            self._add(action, page_words)
        self.list.setCurrentRow(0)
        found = self.list.count()
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        row_px = self.list.sizeHintForRow(0) if found else 0
        self.list.setFixedHeight(row_px * min(found, ROWS_SHOWN) + 2 * self.list.frameWidth() + space(1))
        self.adjustSize()

    def _add(self, action: Action, page_words: str) -> None:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, action)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, _(action.words))
        keys = QKeySequence(action.keys).toString(QKeySequence.SequenceFormat.NativeText)
        words = QLabel(_(action.words))
        words.setTextFormat(Qt.TextFormat.PlainText)
        parts = [Sign(action.icon or "right", "muted", steps=4), words, muted(page_words), muted(keys)]
        inside = row(*parts[:2], None, *parts[2:], gap=3)
        inside.setContentsMargins(space(2), space(1.5), space(2), space(1.5))
        for label in parts[2:]:
            assert isinstance(label, QLabel)
            label.setWordWrap(False)
        shown = QWidget()
        shown.setLayout(inside)
        shown.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        item.setSizeHint(QSize(0, shown.sizeHint().height()))
        self.list.addItem(item)
        self.list.setItemWidget(item, shown)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        action: Action = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        self._run(action)


def fitting(offers: Sequence[tuple[Action, str]], typed: str) -> list[tuple[Action, str]]:
    """The offers in which every typed word begins a word or stands somewhere; the better ones first."""
    wanted = typed.casefold().split()
    ranked = []
    for place, (action, page_words) in enumerate(offers):
        words = f"{_(action.words)} {page_words}".casefold()
        if all(one in words for one in wanted):
            starts = sum(any(word.startswith(one) for word in words.split()) for one in wanted)
            ranked.append((-starts, place, (action, page_words)))
    return [offer for _starts, _place, offer in sorted(ranked, key=lambda one: one[:2])]
