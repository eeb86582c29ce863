"""The few things that a database notes about itself; none of them travels."""

from __future__ import annotations

from typing import Any

import cbor2

HOME = "home site"
DEVICE = "device name"
COPIED = "copied"
"""The replica whose keys must not be used any more: a copy of this workspace has written with them."""
SHAPE = "shape"
"""What the kinds looked like to the program that last opened it (see `tables.fingerprint`)."""


def read_note(database: Any, key: str) -> Any:
    """What is noted under a key, or None."""
    row = database.execute("select value from meta where key = ?", (key,)).fetchone()
    return cbor2.loads(row[0]) if row else None


def write_note(database: Any, key: str, value: Any) -> None:
    """Note something, inside the caller's transaction."""
    database.execute(
        "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
        (key, cbor2.dumps(value)),
    )


def drop_note(database: Any, key: str) -> None:
    """Forget what is noted under a key, inside the caller's transaction."""
    database.execute("delete from meta where key = ?", (key,))


def noted_under(database: Any, start: str) -> list[str]:
    """The rest of every key that begins so, in order."""
    rows = database.execute(
        "select key from meta where substr(key, 1, ?) = ? order by key", (len(start), start)
    ).fetchall()
    return [key[len(start) :] for (key,) in rows]
