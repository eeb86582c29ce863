"""A standing remark on a page: something true that a person must know, with an icon and no button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from ranger_app.gui.widgets.layout import row
from ranger_app.gui.widgets.sign import SIGNS, Sign
from ranger_app.gui.widgets.text import plain


class Note(QFrame):
    """Words in a soft frame in the tone warning, danger or good."""

    def __init__(self, words: str, *, tone: str = "warning") -> None:
        super().__init__()
        self.setProperty("kind", tone)
        sign = Sign(SIGNS[tone], tone)
        self.words = plain(words)
        inside = row(sign, self.words, gap=3, margin=3)
        inside.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        inside.setStretch(1, 1)
        self.setLayout(inside)
