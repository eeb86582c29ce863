"""Laptops join, are listed and shut out from the command line; what scripts may rely on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranger_app.cli.main import main

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in a folder with the office's workspace, and gives its JSON."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == status
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return json.loads(said.out)

    run("new", "office", "--site", "Demo park", "--no-passphrase", "--device", "office")
    return run


def enrol(command: Command, *words: str, status: int = 0) -> Any:
    return command("device", "enrol", *words, "--workspace", "office", status=status)


def join(command: Command, name: str, role: str = "ranger") -> Any:
    command("join", name, "--request", f"{name}.req", "--device", name, "--no-passphrase")
    command(
        "device",
        "enrol",
        f"{name}.req",
        "--role",
        role,
        "--out",
        f"{name}.ans",
        "--yes",
        "--workspace",
        "office",
    )
    return command("join", name, "--answer", f"{name}.ans")


def carry(command: Command, giver: str, taker: str) -> Any:
    stick = f"{giver} to {taker} {len(os.listdir())}"
    command("bundle", "write", stick, "--workspace", giver)
    return command("bundle", "read", stick, "--workspace", taker)


def test_a_laptop_joins_in_three_steps_with_words_to_compare(command: Command) -> None:
    asked = command("join", "post", "--request", "post.req", "--device", "Demo post", "--no-passphrase")
    told = enrol(command, "post.req", "--role", "ranger", "--out", "a", "--yes")
    joined = command("join", "post", "--answer", "a")
    assert len(asked["words"]) == 6
    assert told["words"] == asked["words"]
    assert joined["site_words"] == told["site_words"]
    assert joined["site"]["name"] == "Demo park"
    assert joined["role"] == told["device"]["role"] == "ranger"
    read = carry(command, "office", "post")
    assert read["role"] == "ranger"
    status = command("status", "--workspace", "post")
    assert [site["name"] for site in status["sites"]] == ["Demo park"]
    assert [(d["name"], d["role"], d["this"]) for d in command("device", "list", "--workspace", "post")] == [
        ("office", "administrator", False),
        ("Demo post", "ranger", True),
    ]


def test_nothing_is_answered_before_somebody_compared_the_words(command: Command) -> None:
    command("join", "post", "--request", "post.req", "--no-passphrase")
    told = enrol(command, "post.req", "--role", "ranger", "--out", "a", status=1)
    assert told["error"]["code"] == "refused"
    assert not Path("a").exists()
    assert command("device", "list", "--workspace", "office")[0]["enrolled"] is False


def test_asking_again_gives_the_same_request(command: Command) -> None:
    first = command("join", "post", "--request", "post.req", "--no-passphrase")
    assert command("join", "post", "--request", "again.req")["words"] == first["words"]
    command("join", "post", "--request", "post.req")


def test_a_protected_workspace_is_the_rule(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("join", "post", "--request", "post.req", status=1)["error"]["code"] == "refused"
    assert not Path("post").exists()
    monkeypatch.setenv("RANGER_PASSPHRASE", "demo")
    command("join", "post", "--request", "post.req")
    monkeypatch.setenv("RANGER_NEW_PASSPHRASE", "demo again")
    command("device", "passphrase", "--workspace", "post")
    assert command("status", "--workspace", "post", status=1)["error"]["code"] == "wrong-passphrase"
    monkeypatch.setenv("RANGER_PASSPHRASE", "demo again")
    command("status", "--workspace", "post")


def test_a_workspace_without_a_passphrase_gets_none(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANGER_NEW_PASSPHRASE", "demo")
    assert command("device", "passphrase", "--workspace", "office", status=1)["error"]["code"] == "refused"


def test_a_ranger_is_told_in_a_sentence_what_he_may_not_do(command: Command) -> None:
    join(command, "post")
    carry(command, "office", "post")
    site = command("status", "--workspace", "post")["sites"][0]["id"]
    told = command("record", "set", "site", site, "name=Mine", "--workspace", "post", status=1)
    assert told["error"]["code"] == "refused"
    assert "ranger" in told["error"]["text"]


def test_once_a_site_lists_its_devices_only_they_open_its_bundles(command: Command) -> None:
    assert carry(command, "office", "visitor")["unsealed"] == 1
    join(command, "post")
    assert command("bundle", "write", "stick", "--workspace", "office")["sealed"]
    for name in ("visitor", "guest"):
        told = command("bundle", "read", "stick", "--workspace", name, status=1)["error"]
        assert told["code"] == "not-for-us"
        assert "ranger-app join" in told["what_to_do"]
    assert not Path("guest").exists()
    assert command("bundle", "read", "stick", "--workspace", "post")["joined"] == ""
    assert command("bundle", "show", "stick")[0]["sealed"]


def test_a_laptop_that_is_not_enrolled_is_told_so(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    carry(command, "office", "visitor")
    join(command, "post")
    command("device", "recovery-sheet", "sheet.txt", "--workspace", "office")
    command("bundle", "write", "stick", "--workspace", "office")
    capsys.readouterr()
    assert main(["bundle", "read", "stick", "--sheet", "sheet.txt", "--workspace", "visitor"]) == 0
    assert "not enrolled" in capsys.readouterr().err


def test_a_laptop_that_is_shut_out_writes_for_nobody(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    join(command, "post", "administrator")
    carry(command, "office", "post")
    site = command("status", "--workspace", "post")["sites"][0]["id"]
    command("record", "set", "site", site, "country=RUS", "--workspace", "post")
    gone = command("device", "revoke", "post", "--workspace", "office")
    assert (gone["accept_up_to"], gone["aside"]) == (0, 0)
    assert carry(command, "post", "office")["aside"] == 1 + 1  # the site's country, and the laptop itself
    (site_change,) = [
        one for one in command("device", "aside", "--workspace", "office") if one["record"]["kind"] == "site"
    ]
    assert (site_change["field"], site_change["value"], site_change["device"]["name"]) == (
        "country",
        "RUS",
        "post",
    )
    capsys.readouterr()
    assert main(["device", "aside", "--workspace", "office"]) == 0
    assert "--accept-up-to N" in capsys.readouterr().err, "how it comes in"
    again = command("device", "revoke", "post", "--accept-up-to", 1, "--workspace", "office")
    assert (again["accept_up_to"], again["aside"]) == (1, 0)
    assert command("record", "show", "site", site, "--workspace", "office")["country"] == "RUS"


def test_an_administrator_says_how_much_a_laptop_may_bring(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    join(command, "post", "administrator")
    carry(command, "office", "post")
    site = command("status", "--workspace", "post")["sites"][0]["id"]
    command("record", "set", "site", site, "country=RUS", "--workspace", "post")
    carry(command, "post", "office")
    told = command("device", "quota", "post", 1, "--workspace", "office")
    assert (told["quota"], told["brought"], told["aside"]) == (1, 2, 2)
    (post,) = [one for one in command("device", "list", "--workspace", "office") if one["name"] == "post"]
    assert (post["brought"], post["quota"]) == (2, 1)
    assert all(one["beyond_quota"] for one in command("device", "aside", "--workspace", "office"))
    capsys.readouterr()
    assert main(["device", "list", "--workspace", "office"]) == 0
    said = capsys.readouterr().err
    assert "“post” has brought 2 single changes and may bring 1" in said
    assert "ranger-app device quota DEVICE N" in said
    again = command("device", "quota", "post", 9, "--workspace", "office")
    assert (again["quota"], again["aside"]) == (9, 0)
    assert command("record", "show", "site", site, "--workspace", "office")["country"] == "RUS"


def test_a_device_gets_another_role(command: Command) -> None:
    join(command, "post")
    told = command("device", "role", "post", "Data-Clerk", "--workspace", "office")
    assert told["device"]["role"] == "data clerk"
    assert (
        command("device", "role", "post", "king", "--workspace", "office", status=1)["error"]["code"]
        == "bad-input"
    )
    assert command("device", "role", "ghost", "ranger", "--workspace", "office", status=1)["error"]


def test_a_site_is_taken_over_by_its_printed_sheet(command: Command) -> None:
    join(command, "post")
    command("device", "recovery-sheet", "sheet.txt", "--workspace", "office")
    command("bundle", "write", "stick", "--workspace", "office")
    assert command("bundle", "read", "stick", "--workspace", "new office", status=1)["error"]
    by_sheet = ("bundle", "read", "stick", "--sheet", "sheet.txt", "--workspace", "new office")
    assert command(*by_sheet, status=1)["error"]["code"] == "refused", (
        "what was sealed is not left open unasked"
    )
    assert not Path("new office").exists()
    command(*by_sheet, "--no-passphrase")
    text = Path("sheet.txt").read_text(encoding="utf-8")
    Path("typed.txt").write_text(text.upper(), encoding="utf-8")
    command("device", "recover", "typed.txt", "--workspace", "new office")
    roles = {
        d["name"]: d["role"] for d in command("device", "list", "--workspace", "new office") if d["this"]
    }
    assert list(roles.values()) == ["administrator"]
    assert command("device", "recovery-sheet", "sheet.txt", "--workspace", "new office", status=1)["error"]


def test_the_sheet_can_be_a_page_to_print(command: Command) -> None:
    command("device", "recovery-sheet", "sheet.PDF", "--workspace", "office")
    assert Path("sheet.PDF").read_bytes().startswith(b"%PDF-")
    if os.name == "posix":
        assert Path("sheet.PDF").stat().st_mode & 0o077 == 0, "nobody else reads it"
    assert [name for name in os.listdir() if "sheet" in name] == ["sheet.PDF"]


def test_a_name_from_elsewhere_cannot_steer_the_terminal(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    command("join", "post", "--request", "post.req", "--device", "a\x1b[2Jb\rc", "--no-passphrase")
    enrol(command, "post.req", "--role", "ranger", "--out", "a", "--yes")
    capsys.readouterr()
    assert main(["device", "list", "--workspace", "office"]) == 0
    words = capsys.readouterr().err
    assert "\x1b" not in words
    assert "\r" not in words


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 100_000, b"age-encryption.org/v1\n"])
def test_files_that_are_something_else_are_refused_in_a_sentence(command: Command, content: bytes) -> None:
    Path("odd").write_bytes(content)
    command("join", "post", "--request", "post.req", "--no-passphrase")
    for words in (
        ("device", "enrol", "odd", "--role", "ranger", "--out", "a", "--yes", "--workspace", "office"),
        ("join", "post", "--answer", "odd"),
        ("device", "recover", "odd", "--workspace", "office"),
        ("join", "post", "--request", "odd"),
        ("join", "post", "--answer", "not there"),
    ):
        assert command(*words, status=1)["error"]["text"]
    assert Path("odd").read_bytes() == content, "only files of ours are written over"
    told = command(
        "device",
        "enrol",
        "post.req",
        "--role",
        "ranger",
        "--out",
        "post.req",
        "--yes",
        "--workspace",
        "office",
        status=1,
    )
    assert told["error"]["code"] == "bad-input"


def test_wrong_usage_is_told_as_such(command: Command) -> None:
    for words in (["join", "post"], ["join", "post", "--request", "a", "--answer", "b"], ["device"]):
        with pytest.raises(SystemExit) as told:
            main(words)
        assert told.value.code == 2
