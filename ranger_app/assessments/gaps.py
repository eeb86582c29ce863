"""The gap board: each criterion with its state, each gap with its kind, what to do next; never a score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ranger_app.assessments.answers import GAP_TYPES
from ranger_app.assessments.packs import FormPack, Indicator, Outcome, Stands
from ranger_app.assessments.sheets import Sheet, Whole
from ranger_app.domain.assessments import Action, Evidence
from ranger_app.i18n import _


class GapKind(StrEnum):
    """What kind of thing is lacking, because each is mended in another way."""

    NOT_ANSWERED = "not_answered"
    NO_DOCUMENT = "no_document"
    OLD = "old"
    NO_DATA = "no_data"
    DECISION_NEEDED = "decision_needed"


class State(StrEnum):
    """Where an indicator or a criterion stands, by the site's own word and what it can show."""

    NOT_STARTED = "not_started"
    UNFINISHED = "unfinished"
    """Some of its indicators are not answered yet."""
    NOT_MET = "not_met"
    PARTLY = "partly"
    CLAIMED = "claimed"
    """Said to be met, but not shown yet."""
    MET = "met"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that is lacking for one indicator."""

    indicator: str
    kind: GapKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorState:
    """One indicator on the board."""

    indicator: Indicator
    state: State
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionState:
    """One criterion on the board; its state is that of its weakest indicator, never a mean."""

    code: str
    group: str
    state: State
    indicators: tuple[IndicatorState, ...]

    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for one in self.indicators for gap in one.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something that a person can do now. `kind` is a GapKind, or "overdue" for an action past its day."""

    indicator: str
    kind: str
    text: str
    gate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GapBoard:
    """All criteria, the gates on top, and the steps in the order in which they help most."""

    gates: tuple[IndicatorState, ...]
    criteria: tuple[CriterionState, ...]
    next_steps: tuple[NextStep, ...]
    outcome: Outcome

    def in_the_way(self) -> tuple[str, ...]:
        """The criteria that keep the form from being fulfilled; none may be made up for by another."""
        if self.outcome is Outcome.NONE:
            return ()
        fine = (State.MET, State.NOT_APPLICABLE)
        return tuple(one.code for one in self.criteria if one.state not in fine)

    def gate_open(self) -> bool:
        """Whether every gate indicator is met, so that a site may ask to become a candidate."""
        return all(one.state is State.MET for one in self.gates)

    def indicator(self, code: str) -> IndicatorState | None:
        return next(
            (one for each in self.criteria for one in each.indicators if one.indicator.code == code), None
        )

    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for one in self.criteria for gap in one.gaps())


def gap_board(whole: Whole, *, today: date) -> GapBoard:
    """The board of an assessment as it stands on `today`, which decides what is old and what overdue."""
    states = {sheet.code: _indicator_state(whole.pack, sheet, today) for sheet in whole.sheets}
    criteria = []
    for criterion in whole.pack.criteria():
        members = tuple(states[one.code] for one in criterion.indicators)
        criteria.append(
            CriterionState(
                code=criterion.code,
                group=criterion.group,
                state=weakest(one.state for one in members),
                indicators=members,
            )
        )
    return GapBoard(
        gates=tuple(one for one in states.values() if one.indicator.gate),
        criteria=tuple(criteria),
        next_steps=tuple(_next_steps(whole, states, today)),
        outcome=whole.pack.rules.outcome,
    )


def weakest(states: Iterable[State]) -> State:
    """The state of a criterion from those of its indicators.

    What does not apply is left aside; one indicator that is not met is enough; nothing is averaged.
    """
    counted = [one for one in states if one is not State.NOT_APPLICABLE]
    if not counted:
        return State.NOT_APPLICABLE
    if all(one is State.NOT_STARTED for one in counted):
        return State.NOT_STARTED
    for state in (State.NOT_MET, State.PARTLY):
        if state in counted:
            return state
    if State.NOT_STARTED in counted or State.UNFINISHED in counted:
        return State.UNFINISHED
    return State.CLAIMED if State.CLAIMED in counted else State.MET


# ---- one indicator


