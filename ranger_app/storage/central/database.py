"""The line to a hub's PostgreSQL: transactions that are tried again, and its faults as sentences."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg import pq
from sqlalchemy import Connection as Connection  # for those who say what happens in a transaction
from sqlalchemy import create_engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from ranger_app.domain.errors import BadInput, KnownError, Refused, WorkspaceTooNew
from ranger_app.i18n import _
from ranger_app.storage.central.faults import DatabaseAway, DatabaseFull
from ranger_app.storage.central.tables import SCHEMA, VERSION, metadata, note, partitions

T = TypeVar("T")
TRIES = 6
CONNECT_S = 10
_FIRST_PAUSE_S = 0.02
_AGAIN = {"40001", "40P01", "55P03"}
"""Serialisation failure, deadlock, lock not available: nothing was done, and it may be done again."""
_FULL = {"53100", "53200"}
_AWAY = {"57P01", "57P02", "57P03", "53300"}
_MAKING = 0x524E4752
"""The advisory lock under which the tables are made: several workers start at once."""


class _Cursor(psycopg.Cursor[tuple[object, ...]]):
    """Takes values as they are kept: signed bytes written as digits would be twice as long."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], **options: object) -> None:
        super().__init__(connection, **options)
        self.format = pq.Format.BINARY


def database_url(text_: str) -> URL:
    """The address of a database as its keeper wrote it; `BadInput` when it is none."""
    try:
        url = make_url(text_)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise BadInput(
            _("This is not the address of a PostgreSQL database."),
            _("It looks like postgresql://user@host/name; see docs/hub.md."),
        )
    return url.set(drivername="postgresql+psycopg")


class Central:
    """A hub's database. `read` and `write` may be called from any thread, and by any number of processes."""

    def __init__(self, url: str, *, connections: int = 16) -> None:
        self._engine = create_engine(
            database_url(url),
            pool_size=connections,
            max_overflow=0,
            connect_args={
                "connect_timeout": CONNECT_S,
                "cursor_factory": _Cursor,
                "application_name": "ranger-hub",
            },
        )
        self.write(_make_tables)

    def belong_to(self, hub_key: bytes) -> None:
        """Receipts for what is here are signed with one key; `Refused` when they were with another."""

        def claim(connection: Connection) -> str:
            mine = insert(note).values(key="hub", value=hub_key.hex())
            connection.execute(mine.on_conflict_do_nothing())
            return str(connection.execute(select(note.c.value).where(note.c.key == "hub")).scalar_one())

        if self.write(claim) != hub_key.hex():
            raise Refused(
                _("The database belongs to a hub with another key than the one in this folder."),
                _("Put the folder “device” of that hub here, from its backup or from where it also runs."),
            )

    def read(self, question: Callable[[Connection], T]) -> T:
        """Ask something, in a transaction of its own."""
        return self._tried(question)

    def write(self, deed: Callable[[Connection], T]) -> T:
        """Do something, all of it or nothing. It is done again when others were in the way or the line broke,
        so it must come to the same when it was done already."""
        return self._tried(deed)

    def _tried(self, deed: Callable[[Connection], T]) -> T:
        for tried in range(1, TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    return deed(connection)
            except DBAPIError as error:
                if tried == TRIES or not _may_pass(error):
                    raise _told(error) or error from error
            except SQLAlchemyError as error:  # no connection of the pool became free
                raise DatabaseAway() from error
            time.sleep(random.uniform(0.5, 1.0) * _FIRST_PAUSE_S * 2**tried)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _make_tables(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:name)"), {"name": _MAKING})
    connection.execute(text(f"create schema if not exists {SCHEMA}"))
    metadata.create_all(connection)
    added = f"alter table {SCHEMA}.erased add column if not exists hash bytea not null default ''"
    connection.execute(text(added))
    for statement in partitions():
        connection.execute(text(statement))
    kept = connection.execute(note.select().where(note.c.key == "version")).first()
    if kept is None:
        connection.execute(note.insert().values(key="version", value=str(VERSION)))
    elif int(kept.value) > VERSION:
        raise WorkspaceTooNew(
            _("The hub's database was made by a newer Ranger."), _("Bring this hub up to date.")
        )


def _may_pass(error: DBAPIError) -> bool:
    return error.connection_invalidated or _state(error) in _AGAIN | _AWAY or _no_answer(error)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _no_answer(error: DBAPIError) -> bool:
    return isinstance(error.orig, psycopg.OperationalError) and not _state(error)


def _told(error: DBAPIError) -> KnownError | None:
    """The sentence for what the database complains about; None for a bug in our SQL."""
    if _state(error) in _FULL:
        return DatabaseFull()
    if isinstance(error.orig, psycopg.OperationalError) or _may_pass(error):
        return DatabaseAway()
    return None
