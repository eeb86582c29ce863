"""A text to read beside another one, with the words marked that the other does not have."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextCharFormat
from PySide6.QtWidgets import QSizePolicy, QTextEdit

from ranger_app.gui.look.theme import colour

LINES_AT_MOST = 18
COMPARED_AT_MOST = 20_000  # letters; longer texts are shown without marks
_PARTS = re.compile(r"\w+|\s+|.")


def differing(text: str, other: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether the other text lacks it."""
    if len(text) + len(other) > COMPARED_AT_MOST:
        return [(text, False)]
    parts, others = _PARTS.findall(text), _PARTS.findall(other)
    pieces: list[tuple[str, bool]] = []
    for what, start, end, _from, _to in SequenceMatcher(None, parts, others, autojunk=False).get_opcodes():
        if piece := "".join(parts[start:end]):
            pieces.append((piece, what != "equal"))
    return pieces


class MarkedText(QTextEdit):
    """Never taken for mark-up. A mark is a line below and a colour behind: no eye needs the colour."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def show_beside(self, text: str, other: str) -> None:
        """Show a text, marked against another."""
        self.clear()
        plain, marked = QTextCharFormat(), QTextCharFormat()
        plain.setForeground(colour("text"))
        marked.setForeground(colour("text"))
        marked.setBackground(colour("warning_soft"))
        marked.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        marked.setUnderlineColor(colour("warning"))
        cursor = self.textCursor()
        for piece, is_marked in differing(text, other):
            cursor.insertText(piece, marked if is_marked else plain)
        self.moveCursor(cursor.MoveOperation.Start)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        inside = self.document().clone()
        inside.setTextWidth(max(1, self.viewport().width()))
        frame = 2 * self.frameWidth() + int(2 * self.document().documentMargin())
        height = min(int(inside.size().height()), LINES_AT_MOST * line) + frame
        return QSize(super().minimumSizeHint().width(), max(height, 2 * line))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()
