"""Looks at the database of a workspace that another program may have open, and changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from ranger_app.storage.engine import BUSY_S, DATABASE
from ranger_app.storage.faults import database_told


@contextmanager
def looking_at(folder: Path) -> Iterator[Any]:
    """A bare connection, to read by, to the database of a workspace without a passphrase. What is seen is one
    state of it, whoever is writing meanwhile."""
    with database_told(folder):
        address = f"{(folder / DATABASE).absolute().as_uri()}?mode=ro"
        connection = dbapi2.connect(address, uri=True, timeout=BUSY_S, isolation_level=None)
    try:
        with database_told(folder):
            connection.execute("begin")
            yield connection
    finally:
        connection.close()
