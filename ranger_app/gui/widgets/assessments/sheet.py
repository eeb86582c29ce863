"""One indicator on the screen: what it asks, its rating, narrative, evidence, gap and actions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QPushButton, QWidget

from ranger_app.assessments.answers import CONFIDENCES, GAP_TYPES, word_count
from ranger_app.assessments.gaps import IndicatorState
from ranger_app.assessments.packs import FormPack, Stands
from ranger_app.assessments.sheets import Sheet
from ranger_app.assessments.words import basis_word, confidence_word, gap_word, state_word
from ranger_app.domain.ids import Id
from ranger_app.gui.widgets.assessments.actions import ActionList
from ranger_app.gui.widgets.assessments.evidence import EvidenceList
from ranger_app.gui.widgets.assessments.signs import SIGNS, TONES
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.differences.badge import DifferenceBadge
from ranger_app.gui.widgets.flow import Flow
from ranger_app.gui.widgets.kept_text import KeptText
from ranger_app.gui.widgets.layout import Card, Form, boxed, column, row
from ranger_app.gui.widgets.sign import Sign
from ranger_app.gui.widgets.text import field_label, heading, muted, plain, say, small
from ranger_app.i18n import _, ngettext, number

BUTTON_EMS = 17
COMBO_CHARS = 12


class AssessmentSheet(QWidget):
    """Emits `answered` with the code of the indicator, the field and its value, as soon as it is said."""

    answered = Signal(str, str, str)

    def __init__(self) -> None:
        super().__init__()
        self.code = ""
        self._answer_id: Id | None = None
        self._pack: FormPack | None = None
        self._sign = Sign("state_open", "muted", steps=6)
        self.title, self.state = heading(""), muted()
        self.asks, self.wording = plain(), small()
        self.ratings = QButtonGroup(self)
        self.ratings.setExclusive(True)
        self.rating_row = boxed(column())
        self.reason = KeptText(name=_("Why it does not apply"), lines=2)
        self._reason_part = boxed(
            column(field_label(_("Why it does not apply"), self.reason), self.reason, gap=1)
        )
        self.narrative = KeptText(name=_("How the site meets it"), lines=7)
        self.words = muted()
        self.gap_type, self.confidence = QComboBox(), QComboBox()
        self.gap = KeptText(name=_("What is lacking"), lines=2)
        self.lacking = plain()
        self.badges = (
            DifferenceBadge("rating", "deleted"),
            DifferenceBadge("narrative", "not_applicable_reason"),
            DifferenceBadge("gap", "gap_type", "confidence"),
        )
        self.evidence = EvidenceList()
        self.action_list = ActionList()
        self._lay_out()
        self._connect()

    # ---- what is shown

    def show_sheet(self, sheet: Sheet, standing: IndicatorState, pack: FormPack) -> None:
        """Show this indicator. What the person is typing in the same one stays as it is."""
        afresh = sheet.answer.id != self._answer_id
        if pack is not self._pack:
            self._pack = pack
            self._build_ratings(pack)
        if afresh:
            self.put_away()
            self.code, self._answer_id = sheet.code, sheet.answer.id
        answer = sheet.answer
        gate = _(" (gate)") if sheet.indicator.gate else ""
        self.title.setText(f"{sheet.code}  {pack.of_indicator(sheet.code)}{gate}")
        name, role = SIGNS[standing.state]
        self._sign.show_icon(name, role)
        say(self.state, state_word(standing.state), TONES.get(standing.state, ""))
        self.asks.setText(pack.said("indicator", sheet.code, "asks").text)
        self._show_wording(sheet, pack)
        self._show_rating(answer.rating, pack)
        self.reason.show_text(answer.not_applicable_reason, afresh=afresh)
        self.narrative.show_text(answer.narrative, afresh=afresh)
        self.gap.show_text(answer.gap, afresh=afresh)
        _choose(self.gap_type, answer.gap_type)
        _choose(self.confidence, answer.confidence)
        lacking = [f"{gap_word(gap.kind)}: {gap.text}" for gap in standing.gaps]
        say(self.lacking, "\n".join(lacking), "warning" if lacking else "")
        self.evidence.show_cited(sheet.cited, pack.listed("indicator", sheet.code, "evidence"))
        self.action_list.show_actions(sheet.actions)
        self._count_words()

    def show_unkept(self, words: Mapping[str, str]) -> None:
        """Put back what was said before and could not be kept, by field; what is being typed stays."""
        for name, text in self._texts().items():
            if name in words and not text.is_unkept:
                text.setPlainText(words[name])

    def put_away(self) -> None:
        """Ask for everything that has not been kept to be kept, for the indicator that is shown still."""
        for text in self._texts().values():
            text.ask()

    def unkept(self) -> dict[str, str]:
        """What has been typed and not kept yet, by field."""
        return {name: text.toPlainText() for name, text in self._texts().items() if text.is_unkept}

    def kept(self, code: str, field: str, value: str) -> None:
        """A field has been kept."""
        if code == self.code and field in self._texts():
            self._texts()[field].kept(value)

    def rate(self, stands: Stands) -> None:
        """Give the first rating of the form that stands for this."""
        if self._pack is not None and self.code:
            found = next((one for one in self._pack.ratings if one.stands is stands), None)
            if found is not None:
                self._rated(found.code)

    # ---- inside

    def _texts(self) -> dict[str, KeptText]:
        return {"narrative": self.narrative, "gap": self.gap, "not_applicable_reason": self.reason}

    def _lay_out(self) -> None:
        head = row(self._sign, column(self.title, self.state, gap=0), gap=3)
        head.setStretch(1, 1)
        for code, words in (
            ("", _("Nothing is lacking, or not said")),
            *((one, gap_word(one)) for one in GAP_TYPES),
        ):
            self.gap_type.addItem(words, code)
        for code, words in (("", _("Not said")), *((one, confidence_word(one)) for one in CONFIDENCES)):
            self.confidence.addItem(words, code)
        for box in (self.gap_type, self.confidence):  # else the longest choice sets the page's width
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(COMBO_CHARS)
        gap = Form()
        gap.field(_("Kind of gap"), self.gap_type)
        gap.field(_("What is lacking"), self.gap)
        sure = Form()
        sure.field(_("How sure you are"), self.confidence)
        of_rating, of_narrative, of_gap = self.badges
        self.setLayout(
            column(
                head,
                self.asks,
                self.wording,
                Card(
                    "",
                    field_label(_("Rating"), self.rating_row),
                    self.rating_row,
                    of_rating,
                    self._reason_part,
                    field_label(_("How the site meets it"), self.narrative),
                    of_narrative,
                    self.narrative,
                    self.words,
                ),
                self.evidence,
                Card(_("Gap"), self.lacking, of_gap, gap, sure),
                self.action_list,
                None,
                gap=3,
            )
        )

    def _connect(self) -> None:
        for name, text in self._texts().items():
            text.keep.connect(partial(self._say, name))
        self.narrative.textChanged.connect(self._count_words)
        self.gap_type.activated.connect(lambda _at: self._say("gap_type", self.gap_type.currentData()))
        self.confidence.activated.connect(lambda _at: self._say("confidence", self.confidence.currentData()))

    def _say(self, field: str, value: str) -> None:
        if self.code:
            self.answered.emit(self.code, field, value)

    def _build_ratings(self, pack: FormPack) -> None:
        for old in self.ratings.buttons():
            self.ratings.removeButton(old)
        layout = self.rating_row.layout()
        assert layout is not None
        while (item := layout.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        layout.addWidget(Flow(*(self._rating_button(pack, one.code, one.key) for one in pack.ratings)))
        self._order_keys()

    def _order_keys(self) -> None:
        """The ratings are made after the fields below them, and Tab would come to them last."""
        ratings: list[QWidget] = list(self.ratings.buttons())
        below: list[QWidget] = []
        one = self.reason.nextInFocusChain()
        while one is not None and one is not self.reason:
            if self.isAncestorOf(one) and one not in ratings and one.focusPolicy() & Qt.FocusPolicy.TabFocus:
                below.append(one)
            one = one.nextInFocusChain()
        for before, after in pairwise([*ratings, self.reason, *below]):
            QWidget.setTabOrder(before, after)

    def _rating_button(self, pack: FormPack, code: str, key: str) -> QPushButton:
        words = pack.of_rating(code)
        shown = _("{rating}  ({key})").format(rating=words, key=key) if key else words
        made = button(shown, on=partial(self._rated, code))
        made.setAccessibleName(words)
        made.setCheckable(True)
        made.setProperty("rating", code)
        self.ratings.addButton(made)
        return made

    def _rated(self, code: str) -> None:
        if self._pack is not None:
            self._show_rating(code, self._pack)
        self._say("rating", code)

    def _show_rating(self, rating: str, pack: FormPack) -> None:
        for one in self.ratings.buttons():
            one.setChecked(one.property("rating") == rating)
        self._reason_part.setVisible(pack.stands(rating) is Stands.NOT_APPLICABLE)

    def _show_wording(self, sheet: Sheet, pack: FormPack) -> None:
        if sheet.indicator.verified:
            say(self.wording, pack.said("pack", "", "verified").text)
            return
        unverified = pack.said("pack", "", "unverified").text
        say(self.wording, f"{unverified} ({basis_word(sheet.indicator.basis)})", "warning")

    def _count_words(self) -> None:
        count = word_count(self.narrative.toPlainText())
        told = ngettext("{count} word", "{count} words", count).format(count=number(count))
        low, high = self._pack.rules.narrative_words if self._pack is not None else (0, 0)
        if high:
            told += _("; {low} to {high} is usual").format(low=number(low), high=number(high))
        say(self.words, told)


def _choose(box: QComboBox, code: str) -> None:
    box.setCurrentIndex(max(box.findData(code), 0))
