"""An error where it happened: one sentence, what to do next, and a way to put it away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton

from ranger_app.domain.errors import KnownError
from ranger_app.gui.widgets.buttons import icon_button
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.sign import SIGNS, Sign
from ranger_app.gui.widgets.text import heading, plain
from ranger_app.i18n import _


class Banner(QFrame):
    """A strip across the page, hidden until there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = Sign("error", "danger")
        self._text, self._way_out = heading(""), plain("")
        self.dismiss = icon_button(_("Put this message away"), icon="close", role="text", on=self.hide)
        self._buttons = row(None)
        words = column(self._text, self._way_out, self._buttons, gap=1)
        inside = row(self._sign, words, self.dismiss, gap=3, margin=3)
        inside.setStretch(1, 1)
        for corner in (self._sign, self.dismiss):
            inside.setAlignment(corner, Qt.AlignmentFlag.AlignTop)
        self.setLayout(inside)
        self.hide()

    def show_error(self, error: KnownError) -> None:
        """Say what went wrong and what to do about it."""
        self.show_words(error.text, error.what_to_do, tone="danger")

    def show_words(self, text: str, hint: str = "", *buttons: QPushButton, tone: str = "warning") -> None:
        """Say something in the tone danger, warning or good, with buttons to act on it."""
        while self._buttons.count() > 1:  # the last is the stretch, without which the words get no room
            old = self._buttons.takeAt(0)
            if old is not None and (button := old.widget()):
                button.deleteLater()
        for at, one in enumerate(buttons):
            self._buttons.insertWidget(at, one)
        self.setProperty("kind", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self._sign.show_icon(SIGNS[tone], tone)
        self._text.setText(text)
        self._way_out.setText(hint)
        self._way_out.setVisible(bool(hint))
        self.setAccessibleName(f"{text} {hint}".strip())
        self.show()
