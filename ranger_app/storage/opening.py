"""What happens to a workspace's folder before it is open: laid out, brought up to date, put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.domain.errors import NotFound, Refused, WorkspaceDamaged, WorkspaceTooNew
from ranger_app.durable import flush_folder, make_folder
from ranger_app.i18n import _
from ranger_app.security.keys import (
    KEY_FILE,
    DeviceKeys,
    make_keys,
    read_keys,
    write_keys,
)
from ranger_app.security.succession import renew_vouched_for
from ranger_app.storage import migrations
from ranger_app.storage.backups import back_up, check_backup, put_back
from ranger_app.storage.engine import APPLICATION_ID, DATABASE, LOCK, connect_frozen, connect_raw, lock, whose
from ranger_app.storage.faults import database_told, disk_told
from ranger_app.storage.files import sweep, sweep_shown
from ranger_app.storage.meta import HOME, SHAPE, read_note, write_note
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.tables import fingerprint

_PARTS = ("files", "backups", "cache")
DEVICE_FOLDER = "device"


def lay_out(folder: Path, passphrase: str | None) -> tuple[DeviceKeys, BinaryIO]:
    """An empty workspace in a folder that is not there or is empty; returns its keys and its lock. Whatever
    goes wrong, nothing half-made stays behind."""
    with disk_told(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(
                _("“{name}” is there already and is not empty.").format(name=folder.name),
                _("Choose another name; Ranger never writes over what is there."),
            )
        make_folder(folder)
        holder = lock(folder)
    try:
        with disk_told(folder):
            for part in _PARTS:
                (folder / part).mkdir()
            keys = make_keys(keyed=passphrase is not None)
            write_keys(folder / DEVICE_FOLDER, keys, passphrase)
        with database_told(folder):
            connection = connect_raw(folder / DATABASE, keys.database_key)
            try:
                connection.execute("begin immediate")
                migrations.make_schema(connection)
                write_note(connection, SHAPE, fingerprint())
                connection.execute("commit")
            finally:
                connection.close()
        with disk_told(folder):
            flush_folder(folder)
    except BaseException:
        holder.close()
        clear_away(folder)
        raise
    return keys, holder


def clear_away(folder: Path) -> None:
    """Undo `lay_out`: what it made, and the folder if nothing else is in it."""
    for part in (*_PARTS, DEVICE_FOLDER):
        shutil.rmtree(folder / part, ignore_errors=True)
    with suppress(OSError):
        for file in (LOCK, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"):
            (folder / file).unlink(missing_ok=True)
        folder.rmdir()


Unlock = Callable[[Path], DeviceKeys]
"""Gives the keys that lie in the device's folder."""


def take_hold(folder: Path, unlock: Unlock) -> tuple[DeviceKeys, BinaryIO]:
    """Lock a workspace, open its keys and bring it up to date; returns keys and lock."""
    _must_be_workspace(folder)
    with disk_told(folder):
        holder = lock(folder)
    try:
        keys = unlock(folder / DEVICE_FOLDER)
        _bring_up_to_date(folder, keys)
        with disk_told(folder):
            for part in _PARTS:
                (folder / part).mkdir(exist_ok=True)  # the cache may have been thrown away
            sweep(folder / "files")
            sweep_shown(folder)
    except BaseException:
        holder.close()
        raise
    return keys, holder


def _must_be_workspace(folder: Path) -> None:
    database = folder / DATABASE
    if not database.is_file():
        if (folder / DEVICE_FOLDER / KEY_FILE).is_file():
            raise _damaged(_("The database of “{name}” is missing."), folder)
        raise NotFound(
            _("“{name}” is not a Ranger workspace.").format(name=folder.name),
            _("Choose the folder that holds ranger.db, or make a new one: ranger-app new DIR."),
        )
    with disk_told(folder):
        if database.stat().st_size == 0:  # SQLite would take it for a new one and write to it
            raise _damaged(_("The database of “{name}” is empty."), folder)


def _bring_up_to_date(folder: Path, keys: DeviceKeys) -> None:
    database = folder / DATABASE
    with database_told(folder):
        application, found = whose(database, keys.database_key)
        if application != APPLICATION_ID:
            raise _damaged(_("The database of “{name}” is not one of Ranger's."), folder)
        if found > SCHEMA_VERSION:
            raise WorkspaceTooNew(
                _("“{name}” was made by a newer Ranger.").format(name=folder.name),
                _("Install the newer version on this laptop; nothing was changed."),
            )
        connection = connect_raw(database, keys.database_key)
        try:
            if found == SCHEMA_VERSION and read_note(connection, SHAPE) == fingerprint():
                return
            back_up(database, keys.database_key, folder / "backups", label=f"before-v{SCHEMA_VERSION}")
            connection.execute("begin immediate")
            migrations.upgrade(connection, found)
            # The segments say what the new columns hold, and may hold what the older version could not read.
            connection.execute("update gate set open = 1")
            rebuild_state(connection)
            connection.execute("update gate set open = 0")
            write_note(connection, SHAPE, fingerprint())
            connection.execute("commit")
        finally:
            connection.close()


def restore(folder: Path, backup: Path, *, passphrase: str | None = None) -> Path:
    """Put a backup in place; returns where the replaced database is kept. The laptop becomes a new
    incarnation first, which its keys until then have vouched for, so that no number of its feed is used twice
    and it stays the device that it was, wherever this is interrupted."""
    folder = folder.absolute()
    with disk_told(folder):
        holder = lock(folder)
    with holder:
        keys = _keys_for(folder, backup, passphrase)
        try:
            check_backup(backup, keys.database_key)
        except WorkspaceDamaged as error:
            raise WorkspaceDamaged(
                _("“{name}” is no whole backup of this workspace; nothing was changed.").format(
                    name=backup.name
                ),
                _("Choose another one: the workspace's own lie in its folder “backups”."),
            ) from error
        home = _home_in(backup, keys)
        with disk_told(folder):
            renew_vouched_for(folder / DEVICE_FOLDER, keys, home)
        return put_back(backup, folder)


def _home_in(backup: Path, keys: DeviceKeys) -> bytes | None:
    with database_told(backup), closing(connect_frozen(backup, keys.database_key)) as connection:
        home: bytes | None = read_note(connection, HOME)
    return home


def _keys_for(folder: Path, backup: Path, passphrase: str | None) -> DeviceKeys:
    """The workspace's keys; fresh ones where they are lost and the backup opens without any."""
    try:
        return read_keys(folder / DEVICE_FOLDER, passphrase)
    except WorkspaceDamaged:
        check_backup(backup, None)
        keys = make_keys(keyed=False)
        with disk_told(folder):
            write_keys(folder / DEVICE_FOLDER, keys, None)
        return keys


def _damaged(text: str, folder: Path) -> WorkspaceDamaged:
    return WorkspaceDamaged(
        text.format(name=folder.name), _("Restore the newest backup: ranger-app restore --workspace DIR.")
    )
