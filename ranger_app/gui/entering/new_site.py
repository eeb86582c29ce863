"""The form for a new site: its name, where it is kept, its boundary, its time zone, a passphrase."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from PySide6.QtCore import QStandardPaths, Qt, QTimeZone, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app.gui import asking
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, column, row
from ranger_app.gui.widgets.protection import Protection
from ranger_app.gui.widgets.text import fault, say
from ranger_app.i18n import _

BOUNDARY_ENDINGS = (".geojson", ".json", ".gpkg", ".kml")


@dataclass(frozen=True, slots=True)
class SiteWish:
    """What a person asked for: a workspace to be made."""

    folder: Path
    name: str
    boundary: Path | None
    time_zone: str
    passphrase: str | None


class NewSite(QWidget):
    """Only a name is needed, and a passphrase or the word that there shall be none."""

    asked = Signal(object)  # a SiteWish
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name, self.folder, self.boundary = QLineEdit(), QLineEdit(), QLineEdit()
        self.zone = zone_field()
        self.protection = Protection()
        self.fault = fault()
        self.make = button(_("Make the workspace"), kind="primary", on=self._ask)
        self._lay_out()
        self.name.textChanged.connect(self._propose_folder)
        for field in (self.name, self.folder, self.boundary, *self.protection.fields):
            field.returnPressed.connect(self._ask)
        self._proposed = ""

    def begin(self) -> None:
        """Start with empty fields."""
        for field in (self.name, self.folder, self.boundary):
            field.clear()
        self._proposed = ""
        self.protection.begin()
        say(self.fault, "")
        self.name.setFocus()

    def _lay_out(self) -> None:
        form = Form()
        form.field(_("Name of the site"), self.name, hint=_("As people there call it."))
        choose = button(_("Choose…"), icon="folder", on=self._choose_folder)
        choose.setAccessibleName(_("Choose the folder"))
        find = button(_("Choose…"), icon="file", on=self._choose_boundary)
        find.setAccessibleName(_("Choose a boundary file"))
        whole = _("Everything of the site is kept in this one folder.")
        form.field(_("Folder"), self.folder, choose, hint=whole)
        kinds = _("GeoJSON, GeoPackage or KML with a polygon.")
        form.field(_("Boundary (may come later)"), self.boundary, find, hint=kinds)
        form.field(_("Time zone of the place"), self.zone)
        back = button(_("Cancel"), on=self.cancelled.emit)
        card = Card(_("A new site"), form, self.protection, self.fault, row(self.make, back, None))
        self.setLayout(column(card, None))

    def _propose_folder(self, name: str) -> None:
        if self.folder.text() not in ("", self._proposed):
            return  # the person has chosen one
        self._proposed = str(proposed_folder(name)) if name.strip() else ""
        self.folder.setText(self._proposed)

    def _choose_folder(self) -> None:
        if parent := asking.for_folder(self, _("Where to keep the workspace")):
            self.folder.setText(str(parent / proposed_folder(self.name.text()).name))

    def _choose_boundary(self) -> None:
        words = _("The boundary of the site")
        if found := asking.for_file(self, words, endings=BOUNDARY_ENDINGS):
            self.boundary.setText(str(found))

    def _ask(self) -> None:
        wrong = self._find_fault()
        say(self.fault, wrong, "danger")
        if wrong:
            return
        self.asked.emit(
            SiteWish(
                folder=Path(self.folder.text()).expanduser(),
                name=self.name.text().strip(),
                boundary=Path(self.boundary.text()).expanduser() if self.boundary.text() else None,
                time_zone=self.zone.currentText(),
                passphrase=self.protection.passphrase,
            )
        )

    def _find_fault(self) -> str:
        """What is missing, and stand there."""
        checks = [
            (self.name, not self.name.text().strip(), _("Give the site a name.")),
            (self.folder, not self.folder.text().strip(), _("Choose a folder to keep it in.")),
            (self.zone, self.zone.currentText() not in zones(), _("Choose a time zone from the list.")),
        ]
        for field, wrong, words in checks:
            if wrong:
                field.setFocus()
                return words
        return self.protection.find_fault()


def zone_field(zone: str = "") -> QComboBox:
    """A field for a time zone by its IANA name: type some letters of it, or walk the list."""
    made = QComboBox()
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    made.addItems(zones())
    if completer := made.completer():
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
    here = zone or bytes(QTimeZone.systemTimeZoneId().data()).decode()
    made.setCurrentText(here if here in zones() else "UTC")
    return made


def zones() -> list[str]:
    """The names of all time zones, places before the technical ones."""
    return sorted(available_timezones(), key=lambda name: (name.startswith(("Etc/", "posix", "right")), name))


def proposed_folder(name: str) -> Path:
    """Where a site of this name would be kept, in the documents of the user."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    plain_name = re.sub(r"[^\w\- ]+", "", name).strip().replace(" ", "-") or _("site")
    return Path(documents) / f"{plain_name}.ranger"
