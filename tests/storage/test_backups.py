"""Copies of the database that can be relied on."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ranger_app.domain.errors import KnownError, NotFound, WorkspaceDamaged, WorkspaceTooNew
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.sites import Device
from ranger_app.storage import Workspace
from ranger_app.storage import backups as module
from ranger_app.storage.backups import KEEP, backups, newest
from ranger_app.storage.engine import connect_raw
from ranger_app.storage.opening import restore
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, a_workspace, quiet


def numbers(workspace: Workspace) -> list[str]:
    with workspace.reading() as data:
        return data.column(Patrol, "number", order=("number",))


def add(workspace: Workspace, number: str) -> None:
    with workspace.unit("add") as unit:
        unit.add(a_patrol(workspace.site_id, number))


@pytest.mark.parametrize("passphrase", [None, "demo"])
def test_a_backup_brings_back_what_there_was(passphrase: str | None, tmp_path: Path) -> None:
    folder = tmp_path / "demo.ranger"
    with a_workspace(folder, passphrase=passphrase) as made:
        add(made, "before")
        digest = made.digest()
        backup = made.back_up()
        add(made, "after")
    kept = restore(folder, backup, passphrase=passphrase)
    assert (kept / "ranger.db").exists()
    with Workspace.open(folder, passphrase=passphrase) as again:
        assert numbers(again) == ["before"]
        assert again.digest() == digest
        assert verify(again, quiet()).problems == []


def test_after_a_restore_no_number_is_used_twice(tmp_path: Path) -> None:
    """The laptop goes on under fresh keys and the same name, so what it had sent before stays good."""
    folder = tmp_path / "demo.ranger"
    with a_workspace(folder) as made:
        backup = made.back_up()
        before = made.keys.replica
        with made.reading() as data:
            names = data.column(Device, "name")
    restore(folder, backup)
    with Workspace.open(folder) as again:
        add(again, "new")
        assert again.keys.replica != before
        with again.reading() as data:
            assert len(data.find(Device)) == 2
            assert set(names) <= set(data.column(Device, "name"))


def test_only_the_newest_few_are_kept_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Jumping(datetime):
        years = iter([2026, 2100, 1970, 2026, 1999, 2026, 1970, 2050])

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime(next(cls.years), 1, 1, tzinfo=UTC)

    monkeypatch.setattr(module, "datetime", Jumping)
    with a_workspace(tmp_path / "demo.ranger") as made:
        made_ones = []
        for _ in range(8):
            made_ones.append(made.back_up())
            assert made_ones[-1].exists()
            assert newest(made.folder / "backups") == made_ones[-1]
        assert backups(made.folder / "backups") == made_ones[: -KEEP - 1 : -1]


def test_a_backup_to_another_folder_removes_nothing_there(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for n in range(9):
        (stick / f"family{n}.db").write_text("somebody's")
    with a_workspace(tmp_path / "demo.ranger") as made:
        for _ in range(KEEP + 3):
            made.back_up(stick)
    assert len(list(stick.glob("family*.db"))) == 9
    assert len(backups(stick)) == KEEP + 3
    assert all("demo" in path.name for path in backups(stick))


def test_a_backup_is_one_file_that_is_not_changed_by_reading_it(tmp_path: Path) -> None:
    folder = tmp_path / "demo.ranger"
    with a_workspace(folder) as made:
        backup = made.back_up(tmp_path / "stick")
    before = backup.read_bytes()
    restore(folder, backup)
    assert backup.read_bytes() == before
    assert list((tmp_path / "stick").iterdir()) == [backup]


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="needs the right to mount a disk read-only"
)
def test_a_backup_is_read_from_a_disk_that_cannot_be_written_to(tmp_path: Path) -> None:
    folder, stick = tmp_path / "demo.ranger", tmp_path / "stick"
    with a_workspace(folder) as made:
        backup = made.back_up(stick)
    bound = subprocess.run(["mount", "--bind", "-o", "ro", stick, stick], check=False, capture_output=True)
    if bound.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        restore(folder, backup)
    finally:
        subprocess.run(["umount", stick], check=True)
    Workspace.open(folder).close()


def test_what_is_damaged_is_told_in_one_line_and_in_our_words_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo.ranger"
    with a_workspace(folder, passphrase="demo words") as made:
        for n in range(40):
            add(made, f"P-{n}")
        made.back_up()
        whole = newest(folder / "backups").read_bytes()
    page = 4096
    for at in range(3 * page, len(whole), 5 * page):
        (folder / "ranger.db").write_bytes(whole[:at] + bytes(16) + whole[at + 16 :])
        with suppress(WorkspaceDamaged), Workspace.open(folder, passphrase="demo words") as opened:
            (told,) = verify(opened, quiet()).problems
            assert "\n" not in told
            assert "***" not in told
            assert "ranger-app restore" in told
    (folder / "ranger.db").write_bytes(whole)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(whole[: 3 * page] + bytes(16) + whole[3 * page + 16 :])
    with pytest.raises(WorkspaceDamaged, match="no whole backup of this workspace; nothing was changed"):
        restore(folder, damaged, passphrase="demo words")
    said = capfd.readouterr()
    assert said.out + said.err == "", "SQLCipher keeps its own log to itself"


def test_without_a_backup_there_is_nothing_to_restore(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        newest(workspace.folder / "backups")


def damage_middle(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 5_000] = b"?" * 5_000
    path.write_bytes(raw)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 100)


def make_newer(path: Path) -> None:
    connection = connect_raw(path, None)
    connection.execute("pragma user_version = 999")
    connection.close()


def another_program(path: Path) -> None:
    path.unlink()
    connection = connect_raw(path, None)
    connection.execute("create table somebodys (x)")
    connection.close()


def nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (damage_middle, WorkspaceDamaged),
        (cut, WorkspaceDamaged),
        (make_newer, WorkspaceTooNew),
        (another_program, WorkspaceDamaged),
        (nothing, WorkspaceDamaged),
    ],
)
def test_a_bad_backup_replaces_nothing(harm: Any, error: type[KnownError], tmp_path: Path) -> None:
    folder = tmp_path / "demo.ranger"
    with a_workspace(folder) as made:
        add(made, "kept")
        digest = made.digest()
        backup = made.back_up(tmp_path / "stick")
    harm(backup)
    with pytest.raises(error):
        restore(folder, backup)
    with Workspace.open(folder) as again:
        assert again.digest() == digest
        assert numbers(again) == ["kept"]


def test_a_restore_is_refused_while_the_workspace_is_open(workspace: Workspace) -> None:
    backup = workspace.back_up()
    with pytest.raises(KnownError, match="open in another window"):
        restore(workspace.folder, backup)


@pytest.mark.parametrize("stopped_after", range(1, 6))
def test_a_restore_that_is_stopped_can_be_done_again(
    stopped_after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at any of its steps: done again, everything is as in the backup."""

    class Killed(BaseException):
        pass

    folder = tmp_path / "demo.ranger"
    with a_workspace(folder) as made:
        add(made, "before")
        backup, digest = made.back_up(), made.digest()
        add(made, "after")
    steps = iter(range(1, 100))
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if next(steps) == stopped_after:
            raise Killed
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with suppress(Killed):
        restore(folder, backup)
    monkeypatch.setattr(os, "replace", real)
    restore(folder, backup)
    with Workspace.open(folder) as again:
        assert again.digest() == digest
        assert verify(again, quiet()).problems == []
