"""Asks whether an assessment is to be final, with what stands in the way and what it would lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ranger_app.gui.widgets.assessments.packet_form import missing_listing
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import Part, row
from ranger_app.gui.widgets.note import Note
from ranger_app.gui.widgets.text import plain, strong
from ranger_app.i18n import _, ngettext, number

if TYPE_CHECKING:
    from ranger_app.assessments.standing import Standing


class FinalForm(Asking):
    """Where something waits to be settled it cannot go on; `wants_to_settle` says that this was asked for."""

    def __init__(self, parent: QWidget, standing: Standing) -> None:
        self.wants_to_settle = False
        waits, missing = standing.whole.unsettled, standing.missing
        parts: list[Part] = [plain(_happens())]
        if waits:
            settle = button(_("Settle them…"), icon="differences", on=self._settle)
            parts += [Note(_waits_words(waits)), row(settle, None)]
        if missing:
            parts += [strong(_("What it will lack")), plain(_lacks_words(standing)), missing_listing(missing)]
        else:
            parts.append(plain(_("Every indicator is answered and shown.")))
        yes = _("Make it final all the same") if missing else _("Make it final")
        title = _("Make “{title}” final").format(title=standing.whole.assessment.title)
        super().__init__(parent, title, yes, *parts)
        self.go_on.setEnabled(not waits)
        if waits or missing:  # Enter must not do what is better thought about
            self.keep_back()

    def _settle(self) -> None:
        self.wants_to_settle = True
        self.reject()


def _happens() -> str:
    return _(
        "From then on its answers and citations can be read and not changed, here and on every laptop that "
        "hears of it. What another laptop wrote before it heard of it still comes in. The plan of action "
        "goes on. It can be taken back: “Go on with it” opens it again."
    )


def _waits_words(count: int) -> str:
    return ngettext(
        "It cannot be made final yet: {count} field was written apart on two laptops.",
        "It cannot be made final yet: {count} fields were written apart on two laptops.",
        count,
    ).format(count=number(count))


def _lacks_words(standing: Standing) -> str:
    indicators = len({one.indicator for one in standing.missing})
    return ngettext(
        "Something is missing for {count} of {total} indicators. Nothing of it stands in the way; whoever "
        "reads it will ask.",
        "Something is missing for {count} of {total} indicators. Nothing of it stands in the way; whoever "
        "reads it will ask.",
        indicators,
    ).format(count=number(indicators), total=number(len(standing.whole.sheets)))
