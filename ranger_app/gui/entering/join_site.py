"""The form by which a new laptop asks to join a site: its name, its folder, its passphrase."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ranger_app.gui import asking
from ranger_app.gui.entering.new_site import proposed_folder
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, column, row
from ranger_app.gui.widgets.protection import Protection
from ranger_app.gui.widgets.text import fault, plain, say
from ranger_app.i18n import _


@dataclass(frozen=True, slots=True)
class JoinWish:
    """What a person asked for: an empty workspace with keys of its own, which is to join a site."""

    folder: Path
    device: str
    passphrase: str | None


class JoinSite(QWidget):
    """Three fields; nothing of the site is on this laptop yet."""

    asked = Signal(object)  # a JoinWish
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.device, self.folder = QLineEdit(), QLineEdit()
        self.protection = Protection()
        self.fault = fault()
        self.make = button(_("Make the request"), kind="primary", on=self._ask)
        for field in (self.device, self.folder, *self.protection.fields):
            field.returnPressed.connect(self._ask)
        choose = button(_("Choose…"), icon="folder", on=self._choose_folder)
        choose.setAccessibleName(_("Choose the folder"))
        form = Form()
        called = _("What the others will see, such as the name of the station.")
        form.field(_("Name of this laptop"), self.device, hint=called)
        kept = _("The site's data will be kept in this one folder.")
        form.field(_("Folder"), self.folder, choose, hint=kept)
        happens = plain(
            _(
                "This makes the laptop's keys and a request. An administrator of the site compares six words "
                "with you and gives you an answer; with that, this laptop is one of the site's."
            )
        )
        back = button(_("Cancel"), on=self.cancelled.emit)
        card = Card(_("Join a site"), happens, form, self.protection, self.fault, row(self.make, back, None))
        self.setLayout(column(card, None))

    def begin(self) -> None:
        """Start afresh, with a folder proposed."""
        self.device.setText(platform.node())
        self.folder.setText(str(proposed_folder(_("my site"))))
        self.protection.begin()
        say(self.fault, "")
        self.device.setFocus()
        self.device.selectAll()

    def _choose_folder(self) -> None:
        if parent := asking.for_folder(self, _("Where to keep the workspace")):
            self.folder.setText(str(parent / proposed_folder(_("my site")).name))

    def _ask(self) -> None:
        wrong = self._find_fault()
        say(self.fault, wrong, "danger")
        if wrong:
            return
        folder = Path(self.folder.text()).expanduser()
        self.asked.emit(JoinWish(folder, self.device.text().strip(), self.protection.passphrase))
        self.protection.begin()

    def _find_fault(self) -> str:
        for field, words in (
            (self.device, _("Give the laptop a name.")),
            (self.folder, _("Choose a folder to keep it in.")),
        ):
            if not field.text().strip():
                field.setFocus()
                return words
        return self.protection.find_fault()
