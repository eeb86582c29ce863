"""Sealed bundles in a hub's database: their lists, and what was signed for them; their bytes are files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from ranger_app.storage.central.tables import sealed, sealed_word


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One of them."""

    sha256: bytes
    listed: bytes
    brought_by: bytes
    signed: Mapping[bytes, bytes] = field(default_factory=dict)
    """By device, its word that it holds all of it."""


def lists(connection: Connection, site: bytes) -> list[SealedRow]:
    """Those of a site, in a fixed order."""
    words: dict[bytes, dict[bytes, bytes]] = {}
    said = select(sealed_word.c.sha256, sealed_word.c.device, sealed_word.c.signed)
    for row in connection.execute(said.where(sealed_word.c.site == site)):
        words.setdefault(row.sha256, {})[row.device] = row.signed
    found = select(sealed.c.sha256, sealed.c.listed, sealed.c.brought_by)
    rows = connection.execute(found.where(sealed.c.site == site).order_by(sealed.c.sha256))
    return [SealedRow(row.sha256, row.listed, row.brought_by, words.get(row.sha256, {})) for row in rows]


def keep(connection: Connection, site: bytes, sha256: bytes, listed: bytes, brought_by: bytes) -> None:
    """Keep a list; who brought it first stays."""
    new = insert(sealed).values(site=site, sha256=sha256, listed=listed, brought_by=brought_by)
    connection.execute(new.on_conflict_do_nothing())


def sign(connection: Connection, site: bytes, sha256: bytes, device: bytes, signed: bytes) -> None:
    """Keep a laptop's word for it."""
    new = insert(sealed_word).values(site=site, sha256=sha256, device=device, signed=signed)
    connection.execute(new.on_conflict_do_nothing())


def drop(connection: Connection, site: bytes, sha256: bytes) -> None:
    """Throw a list away, with what was signed for it."""
    for table in (sealed_word, sealed):
        connection.execute(delete(table).where(table.c.site == site, table.c.sha256 == sha256))
