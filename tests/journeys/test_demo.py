"""The demo, as somebody who has just fetched Ranger runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def ranger(*arguments: object, folder: Path) -> tuple[int, Any, str]:
    """Run the real command line; returns its status, its JSON document and its words."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "ranger_app", *map(str, arguments), "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    status, document, words = ranger("demo", folder / "demo", folder=folder)
    assert status == 0, words
    return folder, document


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
        status, found, words = ranger("verify", "--workspace", workspace, folder=folder)
        assert status == 0, words
        assert found["problems"] == []
    status, _found, words = ranger("assess", "packet", "verify", made["packet"], folder=folder)
    assert status == 0, words


def test_the_second_laptop_has_every_file_of_the_first(demo: tuple[Path, dict[str, Any]]) -> None:
    _folder, made = demo
    first = {p.name for p in Path(made["workspace"], "files").glob("??/*")}
    second = {p.name for p in Path(made["second"], "files").glob("??/*")}
    assert first == second
    assert first


def test_the_demo_never_writes_over_what_is_there(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, made = demo
    status, document, words = ranger("demo", Path(made["workspace"]).parent, folder=folder)
    assert status == 1
    assert document["error"]["code"] == "refused"
    assert "not empty" in words


def test_a_second_run_on_another_day_finds_nothing_new_on_the_stick(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    folder, made = demo
    status, read, _words = ranger(
        "bundle", "read", made["bundle"], "--workspace", made["second"], folder=folder
    )
    assert status == 0
    assert (read["segments_new"], read["files_new"], read["missing_parts"]) == (0, 0, [])


def test_adding_a_card_again_adds_nothing(demo: tuple[Path, dict[str, Any]]) -> None:
    folder, made = demo
    card = Path(made["files"], "cards", "card-1")
    status, added, _words = ranger(
        "photos", "add", card, "--station", "Demo ridge 1", "--workspace", made["workspace"], folder=folder
    )
    assert status == 0
    assert added["added"] == 0
    assert added["already"] == len(list(card.rglob("*.JPG")))
