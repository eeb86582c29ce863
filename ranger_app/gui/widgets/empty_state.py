"""What stands where there is nothing yet: why, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ranger_app.gui.theme import ems
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import heading, muted

WIDTH_EMS = 64
ICON_STEPS = 10


class EmptyState(QWidget):
    """An icon, a sentence, a hint, and up to a few buttons (made by `buttons.button`)."""

    def __init__(self, icon: str, words: str, hint: str = "", *buttons: QPushButton) -> None:
        super().__init__()
        said, helped = heading(words), muted(hint)
        for label in (said, helped):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setMaximumWidth(ems(WIDTH_EMS))
        parts: list[QWidget] = [Sign(icon, "control", steps=ICON_STEPS), said]
        if hint:
            parts.append(helped)
        inside = column(None, *parts, gap=3)
        for part in parts:
            inside.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
        if buttons:
            inside.addLayout(row(None, *buttons, None))
        inside.addStretch(2)
        self.setLayout(inside)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
