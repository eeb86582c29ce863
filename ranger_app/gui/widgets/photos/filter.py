"""The bar that says which photos are shown and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QComboBox, QWidget

from ranger_app.domain.ids import Id
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.layout import row
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _, ngettext, number
from ranger_app.photos.called import Named
from ranger_app.photos.service import Station
from ranger_app.photos.views import Order, Wanted

LEAST_EMS = 16
NAME_LETTERS = 28


class PhotoFilter(QWidget):
    """Station, what is shown, its name, whether labelled, order; `changed` says that any of it is another."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wished: Id | None = None
        self.station, self.shows, self.called, self.order = (QComboBox() for _box in range(4))
        self.station.setAccessibleName(_("Station"))
        self.station.addItem(_("All stations"), None)
        self.shows.setAccessibleName(_("What the photos show"))
        for words, shows in (
            (_("Everything"), ""),
            (_("Animals"), "animal"),
            (_("People"), "person"),
            (_("Vehicles"), "vehicle"),
            (_("Empty"), "empty"),
            (_("Unknown"), "unknown"),
        ):
            self.shows.addItem(words, shows)
        self.called.setAccessibleName(_("Name of the animal"))
        self.called.setToolTip(
            _("The name that people gave; where they gave none, what this site makes of the model's word.")
        )
        self.called.addItem(_("All names"), "")
        self.called.hide()
        self.order.setAccessibleName(_("Order"))
        self.order.addItem(_("As they were shot"), Order.SHOT)
        self.order.addItem(_("The model's surest first"), Order.SCORE)
        self.order.addItem(_("What would teach most"), Order.TELLING)
        self.unlabelled = QCheckBox(_("Only without a label"))
        self.count = muted()
        self.count.setWordWrap(False)
        for box in (self.station, self.shows, self.called, self.order):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumWidth(ems(LEAST_EMS))
            box.activated.connect(lambda _at: self.changed.emit())
        # Names are long: the list that drops down is wide, the box itself is not.
        self.called.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.called.setMinimumContentsLength(NAME_LETTERS // 2)
        self.unlabelled.clicked.connect(lambda: self.changed.emit())
        self._which, self._how = (
            row(self.station, self.shows, self.called, None),
            row(self.order, self.unlabelled, None),
        )
        self._inside = row(self._which, self._how, self.count)
        self._inside.setStretch(1, 1)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._inside)

    def minimumSizeHint(self) -> QSize:
        parts = (self._which.minimumSize(), self._how.minimumSize(), self.count.sizeHint())
        return QSize(max(part.width() for part in parts), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One line where there is room, else three."""
        needed = self._which.sizeHint().width() + self._how.sizeHint().width() + self.count.sizeHint().width()
        fits = event.size().width() > needed + space(6)
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._inside.direction() != way:
            self._inside.setDirection(way)
        super().resizeEvent(event)

    def wanted(self) -> Wanted:
        """Which photos the person wants to see."""
        return Wanted(
            station_id=self._wished or self.station.currentData(),
            shows=self.shows.currentData(),
            called=self.called.currentData(),
            unlabelled=self.unlabelled.isChecked(),
            order=Order(self.order.currentData()),  # Qt has made text of it
        )

    def show_everything(self) -> None:
        """Filter nothing."""
        for box in (self.station, self.shows, self.called, self.order):
            box.setCurrentIndex(0)
        self.unlabelled.setChecked(False)
        self.changed.emit()

    def show_telling(self) -> None:
        """The photos of all stations that would teach a model most, nothing else filtered."""
        self.station.setCurrentIndex(0)
        self.shows.setCurrentIndex(0)
        self.called.setCurrentIndex(0)
        self.order.setCurrentIndex(self.order.count() - 1)
        self.unlabelled.setChecked(True)
        self.changed.emit()

    def show_station(self, station_id: Id) -> None:
        """Filter for one station, as soon as it is offered."""
        self._wished = station_id
        self.changed.emit()

    def show_stations(self, stations: Sequence[Station]) -> None:
        """Offer these stations; the chosen one stays chosen."""
        chosen, self._wished = self._wished or self.station.currentData(), None
        self.station.clear()
        self.station.addItem(_("All stations"), None)
        for at, station in enumerate(stations, start=1):
            self.station.addItem(_with_count(station.name, station.photos), station.id)
            if station.id == chosen:
                self.station.setCurrentIndex(at)

    def show_names(self, names: Sequence[Named]) -> None:
        """Offer these names; the chosen one stays chosen, also when no photo stands under it any more."""
        chosen = self.called.currentData()
        at = next(
            (place for place, one in enumerate(names, 1) if one.name.casefold() == chosen.casefold()), 0
        )
        self.called.clear()
        self.called.addItem(_("All names"), "")
        for one in names:
            self.called.addItem(_with_count(one.name, one.photos), one.name)
        if chosen and not at:
            at = self.called.count()
            self.called.addItem(_with_count(chosen, 0), chosen)
        self.called.setCurrentIndex(at)
        self.called.view().setMinimumWidth(self.called.view().sizeHintForColumn(0) + space(4))
        self.called.setVisible(self.called.count() > 1)

    def show_count(self, shown: int, total: int) -> None:
        """Say how many photos fit."""
        words = (
            ngettext("{count} photo", "{count} photos", total).format(count=number(total))
            if shown == total
            else _("{shown} of {total} photos").format(shown=number(shown), total=number(total))
        )
        self.count.setText(words)


def _with_count(name: str, photos: int) -> str:
    cut = name if len(name) <= NAME_LETTERS else name[: NAME_LETTERS - 1] + "…"
    return _("{name} ({count})").format(name=cut, count=number(photos))
