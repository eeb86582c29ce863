"""A line of a list that can be pressed: an icon and words, which wrap where the words of a button do not."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ranger_app.gui.widgets.layout import row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import plain

ICON_STEPS = 4.0


class RowButton(QPushButton):
    """Made by `buttons.button(kind="row")`."""

    def __init__(self, words: str, *, icon: str, role: str) -> None:
        super().__init__()
        self.words = plain(words)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        parts: list[QWidget] = [Sign(icon, role, steps=ICON_STEPS)] if icon else []
        for part in (*parts, self.words):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._inside = row(*parts, self.words, gap=2, margin=2)
        self._inside.setStretch(len(parts), 1)
        if parts:
            self._inside.setAlignment(parts[0], Qt.AlignmentFlag.AlignTop)
        self.setLayout(self._inside)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def sizeHint(self) -> QSize:
        return self._inside.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._inside.totalMinimumSize()
