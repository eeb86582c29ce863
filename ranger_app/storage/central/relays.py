"""What a hub's database hands on without reading it: strays, and what laptops sign of themselves."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, LargeBinary, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from ranger_app.storage.central.tables import piece, stray, word
from ranger_app.storage.central.uploads import Key, forget, under_way
from ranger_app.storage.strays import MAX_STRAY_BYTES, MAX_STRAYS


def strays(connection: Connection, site: bytes) -> list[bytes]:
    """The SHA-256 of each stray of a site."""
    found = select(stray.c.hash).where(stray.c.site == site).order_by(stray.c.hash)
    return list(connection.execute(found).scalars())


def measure_stray(connection: Connection, site: bytes, sha256: bytes) -> tuple[int, int] | None:
    """The type of one of them, and the length of its payload in bytes."""
    size = func.octet_length(stray.c.payload).label("size")
    found = connection.execute(select(stray.c.type, size).where(*_this(site, sha256))).first()
    return None if found is None else (found.type, found.size)


def read_stray(connection: Connection, site: bytes, sha256: bytes, start: int, end: int) -> bytes:
    """The bytes of its payload from `start` up to `end`."""
    some = func.substring(stray.c.payload, start + 1, end - start)
    return connection.execute(select(some).where(*_this(site, sha256))).scalar() or b""


def keep_stray(connection: Connection, site: bytes, sha256: bytes, type_: int, payload: bytes) -> bool:
    """Keep one for a site whose row is held; False when there is no room for it."""
    if not _is_room(connection, site, len(payload)):
        return measure_stray(connection, site, sha256) is not None
    new = insert(stray).values(site=site, hash=sha256, type=type_, payload=payload)
    connection.execute(new.on_conflict_do_nothing())
    return True


def keep_uploaded_stray(connection: Connection, key: Key, type_: int) -> bool | None:
    """The same for one that was uploaded before, which is taken away; None when it was not. The database puts
    it together and looks at its hash: what is long comes through no memory of ours."""
    begun = under_way(connection, key)
    if begun is None:
        return None
    if not _is_room(connection, key.site, begun.length):
        return measure_stray(connection, key.site, key.sha256) is not None
    here = (piece.c.site == key.site, piece.c.device == key.device, piece.c.sha256 == key.sha256)
    whole = func.string_agg(piece.c.body, aggregate_order_by(literal(b"", LargeBinary), piece.c.start))
    joined = select(whole.label("payload")).where(*here).cte("joined")
    found = select(
        literal(key.site, LargeBinary), literal(key.sha256, LargeBinary), literal(type_), joined.c.payload
    ).where(func.sha256(joined.c.payload) == key.sha256)
    new = insert(stray).from_select(["site", "hash", "type", "payload"], found)
    connection.execute(new.on_conflict_do_nothing())
    forget(connection, key)
    return None if measure_stray(connection, key.site, key.sha256) is None else True


def _this(site: bytes, sha256: bytes) -> tuple[ColumnElement[bool], ...]:
    return stray.c.site == site, stray.c.hash == sha256


def _is_room(connection: Connection, site: bytes, size: int) -> bool:
    held = func.coalesce(func.sum(func.octet_length(stray.c.payload)), 0).label("held")
    found = connection.execute(select(held, func.count().label("rows")).where(stray.c.site == site)).one()
    return int(found.held) + size <= MAX_STRAY_BYTES and int(found.rows) < MAX_STRAYS


def words(connection: Connection, site: bytes) -> list[bytes]:
    """What the laptops of a site last signed of themselves."""
    found = select(word.c.signed).where(word.c.site == site).order_by(word.c.device)
    return list(connection.execute(found).scalars())


def keep_word(connection: Connection, site: bytes, device: bytes, signed: bytes) -> None:
    """Keep one in the place of the one before."""
    new = insert(word).values(site=site, device=device, signed=signed)
    connection.execute(new.on_conflict_do_update(index_elements=["site", "device"], set_={"signed": signed}))
