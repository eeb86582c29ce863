"""A folder that was copied, moved or put back is told from the one that it was made of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ranger_app.domain.patrols import Patrol
from ranger_app.storage import Workspace, whereabouts
from ranger_app.storage.exchange.exchanging import segments_above, take
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, a_site, quiet

SITE = a_site()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "one", site=SITE) as made:
        write(made, "P-1")
    return tmp_path / "one"


def write(workspace: Workspace, number: str) -> bytes:
    """Write something; returns the replica that signed it."""
    with workspace.unit("patrol") as unit:
        unit.add(a_patrol(SITE.id, number))
    return workspace.keys.replica


def replica_writing_in(folder: Path, number: str) -> bytes:
    with Workspace.open(folder) as opened:
        return write(opened, number)


def test_it_goes_on_with_its_keys_where_it_lies(folder: Path) -> None:
    assert replica_writing_in(folder, "P-2") == replica_writing_in(folder, "P-3")


def test_a_plain_copy_gets_keys_of_its_own_before_it_writes(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    copied = replica_writing_in(tmp_path / "copy", "C-1")
    assert copied != replica_writing_in(folder, "P-2")
    assert replica_writing_in(tmp_path / "copy", "C-2") == copied, "once, and not each time"
    with Workspace.open(folder) as one, Workspace.open(tmp_path / "copy") as other:
        take(one, list(segments_above(other, {})))
        take(other, list(segments_above(one, {})))
        assert one.digest() == other.digest()
        with one.reading() as data:
            assert set(data.column(Patrol, "number")) == {"P-1", "P-2", "C-1", "C-2"}, "nothing forked"
        assert verify(one, quiet()).problems == []


def test_whichever_of_the_two_is_opened_first(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    first = replica_writing_in(folder, "P-2")
    assert replica_writing_in(tmp_path / "copy", "C-1") != first
    assert replica_writing_in(folder, "P-3") == first


def test_a_copy_that_was_only_looked_at_still_gets_its_own(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    Workspace.open(tmp_path / "copy").close()
    Workspace.open(tmp_path / "copy").close()
    assert replica_writing_in(tmp_path / "copy", "C-1") != replica_writing_in(folder, "P-2")


def test_a_folder_that_was_moved_keeps_its_keys(folder: Path, tmp_path: Path) -> None:
    before = replica_writing_in(folder, "P-2")
    folder.rename(tmp_path / "moved")
    assert replica_writing_in(tmp_path / "moved", "P-3") == before


def test_the_same_folder_by_another_name_is_no_copy(folder: Path, tmp_path: Path) -> None:
    before = replica_writing_in(folder, "P-2")
    (tmp_path / "link").symlink_to(folder)
    assert replica_writing_in(tmp_path / "link", "P-3") == before


def test_a_copy_and_its_original_that_changed_places(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    folder.rename(tmp_path / "elsewhere")
    first = replica_writing_in(tmp_path / "copy", "C-1")
    assert replica_writing_in(tmp_path / "elsewhere", "P-2") != first


def test_an_older_state_put_in_place_by_hand_uses_no_number_twice(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "aside")
    before = replica_writing_in(folder, "P-2")
    shutil.rmtree(folder)
    (tmp_path / "aside").rename(folder)
    assert replica_writing_in(folder, "P-3") != before


def test_a_folder_from_another_computer_gets_keys_of_its_own_once_for_each(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whereabouts, "computer", lambda: "a")
    with_a = replica_writing_in(folder, "P-2")
    monkeypatch.setattr(whereabouts, "computer", lambda: "b")
    with_b = replica_writing_in(folder, "P-3")
    assert with_b != with_a
    assert replica_writing_in(folder, "P-4") == with_b
    monkeypatch.setattr(whereabouts, "computer", lambda: "a")
    assert replica_writing_in(folder, "P-5") == with_b, "a disk that goes to and fro settles"
    monkeypatch.setattr(whereabouts, "computer", lambda: "")
    assert replica_writing_in(folder, "P-6") == with_b, "where the computer cannot be told, it is not asked"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"x": 1}', b'{"x": {"path": 1, "seq": "2"}}'])
def test_a_damaged_list_of_workspaces_is_as_none(folder: Path, own_config: Path, content: bytes) -> None:
    (own_config / whereabouts.FILE).write_bytes(content)
    before = replica_writing_in(folder, "P-2")
    assert replica_writing_in(folder, "P-3") == before


def test_settings_that_cannot_be_written_hold_nobody_up(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("RANGER_CONFIG_DIR", str(tmp_path / "a file" / "below"))
    assert replica_writing_in(folder, "P-2") == replica_writing_in(folder, "P-3")
