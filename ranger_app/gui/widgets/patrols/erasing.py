"""Asks what of a line is to be dropped for good, and says plainly what that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from ranger_app.gui.drafts import SECRET
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import Form, boxed
from ranger_app.gui.widgets.note import Note
from ranger_app.gui.widgets.patrols.seen import PatrolSeen
from ranger_app.gui.widgets.text import plain
from ranger_app.i18n import _
from ranger_app.patrols.erasable import Erasable, erasable

if TYPE_CHECKING:
    from ranger_app.gui.page import Page


class ErasureForm(Asking):
    """One choice, a reason, and a box to tick: nothing brings back what is erased."""

    def __init__(self, parent: QWidget, choices: Sequence[Erasable], limits: Sequence[str]) -> None:
        self._choices = choices
        self.what, self.reason = QComboBox(), QLineEdit()
        self.what.addItems([one.words for one in choices])
        self.sure = QCheckBox(_("I have understood: nothing brings it back"))
        for one in (
            self.what,
            self.sure,
        ):  # a draft must not hold what is to go, nor tick the box for anybody
            one.setProperty(SECRET, True)
        form = Form()
        form.field(_("Erase"), self.what)
        form.field(_("Why"), self.reason, hint=_("Kept with the record; write no name here."))
        happens = plain(
            _(
                "It goes from this laptop at once, with every earlier version of it, and from each other "
                "laptop of the site when it hears of this. The rest of the record stays, and that something "
                "was erased."
            )
        )
        warning = Note(" ".join(limits))
        title = _("Erase for good")
        super().__init__(parent, title, _("Erase for good"), boxed(form), happens, warning, self.sure, None)
        self.keep_back()

    @property
    def wanted(self) -> Erasable:
        return self._choices[self.what.currentIndex()]

    def find_fault(self) -> str:
        if not self.sure.isChecked():
            self.sure.setFocus()
            return _("Tick the box first: this cannot be taken back.")
        return ""


def ask_to_erase(page: Page, lists: Sequence[PatrolSeen]) -> None:
    """Ask about the line that is stood on, in the one of these lists that is shown, and drop what was
    chosen."""
    shown = [one.listing.current for one in lists if one.isVisible()]
    line, ranger = shown[0] if shown else None, page.context.ranger
    choices = erasable(line.noted, line.seen) if line is not None else []
    if not choices:
        page.context.messages.say(_("There is nothing to erase here; choose a line of what was seen."))
        return
    form = ErasureForm(page, choices, ranger.erasing_limits())
    if not form.asked():
        return
    wanted, reason = form.wanted, form.reason.text().strip()

    def erased(_done: object) -> None:
        page.context.messages.say(_("Erased for good. Other laptops follow when they hear of it."))
        page.reload()

    page.do(
        lambda _work: ranger.drop_value(wanted.kind, wanted.record_id, wanted.field, reason=reason),
        _("Erasing"),
        erased,
    )
