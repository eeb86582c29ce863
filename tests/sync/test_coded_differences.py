"""A field that holds one of a few codes is settled with one of them, and is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.domain.errors import BadInput
from ranger_app.jobs import Work


def test_a_rating_is_told_in_words_and_never_becomes_free_text(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    first, _doubts = Ranger.create(tmp_path / "first.ranger", site_name="demo park")
    second, _doubts = Ranger.create(tmp_path / "second.ranger", site_name=None)
    with first, second:
        first.assessments.start()
        first.assessments.answer("1.1.1", rating="partly")
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        first.assessments.answer("1.1.1", rating="met")
        second.assessments.answer("1.1.1", rating="not_met")
        second.exchange.write(stick, Work())
        first.exchange.read(stick, Work())
        (one,) = first.differences.all()
        assert {version.words for version in one.versions} == {"Met", "Not met"}
        assert not one.is_text
        assert first.assessments.standing().whole.unsettled == 1
        with pytest.raises(BadInput, match="none of the values"):
            first.differences.write(one, "rather well")
        assert first.workspace.differences() == 1
        first.differences.write(one, "partly")
        assert first.workspace.differences() == 0
        sheet, _pack = first.assessments.sheet("1.1.1")
        assert sheet.answer.rating == "partly"
