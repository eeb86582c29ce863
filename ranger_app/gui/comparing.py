"""Asks whether two laptops show the same six words, and what the new one is to be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from ranger_app.domain.roles import ROLES
from ranger_app.gui.theme import ems
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Form, column, row
from ranger_app.gui.widgets.role_words import role_words
from ranger_app.gui.widgets.text import code, heading, plain
from ranger_app.i18n import _

DIALOG_EMS = 56
REQUEST_ENDING, ANSWER_ENDING = ".request", ".answer"


def same_words(parent: QWidget, *, name: str, words: Sequence[str]) -> str | None:
    """The role that a person gives to the laptop `name`, having compared its words; None if they differ."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(parent.window().windowTitle())
    dialog.setMinimumWidth(ems(DIALOG_EMS))
    roles = QComboBox()
    for role in ROLES:
        roles.addItem(role_words(role), role)
    form = Form()
    form.field(_("It may do what this role may do"), roles)
    go_on = button(_("They are the same"), on=dialog.accept)
    stay = button(_("They differ"), kind="primary", on=dialog.reject)
    dialog.setLayout(
        column(
            heading(_("Does “{name}” show these words?").format(name=name)),
            code(" ".join(words)),
            plain(
                _("Look at the other laptop's screen yourself. If a word differs, the file is not its own.")
            ),
            form,
            None,
            row(None, go_on, stay),
            gap=4,
            margin=6,
        )
    )
    stay.setDefault(True)
    stay.setFocus()
    agreed = dialog.exec() == QDialog.DialogCode.Accepted
    return str(roles.currentData()) if agreed else None
