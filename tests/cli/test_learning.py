"""Teaching a model from the command line: nothing is used before somebody accepts it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.cli.main import main
from ranger_app.photos.runs.packs import ModelPacks
from tests.photos.parks import COLOURS, STATIONS, a_picture, colour_packs

Command = Callable[..., Any]
EACH = 3


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on a park whose photos wait for names; `status` is the exit status to expect."""
    packs = colour_packs(tmp_path / "packs")
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: packs))

    def run(*words: str | Path, status: int = 0) -> Any:
        capsys.readouterr()
        arguments = [*map(str, words), "--workspace", str(tmp_path / "demo.ranger"), "--json"]
        assert main(arguments) == status
        return json.loads(capsys.readouterr().out)

    assert main(["new", str(tmp_path / "demo.ranger"), "--site", "Demo park", "--no-passphrase"]) == 0
    for station in range(STATIONS):
        card = tmp_path / "cards" / str(station)
        card.mkdir(parents=True)
        for at, species in enumerate(COLOURS):
            for number in range(EACH):
                (card / f"IMG_{at}{number}.JPG").write_bytes(a_picture(species, station, number))
        run("photos", "add", card, "--station", f"Station {station}")
    return run


def name_all(command: Command) -> None:
    for row in command("photos", "list"):
        species = list(COLOURS)[int(row["file"][4])]
        command("photos", "label", row["id"], "animal", species, "--by", "A demo ranger")


def test_the_whole_way_from_names_to_a_model_in_use_and_back(command: Command) -> None:
    name_all(command)
    first = command("photos", "classify")
    assert first["pack"]["id"] == "chain"
    learned = command("models", "learn", "--name", "Demo park")
    assert not learned["accepted"]
    assert sorted(learned["classes"]) == sorted(COLOURS)
    assert learned["figures"]["learned"][0] > 0.9
    assert command("models", "versions") == []
    accepted = command("models", "learn", "--name", "Demo park", "--accept")
    assert (accepted["accepted"], accepted["digest"]) == (True, learned["digest"])
    (version,) = command("models", "versions")
    assert (version["in_use"], version["version"]) == (True, accepted["version"])
    run = command("photos", "classify")
    assert run["pack"]["id"] == "demo-park"
    assert {photo["groups"][0][0] for photo in run["photos"]} == set(COLOURS)
    assert command("models", "use")["pack"] == "chain"
    assert command("models", "use", "Demo park", "1")["version"] == accepted["version"]
    command("models", "use", "Demo park", "9", status=1)


def test_without_names_it_says_what_to_do(command: Command) -> None:
    said = command("models", "learn", "--name", "Demo park", status=1)
    assert "20 photos" in said["error"]["what_to_do"]


def test_how_long_a_run_takes_is_told_beforehand(command: Command) -> None:
    count = EACH * STATIONS * len(COLOURS)
    assert command("photos", "classify", "--forecast") == {"waiting": count, "seconds": None}
    command("photos", "classify")
    assert command("photos", "classify", "--forecast")["waiting"] == 0


def test_half_a_night_is_refused(command: Command) -> None:
    said = command("photos", "classify", "--from", "20:00", status=1)
    assert "--until" in said["error"]["what_to_do"]
