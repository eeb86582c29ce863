"""Asks whether two laptops show the same six words, and what the new one is to be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from ranger_app.domain.roles import ROLES
from ranger_app.gui.look.theme import dialog_width
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Form, column, fit_height, row
from ranger_app.gui.widgets.role_words import role_hint, role_words
from ranger_app.gui.widgets.spoken_words import SpokenWords
from ranger_app.gui.widgets.text import heading, muted, plain
from ranger_app.i18n import _

DIALOG_EMS = 56
REQUEST_ENDING, ANSWER_ENDING = ".request", ".answer"


class SameWords(QDialog):
    """Six words to be compared with those on the other laptop; `role` is what it is to be."""

    def __init__(self, parent: QWidget, *, name: str, words: Sequence[str]) -> None:
        super().__init__(parent)
        self.setWindowTitle(parent.window().windowTitle())
        self.setMinimumWidth(dialog_width(DIALOG_EMS))
        self.roles = QComboBox()
        for role in ROLES:
            self.roles.addItem(role_words(role), role)
        form = Form()
        form.field(_("It may do what this role may do"), self.roles)
        spoken = SpokenWords(name=_("The six words of the request"))
        spoken.show_words(words)
        self.means = muted(role_hint(self.role))
        self.roles.currentIndexChanged.connect(lambda _at: self.means.setText(role_hint(self.role)))
        go_on = button(_("They are the same"), on=self.accept)
        stay = button(_("They differ"), kind="primary", on=self.reject)
        self.setLayout(
            column(
                heading(_("Does “{name}” show these words?").format(name=name)),
                spoken,
                plain(
                    _(
                        "Look at the other laptop's screen yourself. If a word differs, the file is not its "
                        "own."
                    )
                ),
                form,
                self.means,
                None,
                row(None, go_on, stay),
                gap=4,
                margin=6,
            )
        )
        stay.setDefault(True)
        stay.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Stand in a window that is as high as its words."""
        super().showEvent(event)
        fit_height(self)

    @property
    def role(self) -> str:
        return str(self.roles.currentData())


def same_words(parent: QWidget, *, name: str, words: Sequence[str]) -> str | None:
    """The role that a person gives to the laptop `name`, having compared its words; None if they differ."""
    dialog = SameWords(parent, name=name, words=words)
    agreed = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return dialog.role if agreed else None
