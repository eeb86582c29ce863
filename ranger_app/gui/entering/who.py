"""Asks who is there on a laptop that several people share, once its workspace is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app.gui.entering.opening import PersonThere, SignIn
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, boxed, column
from ranger_app.gui.widgets.protection import NewPassphrase
from ranger_app.gui.widgets.role_words import role_words
from ranger_app.gui.widgets.text import fault, muted, plain, say
from ranger_app.i18n import _


class WhoIsThere(QWidget):
    """A name from a list, and the passphrase: their own, or a new one the first time."""

    given = Signal(object)  # a SignIn
    looked = Signal()
    """Go in and write nothing."""
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._people: Sequence[PersonThere] = ()
        self._sealed = True
        self.who = QComboBox()
        self.who.currentIndexChanged.connect(lambda _index: self._turn())
        self.own = QLineEdit()
        self.own.setEchoMode(QLineEdit.EchoMode.Password)
        self.own.returnPressed.connect(self._give)
        self.new = NewPassphrase(_("Your new passphrase on this laptop"))
        self.new.again.returnPressed.connect(self._give)
        who, own = Form(), Form()
        who.field(_("Who are you?"), self.who)
        own.field(_("Your passphrase"), self.own)
        self._own = boxed(own)
        self.role = muted()
        self.first = plain(
            _("You sign in here for the first time. Choose a passphrase: from now on it opens the workspace.")
        )
        self.open_remark = plain(
            _("This workspace has no passphrase: a name is a matter of trust, and names what you write.")
        )
        self.fault = fault()
        self.sign_in = button(_("Sign in"), icon="person", kind="primary", on=self._give)
        look = button(_("Only look"), on=self.looked.emit, tip=_("Nothing can be written without a name."))
        back = button(_("Close"), on=self.left.emit)
        card = Card(
            _("Several people use this laptop"),
            who,
            self.role,
            self.first,
            self.open_remark,
            self._own,
            self.new,
            self.fault,
            ButtonRow(self.sign_in, look, back, None),
        )
        self.setLayout(column(card, None))

    def ask(self, people: Sequence[PersonThere], *, sealed: bool) -> None:
        """Ask which of these it is; in a workspace that is not sealed the name is enough."""
        self._people, self._sealed = people, sealed
        self.who.clear()
        for one in people:
            self.who.addItem(one.name)
        say(self.fault, "")
        if not people:
            say(self.fault, _("Nobody may sign in on this laptop any more. Ask an administrator."), "warning")
        self._turn()
        self.who.setFocus()

    def show_fault(self, words: str) -> None:
        """Say why it was not taken."""
        say(self.fault, words, "danger")
        (self.own if self._own.isVisible() else self.who).setFocus()

    def _turn(self) -> None:
        one = self._present()
        has = one is not None and one.has_passphrase
        self._own.setVisible(self._sealed and has)
        self.new.setVisible(self._sealed and one is not None and not has)
        self.first.setVisible(self._sealed and one is not None and not has)
        self.open_remark.setVisible(not self._sealed)
        say(self.role, ", ".join(role_words(role) for role in one.roles) if one else "")
        self.sign_in.setEnabled(one is not None)
        self.own.clear()
        self.new.clear()

    def _present(self) -> PersonThere | None:
        at = self.who.currentIndex()
        return self._people[at] if 0 <= at < len(self._people) else None

    def _give(self) -> None:
        one = self._present()
        if one is None:
            return
        chosen = self._sealed and not one.has_passphrase
        wrong = self.new.find_fault() if chosen else ""
        say(self.fault, wrong, "danger")
        if wrong:
            return
        passphrase = self.new.passphrase.text() if chosen else self.own.text()
        self.own.clear()
        self.new.clear()
        self.given.emit(SignIn(one.id, passphrase, chosen))
