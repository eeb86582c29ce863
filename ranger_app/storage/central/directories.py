"""Directories of sites in a hub's database: who may add to them is decided as on every laptop."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from ranger_app.domain.directory import Directory
from ranger_app.security.entries import SignedEntry
from ranger_app.storage.central import tables
from ranger_app.storage.changes.directories import followed_from, number_of, root_among, sound_among
from ranger_app.storage.changes.receiving import Received


def entries_of(connection: Connection, site: bytes) -> list[SignedEntry]:
    """Every entry of a site's directory, forks too, in their order."""
    directory = tables.directory
    found = connection.execute(
        select(directory.c.body, directory.c.signature)
        .where(directory.c.site == site)
        .order_by(directory.c.number, directory.c.hash)
    )
    return [SignedEntry(row.body, row.signature) for row in found]


def root_of(connection: Connection, site: bytes) -> Any:
    """The hash of the entry that begins a site's directory (`root`), and how often it grew (`grown`)."""
    asked = select(tables.site.c.root, tables.site.c.grown).where(tables.site.c.id == site)
    return connection.execute(asked).first()


def directory_of(connection: Connection, site: bytes, root: bytes) -> Directory | None:
    """What the entries of a site come to, from the one that begins it."""
    kept = sorted(entries_of(connection, site), key=lambda one: sha256(one.body).digest())
    found = followed_from(root, tuple(kept))
    return None if found is None else found.directory


def admit(connection: Connection, site: Any, untrusted: Sequence[SignedEntry], result: Received) -> None:
    """Keep those entries that belong to the directory of a site whose row is held."""
    if not untrusted:
        return
    present = connection.execute(
        select(tables.site.c.maker, tables.site.c.root).where(tables.site.c.id == site.id)
    ).one()
    signed = {one: sha256(one.body).digest() for one in untrusted}
    kept = entries_of(connection, site.id)
    held = {sha256(one.body).digest() for one in kept}
    result.entries_strange = 0
    if not set(signed.values()) - held:
        return
    root = present.root or root_among(present.maker, signed)
    by_hash = tuple(sorted(kept, key=lambda one: sha256(one.body).digest()))
    before = followed_from(root, by_hash) if root is not None else None
    sound = sound_among(kept, signed, root, before) if root is not None else None
    if root is None or sound is None:
        result.entries_strange = len(signed)
        return
    fresh = sound.keys() - held
    result.entries_strange = len(set(signed.values()) - held - fresh)
    result.entries_new += len(fresh)
    if fresh:
        rows = [
            {
                "site": site.id,
                "hash": hash_,
                "number": number_of(sound[hash_]),
                "body": sound[hash_].body,
                "signature": sound[hash_].signature,
            }
            for hash_ in sorted(fresh)
        ]
        connection.execute(insert(tables.directory), rows)
        connection.execute(
            update(tables.site)
            .where(tables.site.c.id == site.id)
            .values(root=root, grown=tables.site.c.grown + 1)
        )
