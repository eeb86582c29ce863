"""How an assessment stands: what the form says of itself, what is in the way, and what to do next."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ranger_app.assessments.packs import Outcome
from ranger_app.assessments.sheets import Whole
from ranger_app.assessments.standing import Standing
from ranger_app.assessments.words import gap_word, state_word
from ranger_app.gui.widgets.assessments.signs import SIGNS
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, boxed, column
from ranger_app.gui.widgets.text import fault, heading, muted, plain, say
from ranger_app.i18n import _, ngettext, number

STEPS_SHOWN = 5


class AssessmentOverview(QWidget):
    """Emits `asked` with the code of an indicator to go to."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.name = heading("")
        self.about = muted()
        self.state = fault()
        self.outcome, self.in_the_way = plain(), plain()
        self.counts, self.missing = plain(), muted()
        self.notice = muted()
        self._steps = boxed(column(gap=0))
        self._gates = boxed(column(gap=0))
        self.gates_note = muted()
        self._steps_card = Card(_("What to do next"), self._steps)
        self._gates_card = Card(_("Gate indicators"), self.gates_note, self._gates)
        standing = Card(
            "", self.name, self.about, self.state, self.outcome, self.in_the_way, self.counts, self.missing
        )
        self.setLayout(column(standing, self._steps_card, self._gates_card, self.notice, None, gap=4))

    def show_standing(self, standing: Standing) -> None:
        """Show where the assessment stands; never a score."""
        whole, board, pack = standing.whole, standing.board, standing.whole.pack
        assessment = whole.assessment
        self.name.setText(assessment.title)
        about = _("{form}, round {round}").format(form=pack.title(), round=assessment.round)
        self.about.setText(f"{about} · {pack.id}")
        say(self.state, *_state_words(whole))
        by_outcome = board.outcome is Outcome.ALL_CRITERIA
        say(self.outcome, pack.said("pack", "", "outcome").text if by_outcome else "")
        say(self.in_the_way, _in_the_way(board.in_the_way()) if by_outcome else "")
        counts = [
            f"{pack.of_rating(code)}: {number(count)}" for code, count in standing.ratings().items() if count
        ]
        say(self.counts, " · ".join(counts))
        missing = len(standing.missing)
        words = ngettext(
            "{count} thing would be missing in a packet.",
            "{count} things would be missing in a packet.",
            missing,
        )
        say(self.missing, words.format(count=number(missing)) if missing else "")
        say(self.notice, pack.said("pack", "", "notice").text)
        self._show_steps(standing)
        self._show_gates(standing)

    def _show_steps(self, standing: Standing) -> None:
        _empty(self._steps)
        steps = standing.board.next_steps[:STEPS_SHOWN]
        for step in steps:
            line = button(
                f"{step.text}  ({gap_word(step.kind)})", icon="right", kind="row",
                on=partial(self.asked.emit, step.indicator),
            )  # fmt: skip
            _add(self._steps, line)
        self._steps_card.setVisible(bool(steps) and not standing.whole.is_final)

    def _show_gates(self, standing: Standing) -> None:
        _empty(self._gates)
        pack, gates = standing.whole.pack, standing.board.gates
        say(self.gates_note, "" if pack.rules.gate_certain else pack.said("pack", "", "gate").text)
        for gate in gates:
            code = gate.indicator.code
            words = f"{code}  {pack.of_indicator(code)}: {state_word(gate.state)}"
            sign, role = SIGNS[gate.state]
            line = button(words, icon=sign, role=role, kind="row", on=partial(self.asked.emit, code))
            _add(self._gates, line)
        self._gates_card.setVisible(bool(gates))


def _state_words(whole: Whole) -> tuple[str, str]:
    """Whether it is final or can be, with the tone to say it in."""
    waits = ngettext(
        "{count} field of it was written apart on two laptops and waits to be settled.",
        "{count} fields of it were written apart on two laptops and wait to be settled.",
        whole.unsettled,
    ).format(count=number(whole.unsettled))
    if whole.is_final:
        final = _("Final: its answers and citations stay as they are.")
        return (f"{final} {waits}", "warning") if whole.unsettled else (final, "good")
    return (waits, "warning") if whole.unsettled else (_("A draft: it can be changed."), "")


def _in_the_way(codes: tuple[str, ...]) -> str:
    if not codes:
        return _("By the site's own word, nothing stands in the way.")
    return _("Still in the way: {criteria}").format(criteria=", ".join(codes))


def _empty(box: QWidget) -> None:
    layout = box.layout()
    assert layout is not None
    while (item := layout.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()


def _add(box: QWidget, widget: QWidget) -> None:
    layout = box.layout()
    assert layout is not None
    layout.addWidget(widget)
