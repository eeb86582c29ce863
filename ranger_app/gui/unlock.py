"""Asks for the passphrase of a workspace, in place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, column, row
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _


class Unlock(QWidget):
    """One field; what was typed is forgotten as soon as it was handed over."""

    given = Signal(object, str)  # the folder and the passphrase
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path()
        self._hint = muted()
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.returnPressed.connect(self._give)
        self.open = button(_("Open"), icon="lock", kind="primary", on=self._give)
        form = Form()
        form.field(_("Passphrase"), self.field)
        back = button(_("Cancel"), on=self.cancelled.emit)
        card = Card(_("This workspace is protected"), self._hint, form, row(self.open, back, None))
        self.setLayout(column(card, None))

    def ask(self, folder: Path) -> None:
        """Ask for the passphrase of `folder`."""
        self._folder = folder
        self._hint.setText(
            _("“{name}” opens with the passphrase that was set when it was made on this laptop.").format(
                name=folder.stem
            )
        )
        self.field.clear()
        self.field.setFocus()

    def _give(self) -> None:
        if words := self.field.text():
            self.field.clear()
            self.given.emit(self._folder, words)
