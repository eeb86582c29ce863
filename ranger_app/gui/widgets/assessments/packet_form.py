"""Asks who a packet is for and how it is to be written, and says what it would lack."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QRadioButton, QWidget

from ranger_app.assessments.preflight import Missing
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import column, indented
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.text import muted, strong
from ranger_app.i18n import _
from ranger_app.packets.dossier import Profile

ROWS_SEEN = 6


class PacketForm(Asking):
    """`profile` and `as_folder` are what was asked for."""

    def __init__(self, parent: QWidget, missing: Sequence[Missing]) -> None:
        words = {
            Profile.ASSESSOR: (
                _("Expert group and reviewer"),
                _("Public evidence and evidence for the assessor; no names of people, no positions."),
            ),
            Profile.PUBLIC: (_("Everybody"), _("Public evidence only; no names of people, no positions.")),
            Profile.FULL: (_("The site itself"), _("Everything. Keep it at the site.")),
        }
        self.profiles = {profile: QRadioButton(name) for profile, (name, _hint) in words.items()}
        self.profiles[Profile.ASSESSOR].setChecked(True)
        self.folder = QCheckBox(_("As a folder, for a stick that cannot hold large files"))
        self.missing = missing_listing(missing)
        choices = column(gap=1)
        for profile, (_name, hint) in words.items():
            choices.addWidget(self.profiles[profile])
            choices.addWidget(indented(muted(hint)))
        super().__init__(
            parent,
            _("Write the packet"),
            _("Choose where…"),
            strong(_("Who is it for?")),
            choices,
            self.folder,
            strong(_("What it will lack")),
            self.missing,
        )

    @property
    def profile(self) -> Profile:
        return next(profile for profile, choice in self.profiles.items() if choice.isChecked())

    @property
    def as_folder(self) -> bool:
        return self.folder.isChecked()


def missing_listing(missing: Sequence[Missing]) -> Listing[Missing]:
    """What an assessment lacks, indicator by indicator."""
    made = Listing(
        [
            Column[Missing](_("Indicator"), lambda one: one.indicator),
            Column(_("What is missing"), lambda one: one.text, stretch=True),
        ],
        name=_("What is missing"),
        empty=EmptyState("check", _("Nothing is missing")),
    )
    made.show_rows(missing)
    made.setMinimumHeight(made.table.verticalHeader().defaultSectionSize() * ROWS_SEEN)
    return made
