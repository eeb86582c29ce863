"""The evidence that is cited for one indicator: what it is, where in it to look, what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from ranger_app.assessments.figures import figure_of
from ranger_app.assessments.sheets import Cited
from ranger_app.assessments.words import confidentiality_word, page_words
from ranger_app.domain.assessments import Evidence
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, column
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.text import muted, say
from ranger_app.i18n import _, day, number

ROWS_SEEN = 4
BUTTON_EMS = 22


class EvidenceList(QWidget):
    """The list with its buttons. The page does what they ask for."""

    file_asked = Signal()
    figure_asked = Signal()
    again_asked = Signal()
    open_asked = Signal(Cited)
    describe_asked = Signal(Cited)
    uncite_asked = Signal(Cited)

    def __init__(self) -> None:
        super().__init__()
        self.typical = muted()
        self.listing = Listing(
            [
                Column[Cited](_("Evidence"), lambda one: one.evidence.title, stretch=True),
                Column(_("Where"), _where),
                Column(_("Dated"), lambda one: _dated(one.evidence), lambda one: one.evidence.dated_on),
                Column(_("Who may see it"), lambda one: confidentiality_word(one.evidence.confidentiality)),
            ],
            name=_("Evidence"),
            empty=EmptyState("file", _("No evidence yet")),
            key=lambda one: one.link.id,
        )
        self.listing.setMinimumHeight(
            self.listing.table.verticalHeader().defaultSectionSize() * (ROWS_SEEN + 1)
        )
        self.add_file = button(_("Add a file…"), icon="plus", on=self.file_asked.emit)
        self.add_figure = button(_("Freeze a figure…"), icon="chart", on=self.figure_asked.emit)
        self.add_again = button(_("Cite again…"), icon="link", on=self.again_asked.emit)
        self.add_again.setToolTip(_("Evidence that is here already, for this indicator too"))
        self.open = button(_("Open"), icon="external", kind="quiet", on=lambda: self._with(self.open_asked))
        self.describe = button(
            _("Describe…"), icon="edit", kind="quiet", on=lambda: self._with(self.describe_asked)
        )
        self.uncite = button(
            _("Take away"), icon="delete", kind="quiet", on=lambda: self._with(self.uncite_asked)
        )
        self.uncite.setToolTip(_("Only the citation goes; the evidence stays where it is cited elsewhere"))
        adding = Beside([self.add_file], [self.add_figure], [self.add_again], gap=2, narrow_ems=BUTTON_EMS)
        chosen = Beside([self.open], [self.describe], [self.uncite], gap=2, narrow_ems=BUTTON_EMS)
        buttons = Beside([adding], [chosen], gap=2, narrow_ems=3 * BUTTON_EMS)
        self.setLayout(column(Card(_("Evidence"), self.typical, self.listing, buttons)))
        self.layout().setContentsMargins(0, 0, 0, 0)  # type: ignore[union-attr]
        self.listing.picked.connect(self._picked)
        self.listing.opened.connect(lambda _one: self._with(self.open_asked))
        self._picked(None)

    def show_cited(self, cited: tuple[Cited, ...], typical: tuple[str, ...]) -> None:
        """Show what is cited, and what others usually cite here."""
        words = _("Usual here: {kinds}.").format(kinds=", ".join(typical)) if typical else ""
        say(self.typical, words)
        self.listing.show_rows(cited)
        self._picked(self.listing.current)

    def _picked(self, one: Cited | None) -> None:
        for each in (self.open, self.describe, self.uncite):
            each.setEnabled(one is not None)

    def _with(self, signal: SignalInstance) -> None:
        if (one := self.listing.current) is not None:
            signal.emit(one)


def _where(one: Cited) -> str:
    figure = figure_of(one.evidence) if one.evidence.kind == "figure" else None
    if figure is not None and figure.value is not None:
        return f"{number(figure.value)} {figure.unit}".strip()
    return page_words(one.link.page)


def _dated(evidence: Evidence) -> str:
    return day(evidence.dated_on) if evidence.dated_on else _("not known")
