"""Asks for the passphrase of a workspace, in place, and whose it is where several people have one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, boxed, column, row
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _


class Unlock(QWidget):
    """One field, below the names of those who have a passphrase. It forgets what it hands over."""

    given = Signal(object, str, object)  # the folder, the passphrase, a person's name or None
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path()
        self._hint = muted()
        self.who = QComboBox()
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.returnPressed.connect(self._give)
        self.open = button(_("Open"), icon="lock", kind="primary", on=self._give)
        who, form = Form(), Form()
        who.field(_("Who are you?"), self.who)
        self._who = boxed(who)
        form.field(_("Passphrase"), self.field)
        back = button(_("Cancel"), on=self.cancelled.emit)
        card = Card(_("This workspace is protected"), self._hint, self._who, form, row(self.open, back, None))
        self.setLayout(column(card, None))

    def ask(self, folder: Path, people: Sequence[str] | None = None) -> None:
        """Ask for the passphrase of `folder`; None asks the same people once more."""
        self._folder = folder
        if people is not None:
            self.who.clear()
            self.who.addItems([*people, _("Nobody of these: the laptop's own passphrase")])
            self._who.setVisible(bool(people))
        if self.who.count() > 1:
            words = _("“{name}” opens with your own passphrase, or with that of the laptop.")
        else:
            words = _("“{name}” opens with the passphrase that was set when it was made on this laptop.")
        self._hint.setText(words.format(name=folder.stem))
        self.field.clear()
        self.field.setFocus()

    def _give(self) -> None:
        if words := self.field.text():
            self.field.clear()
            is_person = self.who.currentIndex() < self.who.count() - 1
            self.given.emit(self._folder, words, self.who.currentText() if is_person else None)
