"""device group-key: a site's bundles are nobody's alone who wrote the program."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.cli.main import main
from tests.conftest import not_here

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in a folder with an office and the post that it has enrolled."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == status
        return json.loads(capsys.readouterr().out)

    run("new", "office", "--site", "Demo park", "--no-passphrase")
    run("join", "post", "--request", "post.req", "--no-passphrase")
    refused = run("device", "group-key", "too.early", "--workspace", "office", status=1)
    assert "no list of devices" in refused["error"]["text"]
    run("device", "enrol", "post.req", "--role", "ranger", "--out", "a", "--yes", "--workspace", "office")
    run("join", "post", "--answer", "a")
    run("bundle", "write", "stick", "--workspace", "office")
    return run


def test_with_that_file_the_ordinary_age_program_opens_a_bundle(command: Command) -> None:
    if shutil.which("age") is None:
        not_here("the age program is not installed (Debian: apt-get install age)")
    assert command("device", "group-key", "group.key", "--workspace", "office")["keys"] == 1
    assert Path("group.key").stat().st_mode & 0o077 == 0, "for its owner alone"
    (part,) = Path("stick").rglob("P0001.RSB")
    subprocess.run(["age", "-d", "-i", "group.key", "-o", "part", part], check=True)
    assert Path("part").read_bytes().startswith(b"RSR1")


def test_it_opens_what_was_sealed_before_a_laptop_was_shut_out(command: Command) -> None:
    laptops = command("device", "list", "--workspace", "office")
    post = next(one["id"] for one in laptops if not one["this"])
    command("device", "revoke", post, "--workspace", "office")
    assert command("device", "group-key", "group.key", "--workspace", "office")["keys"] == 2


def test_no_ranger_takes_it_and_nothing_is_written_over(command: Command) -> None:
    command("bundle", "read", "stick", "--workspace", "post")
    refused = command("device", "group-key", "mine.key", "--workspace", "post", status=1)
    assert "administrator" in refused["error"]["text"]
    assert not Path("mine.key").exists()
    Path("group.key").write_text("something else")
    command("device", "group-key", "group.key", "--workspace", "office", status=1)
    assert Path("group.key").read_text() == "something else"
