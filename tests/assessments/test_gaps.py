"""The gap board: states without averages, gaps by kind, gates first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.assessments.answers import blank_answer
from ranger_app.assessments.gaps import GapKind, State, gap_board, weakest, years_before
from ranger_app.assessments.pack_file import find_form_packs
from ranger_app.assessments.sheets import Cited, Sheet, Whole
from ranger_app.domain.assessments import Action, Assessment, Evidence, EvidenceLink
from ranger_app.domain.ids import new_id

TODAY = date(2026, 11, 20)
SITE = new_id()
ASSESSMENT = Assessment(site_id=SITE, pack_id="gl:1.1")
PACK = find_form_packs().need("gl:1.1")


def a_sheet(
    code: str, *, dated_on: date | None = date(2026, 1, 1), evidence: int = 1, **answered: str
) -> Sheet:
    indicator = PACK.indicator(code)
    assert indicator is not None
    answer = replace(blank_answer(ASSESSMENT, code), narrative="As the plan says.", **answered)  # type: ignore[arg-type]
    pieces = [Evidence(site_id=SITE, title=f"Demo plan {n}", dated_on=dated_on) for n in range(evidence)]
    cited = tuple(
        Cited(link=EvidenceLink(site_id=SITE, answer_id=answer.id, evidence_id=one.id), evidence=one)
        for one in pieces
    )
    return Sheet(indicator=indicator, answer=answer, cited=cited)


def a_whole(*said: Sheet) -> Whole:
    by_code = {one.code: one for one in said}
    sheets = tuple(
        by_code.get(one.code) or Sheet(indicator=one, answer=blank_answer(ASSESSMENT, one.code))
        for one in PACK.indicators()
    )
    return Whole(assessment=ASSESSMENT, pack=PACK, sheets=sheets)


def all_met() -> list[Sheet]:
    return [a_sheet(one.code, rating="met") for one in PACK.indicators()]


def kinds(code: str, *said: Sheet) -> list[GapKind]:
    state = gap_board(a_whole(*said), today=TODAY).indicator(code)
    assert state is not None
    return [gap.kind for gap in state.gaps]


def test_a_site_stands_only_when_all_17_criteria_are_met() -> None:
    board = gap_board(a_whole(*all_met()), today=TODAY)
    assert board.in_the_way() == ()
    assert {one.state for one in board.criteria} == {State.MET}


def test_one_indicator_that_is_not_met_is_never_made_up_for_by_49_that_are() -> None:
    sheets = [one for one in all_met() if one.code != "3.5.3"] + [a_sheet("3.5.3", rating="not_met")]
    board = gap_board(a_whole(*sheets), today=TODAY)
    assert board.in_the_way() == ("3.5",)


def test_a_fresh_assessment_lists_17_criteria_and_starts_with_the_gates() -> None:
    board = gap_board(a_whole(), today=TODAY)
    assert len(board.criteria) == 17
    assert len(board.in_the_way()) == 17
    assert [one.indicator.code for one in board.gates] == ["1.1.1", "2.1.1", "2.1.2", "2.1.4", "3.1.1"]
    assert [step.indicator for step in board.next_steps[:3]] == ["1.1.1", "2.1.1", "2.1.2"]
    assert not board.gate_open()
    assert all(gap.kind is GapKind.NOT_ANSWERED for gap in board.gaps())


def test_met_without_evidence_is_only_claimed() -> None:
    board = gap_board(a_whole(a_sheet("1.1.2", rating="met", evidence=0)), today=TODAY)
    state = board.indicator("1.1.2")
    assert state is not None
    assert state.state is State.CLAIMED
    assert [gap.kind for gap in state.gaps] == [GapKind.NO_DOCUMENT]


def test_where_figures_are_wanted_the_gap_is_no_data() -> None:
    assert kinds("4.1.1", a_sheet("4.1.1", rating="met", evidence=0)) == [GapKind.NO_DATA]


def test_evidence_older_than_the_form_allows_is_an_old_gap() -> None:
    assert kinds("1.1.2", a_sheet("1.1.2", rating="met", dated_on=date(2021, 11, 19))) == [GapKind.OLD]
    assert kinds("1.1.2", a_sheet("1.1.2", rating="met", dated_on=date(2021, 11, 20))) == []


def test_a_founding_act_does_not_age() -> None:
    assert kinds("1.1.1", a_sheet("1.1.1", rating="met", dated_on=date(1925, 4, 21))) == []


def test_partly_met_without_a_plan_needs_a_decision() -> None:
    sheet = a_sheet("2.3.1", rating="partly")
    assert kinds("2.3.1", sheet) == [GapKind.DECISION_NEEDED]
    planned = Action(site_id=SITE, assessment_id=ASSESSMENT.id, indicator="2.3.1", what="Map the threats")
    assert (
        kinds(
            "2.3.1",
            Sheet(indicator=sheet.indicator, answer=sheet.answer, cited=sheet.cited, actions=(planned,)),
        )
        == []
    )


def test_the_persons_own_word_on_the_gap_comes_first() -> None:
    sheet = a_sheet("3.7.1", rating="not_met", gap_type="no_data", gap="No counts since the flood.")
    board = gap_board(a_whole(sheet), today=TODAY)
    state = board.indicator("3.7.1")
    assert state is not None
    assert (state.gaps[0].kind, state.gaps[0].text) == (GapKind.NO_DATA, "No counts since the flood.")


@pytest.mark.parametrize("strange", ["", "typo", "no_document; drop"])
def test_a_gap_type_or_rating_of_a_newer_program_does_not_stop_the_board(strange: str) -> None:
    gap_board(a_whole(a_sheet("1.1.1", rating="met", gap_type=strange)), today=TODAY)
    assert kinds("1.1.1", a_sheet("1.1.1", rating=strange or "?")) == [GapKind.NOT_ANSWERED]


def test_what_does_not_apply_needs_a_reason_and_is_then_left_aside() -> None:
    without = a_sheet("4.3.1", rating="not_applicable")
    assert kinds("4.3.1", without) == [GapKind.DECISION_NEEDED]
    cultural = [
        a_sheet(code, rating="not_applicable", not_applicable_reason="No custodians claim any.")
        for code in ("4.3.1", "4.3.2")
    ]
    board = gap_board(
        a_whole(*[one for one in all_met() if not one.code.startswith("4.3")], *cultural), today=TODAY
    )
    assert board.in_the_way() == ()
    assert board.criteria[-1].state is State.NOT_APPLICABLE


def test_a_criterion_that_always_applies_cannot_be_reasoned_away_alone() -> None:
    away = a_sheet("4.1.1", rating="not_applicable", not_applicable_reason="We have no data.")
    assert kinds("4.1.1", away) == [GapKind.DECISION_NEEDED]


def test_an_overdue_action_comes_before_other_steps_but_after_the_gates() -> None:
    sheet = a_sheet("3.6.3", rating="partly")
    late = Action(
        site_id=SITE, assessment_id=ASSESSMENT.id, indicator="3.6.3", what="Count", due_on=date(2026, 1, 1)
    )
    with_late = Sheet(indicator=sheet.indicator, answer=sheet.answer, cited=sheet.cited, actions=(late,))
    steps = gap_board(a_whole(with_late), today=TODAY).next_steps
    assert [one.gate for one in steps[:6]] == [True] * 5 + [False]
    assert (steps[5].indicator, steps[5].kind) == ("3.6.3", "overdue")


def test_a_board_offers_no_total() -> None:
    board = gap_board(a_whole(*all_met()), today=TODAY)
    assert not [name for name in dir(board) if "score" in name or "total" in name or "percent" in name]


@given(st.lists(st.sampled_from(list(State)), min_size=1, max_size=8))
def test_a_criterion_is_met_only_when_all_that_applies_is_met(states: list[State]) -> None:
    applies = [one for one in states if one is not State.NOT_APPLICABLE]
    assert (weakest(states) is State.MET) == (bool(applies) and set(applies) == {State.MET})


@given(st.lists(st.sampled_from(list(State)), min_size=1, max_size=8), st.randoms())
def test_the_order_of_indicators_does_not_matter(states: list[State], random: object) -> None:
    mixed = list(states)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert weakest(mixed) is weakest(states)


def test_years_before_a_leap_day_is_the_28th() -> None:
    assert years_before(date(2028, 2, 29), 5) == date(2023, 2, 28)
