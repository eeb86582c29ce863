"""Assessments from the command line: what scripts may rely on, and sentences for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.cli.main import main
from ranger_app.domain.ids import parse_id
from tests.assessments.parks import PatrolDays, a_file
from tests.cli import Command


@pytest.fixture
def one_measure(monkeypatch: pytest.MonkeyPatch) -> PatrolDays:
    """A workspace in which one number can be frozen."""
    from ranger_app.bootstrap import Ranger

    days = PatrolDays()
    monkeypatch.setattr(Ranger, "measures", lambda _self: (days.measure(),))
    return days


def test_a_whole_assessment_from_new_to_a_checked_packet(
    command: Command, one_measure: PatrolDays, tmp_path: Path
) -> None:
    started = command("assess", "new", "--title", "Demo round")
    assert parse_id(started["id"])
    assert (started["pack"], started["indicators"], started["round"]) == ("gl:1.1", 50, 1)
    answer = command("assess", "answer", "1.1.1", "--rating", "met", "--narrative", "By the demo act.")
    assert (answer["rating"], answer["narrative"]) == ("met", "By the demo act.")
    plan = a_file(tmp_path / "papers")
    cited = command(
        "assess", "cite", "1.1.1", plan, "--page", "12", "--title", "The plan", "--dated", "2025-01-31",
        "--class", "public",
    )  # fmt: skip
    assert (cited["title"], cited["page"], cited["class"]) == ("The plan", "12", "public")
    frozen = command(
        "assess", "freeze", "3.5.2", "demo.distance", "--from", "2026-01-01", "--to", "2026-02-28"
    )
    assert frozen["figure"]["value"] == 99.75
    one_measure.rows.clear()
    status = command("assess", "status")
    assert status["ratings"]["met"] == 1
    assert status["criteria"]["1.1"] == "unfinished"
    assert status["gates"]["1.1.1"] == "met"
    assert (status["evidence"], status["figures"]) == (2, 1)
    made = command("assess", "packet", tmp_path / "out.zip")
    assert Path(made["packet"]).stat().st_size == made["bytes"]
    assert {"indicator": "1.1.2", "text": "No rating."} in made["missing"]
    verdict = command("assess", "packet", "verify", tmp_path / "out.zip")
    assert verdict["good"]
    assert verdict["problems"] == []


def test_verify_ends_with_1_and_says_what_was_changed(command: Command, tmp_path: Path) -> None:
    command("assess", "new")
    command("assess", "packet", tmp_path / "packet", "--folder", "--profile", "public")
    (tmp_path / "packet" / "site.json").write_text("{}")
    verdict = command("assess", "packet", "verify", tmp_path / "packet", status=1)
    assert verdict["problems"] == ["Changed: site.json."]


def test_verify_needs_no_workspace(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("assess", "new")
    made = command("assess", "packet", tmp_path)
    assert main(["assess", "packet", "verify", made["packet"]]) == 0
    assert "whole and unchanged" in capsys.readouterr().err


def test_gaps_list_17_criteria_the_gates_and_what_to_do_next(command: Command) -> None:
    command("assess", "new")
    gaps = command("assess", "gaps")
    assert len(gaps["criteria"]) == 17
    assert [one["indicator"] for one in gaps["gates"]] == ["1.1.1", "2.1.1", "2.1.2", "2.1.4", "3.1.1"]
    assert [one["indicator"] for one in gaps["next"][:3]] == ["1.1.1", "2.1.1", "2.1.2"]
    assert gaps["criteria"][0]["gaps"][0] == {
        "indicator": "1.1.1",
        "kind": "not_answered",
        "text": "Not assessed yet.",
    }
    assert len(gaps["in_the_way"]) == 17


def test_one_indicator_is_shown_with_its_words_and_how_sure_they_are(
    command: Command, tmp_path: Path
) -> None:
    command("assess", "new")
    command("assess", "cite", "2.1.3", a_file(tmp_path / "papers"), "--page", "4")
    shown = command("assess", "show", "2.1.3")
    assert shown["verified"] is False
    assert shown["gate"] is False
    assert shown["typical_evidence"] == ["the plan", "act that approved it"]
    assert [one["page"] for one in shown["evidence"]] == ["4"]


def test_a_narrative_may_come_from_a_file(command: Command, tmp_path: Path) -> None:
    command("assess", "new")
    text = tmp_path / "narrative.txt"
    text.write_text("Première ligne.\n\nSecond paragraph.\n", encoding="utf-8-sig")
    answer = command("assess", "answer", "1.3.1", "--narrative-file", text)
    assert answer["narrative"] == "Première ligne.\n\nSecond paragraph."
    text.write_bytes(b"\xff\xfe\x00")
    refused = command("assess", "answer", "1.3.1", "--narrative-file", text, status=1)
    assert "UTF-8" in refused["error"]["text"]


def test_an_action_is_planned_and_done(command: Command) -> None:
    command("assess", "new")
    action = command("assess", "action", "2.3.1", "Map the threats", "--owner", "demo", "--due", "2027-01-31")
    assert command("assess", "status")["actions_open"] == 1
    assert command("assess", "action", action["id"], "--done")["status"] == "done"
    assert command("assess", "status")["actions_open"] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("assess", "status"), "not-found"),
        (("assess", "new", "--pack", "no:such"), "not-found"),
        (("assess", "packet", "verify"), "refused"),
        (("assess", "packet", "verify", "nowhere.zip"), "bad-input"),
        (("assess", "packet", "one", "two"), "refused"),
    ],
)
def test_a_refusal_is_a_sentence_and_a_way_out(command: Command, words: tuple[str, ...], code: str) -> None:
    error = command(*words, status=1)["error"]
    assert error["code"] == code
    assert error["text"].endswith(".")
    assert error["what_to_do"]


@pytest.mark.parametrize(
    "words",
    [
        ("assess", "answer", "9.9.9", "--rating", "met"),
        ("assess", "answer", "1.1.1", "--rating", "splendid"),
        ("assess", "cite", "1.1.1", "nowhere.pdf"),
        ("assess", "freeze", "1.1.1", "no.such.measure"),
        ("assess", "action", "1.1.1"),
        ("assess", "show", "1.1"),
        ("assess", "status", "--assessment", "not an id"),
    ],
)
def test_a_mistake_in_a_started_assessment_changes_nothing(command: Command, words: tuple[str, ...]) -> None:
    command("assess", "new")
    before = command("status")["digest"]
    assert command(*words, status=1)["error"]["text"]
    assert command("status")["digest"] == before


def test_packs_are_listed_with_how_much_of_them_is_verified(command: Command) -> None:
    packs = command("assess", "packs")
    assert packs["refused"] == []
    (green_list,) = [one for one in packs["packs"] if one["id"] == "gl:1.1"]
    assert (green_list["indicators"], green_list["verified"]) == (50, 15)
    assert green_list["languages"] == ["en", "fr"]
