"""The recovery sheet: printed, checked by typing its words from paper, and used when nothing else is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from ranger_app.domain.errors import KnownError
from ranger_app.gui import asking
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button, offer
from ranger_app.gui.widgets.layout import Card
from ranger_app.gui.widgets.people.forms import SheetForm
from ranger_app.gui.widgets.text import plain, say
from ranger_app.i18n import _

if TYPE_CHECKING:
    from ranger_app.gui.page import Page
    from ranger_app.gui.widgets.people.seen import PeopleSeen

SHEET_NAME = "recovery-sheet.pdf"


class RecoverySheet(Card):
    """Works for `page`; what was done is told by `tell`."""

    def __init__(self, page: Page, tell: Callable[[str], None]) -> None:
        self._page, self._tell = page, tell
        self._has_sheet = self._asks_name = False
        self.told = plain()
        self.print = button(_("Print a recovery sheet…"), icon="print", on=self.print_new)
        self.check = button(_("Check a sheet…"), icon="check", on=lambda: self._check_sheet())
        self.recover = button(
            _("Become administrator by the sheet…"), icon="shield", on=lambda: self._recover()
        )
        super().__init__(
            _("Recovery sheet"),
            self.told,
            ButtonRow(self.print, self.check, None),
            ButtonRow(self.recover, None),
            hint=_(
                "24 words on paper. Whoever has them can administer the site when no administrator's laptop "
                "is left. Print it once, lock it away."
            ),
        )

    def show_seen(self, seen: PeopleSeen) -> None:
        """Say whether there is one, and offer what can be done."""
        self._has_sheet, self._asks_name = seen.has_sheet, bool(seen.people)
        there = _("There is one. Printing a new one makes it void.")
        none = _("There is none: if the last administrator's laptop is lost, nobody can administer the site.")
        say(self.told, there if seen.has_sheet else none)
        offer(self.print, fits=True, why_not=seen.why_not)
        self.check.setEnabled(seen.has_sheet)
        self.recover.setEnabled(seen.has_sheet)

    def print_new(self) -> None:
        """Print a new one; the one before is void from then on."""
        if self._has_sheet:
            sure = asking.whether(
                self,
                _("Print a new recovery sheet?"),
                hint=_("The one that was printed before is void from then on."),
                yes=_("Print a new one"),
            )
            if not sure:
                return
        out = asking.for_new_file(self, _("Where to write the recovery sheet"), name=SHEET_NAME)
        if out is None:
            return
        devices = self._page.context.ranger.devices
        told = _(
            "The sheet is in {file}. Print it, check it by typing its words from paper, lock it away, and "
            "delete the file."
        )
        self._page.do(
            lambda _work: devices.write_sheet(out, on=date.today()),
            _("Setting the recovery sheet in type"),
            lambda _done: self._tell(told.format(file=out.name)),
        )

    def _check_sheet(self, typed: str = "", wrong: str = "") -> None:
        happens = _("Type the words from the paper, not from the file. Nothing is changed by this.")
        form = SheetForm(self, _("Check a sheet"), _("Check it"), happens, typed=typed, wrong=wrong)
        if form.asked():
            words, devices = form.words.toPlainText(), self._page.context.ranger.devices
            told = _("This is the present sheet, and every word of it is right.")
            self._page.fetch(
                lambda _work: devices.check_sheet(words),
                lambda _done: self._tell(told),
                failed=lambda error: self._again(self._check_sheet, words, error),
            )

    def _recover(self, typed: str = "", wrong: str = "") -> None:
        happens = _(
            "This makes this laptop an administrator of the site, for when no administrator's is left. "
            "Afterwards shut out the laptops that were lost, and print a new sheet."
        )
        title, yes = _("Become administrator by the sheet"), _("Become administrator")
        asks_name = self._asks_name
        form = SheetForm(self, title, yes, happens, typed=typed, wrong=wrong, asks_name=asks_name)
        if form.asked():
            words, name, devices = (
                form.words.toPlainText(),
                form.name.text(),
                self._page.context.ranger.devices,
            )
            told = _(
                "This laptop is now an administrator of the site. Shut out the laptops that were lost, and "
                "print a new sheet: this one was used."
            )
            job = partial(devices.recover, words, name=name)
            task = self._page.context.background.run(lambda _work: job(), title, writes=True, quiet=True)
            task.finished.connect(lambda _done: self._tell(told))
            task.failed.connect(lambda error: self._again(self._recover, words, error))

    def _again(self, ask: Callable[[str, str], None], words: str, error: Exception) -> None:
        if isinstance(error, KnownError):
            ask(words, f"{error.text} {error.what_to_do}".strip())
        else:
            self._page.error(error)
