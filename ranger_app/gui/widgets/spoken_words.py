"""Six words, large, to be compared aloud with those on another screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.flow import Flow
from ranger_app.gui.widgets.layout import column
from ranger_app.gui.widgets.text import figure

WORDS = 6
APART_STEPS = 3


class SpokenWords(QFrame):
    """The words in their order, numbered; they go on in the next line where the room ends."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(name)
        self._words = [figure("") for _place in range(WORDS)]
        for label in self._words:
            label.setWordWrap(False)
            label.setContentsMargins(0, 0, space(APART_STEPS), 0)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setLayout(column(Flow(*self._words), margin=4))

    def show_words(self, words: Sequence[str]) -> None:
        """Show these; nothing is shown without words."""
        for number, (label, word) in enumerate(zip(self._words, words, strict=False), start=1):
            label.setText(f"{number} {word}")
        self.setAccessibleDescription(" ".join(words))
        self.setVisible(bool(words))
