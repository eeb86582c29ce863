"""Backups of the database: written aside, verified, renamed, and only the newest few kept."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from ranger_app.domain.errors import NotFound, WorkspaceDamaged
from ranger_app.i18n import _
from ranger_app.storage.engine import DATABASE, connect_raw, flush_folder
from ranger_app.storage.faults import database_told, disk_told

KEEP = 5
_ENDING = ".db"


def back_up(database: Path, key: bytes | None, folder: Path, *, label: str = "") -> Path:
    """A whole, checked copy of the database in `folder`, under the time of day; returns where it is."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    with disk_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{stamp}{'-' + label if label else ''}{_ENDING}"
        aside = folder / (target.name + ".new")
        aside.unlink(missing_ok=True)
    try:
        with database_told(folder):
            source = connect_raw(database, key)
            copy = connect_raw(aside, key)
            try:
                source.backup(copy, pages=4096)
                copy.execute("pragma journal_mode=delete")
            finally:
                copy.close()
                source.close()
            check(aside, key)
        with disk_told(folder):
            with open(aside, "rb+") as written:
                os.fsync(written.fileno())
            os.replace(aside, target)
            flush_folder(folder)
            _forget_old(folder)
    finally:
        for left in (aside, *(Path(f"{aside}{end}") for end in ("-wal", "-shm", "-journal"))):
            left.unlink(missing_ok=True)
    return target


def check(database: Path, key: bytes | None) -> None:
    """`WorkspaceDamaged` when a page or an index of the database is not as it was written."""
    with database_told(database.parent):
        connection = connect_raw(database, key)
        try:
            complaints = [row[0] for row in connection.execute("pragma integrity_check(10)")]
            if key is not None:
                complaints += [row[0] for row in connection.execute("pragma cipher_integrity_check")]
        finally:
            connection.close()
    if complaints != ["ok"]:
        raise WorkspaceDamaged(
            _("The database “{name}” is damaged: {what}.").format(name=database.name, what=complaints[0]),
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
    """All whole backups, newest first."""
    return sorted(folder.glob(f"*{_ENDING}"), reverse=True)


def put_back(backup: Path, key: bytes | None, workspace: Path) -> Path:
    """Put a backup in the place of the database, keeping the present one beside it; returns where that is."""
    check(backup, key)
    with disk_told(workspace):
        database = workspace / DATABASE
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        kept = workspace / "backups" / f"replaced-{stamp}"
        kept.mkdir(parents=True)
        aside = workspace / (DATABASE + ".new")
        shutil.copyfile(backup, aside)
        with open(aside, "rb+") as written:
            os.fsync(written.fileno())
        for ending in ("-wal", "-shm", ""):
            present = Path(f"{database}{ending}")
            if present.exists():
                os.replace(present, kept / present.name)
        os.replace(aside, database)
        flush_folder(workspace)
    return kept


def _forget_old(folder: Path) -> None:
    for old in backups(folder)[KEEP:]:
        old.unlink()
