"""bundle show and read: what is said of sticks by those who know little of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ranger_app.cli.main import main

Command = Callable[..., str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: object, status: int = 0) -> str:
        capsys.readouterr()
        assert main([str(word) for word in words]) == status
        return capsys.readouterr().err

    return run


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANGER_PASSPHRASE", "demo passphrase")


def test_a_laptop_that_has_just_joined_knows_that_the_stick_is_for_its_site(
    said: Command, tmp_path: Path
) -> None:
    office, post = tmp_path / "office.ranger", tmp_path / "post.ranger"
    request, answer, stick = tmp_path / "a.req", tmp_path / "a.ans", tmp_path / "stick"
    said("new", office, "--site", "Demo park")
    said("join", post, "--request", request)
    said("device", "enrol", request, "--role", "ranger", "--out", answer, "--yes", "--workspace", office)
    said("join", post, "--answer", answer)
    said("bundle", "write", stick, "--workspace", office)
    assert "for this laptop's site." in said("bundle", "show", stick, "--workspace", post)
    said("bundle", "read", stick, "--workspace", post)
    assert "for Demo park." in said("bundle", "show", stick, "--workspace", post)
    assert "for a site that is not known here." in said("bundle", "show", stick)


def test_a_folder_with_nothing_of_use_is_not_said_to_be_whole(said: Command, tmp_path: Path) -> None:
    stray = tmp_path / "stick" / "RANGERSYNC" / "AAAAAAAA"
    stray.mkdir(parents=True)
    (stray / "HEAD.RSB").write_text("hello")
    words = said("bundle", "show", tmp_path / "stick")
    assert "no part of it is here" in words
    assert "All of its" not in words


def test_a_file_in_the_place_of_a_stick_is_said_to_be_one(said: Command, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("hello")
    assert "is a file, and no stick or folder" in said("bundle", "show", tmp_path / "list.txt", status=1)
