"""bundle show and read: what is said of sticks by those who know little of them."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ranger_app.cli.main import main
from ranger_app.security.sealing import new_secret, recipient_of
from ranger_app.storage import Workspace

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


def test_a_laptop_that_was_shut_out_is_told_so_by_the_next_stick(said: Command, tmp_path: Path) -> None:
    office, post = tmp_path / "office.ranger", tmp_path / "post.ranger"
    request, answer, stick = tmp_path / "a.req", tmp_path / "a.ans", tmp_path / "stick"
    said("new", office, "--site", "Demo park")
    said("join", post, "--request", request, "--device", "post")
    said("device", "enrol", request, "--role", "ranger", "--out", answer, "--yes", "--workspace", office)
    assert "If they are not" in said("join", post, "--answer", answer)
    said("device", "revoke", "post", "--workspace", office)
    said("bundle", "write", stick, "--workspace", office)
    for _time in range(2):
        assert "was shut out of its site" in said("bundle", "read", stick, "--workspace", post, status=1)


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


def test_a_workspace_made_from_an_open_stick_is_said_to_be_open(
    said: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RANGER_PASSPHRASE")
    said("new", tmp_path / "office", "--site", "Demo park", "--no-passphrase")
    said("bundle", "write", tmp_path / "stick", "--workspace", tmp_path / "office")
    read = ("bundle", "read", tmp_path / "stick", "--workspace")
    assert "It has no passphrase" in said(*read, tmp_path / "open")
    assert "It has no passphrase" not in said(*read, tmp_path / "open")
    monkeypatch.setenv("RANGER_PASSPHRASE", "demo passphrase")
    assert "It has no passphrase" not in said(*read, tmp_path / "closed")
    assert Workspace.needs_passphrase(tmp_path / "closed")


def test_more_outsiders_than_a_seal_is_for_are_refused_in_a_sentence(said: Command, tmp_path: Path) -> None:
    said("new", tmp_path / "office", "--site", "Demo park")
    keys = [word for _n in range(11) for word in ("--outside", recipient_of(new_secret()))]
    write = ("bundle", "write", tmp_path / "stick", "--workspace", tmp_path / "office")
    assert "10 keys at most" in said(*write, *keys, status=1)
    assert not list((tmp_path / "stick").rglob("*.RSB"))
    said(*write, *keys[2:])


def test_a_short_passphrase_is_said_to_be_soon_guessed(
    said: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "may guess it" not in said("new", tmp_path / "long", "--site", "Demo park")
    monkeypatch.setenv("RANGER_PASSPHRASE", "1234")
    assert "may guess it" in said("new", tmp_path / "short", "--site", "Demo park")


def test_a_first_passphrase_is_typed_twice(
    said: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip of the hand would shut the workspace for good."""
    monkeypatch.delenv("RANGER_PASSPHRASE")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    typed = ["demo passphrase", "demo passhprase"]
    monkeypatch.setattr(getpass, "getpass", lambda _question: typed.pop(0))
    assert "were not the same" in said("new", tmp_path / "office", "--site", "Demo park", status=1)
    assert not (tmp_path / "office").exists()
    typed += ["demo passphrase"] * 2
    said("new", tmp_path / "office", "--site", "Demo park")
    assert Workspace.needs_passphrase(tmp_path / "office")
