"""The demo, as somebody who has just fetched Ranger runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.command_line import ranger


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    done = ranger("demo", folder / "demo", folder=folder)
    assert done.status == 0, done.words
    return folder, done.document


def test_the_demo_makes_a_workspace_a_packet_and_a_second_laptop_that_equals_the_first(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    _folder, made = demo
    assert Path(made["workspace"], "ranger.db").is_file()
    assert Path(made["packet"]).is_file()
    assert Path(made["second"], "ranger.db").is_file()
    assert made["digest"] == made["second_digest"]
    for kind in ("patrol", "track", "waypoint", "photo", "sequence", "detection", "answer", "evidence"):
        assert made["records"][kind] > 0, kind


def test_what_the_demo_made_stands_up_to_every_check(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, made = demo
    for workspace in (made["workspace"], made["second"]):
        found = ranger("verify", "--workspace", workspace, folder=folder)
        assert found.status == 0, found.words
        assert found.document["problems"] == []
    checked = ranger("assess", "packet", "verify", made["packet"], folder=folder)
    assert checked.status == 0, checked.words


def test_the_second_laptop_has_every_file_of_the_first(demo: tuple[Path, dict[str, Any]]) -> None:
    _folder, made = demo
    first = {p.name for p in Path(made["workspace"], "files").glob("??/*")}
    second = {p.name for p in Path(made["second"], "files").glob("??/*")}
    assert first == second
    assert first


def test_the_demo_never_writes_over_what_is_there(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, made = demo
    refused = ranger("demo", Path(made["workspace"]).parent, folder=folder)
    assert refused.status == 1
    assert refused.document["error"]["code"] == "refused"
    assert "not empty" in refused.words


def test_a_second_run_on_another_day_finds_nothing_new_on_the_stick(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    folder, made = demo
    read = ranger("bundle", "read", made["bundle"], "--workspace", made["second"], folder=folder)
    assert read.status == 0
    assert [read.document[k] for k in ("segments_new", "files_new", "missing_parts")] == [0, 0, []]


def test_adding_a_card_again_adds_nothing(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, made = demo
    card = Path(made["files"], "cards", "card-1")
    again = ranger(
        "photos", "add", card, "--station", "Demo ridge 1", "--workspace", made["workspace"], folder=folder
    )
    assert again.status == 0
    assert again.document["added"] == 0
    assert again.document["already"] == len(list(card.rglob("*.JPG")))
