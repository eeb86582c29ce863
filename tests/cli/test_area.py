"""What a site knows of its animals, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.cli.main import main
from ranger_app.inference.looks import Box, Look, LookKey
from ranger_app.photos.runs.packs import ModelPacks
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPack, DemoPacks, Seer

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on a workspace with two photos of what the model calls a European roe deer."""
    groups = (("European roe deer", 0.8), ("boar", 0.1))
    look = Look(LookKey("", "demo", "1"), "t1", 0.9, 0, 0, (Box(0, 0, 1, 1, "animal", 0.9),), groups, 64, 48)
    packs = DemoPacks(seer=Seer(lambda _at: look))
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: packs))
    monkeypatch.setattr(DemoPack, "caution", "", raising=False)
    workspace = tmp_path / "demo.ranger"

    def run(*words: str | Path, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--workspace", str(workspace), "--json"]) == status
        return json.loads(capsys.readouterr().out)

    assert main(["new", str(workspace), "--site", "Demo park", "--no-passphrase"]) == 0
    with Ranger.open(workspace) as ranger:
        ranger.photos.add(card_of(tmp_path / "card", 2), station="Ridge")
        ranger.photos.classify(model=packs.seer)
    return run


def test_a_meaning_shows_in_results_beside_what_the_model_said(command: Command) -> None:
    command("area", "mean", "european roe deer", "Siberian roe deer", "--scientific", "Capreolus pygargus")
    (row,) = command("area", "results")["results"]
    assert row == {
        "said": "European roe deer",
        "name": "Siberian roe deer",
        "rules": ["meaning"],
        "photos": 2,
    }
    command("area", "unmean", "European roe deer")
    (row,) = command("area", "results")["results"]
    assert (row["name"], row["rules"]) == ("European roe deer", [])


def test_the_list_is_shown_changed_written_and_read(command: Command, tmp_path: Path) -> None:
    assert command("area", "add", "Cervus nippon", "sika deer") == {"changed": 1}
    assert command("area", "add", "Cervus nippon", "sika deer") == {"changed": 0}
    command("area", "mean", "roe", "Siberian roe deer")
    shown = command("area", "show")
    assert [one["scientific_name"] for one in shown["species"]] == ["Cervus nippon"]
    assert [one["says"] for one in shown["meanings"]] == ["roe"]
    path = tmp_path / "list.csv"
    command("area", "write", path)
    assert command("area", "remove", "Sika deer")["removed"]["name"] == "sika deer"
    assert command("area", "read", path) == {"changed": 1}


def test_what_cannot_be_done_is_said_in_a_sentence(command: Command, tmp_path: Path) -> None:
    for words in (
        ("area", "remove", "unicorn"),
        ("area", "unmean", "unicorn"),
        ("area", "read", tmp_path / "none.csv"),
        ("area", "write", tmp_path / "none" / "list.csv"),
    ):
        error = command(*words, status=1)["error"]
        assert error["text"].endswith(".")


def test_classify_tells_what_the_area_made_of_each_photo(command: Command) -> None:
    command("area", "mean", "European roe deer", "Siberian roe deer")
    photos = command("photos", "classify")["photos"]
    assert [one["area"]["name"] for one in photos] == ["Siberian roe deer"] * 2
    assert photos[0]["groups"][0] == ["European roe deer", 0.8]
    assert photos[0]["area"]["why"] == ["here “European roe deer” means Siberian roe deer"]


def test_photos_are_listed_by_the_name_that_the_rules_make(command: Command) -> None:
    command("area", "mean", "european roe deer", "Siberian roe deer", "--scientific", "Capreolus pygargus")
    rows = command("photos", "list", "--called", "siberian roe deer")
    assert [(row["called"], row["area"]["scientific"]) for row in rows] == [
        ("Siberian roe deer", "Capreolus pygargus")
    ] * 2
    assert command("photos", "list", "--called", "European roe deer") == []
    command("photos", "label", rows[0]["id"], "animal", "goral", "--by", "Demo")
    assert len(command("photos", "list", "--called", "Capreolus pygargus")) == 1
    (named,) = command("photos", "list", "--called", "Goral")
    assert (named["called"], named["area"]["name"]) == ("goral", "Siberian roe deer")
