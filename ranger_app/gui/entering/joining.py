"""A laptop that belongs to no site yet: its request and its six words, then the answer and the site's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ranger_app.gui import asking
from ranger_app.gui.entering.comparing import ANSWER_ENDING, REQUEST_ENDING
from ranger_app.gui.entering.opening import RequestShown
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, OneShown, boxed, column
from ranger_app.gui.widgets.qr_code import QrCode
from ranger_app.gui.widgets.role_words import role_words
from ranger_app.gui.widgets.spoken_words import SpokenWords
from ranger_app.gui.widgets.text import fault, muted, plain, say
from ranger_app.i18n import _

NARROW_EMS = 44  # the words stay beside the code


class Joining(QWidget):
    """First what this laptop says of itself, then, with the answer, what the site says of itself."""

    kept = Signal(Path)
    """Write the request to this file."""
    answered = Signal(Path)
    """The answer was chosen."""
    opened = Signal()
    """Go on into the workspace."""
    left = Signal()
    """Close it again; the request stays good."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self.words = SpokenWords(name=_("The six words of this laptop"))
        self.code = QrCode(name=_("The request as a QR code"))
        self.saved = fault()
        self.save = button(_("Save the request…"), icon="file", kind="primary", on=self._save)
        self.read = button(_("Read the answer…"), icon="receive", on=self._read)
        look = button(_("Go in without"), kind="quiet", on=self.opened.emit)
        later = button(_("Close"), on=self.left.emit)
        without = muted(
            _("Without an answer you can read an unsealed bundle; nobody would take this laptop's changes.")
        )
        ask = Card(
            _("Show these words to the administrator"),
            self.words,
            plain(
                _(
                    "1. Save the request to a stick. Or read the code with a phone, and send its text on "
                    "as a file.\n"
                    "2. The administrator opens it, sees the same six words, and gives you an answer.\n"
                    "3. Read the answer here. You may close Ranger meanwhile; the request stays good."
                )
            ),
            self.saved,
            ButtonRow(self.save, self.read, None),
            without,
            ButtonRow(look, later, None),
        )
        self._ask = Beside([ask], [self.code], shares=(3, 2), narrow_ems=NARROW_EMS)
        self.site = plain()
        self.site_words = SpokenWords(name=_("The six words of the site"))
        self.go_on = button(_("They are the same: go in"), icon="check", kind="primary", on=self.opened.emit)
        differ = button(_("They differ"), on=self._differ)
        self.warning = fault()
        said = Card(
            _("Compare the site's words"),
            self.site,
            self.site_words,
            plain(
                _(
                    "The administrator's laptop shows six words for the site. They must be these, in this "
                    "order: else the answer is for somebody else's site."
                )
            ),
            self.warning,
            ButtonRow(self.go_on, differ, None),
        )
        self._joined = boxed(column(said, None))
        self._stack = OneShown(self._ask, self._joined)
        self.setLayout(column(self._stack, None))

    def show_request(self, shown: RequestShown) -> None:
        """Show what this laptop asks with."""
        self._name = shown.name
        self.words.show_words(shown.words)
        self.code.show_bytes(shown.code)
        say(self.saved, "")
        self._stack.show_one(self._ask)
        self.save.setFocus()

    def show_joined(self, *, site: str, role: str, words: Sequence[str]) -> None:
        """Show what the answer made of this laptop."""
        words_of_it = _("This laptop is now one of the devices of “{site}”, as {role}.")
        self.site.setText(words_of_it.format(site=site, role=role_words(role)))
        self.site_words.show_words(words)
        say(self.warning, "")
        self._stack.show_one(self._joined)
        self.go_on.setFocus()

    def show_saved(self, path: Path) -> None:
        """Say where the request lies now."""
        words = _("The request is in {file}. Take it to the administrator yourself.")
        say(self.saved, words.format(file=path), "good")
        self.read.setFocus()

    def _save(self) -> None:
        name = f"{self._name.strip() or _('laptop')}{REQUEST_ENDING}".replace("/", "-").replace("\\", "-")
        if out := asking.for_new_file(self, _("Where to write the request"), name=name):
            self.kept.emit(out)

    def _read(self) -> None:
        words = _("The answer of the administrator")
        if found := asking.for_file(self, words, endings=(ANSWER_ENDING,)):
            self.answered.emit(found)

    def _differ(self) -> None:
        words = _(
            "Then do not go in. Delete this workspace's folder, make a new request, and carry it yourself: "
            "somebody has changed the files on the way."
        )
        say(self.warning, words, "danger")
