"""What a hub's database hands on without reading it: strays, and what laptops sign of themselves."""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from ranger_app.storage.central.tables import stray, word
from ranger_app.storage.exchanging import MAX_STRAY_BYTES


def strays(connection: Connection, site: bytes) -> list[bytes]:
    """The SHA-256 of each stray of a site."""
    found = select(stray.c.hash).where(stray.c.site == site).order_by(stray.c.hash)
    return list(connection.execute(found).scalars())


def find_stray(connection: Connection, site: bytes, sha256: bytes) -> tuple[int, bytes] | None:
    """One of them: its type and its payload."""
    found = connection.execute(
        select(stray.c.type, stray.c.payload).where(stray.c.site == site, stray.c.hash == sha256)
    ).first()
    return None if found is None else (found.type, found.payload)


def keep_stray(connection: Connection, site: bytes, sha256: bytes, type_: int, payload: bytes) -> bool:
    """Keep one for a site whose row is held; False when there is no room for it."""
    size = select(func.sum(func.octet_length(stray.c.payload))).where(stray.c.site == site)
    if int(connection.execute(size).scalar() or 0) + len(payload) > MAX_STRAY_BYTES:
        return find_stray(connection, site, sha256) is not None
    new = insert(stray).values(site=site, hash=sha256, type=type_, payload=payload)
    connection.execute(new.on_conflict_do_nothing())
    return True


def words(connection: Connection, site: bytes) -> list[bytes]:
    """What the laptops of a site last signed of themselves."""
    found = select(word.c.signed).where(word.c.site == site).order_by(word.c.device)
    return list(connection.execute(found).scalars())


def keep_word(connection: Connection, site: bytes, device: bytes, signed: bytes) -> None:
    """Keep one in the place of the one before."""
    new = insert(word).values(site=site, device=device, signed=signed)
    connection.execute(new.on_conflict_do_update(index_elements=["site", "device"], set_={"signed": signed}))
