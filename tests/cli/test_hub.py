"""The commands around a hub: what they print, what a script gets, and what they say when it does not work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.storage import Workspace
from tests.hub.hubs import Hub, add_files, free_port, hub_here
from tests.journeys.command_line import Outcome, new_workspace, ranger, ranger_here


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_here(tmp_path / "hub") as running:
        yield running


def admin(hub: Hub, *words: object) -> Outcome:
    return ranger_here("hub", "admin", *words, "--folder", hub.folder, folder=hub.folder)


def exchange(workspace: Path, *words: object) -> Outcome:
    return ranger_here("sync", "--workspace", workspace, *words, folder=workspace.parent)


def test_from_a_card_to_a_receipt(tmp_path: Path, hub: Hub) -> None:
    workspace = new_workspace(tmp_path)
    with Workspace.open(workspace) as opened:
        add_files(opened, 2)
    card = exchange(workspace, "--card", tmp_path / "card.json")
    assert card.status == 0
    assert "no secret" in card.words
    allowed = admin(hub, "allow", tmp_path / "card.json", "--name", "demo station")
    assert allowed.status == 0
    assert "Demo park" in allowed.words
    first = exchange(workspace, "--hub", hub.url)
    assert first.status == 0
    assert first.document["synced"] is True
    assert first.document["sent"]["files"] == 2
    assert first.document["confirmed_at"]
    assert "Synced: the hub has signed for everything" in first.words
    assert " and 2 files, " in first.words
    assert "Received: 0 changes and 0 files, " in first.words
    assert " by 1 laptop, 2 files, " in admin(hub, "sites").words
    again = exchange(workspace)  # the address is remembered
    assert again.document["sent"] == {"segments": 0, "files": 0, "bytes": again.document["sent"]["bytes"]}
    assert [one["name"] for one in admin(hub, "list").document] == ["demo station"]
    assert admin(hub, "forget", "demo station").status == 0
    assert exchange(workspace).document["error"]["code"] == "not-admitted"
    assert admin(hub, "list").document == []


def test_a_key_alone_needs_a_site(tmp_path: Path, hub: Hub) -> None:
    key = "ab" * 32
    refused = admin(hub, "allow", key)
    assert refused.status == 1
    assert "--site" in refused.document["error"]["what_to_do"]
    site = "0190d3f2-0000-7000-8000-000000000001"
    allowed = admin(hub, "allow", key, "--site", site)
    assert allowed.document == {"name": "", "key": key, "sites": [site], "all_sites": False}
    assert admin(hub, "allow", key, "--all-sites").document["all_sites"] is True
    assert admin(hub, "allow", key, "--site", "demo").status == 1


def test_not_synced_is_said_and_is_a_failure(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranger_app.hub import bounds

    workspace = new_workspace(tmp_path)
    with Workspace.open(workspace) as opened:
        add_files(opened, 1)
    exchange(workspace, "--card", tmp_path / "card.json")
    admin(hub, "allow", tmp_path / "card.json")
    monkeypatch.setattr(bounds, "KEPT_FREE", 1 << 60)
    full = exchange(workspace, "--hub", hub.url)
    assert full.status == 1
    assert full.document["synced"] is False
    assert full.document["confirmed_at"] is None
    assert full.document["not_confirmed"]
    assert "Not synced" in full.words
    assert "Synced:" not in full.words


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "refused"),
        (("--hub", "hub.example.org"), "bad-input"),
        (("--hub", "http://hub.example.org"), "refused"),
    ],
)
def test_an_exchange_that_cannot_be_is_told_before_anything_is_sent(
    tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    refused = exchange(new_workspace(tmp_path), *words)
    assert refused.status == 1
    assert refused.document["error"]["code"] == code
    assert refused.document["error"]["what_to_do"]


def test_a_hub_that_does_not_answer_is_told(tmp_path: Path) -> None:
    gone = exchange(new_workspace(tmp_path), "--hub", f"http://127.0.0.1:{free_port()}")
    assert gone.status == 1
    assert gone.document["error"]["code"] == "unfinished"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        b"[" * 60_000,
        b"\xff\xfe",
        b"x" * 100_000,
        json.dumps({"kind": "ranger hub card", "key": "../..", "name": "", "sites": []}).encode(),
        json.dumps(
            {"kind": "ranger hub card", "key": "ab" * 32, "name": "", "sites": [{"id": "x"}]}
        ).encode(),
    ],
)
def test_a_card_that_is_none_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "card").write_bytes(content)
    refused = ranger_here(
        "hub", "admin", "allow", tmp_path / "card", "--folder", tmp_path / "hub", folder=tmp_path
    )
    assert refused.status == 1
    assert refused.document["error"]["code"] == "bad-input"
    assert not (tmp_path / "hub" / "admitted").exists()


def test_who_is_not_there_cannot_be_forgotten(tmp_path: Path) -> None:
    for name in ("", "demo", "ab"):
        words = ("hub", "admin", "forget", name, "--folder", tmp_path / "hub")
        assert ranger_here(*words, folder=tmp_path).document["error"]["code"] == "not-found"


@pytest.mark.slow
def test_a_port_that_is_taken_is_told(tmp_path: Path, hub: Hub) -> None:
    told = ranger("hub", "serve", "--folder", tmp_path / "other", "--port", hub.port, folder=tmp_path)
    assert told.status == 1
    assert told.document["error"]["code"] == "refused"
    assert str(hub.port) in told.document["error"]["text"]


def test_a_folder_that_is_mistyped_is_no_hub_and_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "hubb"
    for deed in ("list", "sites", "devices", "verify", "backup"):
        said = ranger_here("hub", "admin", deed, "--folder", missing, folder=tmp_path)
        assert said.status == 1
        assert "There is no hub in" in said.document["error"]["text"]
    assert not missing.exists()


def test_of_nothing_that_moved_nothing_is_said(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    said = exchange(workspace, "--hub", f"http://127.0.0.1:{free_port()}")
    assert said.document["error"]["text"].endswith("does not answer.")
