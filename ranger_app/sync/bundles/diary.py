"""This laptop's own diary of bundles written and read: when the last one was, and how much it moved."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ENTRIES_KEPT = 200
BYTES_AT_MOST = 1_000_000
NAME = "exchange.json"

WRITTEN, READ = "written", "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One bundle that left or arrived. It never travels: another laptop keeps its own."""

    at: datetime
    """UTC."""
    way: str
    """`WRITTEN` or `READ`."""
    place: str
    """Name of the folder, such as that of the stick; no whole path."""
    segments: int = 0
    files: int = 0
    bytes: int = 0


def write_down(folder: Path, entry: Entry) -> None:
    """Add an entry to the diary of the workspace in `folder`. One that cannot be written is no failure."""
    kept = [entry, *entries(folder)][:ENTRIES_KEPT]
    plain = [asdict(one) | {"at": one.at.isoformat()} for one in kept]
    aside = folder / f"{NAME}.new"
    try:
        aside.write_text(json.dumps(plain), encoding="utf-8")
        os.replace(aside, folder / NAME)
    except OSError:
        return


def entries(folder: Path) -> list[Entry]:
    """The diary of the workspace in `folder`, newest first; what cannot be read is left out."""
    try:
        with (folder / NAME).open("rb") as file:
            plain = json.loads(file.read(BYTES_AT_MOST))
    except (OSError, ValueError, RecursionError):
        return []
    found = [_entry(one) for one in plain[:ENTRIES_KEPT]] if isinstance(plain, list) else []
    return sorted((one for one in found if one is not None), key=lambda one: one.at, reverse=True)


def _entry(plain: object) -> Entry | None:
    if not isinstance(plain, dict):
        return None
    try:
        return Entry(
            at=datetime.fromisoformat(str(plain["at"])).astimezone(UTC),
            way=WRITTEN if plain["way"] == WRITTEN else READ,
            place=str(plain["place"])[:200],
            segments=int(plain["segments"]),
            files=int(plain["files"]),
            bytes=int(plain["bytes"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
