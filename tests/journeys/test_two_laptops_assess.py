"""Two laptops answer the same assessment apart and meet on a stick: nothing is doubled, nothing is lost."""

from __future__ import annotations

from pathlib import Path

from ranger_app.bootstrap import Ranger
from ranger_app.jobs import Work
from tests.assessments.parks import a_file


def test_answers_and_evidence_of_two_laptops_are_one(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    first, _doubts = Ranger.create(tmp_path / "first.ranger", site_name="demo park")
    second, _doubts = Ranger.create(tmp_path / "second.ranger", site_name=None)
    with first, second:
        first.assessments.start(title="Demo round")
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        plan = a_file(tmp_path / "papers")
        for ranger, narrative in ((first, "From the office."), (second, "From the station.")):
            ranger.assessments.answer("1.1.1", rating="met", narrative=narrative)
            ranger.assessments.cite("1.1.1", plan, page="12")
        second.assessments.answer("3.5.2", rating="partly")
        second.exchange.write(stick, Work())
        first.exchange.read(stick, Work())
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        for ranger in (first, second):
            whole = ranger.assessments.whole()
            cited = whole.sheet("1.1.1").cited  # type: ignore[union-attr]
            assert [(one.evidence.title, one.link.page) for one in cited] == [("plan", "12")]
            assert whole.sheet("3.5.2").answer.rating == "partly"  # type: ignore[union-attr]
            assert whole.sheet("1.1.1").answer.narrative.startswith("From the")  # type: ignore[union-attr]
        assert first.status()["digest"] == second.status()["digest"]
        assert first.workspace.differences() == 1  # both narratives stand until a person settles it
