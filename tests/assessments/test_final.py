"""A final assessment keeps its answers and citations, and is not made while something waits to be settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.domain.errors import Refused
from ranger_app.jobs import Work
from tests.assessments.parks import Park, a_file


def test_a_rating_with_two_versions_is_none_and_the_assessment_cannot_be_made_final(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    first, _doubts = Ranger.create(tmp_path / "first.ranger", site_name="demo park")
    second, _doubts = Ranger.create(tmp_path / "second.ranger", site_name=None)
    with first, second:
        first.assessments.start()
        first.assessments.answer("1.1.1", rating="partly", narrative="Words.")
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        first.assessments.answer("1.1.1", rating="met")
        second.assessments.answer("1.1.1", rating="not_met")
        second.exchange.write(stick, Work())
        first.exchange.read(stick, Work())
        standing = first.assessments.standing()
        assert standing.ratings()["met"] == standing.ratings()["not_met"] == 0
        missing = [one.text for one in standing.missing if one.indicator == "1.1.1"]
        assert missing == ["Rating: 2 versions wait to be settled."]
        made = first.packets.write(tmp_path / "packet", as_folder=True)
        assert ("1.1.1", missing[0]) in {(one.indicator, one.text) for one in made.missing}
        assert "2 versions, not settled" in (tmp_path / "packet" / "index.html").read_text()
        with pytest.raises(Refused, match="final"):
            first.assessments.finish()
        first.assessments.answer("1.1.1", rating="partly")
        assert first.assessments.finish().status == "final"
        assert first.assessments.reopen().status == "draft"


def test_a_final_assessment_keeps_its_answers_and_citations_and_its_plan_goes_on(
    park: Park, tmp_path: Path
) -> None:
    service, act = park.assessments, a_file(tmp_path / "papers")
    service.start()
    cited = service.cite("1.1.1", act)
    service.finish()
    assert service.whole().is_final
    for change in (
        lambda: service.answer("1.1.1", rating="met"),
        lambda: service.cite("1.1.1", act, page="2"),
        lambda: service.cite_again("1.1.2", cited.evidence.id),
        lambda: service.freeze("1.1.1", "demo.distance"),
        lambda: service.uncite(cited.link.id),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert "reopen" in refused.value.what_to_do
    planned = service.plan_action("1.1.1", "Write it down.")
    assert service.change_action(planned.id, status="done").status == "done"
    service.reopen()
    assert service.answer("1.1.1", rating="met").rating == "met"
    service.uncite(cited.link.id)


def test_what_waits_anywhere_in_an_assessment_is_counted(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    first, _doubts = Ranger.create(tmp_path / "first.ranger", site_name="demo park")
    second, _doubts = Ranger.create(tmp_path / "second.ranger", site_name=None)
    with first, second:
        first.assessments.start()
        planned = first.assessments.plan_action("1.1.1", "Write it down.")
        assert first.assessments.whole().unsettled == 0
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        for ranger, owner in ((first, "demo office"), (second, "demo station")):
            ranger.assessments.change_action(planned.id, owner=owner)
        second.exchange.write(stick, Work())
        first.exchange.read(stick, Work())
        assert first.assessments.whole().unsettled == first.workspace.differences() == 1
