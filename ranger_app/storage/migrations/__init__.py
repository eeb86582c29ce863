"""Brings an older database up to date, step by step, after a verified copy of it has been put aside.

Fields and kinds are only ever added, so most upgrades need no step of their own: `add_what_is_missing`
makes the tables and columns that the kinds have gained. A step here is for what that cannot do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ranger_app.domain.changes import SCHEMA_VERSION
from ranger_app.storage.engine import APPLICATION_ID
from ranger_app.storage.tables import GATE, guards, metadata

Step = Callable[[Any], None]
STEPS: dict[int, Step] = {}
"""Steps by the version that they lead to; each gets a bare connection inside the upgrade's transaction."""

_DIALECT = sqlite.dialect()


def make_schema(database: Any) -> None:
    """The whole schema in an empty database, inside the caller's transaction."""
    for table in metadata.sorted_tables:
        database.execute(str(CreateTable(table).compile(dialect=_DIALECT)))
        for index in table.indexes:
            database.execute(str(CreateIndex(index).compile(dialect=_DIALECT)))
    for statement in GATE.split(";"):
        database.execute(statement)
    for trigger in guards():
        database.execute(trigger)
    _stamp(database)


def upgrade(database: Any, found: int) -> None:
    """From version `found` to the present one, inside the caller's transaction."""
    for version in range(found + 1, SCHEMA_VERSION + 1):
        if version in STEPS:
            STEPS[version](database)
    add_what_is_missing(database)
    _stamp(database)


def add_what_is_missing(database: Any) -> None:
    """Make the tables, columns, indexes and guards that the kinds have gained."""
    there = {row[0] for row in database.execute("select name from sqlite_master where type = 'table'")}
    for table in metadata.sorted_tables:
        if table.name not in there:
            database.execute(str(CreateTable(table).compile(dialect=_DIALECT)))
        else:
            columns = {row[1] for row in database.execute(f'pragma table_info("{table.name}")')}
            for column in table.columns:
                if column.name not in columns:
                    type_ = column.type.compile(dialect=_DIALECT)
                    database.execute(f'alter table "{table.name}" add column "{column.name}" {type_}')
        for index in table.indexes:
            statement = str(CreateIndex(index, if_not_exists=True).compile(dialect=_DIALECT))
            database.execute(statement)
    for trigger in guards():
        database.execute(trigger)


def _stamp(database: Any) -> None:
    database.execute(f"pragma application_id = {APPLICATION_ID}")
    database.execute(f"pragma user_version = {SCHEMA_VERSION}")
