"""What is to be done about one indicator: a list, a way to plan, a way to say that it is done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ranger_app.assessments.sheets import DONE_ACTION
from ranger_app.assessments.words import action_word
from ranger_app.domain.assessments import Action
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card, column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.i18n import _, day

ROWS_SEEN = 3


class ActionList(QWidget):
    """The list with its buttons. The page does what they ask for."""

    plan_asked = Signal()
    turn_asked = Signal(Action)
    """The action is done, or is open again."""

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing(
            [
                Column[Action](_("What"), lambda one: one.what, stretch=True),
                Column(_("Who"), lambda one: one.owner),
                Column(_("Due"), lambda one: day(one.due_on) if one.due_on else "", lambda one: one.due_on),
                Column(_("State"), lambda one: action_word(one.status)),
            ],
            name=_("Actions"),
            empty=EmptyState("today", _("No action planned")),
            key=lambda one: one.id,
        )
        self.listing.setMinimumHeight(
            self.listing.table.verticalHeader().defaultSectionSize() * (ROWS_SEEN + 1)
        )
        self.plan = button(_("Plan an action…"), icon="plus", on=self.plan_asked.emit)
        self.turn = button(_("Done"), icon="check", kind="quiet", on=self._turn)
        card = Card(_("Actions"), self.listing, row(self.plan, None, self.turn))
        self.setLayout(column(card))
        self.listing.picked.connect(self._picked)
        self._picked(None)

    def show_actions(self, actions: tuple[Action, ...]) -> None:
        """Show what is planned."""
        self.listing.show_rows(actions)
        self._picked(self.listing.current)

    def _picked(self, one: Action | None) -> None:
        self.turn.setEnabled(one is not None)
        words = _("Open again") if one is not None and one.status == DONE_ACTION else _("Done")
        self.turn.setText(words)
        self.turn.setAccessibleName(words)

    def _turn(self) -> None:
        if (one := self.listing.current) is not None:
            self.turn_asked.emit(one)
