"""The form for a memory card: where it lies, at which station it hung, and what becomes of the originals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from ranger_app.gui import asking
from ranger_app.gui.unfinished import CARD, Begun
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import Form, column, indented
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _

GAP_S = 60
GAP_AT_MOST_S = 3600


@dataclass(frozen=True, slots=True)
class CardWish:
    """What a person asked for: a card to be taken in."""

    folder: Path
    station: str
    link: bool
    gap_s: float

    @property
    def begun(self) -> Begun:
        """As it is noted before it is taken in."""
        asked = {"place": str(self.folder), "station": self.station, "link": self.link, "gap_s": self.gap_s}
        return Begun(CARD, asked)

    @classmethod
    def again(cls, asked: Mapping[str, Any]) -> CardWish:
        """What had been noted."""
        return cls(
            Path(str(asked["place"])), str(asked["station"]), bool(asked["link"]), float(asked["gap_s"])
        )


class CardForm(Asking):
    """Asks for one card; `wish` is what was asked for."""

    def __init__(self, parent: QWidget, *, stations: Sequence[str], station: str = "") -> None:
        self.folder = QLineEdit()
        self.station = QComboBox()
        self.station.setEditable(True)
        self.station.addItems(list(stations))
        self.station.setCurrentText(station)
        self.link = QCheckBox(_("Leave the pictures where they are and copy nothing"))
        self.gap = QSpinBox()
        self.gap.setRange(1, GAP_AT_MOST_S)
        self.gap.setValue(GAP_S)
        self.gap.setSuffix(_(" s"))
        choose = button(_("Choose…"), icon="folder", on=self._choose)
        choose.setAccessibleName(_("Choose the folder"))
        form = Form()
        form.field(
            _("Card or folder"),
            self.folder,
            choose,
            hint=_("Everything below it is looked through. The originals are never changed."),
        )
        form.field(_("Camera station"), self.station, hint=_("A name that is new makes a new station."))
        form.field(
            _("Gap between sequences"),
            self.gap,
            hint=_("Photos closer together than this are one sequence."),
        )
        hint = _("For pictures that lie on this laptop already. They can only be seen while they stay there.")
        open_hint = _("A passphrase does not seal pictures that stay in their own place.")
        link = column(self.link, indented(muted(hint)), indented(muted(open_hint)), gap=1)
        super().__init__(parent, _("Add a card"), _("Take it in"), form, link)

    def _choose(self) -> None:
        if found := asking.for_folder(self, _("The card, or the folder with its pictures")):
            self.folder.setText(str(found))

    def find_fault(self) -> str:
        if not self.folder.text().strip():
            self.folder.setFocus()
            return _("Choose the card or folder first.")
        if not self.station.currentText().strip():
            self.station.setFocus()
            return _("Say at which station the camera hung.")
        return ""

    @property
    def wish(self) -> CardWish:
        folder = Path(self.folder.text().strip()).expanduser()
        station = self.station.currentText().strip()
        return CardWish(folder, station, self.link.isChecked(), float(self.gap.value()))


def for_card(parent: QWidget, *, stations: Sequence[str], station: str = "") -> CardWish | None:
    """A card to be taken in, or None when the person thought better of it."""
    form = CardForm(parent, stations=stations, station=station)
    return form.wish if form.asked() else None
