"""The same changes as others carry them: pygeodiff from two copies of a table, SQLite's own changeset."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import pygeodiff
import zstandard

LEVEL = 3
Row = tuple[Any, ...]
_TABLE = (
    "create table waypoint (fid integer primary key, id blob, patrol blob, number text, lon real, lat real, "
    "elevation real, at integer, source text, comment text, name text)"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is done to the table: rows by their number in it, and new ones."""

    updated: Sequence[int]
    removed: Sequence[int]
    new: int


@dataclass(frozen=True, slots=True)
class Rival:
    """How long it took to write the changes down, and how many bytes they are, compressed as ours are."""

    seconds: float
    packed_bytes: int


def geodiff(place: Path, rows: Iterator[Row], changes: Changes) -> Rival:
    """pygeodiff compares the table before and after, as Mergin does."""
    before, after, diff = place / "before.db", place / "after.db", place / "changes.diff"
    _fill(before, rows)
    shutil.copy(before, after)
    connection = sqlite3.connect(after)
    _apply(connection.execute, changes)
    connection.commit()
    connection.close()
    compare = pygeodiff.GeoDiff()
    begun = time.perf_counter()
    compare.create_changeset(str(before), str(after), str(diff))
    packed = zstandard.compress(diff.read_bytes(), LEVEL)
    return Rival(time.perf_counter() - begun, len(packed))


def session(place: Path, rows: Iterator[Row], changes: Changes) -> Rival:
    """SQLite's session extension watches the edits; what it has seen is then written down."""
    path = place / "session.db"
    _fill(path, rows)
    connection = apsw.Connection(str(path))
    watched = apsw.Session(connection, "main")
    watched.attach("waypoint")
    with connection:
        _apply(connection.execute, changes)
    begun = time.perf_counter()
    packed = zstandard.compress(watched.changeset(), LEVEL)
    return Rival(time.perf_counter() - begun, len(packed))


def _fill(path: Path, rows: Iterator[Row]) -> None:
    connection = sqlite3.connect(path)
    connection.execute(_TABLE)
    connection.executemany(f"insert into waypoint values ({','.join('?' * 11)})", rows)
    connection.commit()
    connection.close()


def _apply(execute: Any, changes: Changes) -> None:
    for n in changes.updated:
        execute("update waypoint set comment = ?, name = 'Demo' where fid = ?", (f"checked {n}", n))
    for n in changes.removed:
        execute("delete from waypoint where fid = ?", (n,))
    execute(
        "insert into waypoint select fid + 10000000, randomblob(16), patrol, number, lon, lat, elevation, "
        "at, source, '', '' from waypoint order by fid limit ?",
        (changes.new,),
    )
