"""What was seen: one line an observation, or a bare place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Signal

from ranger_app.domain.ids import Id
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.differences.badge import Waiting, versions_words
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import Card
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.i18n import _, day
from ranger_app.patrols.erasable import erasable
from ranger_app.patrols.reports import Noted, Seen

ROWS_SEEN = 5
WHAT_EMS = 24


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One observation at one place, or a place with none."""

    noted: Noted
    seen: Seen | None

    @property
    def id(self) -> Id:
        return self.seen.observation.id if self.seen else self.noted.waypoint.id

    @property
    def what(self) -> str:
        if self.seen is not None:
            return self.seen.words
        waypoint = self.noted.waypoint
        return waypoint.comment or waypoint.symbol or waypoint.name or _("place")

    @property
    def details(self) -> str:
        waypoint = self.noted.waypoint
        parts = [one.file_name for one in self.noted.files]
        if self.seen is None:
            parts.insert(0, waypoint.name or waypoint.number)
        else:
            said = [f"{one.attribute}: {one.value}" for one in self.seen.said]
            parts = [*said, self.seen.observation.comment, waypoint.comment, *parts]
        return " · ".join(part for part in parts if part)


def lines_of(noted: Sequence[Noted]) -> list[SeenLine]:
    """One line an observation; a place without one has a line of its own."""
    return [SeenLine(one, seen) for one in noted for seen in (one.seen or (None,))]


class PatrolSeen(Card):
    """The list with its buttons. The page does what they ask for."""

    add_asked = Signal()
    more_asked = Signal(object)
    """Something more was seen at the place with this id."""
    map_asked = Signal(object)
    erase_asked = Signal()

    def __init__(self) -> None:
        super().__init__(_("What was seen"))
        self._one_day = False
        self._waiting: Waiting = {}
        self.listing: Listing[SeenLine] = Listing(
            [
                Column[SeenLine](_("When"), self._when, lambda one: one.noted.at_local or datetime.max),
                Column(_("What"), lambda one: one.what, width_ems=WHAT_EMS, tip=lambda one: one.what),
                Column(_("Details"), lambda one: one.details, stretch=True, tip=lambda one: one.details),
                Column(_("To settle"), self._waiting_words, optional=True, tip=self._waiting_words),
            ],
            name=_("What was seen"),
            empty=EmptyState("eye", _("Nothing was noted")),
            key=lambda one: one.id,
        )
        self.add_one = button(_("Add an observation…"), icon="plus", on=self.add_asked.emit)
        self.more = button(_("More at this place…"), kind="quiet", on=self._more)
        self.map = button(_("Show on the map"), kind="quiet", on=self._map)
        self.erase = button(_("Erase for good…"), kind="quiet", on=self.erase_asked.emit)
        height = self.listing.table.verticalHeader().defaultSectionSize()
        self.listing.setMinimumHeight(height * (ROWS_SEEN + 1))
        self.add(self.listing)
        self.add(ButtonRow(self.add_one, None, self.more, self.map))
        self.add(ButtonRow(None, self.erase))
        self.listing.picked.connect(self._picked)
        self._picked(None)

    def show_noted(self, noted: Sequence[Noted]) -> None:
        """Show these places and what was seen at each; the date only where there are several."""
        dates = {one.at_local.date() for one in noted if one.at_local is not None}
        self._one_day = len(dates) < 2
        self.listing.show_rows(lines_of(noted))
        self._picked(self.listing.current)

    def show_waiting(self, waiting: Waiting) -> None:
        """Say of each line what was written apart and waits to be settled."""
        if waiting or self._waiting:
            self._waiting = waiting
            self.listing.show_rows(self.listing.model.rows)

    def _waiting_words(self, one: SeenLine) -> str:
        ids = [one.noted.waypoint.id, *(one.seen.ids if one.seen else ())]
        return " · ".join(versions_words(self._waiting[id_]) for id_ in ids if id_ in self._waiting)

    def choose_place(self, waypoint_id: Id) -> bool:
        """Stand on the first line of a place."""
        for line in self.listing.model.rows:
            if line.noted.waypoint.id == waypoint_id:
                return self.listing.choose(line.id)
        return False

    def _when(self, one: SeenLine) -> str:
        at = one.noted.at_local
        if at is None:
            return ""
        return f"{at:%H:%M}" if self._one_day else f"{day(at.date())} {at:%H:%M}"

    def _picked(self, one: SeenLine | None) -> None:
        self.more.setEnabled(one is not None)
        self.erase.setVisible(one is not None and bool(erasable(one.noted, one.seen)))
        self.map.setEnabled(one is not None and one.noted.waypoint.lon is not None)

    def _more(self) -> None:
        if (one := self.listing.current) is not None:
            self.more_asked.emit(one.noted.waypoint.id)

    def _map(self) -> None:
        if (one := self.listing.current) is not None:
            self.map_asked.emit(one.noted.waypoint.id)
