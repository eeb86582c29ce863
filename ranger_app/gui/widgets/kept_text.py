"""A text that keeps itself: when the person leaves it, and soon after they stop typing."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

KEEP_AFTER_MS = 1_500
"""A pause in typing; whatever happens to the computer after it loses nothing."""


class KeptText(QPlainTextEdit):
    """Asks with `keep` to have its text kept; `kept` tells it that this was done."""

    keep = Signal(str)

    def __init__(self, *, name: str, lines: int) -> None:
        super().__init__()
        self._kept = ""
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._lines = lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.setInterval(KEEP_AFTER_MS)
        self.pause.timeout.connect(self.ask)
        self.textChanged.connect(self._changed)

    def sizeHint(self) -> QSize:
        # One line more than asked for, so that the person sees that there is room to go on.
        return QSize(super().sizeHint().width(), self.fontMetrics().lineSpacing() * (self._lines + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    @property
    def is_unkept(self) -> bool:
        """Whether there is something that has not been kept yet."""
        return self.toPlainText() != self._kept

    def show_text(self, text: str, *, afresh: bool) -> None:
        """Show what is stored. What the person is typing stays, unless this is another text (`afresh`)."""
        if afresh or not self.is_unkept:
            self._kept = text
            if self.toPlainText() != text:
                place = self.textCursor().position()
                self.setPlainText(text)
                if not afresh:
                    cursor = self.textCursor()
                    cursor.setPosition(min(place, len(text)))
                    self.setTextCursor(cursor)
        self.pause.stop()

    def kept(self, text: str) -> None:
        """This text has been kept; what was typed since has not."""
        self._kept = text

    def ask(self) -> None:
        """Ask now, if there is anything to keep."""
        self.pause.stop()
        if self.is_unkept:
            self.keep.emit(self.toPlainText())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.ask()
        super().focusOutEvent(event)

    def _changed(self) -> None:
        if self.is_unkept:
            self.pause.start()
