"""Opens and locks the database of a workspace: one writer, many readers, and nothing said done too early."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from ranger_app.domain.errors import WorkspaceLocked
from ranger_app.i18n import _

DATABASE = "ranger.db"
LOCK = "lock"
APPLICATION_ID = 0x524E4752  # "RNGR"
CACHE_KIB = 64 << 10  # pages of a keyed database cost when they are read, so few are read twice
READER_CACHE_KIB = 32 << 10  # measured; docs/decisions/0016
BUSY_S = 30.0
READERS_KEPT = 8
"""Readers that stay open between questions; more are opened when they are asked for."""


def connect_raw(database: Path, key: bytes | None, *, cache_kib: int = READER_CACHE_KIB) -> dbapi2.Connection:
    """A bare connection with everything set that Ranger relies on."""
    connection = _connect(database, key)
    try:
        run = connection.execute
        run("pragma journal_mode=wal")
        run("pragma synchronous=full")
        run("pragma foreign_keys=on")
        run("pragma trusted_schema=off")
        run("pragma temp_store=memory")
        run(f"pragma cache_size=-{cache_kib}")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(database: Path, key: bytes | None) -> dbapi2.Connection:
    connection = dbapi2.connect(
        str(database), timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    if key is not None:
        _unlock(connection, key)
    return connection


def _unlock(connection: dbapi2.Connection, key: bytes) -> None:
    connection.execute("pragma cipher_log_level=none")  # what is damaged is told in our words, not in its
    connection.execute(f"pragma key=\"x'{key.hex()}'\"")


def whose(database: Path, key: bytes | None) -> tuple[int, int]:
    """The application and the version that a database says it is of; nothing in it is changed."""
    connection = _connect(database, key)
    try:
        application = connection.execute("pragma application_id").fetchone()[0]
        return application, connection.execute("pragma user_version").fetchone()[0]
    finally:
        connection.close()


def connect_frozen(database: Path, key: bytes | None) -> dbapi2.Connection:
    """A bare connection to a database that nobody writes, such as a backup: nothing is written beside it,
    so that it may lie on a disk that cannot be written to."""
    address = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    connection = dbapi2.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    if key is not None:
        _unlock(connection, key)
    return connection


def open_engine(database: Path, key: bytes | None, *, writer: bool) -> Engine:
    """An engine whose every connection is set up as `connect_raw` does. Writers begin immediately."""
    cache = CACHE_KIB if writer else READER_CACHE_KIB
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect_raw(database, key, cache_kib=cache),
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=1 if writer else READERS_KEPT,
        max_overflow=0 if writer else -1,
        pool_reset_on_return=None,
    )
    begin = "begin immediate" if writer else "begin"

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


_HELD = {errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}


def lock(folder: Path) -> BinaryIO:
    """Hold the workspace until the returned file is closed; `WorkspaceLocked` when somebody has it."""
    holder = open(folder / LOCK, "ab")  # noqa: SIM115 - held for the life of the workspace
    try:
        _hold(holder)
    except OSError as error:
        holder.close()
        if error.errno not in _HELD:
            raise
        raise WorkspaceLocked(
            _("“{name}” is open in another window or command.").format(name=folder.name),
            _("Close it there first, or wait until it has finished."),
        ) from None
    return holder


def _hold(holder: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(holder.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(holder.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def bare_reading(readers: Engine) -> Iterator[Any]:
    """A bare connection on one consistent view. This is asked for so often that SQLAlchemy's own part in a
    transaction would be most of what it costs."""
    held = readers.raw_connection()
    try:
        database: Any = held.driver_connection
        database.execute("begin")
        try:
            yield database
        finally:
            database.rollback()
    finally:
        held.close()


def raw(connection: Connection) -> Any:
    """The bare connection under an SQLAlchemy one, for runs of many rows."""
    return connection.connection.driver_connection
