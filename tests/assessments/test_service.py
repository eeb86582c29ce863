"""Answers, evidence and frozen figures, through the service that window and command line share."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from ranger_app.assessments.figures import figure_of
from ranger_app.assessments.gaps import State
from ranger_app.domain.assessments import Answer, Evidence, EvidenceLink
from ranger_app.domain.errors import BadInput, KnownError, NotFound, Refused
from tests.assessments.parks import Park, a_file

PLAN_CODES = (
    "1.1.1",
    "1.1.2",
    "1.2.3",
    "1.3.2",
    "2.1.1",
    "2.1.3",
    "2.1.4",
    "2.2.1",
    "2.3.1",
    "2.4.1",
    "3.1.1",
    "3.1.2",
    "3.1.6",
    "3.6.1",
    "3.7.1",
)


def test_without_an_assessment_the_way_to_start_one_is_told(park: Park) -> None:
    with pytest.raises(NotFound) as none:
        park.assessments.whole()
    assert "assess new" in none.value.what_to_do


def test_a_started_assessment_has_50_blank_sheets(park: Park) -> None:
    started = park.assessments.start()
    whole = park.assessments.whole()
    assert whole.assessment == started
    assert started.pack_version == "1"
    assert len(whole.sheets) == 50
    assert {sheet.answer.rating for sheet in whole.sheets} == {"not_yet_assessed"}


def test_a_second_round_leaves_the_first_as_it_was(park: Park) -> None:
    first = park.assessments.start()
    park.assessments.answer("1.1.1", rating="met")
    second = park.assessments.start()
    assert (first.round, second.round) == (1, 2)
    assert park.assessments.current().id == second.id
    sheet = park.assessments.whole(first.id).sheet("1.1.1")
    assert sheet is not None
    assert sheet.answer.rating == "met"


def test_an_answer_keeps_what_is_not_given(park: Park) -> None:
    park.assessments.start()
    park.assessments.answer("3.7.2", narrative="Thresholds stand in the plan.")
    answer = park.assessments.answer("3.7.2", rating="partly", gap="Two values lack one.")
    assert (answer.narrative, answer.rating) == ("Thresholds stand in the plan.", "partly")
    sheet = park.assessments.whole().sheet("3.7.2")
    assert sheet is not None
    assert sheet.answer == answer


def test_two_laptops_mean_the_same_answer(park: Park) -> None:
    started = park.assessments.start()
    first = park.assessments.answer("1.1.1", rating="met")
    from ranger_app.assessments.answers import answer_id

    assert first.id == answer_id(started.id, "1.1.1")
    assert first.id != answer_id(started.id, "1.1.2")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("9.9.9", {"rating": "met"}),
        ("1.1.1", {"rating": "great"}),
        ("1.1.1", {"gap_type": "boring"}),
        ("1.1.1", {"confidence": "total"}),
        ("1.1.1", {"narrative": "x" * 50_001}),
    ],
)
def test_what_the_form_does_not_know_is_refused_and_nothing_is_kept(
    park: Park, code: str, said: dict[str, str]
) -> None:
    park.assessments.start()
    with pytest.raises(KnownError):
        park.assessments.answer(code, **said)  # type: ignore[arg-type]
    with park.workspace.reading() as data:
        assert data.count(Answer) == 0


def test_a_plan_cited_15_times_is_stored_once(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    plan = a_file(tmp_path / "papers", "Management plan.pdf")
    for page, code in enumerate(PLAN_CODES, start=1):
        park.assessments.cite(code, plan, page=f"p. {page}", title="Management plan 2024–2033")
    with park.workspace.reading() as data:
        assert data.count(Evidence) == 1
        assert data.count(EvidenceLink) == 15
    stored = list((park.workspace.folder / "files").glob("??/*"))
    assert [path.read_bytes() for path in stored] == [plan.read_bytes()]
    whole = park.assessments.whole()
    assert whole.cited_by(whole.evidence()[0]) == PLAN_CODES


def test_the_same_page_cited_twice_is_one_citation(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    plan = a_file(tmp_path)
    park.assessments.cite("1.1.1", plan, page="12")
    park.assessments.cite("1.1.1", plan, page=" 12 ", note="second paragraph")
    park.assessments.cite("1.1.1", plan, page="40")
    sheet = park.assessments.whole().sheet("1.1.1")
    assert sheet is not None
    assert [(one.link.page, one.link.note) for one in sheet.cited] == [("12", "second paragraph"), ("40", "")]


def test_a_citation_taken_away_can_be_made_again_and_its_file_stays(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    cited = park.assessments.cite("1.1.1", a_file(tmp_path), page="12")
    park.assessments.uncite(cited.link.id)
    sheet = park.assessments.whole().sheet("1.1.1")
    assert sheet is not None
    assert sheet.cited == ()
    again = park.assessments.cite_again("1.1.1", cited.evidence.id, page="12")
    assert again.link.id == cited.link.id
    assert park.assessments.is_there(again.evidence)


def test_what_is_said_of_a_file_holds_wherever_it_is_cited(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    plan = a_file(tmp_path, "plan_v2.pdf")
    first = park.assessments.cite("1.1.1", plan)
    assert (first.evidence.title, first.evidence.confidentiality) == ("plan v2", "assessor")
    park.assessments.cite(
        "1.1.2", plan, title="The plan", dated_on=date(2024, 5, 1), confidentiality="public"
    )
    third = park.assessments.cite("3.1.1", plan)
    assert (third.evidence.title, third.evidence.dated_on) == ("The plan", date(2024, 5, 1))
    assert third.evidence.confidentiality == "public"


@pytest.mark.parametrize("make", ["missing", "folder", "empty"])
def test_a_file_that_cannot_be_evidence_is_a_sentence(park: Park, tmp_path: Path, make: str) -> None:
    park.assessments.start()
    path = tmp_path / make
    if make == "folder":
        path.mkdir()
    if make == "empty":
        path.touch()
    with pytest.raises(BadInput, match=make):
        park.assessments.cite("1.1.1", path)
    with park.workspace.reading() as data:
        assert data.count(Evidence) == 0


def test_a_class_of_confidentiality_that_is_not_known_is_refused(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    with pytest.raises(BadInput, match="secretish"):
        park.assessments.cite("1.1.1", a_file(tmp_path), confidentiality="secretish")


# ---- figures


def test_a_frozen_figure_does_not_move_when_data_change(park: Park) -> None:
    park.assessments.start()
    cited = park.assessments.freeze(
        "3.5.2", "demo.distance", starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 28)
    )
    before = figure_of(cited.evidence)
    park.patrols.rows.append({"month": "2026-03", "team": "demo team A", "km": 1000.0})
    sheet = park.assessments.whole().sheet("3.5.2")
    assert sheet is not None
    after = figure_of(sheet.cited[0].evidence)
    assert before == after
    assert after is not None
    assert after.value == 99.75
    assert len(after.rows) == 2
    assert park.assessments.preview("demo.distance").value == 1099.75


def test_a_frozen_figure_says_where_it_came_from(park: Park) -> None:
    park.assessments.start()
    park.patrols.checked_share = 0.75
    digest = park.workspace.digest()
    cited = park.assessments.freeze(
        "3.5.2", "demo.distance", starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 28)
    )
    figure = figure_of(cited.evidence)
    assert figure is not None
    assert figure.definition.startswith("Length of all tracks")
    assert (figure.unit, figure.interval, figure.checked_share) == ("km", (90.0, 110.0), 0.75)
    assert figure.query == {"kind": "track", "from": "2026-01-01", "to": "2026-02-28"}
    assert figure.data_version == digest
    assert figure.program_version
    assert cited.evidence.frozen_at is not None
    assert cited.evidence.dated_on == date(2026, 2, 28)
    assert json.loads(json.dumps(cited.evidence.figure)) == cited.evidence.figure


def test_a_figure_that_too_few_people_checked_is_not_evidence(park: Park) -> None:
    park.assessments.start()
    park.patrols.checked_share = 0.49
    with pytest.raises(Refused, match="49%"):
        park.assessments.freeze("4.1.1", "demo.distance")
    with park.workspace.reading() as data:
        assert data.count(Evidence) == 0
        assert data.count(Answer) == 0


def test_nothing_to_count_is_refused_rather_than_shown_as_zero(park: Park) -> None:
    from dataclasses import replace

    park.assessments.start()
    park.patrols.rows.clear()
    empty = replace(
        park.patrols.measure(), compute=lambda a, b: replace(park.patrols.compute(a, b), value=None)
    )
    from ranger_app.assessments.service import Assessments

    asked = Assessments(park.workspace, measures=lambda: (empty,))
    with pytest.raises(Refused, match="nothing to count"):
        asked.freeze("4.1.1", "demo.distance")


def test_an_unknown_measure_names_those_there_are(park: Park) -> None:
    park.assessments.start()
    with pytest.raises(NotFound) as none:
        park.assessments.freeze("4.1.1", "no.such")
    assert "demo.distance" in none.value.what_to_do


def test_a_period_that_runs_backwards_is_refused(park: Park) -> None:
    park.assessments.start()
    with pytest.raises(BadInput):
        park.assessments.preview("demo.distance", starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))


@pytest.mark.parametrize(
    "figure",
    [
        None,
        "text",
        3,
        {},
        {"rows": "x", "columns": [1], "interval": [1]},
        {
            "value": float("nan"),
            "rows": [[1, 2, 3]],
            "columns": ["a"],
            "query": [],
            "from": "never",
            "checked_share": "all",
        },
    ],
)
def test_a_figure_from_elsewhere_is_read_without_a_fall(park: Park, figure: object) -> None:
    figure_of(Evidence(site_id=park.site.id, title="Demo", kind="figure", figure=figure))


# ---- board, actions, preflight


def test_evidence_turns_a_claim_into_met(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    park.assessments.answer("1.1.1", rating="met", narrative="By the act of 1998.")
    board = park.assessments.standing().board
    assert board.indicator("1.1.1").state is State.CLAIMED  # type: ignore[union-attr]
    park.assessments.cite("1.1.1", a_file(tmp_path), page="1", dated_on=date(1998, 1, 1))
    board = park.assessments.standing().board
    assert board.indicator("1.1.1").state is State.MET  # type: ignore[union-attr]


def test_an_action_can_be_planned_done_and_opened_again(park: Park) -> None:
    park.assessments.start()
    action = park.assessments.plan_action("2.3.1", "Map the threats", due_on=date.today() - timedelta(days=1))
    assert park.assessments.standing().board.next_steps[5].kind == "overdue"
    done = park.assessments.change_action(action.id, status="done")
    assert done.status == "done"
    assert all(step.kind != "overdue" for step in park.assessments.standing().board.next_steps)
    with pytest.raises(BadInput):
        park.assessments.change_action(action.id, status="lost")
    with pytest.raises(BadInput):
        park.assessments.plan_action("2.3.1", "  ")


def test_preflight_names_what_is_missing_by_indicator(park: Park, tmp_path: Path) -> None:
    park.assessments.start()
    park.assessments.answer("1.1.2", rating="met", narrative="Two councils.")
    park.assessments.answer("1.1.3", rating="partly")
    park.assessments.answer("4.3.1", rating="not_applicable")
    papers = a_file(tmp_path / "papers", "minutes.txt", b"demo minutes")
    cited = park.assessments.cite("1.1.2", papers)
    found = park.assessments.file_of(cited.evidence)
    assert found is not None
    stored = found.path
    said: dict[str, list[str]] = {}
    for one in park.assessments.standing().missing:
        said.setdefault(one.indicator, []).append(one.text)
    assert said["1.1.1"] == ["No rating."]
    assert said["1.1.2"] == ["The date of “minutes” is not known."]
    assert said["1.1.3"] == [
        "No narrative.",
        "No evidence.",
        "It does not say what is lacking.",
        "No action to close the gap.",
    ]
    assert said["4.3.1"] == ["No reason why it does not apply."]
    stored.chmod(0o600)
    stored.unlink()
    texts = [one.text for one in park.assessments.standing().missing if one.indicator == "1.1.2"]
    assert "The file of “minutes” is no longer there, or it is damaged." in texts


def test_ratings_are_counted_but_never_added_up(park: Park) -> None:
    park.assessments.start()
    park.assessments.answer("1.1.1", rating="met")
    assert park.assessments.standing().ratings() == {
        "met": 1,
        "partly": 0,
        "not_met": 0,
        "not_applicable": 0,
        "not_yet_assessed": 49,
    }
