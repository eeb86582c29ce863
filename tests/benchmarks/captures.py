"""The same work on photo records in three ways: captured, saved with nothing kept, and in bare SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.rows import wire_value
from ranger_app.storage.unit import FLUSH_OPS

_UPDATE = "update photo set note = ?, taken_raw = ? where id = ?"
_HIDE = "update photo set _gone = 1 where id = ?"
_FIELDS = BY_NUMBER[Photo.KIND].by_name


@dataclass(frozen=True, slots=True)
class Work:
    """Records that get `mark` in two fields, records to add, and records to remove."""

    mark: str
    edited: Sequence[Id]
    added: Sequence[Photo] = ()
    removed: Sequence[Id] = field(default=())


def captured(workspace: Workspace, work: Work) -> None:
    """As everything in Ranger is changed."""
    with workspace.unit("edit") as unit:
        for id_ in work.edited:
            unit.change((Photo, id_), note=work.mark, taken_raw=work.mark)
        unit.add_many(work.added)
        for id_ in work.removed:
            unit.remove((Photo, id_))


def saved_uncaptured(workspace: Workspace, work: Work) -> None:
    """The same save by somebody who keeps nothing of what changed: the record is looked up, values are put
    into their form and compared, and rows are written as many at once as a unit writes them."""
    with workspace.transaction() as (_connection, database):
        updates: list[tuple[Any, ...]] = []
        for id_ in work.edited:
            wanted = {name: wire_value(_FIELDS[name], work.mark) for name in ("note", "taken_raw")}
            gone, *shown = database.execute(
                "select _gone, note, taken_raw from photo where id = ? order by _gone limit 1", (id_,)
            ).fetchone()
            assert not gone
            if shown != list(wanted.values()):
                updates.append((*wanted.values(), id_))
            if len(updates) >= FLUSH_OPS // 2:
                database.executemany(_UPDATE, updates)
                updates.clear()
        database.executemany(_UPDATE, updates)
        for start in range(0, len(work.added), FLUSH_OPS):
            insert_photos(database, rows_of(work.added[start : start + FLUSH_OPS]))
        for id_ in work.removed:
            assert database.execute("select _gone from photo where id = ?", (id_,)).fetchone() == (0,)
            database.execute(_HIDE, (id_,))


def bare(workspace: Workspace, work: Work) -> None:
    """The rows alone, from values as they come."""
    with workspace.transaction() as (_connection, database):
        database.executemany(_UPDATE, [(work.mark, work.mark, id_) for id_ in work.edited])
        insert_photos(database, rows_of(work.added))
        database.executemany(_HIDE, [(id_,) for id_ in work.removed])


def rows_of(photos: Sequence[Photo]) -> list[tuple[Any, ...]]:
    """The rows of new records, as if segments named them."""
    codec = CODECS[Photo.KIND]
    return [
        (photo.id, photo.site_id, 1, n // 1_000, n % 1_000, 0, *codec.row(codec.wire(photo)))
        for n, photo in enumerate(photos)
    ]


def insert_photos(database: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    names = ("id", "site_id", "_feed", "_seq", "_op", "_gone", *CODECS[Photo.KIND].names)
    columns = ", ".join(f'"{name}"' for name in names)
    database.executemany(f"insert into photo ({columns}) values ({', '.join('?' * len(names))})", rows)
