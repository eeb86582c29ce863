"""The Differences page: what was written apart on two laptops, until somebody says what is to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QScrollArea, QWidget

from ranger_app.domain.errors import NotFound
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import KINDS
from ranger_app.gui.context import Context
from ranger_app.gui.drafts import Typed
from ranger_app.gui.look.theme import ems
from ranger_app.gui.page import Command, Page
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.differences.sheet import DifferenceSheet
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.halves import Halves
from ranger_app.gui.widgets.layout import OneOf, boxed, column, page_column, row
from ranger_app.gui.widgets.listing import Column, Listing
from ranger_app.gui.widgets.text import muted
from ranger_app.i18n import _, ngettext, number
from ranger_app.sync.differences import Outcome, Unsettled, Version
from ranger_app.sync.wording import kind_words

if TYPE_CHECKING:
    from ranger_app.sync.differences import Differences

LIST_SHARE, SHEET_SHARE = 5, 7
LEAST_EMS = 96  # of list and sheet beside one another
FILTER_EMS = 14
NEW_WORDS = "new words"
KEYS = 3  # values that have a key of their own


class DifferencesPage(Page):
    """Settling is a change like any other: it travels, and it can be taken back."""

    page_id = "differences"
    watches = frozenset(cls.NAME for cls in KINDS)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.inbox: Differences = context.ranger.differences
        self.every: list[Unsettled] = []
        self._wanted: Id | None = None
        self._at = 0
        self.back = button(_("Take back the last"), icon="undo", on=self._take_back)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Record, field, value, laptop"))
        self.search.setAccessibleName(_("Find differences"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(ems(FILTER_EMS))
        self.kind, self.trip = QComboBox(), QComboBox()
        for box, name in ((self.kind, _("Kind of record")), (self.trip, _("What it belongs to"))):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(FILTER_EMS)
            box.currentIndexChanged.connect(lambda _at: self._filter())
        self.count = muted()
        self.list = Listing(
            [
                Column[Unsettled](_("Record"), lambda one: one.record, stretch=True, tip=_tip),
                Column(_("What"), lambda one: one.about),
                Column(
                    _("Versions"),
                    lambda one: number(len(one.versions)),
                    lambda one: len(one.versions),
                    numeric=True,
                ),
            ],
            name=_("Differences to settle"),
            empty=EmptyState("filter", _("None fits"), _("Choose another kind, or empty the search.")),
            key=lambda one: one.key,
        )
        self.sheet = DifferenceSheet()
        self.exchange = button(_("Read a bundle…"), icon="receive", on=lambda: self.context.go("exchange"))
        self.nothing = EmptyState(
            "check",
            _("Nothing to settle"),
            _(
                "When two laptops write the same field apart, both values are kept and stand here until "
                "somebody says which is to hold. What does not get in the way of one another is put "
                "together by itself."
            ),
            self.exchange,
        )
        self._lay_out()
        self.first = self.list.table

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.sheet)
        filters = row(self.kind, self.trip)
        left = boxed(column(self.search, filters, self.count, self.list, gap=2))
        self.work = Halves(left, scroll, shares=(LIST_SHARE, SHEET_SHARE), least_ems=LEAST_EMS)
        self.whole = OneOf(self.work, self.nothing)
        page_column(self, self.whole)
        self.search.textChanged.connect(lambda _text: self._filter())
        self.list.picked.connect(self._picked)
        self.list.opened.connect(lambda _one: self._show_record())
        self.sheet.keep_asked.connect(self._keep)
        self.sheet.write_asked.connect(self._write)
        self.sheet.alike_asked.connect(self._settle_alike)
        self.sheet.record_asked.connect(self._show_record)

    # ---- as a page

    def tools(self) -> Sequence[QWidget]:
        return (self.back,)

    def commands(self) -> Mapping[str, Command]:
        keeping = {f"differences.keep_{at + 1}": partial(self.sheet.keep, at) for at in range(KEYS)}
        return keeping | {
            "differences.write": self.sheet.write_new,
            "differences.alike": self.sheet.alike.click,
            "differences.show": self._show_record,
            "differences.find": self.search.setFocus,
        }

    def go_to(self, **where: Any) -> None:
        """Show what waits of one record: `record`."""
        self._wanted = where["record"]
        self._show_wanted()

    def half_written(self) -> Mapping[str, Typed]:
        begun = self.sheet.half_written({one.key for one in self.every})
        return {NEW_WORDS: dict(begun)} if begun else {}

    def undo(self) -> bool:
        self._take_back()
        return True

    def reload(self) -> None:
        self.fetch(lambda work: self.inbox.all(), self._show, key="differences")

    # ---- what is shown

    def _show(self, found: list[Unsettled]) -> None:
        self.every = found
        if begun := self.draft(NEW_WORDS):
            self.sheet.write_again({key: str(words) for key, words in begun.items()})
        self.whole.show_one(self.work if found else self.nothing)
        self.first = self.list.table if found else self.exchange
        kinds = {one.kind: kind_words(one.kind) for one in found}
        trips = {one.trip: one.trip_words for one in found}
        _offer(self.kind, _("All kinds"), kinds)
        _offer(self.trip, _("Everything"), trips)
        self._filter()
        self._show_wanted()

    def _filter(self) -> None:
        kind, trip, words = self.kind.currentData(), self.trip.currentData(), self.search.text().lower()
        rows = [
            one
            for one in self.every
            if (kind is None or one.kind == kind)
            and (trip is None or one.trip == trip)
            and words in _searched(one)
        ]
        self._at = max(0, self.list.table.currentIndex().row())
        self.list.show_rows(rows)
        if rows and self.list.current is None:
            # The one that was settled is gone: go on with the one that has come to its place.
            self.list.choose(rows[min(self._at, len(rows) - 1)].key)
        told = ngettext("{n} difference to settle", "{n} differences to settle", len(rows))
        self.count.setText(told.format(n=number(len(rows))))
        self._picked(self.list.current)

    def _picked(self, one: Unsettled | None) -> None:
        self.sheet.setVisible(one is not None)
        if one is not None:
            self.sheet.show_one(one, self.every)

    def _show_wanted(self) -> None:
        if self._wanted is None or not self.every:
            return
        wanted = [one for one in self.every if self._wanted in (one.id, one.trip)]
        if wanted:
            self.search.clear()
            self.kind.setCurrentIndex(0)
            self.trip.setCurrentIndex(0)
            self.list.choose(wanted[0].key)
            self._wanted = None

    # ---- settling

    def _keep(self, version: Version) -> None:
        if (one := self.sheet.shown) is not None:
            self.do(lambda work: self.inbox.keep(one, version), _("Settling"), self._settled, quiet=True)

    def _write(self, text: str) -> None:
        if (one := self.sheet.shown) is not None:
            self.do(
                lambda work: self.inbox.write(one, one.typed(text)), _("Settling"), self._settled, quiet=True
            )

    def _settled(self, _touched: object) -> None:
        words = _("Settled. The other values stay in the record's history.")
        self.context.messages.say(words, self._take_back)
        self.list.table.setFocus()

    def _settle_alike(self, alike: str, version: Version) -> None:
        if (one := self.sheet.shown) is None:
            return
        among = [other for other in self.every if other.is_like(one, alike=alike)]

        def done(outcome: Outcome) -> None:
            words = ngettext("{n} difference was settled.", "{n} differences were settled.", outcome.settled)
            told = [words.format(n=number(outcome.settled))]
            if outcome.left:
                words = ngettext("{n} is left.", "{n} are left.", outcome.left)
                told.append(words.format(n=number(outcome.left)))
            self.context.messages.say(" ".join(told), self._take_back if outcome.settled else None)

        self.do(
            lambda work: self.inbox.keep_alike(among, replica=version.replica),
            _("Settling several"),
            done,
            quiet=True,
        )

    def _take_back(self) -> None:
        def done(_touched: object) -> None:
            self.context.messages.say(_("What was last settled here waits again."))

        self.do(lambda work: self.inbox.take_back(), _("Taking back"), done, quiet=True)

    def _show_record(self) -> None:
        """Go to where the record is shown."""
        if (one := self.sheet.shown) is None:
            return
        if one.trip_kind == "patrol":
            self.context.go("patrols", patrol_id=one.trip)
        elif one.trip_kind == "waypoint":
            self.context.go("patrols", waypoint_id=one.trip)
        elif one.indicator:
            self.context.go("green_list", indicator=one.indicator)
        elif one.trip_kind == "camera_station":
            self.context.go("photos", station_id=one.trip)
        elif one.kind in ("site", "person"):
            self.context.go("settings")
        else:
            self.error(
                NotFound(
                    _("This record has no page of its own."), _("Settle it here; its values are all shown.")
                )
            )


def _offer(box: QComboBox, all_words: str, choices: Mapping[Any, str]) -> None:
    """Offer what there is, and stay with what was chosen."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    box.addItem(all_words, None)
    for data, words in sorted(choices.items(), key=lambda one: one[1]):
        box.addItem(words, data)
    box.setCurrentIndex(max(0, box.findData(chosen)) if chosen is not None else 0)
    box.blockSignals(False)


def _tip(one: Unsettled) -> str:
    return f"{one.record}\n{one.trip_words}" if one.trip != one.id else one.record


def _searched(one: Unsettled) -> str:
    said = (part for version in one.versions for part in (version.words, version.device, version.by))
    return " ".join((one.record, one.about, one.trip_words, *said)).lower()
