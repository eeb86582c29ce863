"""Choosing a category by a few letters: the most frequent ones before anything is typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.layout import column
from ranger_app.i18n import _
from ranger_app.patrols.vocabulary import Choice, Vocabulary

HEIGHT_STEPS = 40


class _Typed(QLineEdit):
    """Arrow keys and Page keys walk the list while the letters stay here."""

    walked = Signal(QKeyEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.walked.emit(event)
            return
        super().keyPressEvent(event)


class CategoryField(QWidget):
    """A field for letters above the list of what fits; `chosen` says which one is stood on."""

    chosen = Signal(str)

    def __init__(self, words: Vocabulary, frequent: Sequence[Choice]) -> None:
        super().__init__()
        self._words = words
        self._frequent = list(frequent)
        self.typed = _Typed()
        self.typed.setPlaceholderText(_("Type a few letters, such as “sna”"))
        self.typed.setAccessibleName(_("What was seen"))
        self.typed.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName(_("What fits"))
        self.list.setMinimumHeight(space(HEIGHT_STEPS))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.setFocusProxy(self.typed)
        inside = column(self.typed, self.list, gap=1)
        inside.setContentsMargins(0, 0, 0, 0)
        self.setLayout(inside)
        self.typed.textChanged.connect(lambda _text: self._fill())
        self.typed.walked.connect(self._walk)
        self.list.currentItemChanged.connect(lambda *_: self.chosen.emit(self.key))
        self._fill()

    @property
    def key(self) -> str:
        """The key of the category that is stood on; empty when there is none."""
        at = self.list.currentRow()
        return str(self.list.item(at).data(Qt.ItemDataRole.UserRole)) if at >= 0 else ""

    def choose(self, key: str) -> None:
        """Stand on this category."""
        self.typed.setText(self._words.category_words(key))
        for at in range(self.list.count()):
            if self.list.item(at).data(Qt.ItemDataRole.UserRole) == key:
                self.list.setCurrentRow(at)

    def _fill(self) -> None:
        text = self.typed.text()
        found = self._words.search(text) if text.strip() or not self._frequent else self._frequent
        self.list.blockSignals(True)
        self.list.clear()
        for choice in found:
            path = " › ".join(choice.path)
            item = QListWidgetItem(f"{choice.words}\n{path}" if path else choice.words)
            item.setData(Qt.ItemDataRole.UserRole, choice.key)
            self.list.addItem(item)
        if text.strip() and found:
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self.chosen.emit(self.key)

    def _walk(self, event: QKeyEvent) -> None:
        self.list.keyPressEvent(event)
