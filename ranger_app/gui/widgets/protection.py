"""Two fields for a new passphrase, and the explicit choice to leave a workspace open."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from ranger_app.gui.widgets.layout import Form, boxed, column
from ranger_app.gui.widgets.note import Note
from ranger_app.gui.widgets.text import plain
from ranger_app.i18n import _

SHORTEST = 8


class NewPassphrase(QWidget):
    """A passphrase, twice."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.passphrase, self.again = QLineEdit(), QLineEdit()
        form = Form()
        for field in (self.passphrase, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        hint = _("At least 8 characters or digits; a few words are best.")
        form.field(words or _("Passphrase"), self.passphrase, hint=hint)
        form.field(_("Passphrase again"), self.again)
        self.setLayout(form)

    def clear(self) -> None:
        """Forget what was typed."""
        self.passphrase.clear()
        self.again.clear()

    def find_fault(self) -> str:
        """What is wrong with it, as a sentence; stand in the field to mend."""
        if len(self.passphrase.text()) < SHORTEST:
            self.passphrase.setFocus()
            return _("The passphrase needs at least {count} characters.").format(count=SHORTEST)
        if self.passphrase.text() != self.again.text():
            self.again.setFocus()
            return _("The two passphrases are not the same.")
        return ""


class Protection(QWidget):
    """A new passphrase, or a tick that says in words what it means to have none."""

    def __init__(self) -> None:
        super().__init__()
        self.new = NewPassphrase(_("Passphrase of this laptop"))
        self.leave_open = QCheckBox(_("Leave it open, without a passphrase"))
        keep = plain(_("Nobody can open the workspace without it. Write it down and keep it safe."))
        self._sealed = boxed(column(self.new, keep, gap=2))
        self._consequence = Note(
            _(
                "Then whoever has this laptop, its disk or a copy of the folder reads everything in it: "
                "names of suspects and informants, where rare animals are, and the keys that it signs "
                "with. This cannot be changed later."
            )
        )
        self._consequence.hide()
        self.leave_open.toggled.connect(self._turn)
        self.setLayout(column(self._sealed, self.leave_open, self._consequence, gap=3))

    def begin(self) -> None:
        """Start with empty fields, protected."""
        self.new.clear()
        self.leave_open.setChecked(False)

    @property
    def fields(self) -> tuple[QLineEdit, QLineEdit]:
        """Where the passphrase is typed, twice."""
        return self.new.passphrase, self.new.again

    @property
    def passphrase(self) -> str | None:
        """The passphrase; None when it was chosen to have none."""
        return None if self.leave_open.isChecked() else self.new.passphrase.text()

    def find_fault(self) -> str:
        """What is wrong with the passphrase, as a sentence."""
        return "" if self.leave_open.isChecked() else self.new.find_fault()

    def _turn(self, leave_open: bool) -> None:
        self._sealed.setVisible(not leave_open)
        self._consequence.setVisible(leave_open)
