"""The list of patrols under the bar that says which of them are shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ranger_app.domain.ids import Id
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import column
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.patrols.filter import PatrolFilter
from ranger_app.gui.widgets.patrols.words import days, hours
from ranger_app.i18n import _, distance_km, number
from ranger_app.patrols.tables import PatrolRow


class PatrolList(QWidget):
    """Sorted by a click on its head, narrowed by the bar; `picked` says which patrol is stood on."""

    picked = Signal(object)
    opened = Signal(object)
    changed = Signal()
    """Other things are listed now."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[PatrolRow] = []
        self._places = 0
        self.filter = PatrolFilter()
        self.listing = Listing(
            [
                Column[PatrolRow](
                    _("Date"),
                    lambda one: days(one.starts_on, None),
                    lambda one: one.starts_on,
                    tip=lambda one: days(one.starts_on, one.ends_on),
                ),
                Column(_("Patrol"), _name, stretch=True, tip=lambda one: one.number),
                Column(
                    _("Distance"),
                    lambda one: distance_km(one.distance_m),
                    lambda one: one.distance_m,
                    numeric=True,
                ),
                Column(_("Hours"), lambda one: hours(one.field_s), lambda one: one.field_s, numeric=True),
                Column(_("Seen"), lambda one: number(_seen(one)), _seen, numeric=True),
                Column(_("Days"), lambda one: number(one.days), lambda one: one.days, numeric=True),
                Column(_("Team"), lambda one: one.team, optional=True),
            ],
            name=_("Patrols"),
            empty=EmptyState(
                "search", _("No patrol fits"), _("Search for something else, or for all kinds.")
            ),
            key=lambda one: one.id,
        )
        self.setLayout(column(self.filter, self.listing, gap=2))
        self.filter.changed.connect(self._list)
        self.listing.picked.connect(self.picked.emit)
        self.listing.opened.connect(self.opened.emit)

    @property
    def current(self) -> PatrolRow | None:
        return self.listing.current

    def show_patrols(self, rows: Sequence[PatrolRow], places: int) -> None:
        """Show these patrols; `places` belong to none."""
        self._rows, self._places = list(rows), places
        self._list()

    def choose(self, patrol_id: Id) -> bool:
        """Stand on a patrol, whatever is searched for; False when there is none."""
        if self.listing.choose(patrol_id):
            return True
        self.filter.show_kind("")
        return self.listing.choose(patrol_id)

    def choose_first(self) -> None:
        """Stand on the first patrol that is listed, the newest, unless the person stands on one."""
        shown = self.listing.model.rows
        if self.listing.current is None and shown:
            self.listing.choose(shown[0].id)

    def _list(self) -> None:
        if self.filter.shows_incidents:
            self.listing.show_rows([])
            self.filter.show_count(self._places, len(self._rows))
        else:
            shown = [one for one in self._rows if self.filter.fits(one)]
            self.listing.show_rows(shown)
            self.filter.show_count(len(shown), len(self._rows))
        self.changed.emit()


def _name(one: PatrolRow) -> str:
    return one.title or one.number


def _seen(one: PatrolRow) -> int:
    """What the list calls seen: observations, or the places of a receiver that knows none."""
    return one.observations or one.waypoints
