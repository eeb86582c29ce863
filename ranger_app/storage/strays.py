"""Records that this version cannot read, kept to be carried on: by bundle, and to the hub of their site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ranger_app.storage.exchange.carrying import streams_here
from ranger_app.storage.faults import database_told
from ranger_app.storage.workspace import Workspace

MAX_STRAY = 64 << 20
"""Bytes of one of them; a record of a bundle holds no more."""
MAX_STRAY_BYTES = 256 << 20
"""Of all of them together."""
MAX_STRAYS = 10_000
"""Records; their names go in one message."""
_OF_A_SITE = (
    "(? is null or exists (select 1 from stray_site o where o.hash = stray.hash and o.site = ?) "
    "or (? and not exists (select 1 from stray_site o where o.hash = stray.hash)))"
)


def strays(workspace: Workspace, site: bytes | None = None) -> Iterator[tuple[int, bytes]]:
    """Those of a site, or all of them: (type, payload). Of a site are those that came in what was sealed for
    it, or from its place at a hub; and, where no other site is here, those of which nobody knows."""
    asked = _asked(workspace, site)
    with workspace.reading_raw() as database:
        found = database.execute(f"select type, payload from stray where {_OF_A_SITE} order by hash", asked)
        yield from found


def stray_hashes(workspace: Workspace, site: bytes | None = None) -> list[bytes]:
    """The SHA-256 of their payloads."""
    asked = _asked(workspace, site)
    with workspace.reading_raw() as database:
        found = database.execute(f"select hash from stray where {_OF_A_SITE} order by hash", asked)
        return [row[0] for row in found]


def _asked(workspace: Workspace, site: bytes | None) -> tuple[object, ...]:
    return site, site, site is not None and streams_here(workspace) == [site]


def find_stray(workspace: Workspace, sha256: bytes) -> tuple[int, bytes] | None:
    """One of them by its SHA-256: (type, payload)."""
    with workspace.reading_raw() as database:
        found: tuple[int, bytes] | None = database.execute(
            "select type, payload from stray where hash = ?", (sha256,)
        ).fetchone()
    return found


def measure_stray(workspace: Workspace, sha256: bytes) -> tuple[int, int] | None:
    """Its type, and the length of its payload in bytes."""
    with workspace.reading_raw() as database:
        found: tuple[int, int] | None = database.execute(
            "select type, length(payload) from stray where hash = ?", (sha256,)
        ).fetchone()
    return found


def read_stray(workspace: Workspace, sha256: bytes, start: int, end: int) -> bytes:
    """The bytes of its payload from `start` up to `end`."""
    with workspace.reading_raw() as database:
        found = database.execute(
            "select substr(payload, ?, ?) from stray where hash = ?", (start + 1, end - start, sha256)
        ).fetchone()
    return found[0] if found else b""


def keep_strays(
    workspace: Workspace, found: Sequence[tuple[bytes, int, bytes]], *, site: bytes | None = None
) -> int:
    """Keep records that this version cannot read: (SHA-256 of the payload, type, payload), of a site if that
    is known. Returns how many there was no room for: what nobody here can read must not fill the disk."""
    if not found:
        return 0
    refused = 0
    with workspace.transaction() as (_connection, database), database_told(workspace.folder):
        held, count = database.execute(
            "select coalesce(sum(length(payload)), 0), count(*) from stray"
        ).fetchone()
        for hash_, type_, payload in found:
            if not database.execute("select 1 from stray where hash = ?", (hash_,)).fetchone():
                if held + len(payload) > MAX_STRAY_BYTES or count >= MAX_STRAYS:
                    refused += 1
                    continue
                held, count = held + len(payload), count + 1
                database.execute("insert into stray values (?,?,?)", (hash_, type_, payload))
            if site is not None:
                database.execute("insert or ignore into stray_site values (?,?)", (hash_, site))
    return refused
