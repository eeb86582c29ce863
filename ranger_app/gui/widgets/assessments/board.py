"""The gap board as a tree: how it stands, the gates, then every criterion with its indicators."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from ranger_app.assessments.gaps import CriterionState, GapBoard, IndicatorState, State
from ranger_app.assessments.packs import FormPack
from ranger_app.assessments.words import state_word
from ranger_app.gui.look.icons import icon
from ranger_app.gui.look.theme import Type, ems, font, space
from ranger_app.gui.widgets.assessments.signs import state_icon
from ranger_app.i18n import _

OVERVIEW = ""
"""What is chosen while no indicator is."""
GATE_MARK = "◆"
WIDTH_EMS = 44
_CODE, _PLACE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class AssessmentBoard(QTreeWidget):
    """Emits `chosen` with the code of an indicator, or `OVERVIEW`."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Criteria and indicators"))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(True)
        self.setIndentation(space(4))
        self.setIconSize(QSize(space(4), space(4)))
        self.setUniformRowHeights(True)
        self.setMinimumWidth(ems(WIDTH_EMS / 2))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._items: dict[str, QTreeWidgetItem] = {}
        """The place of each indicator in its criterion, and of each other line, by its key."""
        self._wanted = OVERVIEW
        self.currentItemChanged.connect(self._changed)

    def sizeHint(self) -> QSize:
        return QSize(ems(WIDTH_EMS), super().sizeHint().height())

    @property
    def code(self) -> str:
        """The indicator that the person stands on, or `OVERVIEW`."""
        item = self.currentItem()
        return str(item.data(0, _CODE) or OVERVIEW) if item is not None else OVERVIEW

    def show_board(self, board: GapBoard, pack: FormPack) -> None:
        """Show this board; what is open and chosen stays so."""
        if not self._items:
            self._build(board, pack)
        for gate in board.gates:
            words = f"{gate.indicator.code}  {pack.of_indicator(gate.indicator.code)}"
            self._tell(f"gate {gate.indicator.code}", gate.state, words)
        for criterion in board.criteria:
            words = f"{criterion.code}  {pack.of_criterion(criterion.code)}"
            self._tell(criterion.code, criterion.state, words)
            for one in criterion.indicators:
                self._tell(one.indicator.code, one.state, _indicator_words(pack, one))

    def clear_board(self) -> None:
        """Forget the form that is shown, because another one comes."""
        self.clear()
        self._items.clear()

    def choose(self, code: str) -> None:
        """Stand on an indicator, or on the overview."""
        if not self._items:
            self._wanted = code  # it is stood on once the board is there
        item = self._items.get(code or "overview")
        if item is not None:
            parent = item.parent()
            if parent is not None:
                parent.setExpanded(True)
            self.setCurrentItem(item)
            self.scrollToItem(item)

    def step(self, by: int) -> None:
        """Go to the next indicator (1) or the one before (-1), in the order of the form."""
        codes = [key for key, item in self._items.items() if item.data(0, _CODE) == key]
        if not codes:
            return
        at = codes.index(self.code) + by if self.code in codes else 0
        if 0 <= at < len(codes):
            self.choose(codes[at])

    # ---- inside

    def _build(self, board: GapBoard, pack: FormPack) -> None:
        self._line(None, "overview", OVERVIEW).setIcon(0, icon("chart", "text"))
        self._items["overview"].setText(0, _("How it stands"))
        if board.gates:
            gates = self._heading(_("Gate indicators"))
            for gate in board.gates:
                self._line(gates, f"gate {gate.indicator.code}", gate.indicator.code)
        for group in pack.groups:
            heading = self._heading(f"{group.code}  {pack.of_group(group.code)}")
            self._criteria(heading, [one for one in board.criteria if one.group == group.code])
        self.choose(self._wanted)
        self._wanted = OVERVIEW

    def _criteria(self, heading: QTreeWidgetItem, criteria: Sequence[CriterionState]) -> None:
        for criterion in criteria:
            line = self._line(heading, criterion.code, "")
            for one in criterion.indicators:
                self._line(line, one.indicator.code, one.indicator.code)

    def _heading(self, words: str) -> QTreeWidgetItem:
        made = QTreeWidgetItem(self, [words])
        made.setFont(0, font(Type.BODY, bold=True))
        made.setFlags(Qt.ItemFlag.ItemIsEnabled)
        made.setExpanded(True)
        return made

    def _line(self, parent: QTreeWidgetItem | None, key: str, code: str) -> QTreeWidgetItem:
        made = QTreeWidgetItem(self) if parent is None else QTreeWidgetItem(parent)
        made.setData(0, _CODE, code)
        made.setData(0, _PLACE, key)
        self._items[key] = made
        return made

    def _tell(self, key: str, state: State, words: str) -> None:
        item = self._items[key]
        said = _("{what}: {state}").format(what=words.replace(GATE_MARK, _("gate,")), state=state_word(state))
        item.setText(0, words)
        item.setIcon(0, state_icon(state))
        item.setToolTip(0, said)
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)

    def _changed(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        code = item.data(0, _CODE)
        if code == "" and item.data(0, _PLACE) != "overview":
            item.setExpanded(True)  # a criterion: its indicators are what can be answered
        else:
            self.chosen.emit(str(code))


def _indicator_words(pack: FormPack, one: IndicatorState) -> str:
    code, title = one.indicator.code, pack.of_indicator(one.indicator.code)
    return f"{code} {GATE_MARK} {title}" if one.indicator.gate else f"{code}  {title}"
