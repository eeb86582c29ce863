"""What is known of files in a hub's database, and what is half here of those that laptops are bringing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ranger_app.storage.central.tables import file, piece, upload


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in the object store: its length, and the folder of its pieces if it is long."""

    size_bytes: int
    pieces: bytes | None


@dataclass(frozen=True, slots=True)
class Key:
    """Which upload: of which site, by which laptop, of which file."""

    site: bytes
    device: bytes
    sha256: bytes

    def values(self) -> dict[str, bytes]:
        return {"site": self.site, "device": self.device, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class UnderWay:
    """How far an upload is, and the folder of those of its pieces that are in the object store."""

    length: int
    so_far: int
    pieces: bytes


# -- files


def held(connection: Connection, site: bytes, files: Sequence[bytes]) -> set[bytes]:
    """Of these files, those that are here."""
    found = select(file.c.sha256).where(file.c.site == site, file.c.sha256.in_(files))
    return set(connection.execute(found).scalars())


def kept_file(connection: Connection, site: bytes, sha256: bytes) -> KeptFile | None:
    """A file that is here."""
    found = connection.execute(
        select(file.c.size_bytes, file.c.pieces).where(file.c.site == site, file.c.sha256 == sha256)
    ).first()
    return None if found is None else KeptFile(found.size_bytes, found.pieces)


def keep_files(connection: Connection, site: bytes, files: Sequence[tuple[bytes, KeptFile]]) -> None:
    """These files are in the object store, and were looked at."""
    rows = [
        {"site": site, "sha256": sha256, "size_bytes": kept.size_bytes, "pieces": kept.pieces}
        for sha256, kept in files
    ]
    if rows:
        connection.execute(insert(file).on_conflict_do_nothing(), rows)


def forget_file(connection: Connection, site: bytes, sha256: bytes) -> None:
    """A file is not in the object store any more, or is not what it was."""
    connection.execute(delete(file).where(file.c.site == site, file.c.sha256 == sha256))


def files_after(
    connection: Connection, site: bytes, sha256: bytes, limit: int
) -> list[tuple[bytes, KeptFile]]:
    """The next files of a site in the order of their names."""
    found = connection.execute(
        select(file.c.sha256, file.c.size_bytes, file.c.pieces)
        .where(file.c.site == site, file.c.sha256 > sha256)
        .order_by(file.c.sha256)
        .limit(limit)
    )
    return [(row.sha256, KeptFile(row.size_bytes, row.pieces)) for row in found]


# -- under way


def under_way(connection: Connection, key: Key, *, hold: bool = False) -> UnderWay | None:
    """How far an upload is; None when nothing of it is here. With `hold`, nobody else goes on with it until
    the transaction ends; whoever comes meanwhile is told at once that it is not free."""
    asked = select(upload.c.length, upload.c.so_far, upload.c.pieces).where(*_this(upload, key))
    found = connection.execute(asked.with_for_update(nowait=True) if hold else asked).first()
    return None if found is None else UnderWay(found.length, found.so_far, found.pieces)


def begin(connection: Connection, key: Key, *, length: int, pieces: bytes, now_ms: int) -> None:
    """Something of it is about to come."""
    row = key.values() | {"length": length, "so_far": 0, "pieces": pieces, "touched_ms": now_ms}
    connection.execute(insert(upload).values(row).on_conflict_do_nothing())


def add_piece(connection: Connection, key: Key, at: int, body: bytes, now_ms: int) -> bool:
    """Keep what comes after the first `at` bytes; False, and nothing is kept, when it stands elsewhere."""
    moved = connection.execute(
        update(upload)
        .where(*_this(upload, key), upload.c.so_far == at)
        .values(so_far=at + len(body), touched_ms=now_ms)
    )
    if moved.rowcount != 1:
        return False
    row = key.values() | {"start": at, "size_bytes": len(body), "body": body}
    connection.execute(insert(piece).values(row))
    return True


def add_stored_piece(connection: Connection, key: Key, start: int, size: int, now_ms: int) -> int:
    """A piece came that is in the object store already; how much is here now, whatever the order."""
    row = key.values() | {"start": start, "size_bytes": size, "body": None}
    connection.execute(insert(piece).values(row).on_conflict_do_nothing())
    total = connection.execute(select(func.sum(piece.c.size_bytes)).where(*_this(piece, key))).scalar()
    so_far = int(total or 0)
    connection.execute(update(upload).where(*_this(upload, key)).values(so_far=so_far, touched_ms=now_ms))
    return so_far


def bodies(connection: Connection, key: Key, start: int, end: int) -> list[bytes]:
    """What is kept here of these bytes of an upload, in its order."""
    found = connection.execute(
        select(piece.c.body)
        .where(*_this(piece, key), piece.c.start >= start, piece.c.start < end, piece.c.body.is_not(None))
        .order_by(piece.c.start)
    )
    return [row.body for row in found]


def put_aside(connection: Connection, key: Key, start: int, end: int) -> None:
    """These bytes are in the object store now."""
    here = (*_this(piece, key), piece.c.start >= start, piece.c.start < end)
    connection.execute(delete(piece).where(*here))
    row = key.values() | {"start": start, "size_bytes": end - start, "body": None}
    connection.execute(insert(piece).values(row).on_conflict_do_nothing())


def folded(connection: Connection, key: Key) -> int:
    """How many bytes from the beginning on are in the object store."""
    found = connection.execute(
        select(func.max(piece.c.start + piece.c.size_bytes)).where(*_this(piece, key), piece.c.body.is_(None))
    ).scalar()
    return int(found or 0)


def forget(connection: Connection, key: Key) -> None:
    """The upload is done with."""
    connection.execute(delete(piece).where(*_this(piece, key)))
    connection.execute(delete(upload).where(*_this(upload, key)))


def stale(connection: Connection, site: bytes, before_ms: int) -> list[tuple[Key, bytes]]:
    """Uploads that nobody has gone on with since then, each with the folder of its pieces."""
    found = connection.execute(
        select(upload.c.device, upload.c.sha256, upload.c.pieces).where(
            upload.c.site == site, upload.c.touched_ms < before_ms
        )
    )
    return [(Key(site, row.device, row.sha256), row.pieces) for row in found]


def count_of(connection: Connection, site: bytes, device: bytes) -> int:
    """How many uploads of a laptop are unfinished."""
    found = select(func.count()).where(upload.c.site == site, upload.c.device == device)
    return int(connection.execute(found).scalar_one())


def _this(table: Table, key: Key) -> tuple[ColumnElement[bool], ...]:
    columns = table.c
    return columns.site == key.site, columns.device == key.device, columns.sha256 == key.sha256
