"""The bar that says which patrols are listed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app.domain.patrols import PATROL_TYPES
from ranger_app.gui.look.theme import ems
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.patrols.words import type_words
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _, ngettext, number
from ranger_app.patrols.tables import PatrolRow

INCIDENTS = "incidents"
LEAST_EMS = 14


class PatrolFilter(QWidget):
    """A search and a kind; `changed` says that either is another now."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Number, title, team, station"))
        self.search.setAccessibleName(_("Find patrols"))
        self.search.setClearButtonEnabled(True)
        self.kind = QComboBox()
        self.kind.setAccessibleName(_("What is listed"))
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(LEAST_EMS)
        self.kind.addItem(_("All patrols"), "")
        for one in PATROL_TYPES:
            self.kind.addItem(type_words(one), one)
        self.kind.addItem(_("Without a patrol"), INCIDENTS)
        self.search.setMinimumWidth(ems(LEAST_EMS))
        self.count = muted()
        inside = row(self.search, self.kind)
        inside.setStretch(0, 1)
        self.setLayout(column(inside, self.count, gap=1))
        self.search.textChanged.connect(lambda _text: self.changed.emit())
        self.kind.currentIndexChanged.connect(lambda _at: self.changed.emit())

    @property
    def shows_incidents(self) -> bool:
        return bool(self.kind.currentData() == INCIDENTS)

    def show_kind(self, kind: str) -> None:
        """List another kind, with an empty search."""
        self.search.clear()
        self.kind.setCurrentIndex(max(self.kind.findData(kind), 0))

    def fits(self, one: PatrolRow) -> bool:
        kind = self.kind.currentData()
        return (not kind or one.patrol_type == kind) and one.has(self.search.text())

    def show_count(self, shown: int, total: int) -> None:
        """Say how many fit."""
        if self.shows_incidents:
            words = ngettext("{count} place", "{count} places", shown).format(count=number(shown))
        elif shown == total:
            words = ngettext("{count} patrol", "{count} patrols", total).format(count=number(total))
        else:
            words = _("{shown} of {total} patrols").format(shown=number(shown), total=number(total))
        self.count.setText(words)
