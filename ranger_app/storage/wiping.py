"""Leaves nothing of what was erased: no file, no small picture, nothing in the free pages of the database."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from ranger_app.domain.errors import DiskTrouble
from ranger_app.storage.changes.erasing import erased_files
from ranger_app.storage.engine import raw
from ranger_app.storage.faults import database_told
from ranger_app.storage.files import FileStore


def wipe(folder: Path, cache: Path, files: FileStore, writer: Engine) -> None:
    """Do so outside of any transaction. What a full disk, or somebody who reads just then, prevents is done
    at the next erasure."""
    with suppress(DiskTrouble), database_told(folder), writer.connect() as connection:
        database = raw(connection)
        drop_files(cache, files, erased_files(database))
        database.execute("vacuum")
        database.execute("pragma wal_checkpoint(truncate)")


def drop_files(cache: Path, files: FileStore, gone: set[bytes]) -> None:
    """Forget these files and their small pictures. A linked original stays in its own place."""
    with suppress(OSError):
        for sha256 in gone:
            if files.has(sha256) and (kept := files.path(sha256)):
                kept.unlink()
            name = sha256.hex()
            for small in (cache / "thumbnails" / name[:2]).glob(f"{name}*"):
                small.unlink(missing_ok=True)
