"""What every small form is made of: the dialog that asks, and a field for a day that may be left empty."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QWidget

from ranger_app.gui.theme import ems
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Part, column, row
from ranger_app.gui.widgets.text import fault, heading, say
from ranger_app.i18n import _

WIDTH_EMS = 84


class Asking(QDialog):
    """A dialog with a heading, fields, a place for what is wrong, and two buttons. Enter goes on."""

    def __init__(self, parent: QWidget, title: str, yes: str, *parts: Part) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(ems(WIDTH_EMS))
        self.fault: QLabel = fault()
        self.go_on = button(yes, kind="primary", on=self._go_on)
        self.go_on.setDefault(True)
        cancel = button(_("Cancel"), on=self.reject)
        buttons = row(None, cancel, self.go_on)
        self.setLayout(column(heading(title), *parts, self.fault, buttons, gap=4, margin=5))

    def find_fault(self) -> str:
        """What is wrong with the fields, as a sentence; stand in the one to mend."""
        return ""

    def _go_on(self) -> None:
        wrong = self.find_fault()
        say(self.fault, wrong, "danger")
        if not wrong:
            self.accept()

    def asked(self) -> bool:
        """Show the dialog until it is answered; whether to go on."""
        answer = self.exec() == QDialog.DialogCode.Accepted
        self.deleteLater()
        return answer


class DayField(QLineEdit):
    """A day that may be left empty, written as 2026-05-31."""

    def __init__(self, day: date | None = None) -> None:
        super().__init__(day.isoformat() if day else "")
        self.setPlaceholderText(_("such as 2026-05-31"))

    @property
    def day(self) -> date | None:
        """The day; None when the field is empty or holds none."""
        try:
            return date.fromisoformat(self.text().strip())
        except ValueError:
            return None

    def find_fault(self) -> str:
        if self.text().strip() and self.day is None:
            self.setFocus()
            return _("Write the day as 2026-05-31.")
        return ""
