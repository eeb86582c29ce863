"""What stands where there is nothing yet: why, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ranger_app.gui.look.theme import ems
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import heading, muted

WIDTH_EMS = 64
ICON_STEPS = 10


class EmptyState(QWidget):
    """An icon, a sentence, a hint, and up to a few buttons (made by `buttons.button`)."""

    def __init__(self, icon: str, words: str, hint: str = "", *buttons: QPushButton) -> None:
        super().__init__()
        sign = Sign(icon, "control", steps=ICON_STEPS)
        inside = column(None, row(None, sign, None), _centred(heading(words)), gap=3)
        if hint:
            inside.addLayout(_centred(muted(hint)))
        if buttons:
            inside.addLayout(row(None, *buttons, None))
        inside.addStretch(2)
        self.setLayout(inside)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)


def _centred(label: QLabel) -> QHBoxLayout:
    """A label in the middle: as wide as there is room, but no wider than is good to read."""
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setMaximumWidth(ems(WIDTH_EMS))
    made = row()
    made.addStretch(0)
    made.addWidget(label, 1)
    made.addStretch(0)
    return made
