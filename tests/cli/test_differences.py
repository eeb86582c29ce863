"""differences list and settle: what scripts may rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.cli.main import main
from ranger_app.domain.ids import id_text
from ranger_app.domain.patrols import Patrol
from ranger_app.jobs import Work
from tests.builders import a_patrol

Command = Callable[..., Any]


@pytest.fixture
def patrols(tmp_path: Path) -> list[Patrol]:
    """Two patrols, each with a title that office and post wrote apart; the office has read both."""
    office, post = tmp_path / "office.ranger", tmp_path / "post.ranger"
    stick = tmp_path / "stick"
    stick.mkdir()
    with Ranger.create(office, site_name="Demo park", device="office")[0] as ranger:
        made = [a_patrol(ranger.workspace.site_id, f"P-{n}", title="") for n in (1, 2)]
        with ranger.workspace.unit("add") as unit:
            unit.add_many(made)
        ranger.exchange.write(stick, Work())
    with Ranger.create(post, site_name=None, device="post")[0] as ranger:
        ranger.exchange.read(stick, Work())
        _retitle(ranger, made, "post")
        ranger.exchange.write(stick, Work())
    with Ranger.open(office) as ranger:
        _retitle(ranger, made, "office")
        ranger.exchange.read(stick, Work())
    return made


def _retitle(ranger: Ranger, patrols: list[Patrol], by: str) -> None:
    with ranger.workspace.unit("write") as unit:
        for patrol in patrols:
            unit.change(patrol, title=f"by {by}")


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str, status: int = 0) -> Any:
        capsys.readouterr()
        arguments = ["differences", *words, "--workspace", str(tmp_path / "office.ranger"), "--json"]
        assert main(arguments) == status
        return json.loads(capsys.readouterr().out)

    return run


def test_the_list_says_record_field_values_writer_laptop_and_time(
    patrols: list[Patrol], command: Command
) -> None:
    found = command("list")
    assert [(one["record"]["id"], one["field"]) for one in found] == [
        (id_text(patrol.id), "title") for patrol in patrols
    ]
    assert found[0]["id"] == f"patrol:{id_text(patrols[0].id)}:title"
    assert {(value["value"], value["device"]) for value in found[0]["values"]} == {
        ("by office", "office"),
        ("by post", "post"),
    }
    assert set(found[0]["values"][0]) >= {"value", "by", "device", "when"}
    assert len(command("list", "--trip", id_text(patrols[0].id))) == 1
    assert command("list", "--of-kind", "photo") == []


def test_one_is_settled_with_a_value_or_a_new_one_and_that_is_taken_back(
    patrols: list[Patrol], command: Command
) -> None:
    one, other = (("settle", "patrol", id_text(patrol.id), "title") for patrol in patrols)
    wanted = command("list")[0]["values"][1]["value"]
    assert "patrol" in command(*one, "--keep", "2")["touched"]
    command(*other, "--write", "by both")
    assert command("list") == []
    command("settle", "--undo")
    command("settle", "--undo")
    assert len(command("list")) == 2
    assert command("list")[0]["values"][1]["value"] == wanted
    assert command("settle", "--undo", status=1)["error"]["code"] == "not-found"


def test_many_are_settled_alike(patrols: list[Patrol], command: Command) -> None:
    one = ("settle", "patrol", id_text(patrols[0].id), "title")
    assert command(*one, "--keep", "1", "--like", "trip")["settled"] == 1
    command("settle", "--undo")
    assert command(*one, "--keep", "1", "--like", "kind")["settled"] == 2
    command("settle", "--undo")
    assert command("settle", "--all", "post", "--trip", id_text(patrols[1].id))["settled"] == 1
    assert command("settle", "--all", "latest")["settled"] == 1
    assert command("list") == []


@pytest.mark.parametrize(
    "words",
    [
        ("settle",),
        ("settle", "--all", "nobody"),
        ("settle", "patrol", "ID", "comment", "--keep", "1"),
        ("settle", "patrol", "ID", "title", "--keep", "3"),
        ("settle", "patrol", "ID", "title"),
        ("settle", "patrol", "no id", "title", "--keep", "1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    patrols: list[Patrol], command: Command, words: tuple[str, ...]
) -> None:
    words = tuple(word.replace("ID", id_text(patrols[0].id)) for word in words)
    error = command(*words, status=1)["error"]
    assert error["text"]
    assert error["what_to_do"]
