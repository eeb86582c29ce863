"""People are taken in, named and retired from the command line; what scripts may rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.cli.main import main

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on a workspace with an administrator and a ranger among its people."""
    monkeypatch.setenv("RANGER_WORKSPACE", str(tmp_path / "office"))

    def run(*words: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == status
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return json.loads(said.out)

    run("new", tmp_path / "office", "--site", "Demo park", "--no-passphrase", "--device", "office")
    run("person", "add", "Boss demo", "--role", "administrator")
    run("person", "add", "Asha demo", "--role", "ranger", "--role", "data-clerk", "--as", "Boss demo")
    return run


def test_everybody_is_listed_with_what_they_are(command: Command) -> None:
    boss, asha = command("person", "list")
    assert boss | {"id": ""} == {
        "id": "",
        "name": "Boss demo",
        "roles": ["administrator"],
        "laptops": None,
        "here": True,
        "passphrase": False,
        "signed_in": False,
    }
    assert asha["roles"] == ["ranger", "data clerk"]
    assert command("person", "list", "--as", asha["id"])[1]["signed_in"] is True


def test_a_script_says_who_it_is(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = command("person", "add", "Friend demo", "--role", "ranger", status=1)
    assert "--as NAME" in refused["error"]["what_to_do"]
    monkeypatch.setenv("RANGER_PERSON", "Boss demo")
    command("person", "add", "Friend demo", "--role", "ranger")
    assert command("person", "add", "X demo", "--role", "ranger", "--as", "Asha demo", status=1)
    assert command("status", "--as", "Nobody demo", status=1)["error"]["code"] == "not-found"


def test_a_ranger_rates_nothing_on_any_path_of_the_command_line(command: Command) -> None:
    command("assess", "new", "--as", "Boss demo")
    command("assess", "answer", "1.1.1", "--rating", "partly", "--as", "Boss demo")
    (answer,) = [one for one in command("record", "list", "answer") if one["rating"] == "partly"]
    for words in (
        ("assess", "answer", "1.1.1", "--rating", "met"),
        ("record", "set", "answer", answer["id"], "rating=met"),
        ("assess", "new"),
    ):
        refused = command(*words, "--as", "Asha demo", status=1)
        assert "administrator, data clerk+ranger" in refused["error"]["text"]
        assert "nobody has" in command(*words, status=1)["error"]["text"]
    (same,) = [one for one in command("record", "list", "answer") if one["id"] == answer["id"]]
    assert same == answer


def test_roles_change_and_people_retire(command: Command) -> None:
    changed = command("person", "role", "Asha demo", "--role", "manager", "--as", "Boss demo")
    assert changed["person"]["roles"] == ["manager"]
    here = command("person", "role", "Asha demo", "--laptop", "office", "--as", "Boss demo")
    assert len(here["person"]["laptops"]) == 1
    everywhere = command("person", "role", "Asha demo", "--everywhere", "--as", "Boss demo")
    assert everywhere["person"]["laptops"] is None
    assert command("person", "retire", "Asha demo", "--as", "Boss demo")["aside"] == 0
    assert "has retired" in command("status", "--as", "Asha demo", status=1)["error"]["text"]
    assert (
        "administrator"
        in command("person", "retire", "Boss demo", "--as", "Boss demo", status=1)["error"]["text"]
    )


def test_a_passphrase_of_ones_own(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = command("person", "passphrase", "Asha demo", "--as", "Boss demo", status=1)
    assert refused["error"]
    monkeypatch.setenv("RANGER_WORKSPACE", str(tmp_path / "sealed"))
    monkeypatch.setenv("RANGER_PASSPHRASE", "the laptop's own words")
    monkeypatch.setenv("RANGER_NEW_PASSPHRASE", "boss's own words")
    command("new", tmp_path / "sealed", "--site", "Demo park")
    command("person", "add", "Boss demo", "--role", "administrator")
    command("person", "passphrase", "--as", "Boss demo")
    assert command("status", "--as", "Boss demo", status=1)["error"]["code"] == "wrong-passphrase"
    monkeypatch.setenv("RANGER_PASSPHRASE", "boss's own words")
    assert command("person", "list", "--as", "Boss demo")[0]["passphrase"] is True
    assert command("status", status=1)["error"]["code"] == "wrong-passphrase"