def gaps_of(pack: FormPack, sheet: Sheet, *, today: date) -> tuple[Gap, ...]:
    """What is lacking for one indicator, the thing to mend first at the top."""
    answer, stands = sheet.answer, pack.stands(sheet.answer.rating)
    found: dict[GapKind, str] = {}
    if "rating" in sheet.unsettled:
        found[GapKind.DECISION_NEEDED] = _("The rating was given apart on two laptops: settle which holds.")
    elif stands is Stands.OPEN:
        found[GapKind.NOT_ANSWERED] = _("Not assessed yet.")
    if answer.gap_type in GAP_TYPES:
        kind = GapKind(answer.gap_type)
        found[kind] = answer.gap or gap_words(kind)
    if stands is Stands.NOT_APPLICABLE:
        if not answer.not_applicable_reason.strip():
            found[GapKind.DECISION_NEEDED] = _("Say why it does not apply.")
        elif not sheet.indicator.optional:
            found[GapKind.DECISION_NEEDED] = _("The assessor has to agree that it does not apply.")
    elif stands is not Stands.OPEN:
        if not sheet.cited:
            kind = GapKind.NO_DATA if sheet.indicator.wants_figures else GapKind.NO_DOCUMENT
            found.setdefault(kind, gap_words(kind))
        elif all(is_old(one.evidence, sheet.indicator, today=today) for one in sheet.cited):
            told = _("All evidence is older than {years} years.")
            found.setdefault(GapKind.OLD, told.format(years=sheet.indicator.max_age_years))
        if stands is not Stands.MET and not answer.gap_type and not sheet.open_actions():
            found.setdefault(GapKind.DECISION_NEEDED, _("Decide what is to be done, by whom and until when."))
    return tuple(Gap(indicator=sheet.code, kind=kind, text=text) for kind, text in found.items())


def is_old(evidence: Evidence, indicator: Indicator, *, today: date) -> bool:
    """Whether this evidence is older than its indicator allows; without a date nobody can tell."""
    if not indicator.max_age_years or evidence.dated_on is None:
        return False
    return evidence.dated_on < years_before(today, indicator.max_age_years)


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes the 28th."""
    year = max(day.year - years, date.min.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def gap_words(kind: GapKind) -> str:
    """What a gap of this kind means, as a sentence."""
    return {
        GapKind.NOT_ANSWERED: _("Not assessed yet."),
        GapKind.NO_DOCUMENT: _("No document shows it."),
        GapKind.OLD: _("The evidence is too old."),
        GapKind.NO_DATA: _("No data show it."),
        GapKind.DECISION_NEEDED: _("This gap needs a decision, not a document."),
    }[kind]


def _indicator_state(pack: FormPack, sheet: Sheet, today: date) -> IndicatorState:
    gaps = gaps_of(pack, sheet, today=today)
    state = {
        Stands.OPEN: State.NOT_STARTED,
        Stands.NOT_MET: State.NOT_MET,
        Stands.PARTLY: State.PARTLY,
        Stands.MET: State.CLAIMED if gaps else State.MET,
        Stands.NOT_APPLICABLE: State.CLAIMED if gaps else State.NOT_APPLICABLE,
    }[pack.stands(sheet.answer.rating)]
    return IndicatorState(indicator=sheet.indicator, state=state, gaps=gaps)


# ---- what to do next


OVERDUE = "overdue"
_QUICKEST_FIRST = (
    OVERDUE,
    GapKind.NO_DOCUMENT,
    GapKind.NO_DATA,
    GapKind.OLD,
    GapKind.DECISION_NEEDED,
    GapKind.NOT_ANSWERED,
)


def is_overdue(action: Action, *, today: date) -> bool:
    return action.due_on is not None and action.due_on < today


def _next_steps(whole: Whole, states: dict[str, IndicatorState], today: date) -> list[NextStep]:
    """One step for each indicator that lacks something: gates first, then what is quickest to mend."""
    steps = []
    for sheet in whole.sheets:
        late = [one for one in sheet.open_actions() if is_overdue(one, today=today)]
        gaps = states[sheet.code].gaps
        if late:
            kind, text = OVERDUE, _("Overdue: {what}").format(what=late[0].what)
        elif gaps:
            kind, text = gaps[0].kind.value, _step_words(whole.pack, sheet, gaps[0])
        else:
            continue
        steps.append(NextStep(indicator=sheet.code, kind=kind, text=text, gate=sheet.indicator.gate))
    rank = {kind: place for place, kind in enumerate(_QUICKEST_FIRST)}
    return sorted(steps, key=lambda step: (not step.gate, rank[step.kind]))


def _step_words(pack: FormPack, sheet: Sheet, gap: Gap) -> str:
    words = {
        GapKind.NOT_ANSWERED: _("Answer {code}: {title}."),
        GapKind.NO_DOCUMENT: _("Add a document for {code}: {title}."),
        GapKind.OLD: _("Find newer evidence for {code}: {title}."),
        GapKind.NO_DATA: _("Freeze a figure or add data for {code}: {title}."),
        GapKind.DECISION_NEEDED: _("Take a decision on {code}: {title}."),
    }[gap.kind]
    return words.format(code=sheet.code, title=pack.of_indicator(sheet.code))
