"""Backups of the database: written aside, verified, renamed, and only the newest few kept."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.errors import NotFound, WorkspaceDamaged, WorkspaceTooNew
from ranger_app.durable import flush_folder, make_folder
from ranger_app.i18n import _
from ranger_app.storage.engine import (
    APPLICATION_ID,
    DATABASE,
    connect_frozen,
    connect_raw,
)
from ranger_app.storage.faults import database_told, disk_told

KEEP = 5
_NAME = re.compile(r"(\d{6})-\d{8}-\d{6}(-[^/]*)?\.db")
"""Counted, because a laptop's clock may say 1970 tomorrow and the newest must stay the newest."""


def back_up(
    database: Path, key: bytes | None, folder: Path, *, label: str = "", keep_all: bool = False
) -> Path:
    """A whole, checked copy of the database in `folder`; returns where it is. Of the backups there the
    newest few are kept, or all of them: nothing else in the folder is touched."""
    with disk_told(folder):
        make_folder(folder)
        target = folder / _next_name(folder, label)
        aside = folder / (target.name + ".new")
    try:
        with database_told(folder):
            source = connect_raw(database, key)
            try:
                copy = connect_raw(aside, key)
                try:
                    source.backup(copy)
                    copy.execute("pragma journal_mode=delete")
                finally:
                    copy.close()
            finally:
                source.close()
        with disk_told(folder), open(aside, "rb+") as written:
            os.fsync(written.fileno())
        check_backup(aside, key)
        with disk_told(folder):
            os.replace(aside, target)
            flush_folder(folder)
            if not keep_all:
                for old in backups(folder)[KEEP:]:
                    old.unlink()
    finally:
        _clear(aside)
    return target


def _next_name(folder: Path, label: str) -> str:
    numbers = [int(path.name[:6]) for path in backups(folder)]
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    plain = re.sub(r"[^\w.-]+", "-", label)[:60]
    return f"{max(numbers, default=0) + 1:06d}-{stamp}{'-' + plain if plain else ''}.db"


def _clear(aside: Path) -> None:
    for left in (aside, *(Path(f"{aside}{end}") for end in ("-wal", "-shm", "-journal"))):
        try:
            left.unlink(missing_ok=True)
        except OSError:  # the disk went away: what led here is the error to tell
            return


def check(database: Path, key: bytes | None) -> None:
    """`WorkspaceDamaged` when a page or an index of a live database is not as it was written."""
    with database_told(database.parent):
        connection = connect_raw(database, key)
        try:
            complaints = _complaints(connection, key)
        finally:
            connection.close()
    if complaints:
        raise _damaged(database, complaints[0])


def check_backup(backup: Path, key: bytes | None) -> None:
    """`WorkspaceDamaged` when a backup is not whole, or none of this workspace's; `WorkspaceTooNew` when a
    newer Ranger wrote it. Nothing is written beside it."""
    with database_told(backup):
        connection = connect_frozen(backup, key)
        try:
            complaints = _complaints(connection, key)
            application = connection.execute("pragma application_id").fetchone()[0]
            version = connection.execute("pragma user_version").fetchone()[0]
        finally:
            connection.close()
    if complaints:
        raise _damaged(backup, complaints[0])
    if application != APPLICATION_ID:
        raise _damaged(backup, _("it is not one of Ranger's"))
    if version > SCHEMA_VERSION:
        raise WorkspaceTooNew(
            _("“{name}” was made by a newer Ranger.").format(name=backup.name),
            _("Install the newer version on this laptop; nothing was changed."),
        )


def _complaints(connection: object, key: bytes | None) -> list[str]:
    found = [row[0] for row in connection.execute("pragma integrity_check(10)")]  # type: ignore[attr-defined]
    if key is not None:
        found += [row[0] for row in connection.execute("pragma cipher_integrity_check")]  # type: ignore[attr-defined]
    if found == ["ok"]:
        return []
    # Of SQLite's many lines the first that says something; the heading above it does not.
    lines = [line for one in found for line in str(one).splitlines() if not line.startswith("***")]
    return lines or ["?"]


def _damaged(database: Path, what: str) -> WorkspaceDamaged:
    return WorkspaceDamaged(
        _("The database “{name}” is damaged: {what}.").format(name=database.name, what=what),
        _("Restore the newest backup: ranger-app restore --workspace DIR."),
    )


def newest(folder: Path) -> Path:
    """The newest backup; `NotFound` when there is none."""
    found = backups(folder)
    if not found:
        raise NotFound(
            _("There is no backup of this workspace yet."), _("Make one: ranger-app backup --workspace DIR.")
        )
    return found[0]


def backups(folder: Path) -> list[Path]:
    """All whole backups in a folder, newest first."""
    return sorted(
        (path for path in folder.glob("*.db") if _NAME.fullmatch(path.name)),
        key=lambda path: path.name,
        reverse=True,
    )


def put_back(backup: Path, workspace: Path) -> Path:
    """Put a checked backup in the place of the database, keeping the present one; returns where that is.

    The old database goes before its log, and the new one comes last, each step for good before the next:
    stopped half way, there is no database at all, never one with another one's log.
    """
    with disk_told(workspace):
        database = workspace / DATABASE
        kept = _fresh_folder(workspace / "backups")
        aside = workspace / (DATABASE + ".new")
        try:
            shutil.copyfile(backup, aside)
            with open(aside, "rb+") as written:
                os.fsync(written.fileno())
            make_folder(kept)
            for ending in ("", "-wal", "-shm"):
                present = Path(f"{database}{ending}")
                if present.exists():
                    os.replace(present, kept / present.name)
                    flush_folder(workspace)
            flush_folder(kept)
            os.replace(aside, database)
            flush_folder(workspace)
        finally:
            aside.unlink(missing_ok=True)
    return kept


def _fresh_folder(backups_folder: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    number = 1
    while (found := backups_folder / f"replaced-{stamp}-{number}").exists():
        number += 1
    return found
