"""Who came to a hub and who may, and what it holds in numbers, from its database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ranger_app.storage.central.tables import admitted, feed, file, segment, site, visit


@dataclass(frozen=True, slots=True)
class AdmittedRow:
    """A laptop that the keeper let in."""

    public_key: bytes
    name: str
    sites: tuple[bytes, ...]
    all_sites: bool


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What is kept of one site, in numbers."""

    site: bytes
    name: str
    laptops: int
    segments: int
    changes_bytes: int
    files: int
    files_bytes: int


def find_admitted(connection: Connection, replica: bytes) -> AdmittedRow | None:
    """The laptop with this replica, if it is let in."""
    found = connection.execute(select(admitted).where(admitted.c.replica == replica)).first()
    if found is None:
        return None
    return AdmittedRow(found.public_key, found.name, tuple(found.sites), bool(found.all_sites))


def all_admitted(connection: Connection) -> list[bytes]:
    """The replicas of all laptops that are let in."""
    return list(connection.execute(select(admitted.c.replica).order_by(admitted.c.replica)).scalars())


def keep_admitted(connection: Connection, replica: bytes, row: AdmittedRow) -> None:
    """Let a laptop in as this says, whatever was said before."""
    values = {
        "public_key": row.public_key,
        "name": row.name.replace("\0", ""),
        "sites": list(row.sites),
        "all_sites": int(row.all_sites),
    }
    connection.execute(
        insert(admitted)
        .values(replica=replica, **values)
        .on_conflict_do_update(index_elements=["replica"], set_=values)
    )


def forget_admitted(connection: Connection, replica: bytes) -> None:
    """Let a laptop in no more."""
    connection.execute(delete(admitted).where(admitted.c.replica == replica))


def note_visit(connection: Connection, of: bytes, device: bytes, at_ms: int, receipt: bytes) -> None:
    """A laptop came; without a receipt the one before stays."""
    new = insert(visit).values(site=of, device=device, at_ms=at_ms, receipt=receipt)
    changed = {"at_ms": at_ms} | ({"receipt": receipt} if receipt else {})
    connection.execute(new.on_conflict_do_update(index_elements=["site", "device"], set_=changed))


def visits(connection: Connection, of: bytes) -> list[tuple[bytes, int, bytes]]:
    """Who came for a site: the laptop, when it last came (ms), and its last receipt or nothing."""
    found = connection.execute(select(visit).where(visit.c.site == of).order_by(visit.c.device))
    return [(row.device, row.at_ms, row.receipt) for row in found]


def has_site(connection: Connection, of: bytes) -> bool:
    """Whether something was ever kept of a site."""
    return connection.execute(select(site.c.id).where(site.c.id == of)).first() is not None


def all_sites(connection: Connection) -> list[bytes]:
    """Every site that something was kept of."""
    return list(connection.execute(select(site.c.id).order_by(site.c.id)).scalars())


def nothing(connection: Connection) -> None:
    """Only whether it answers."""
    connection.execute(select(1))


def site_rows(connection: Connection) -> list[SiteRow]:
    """What is kept, site by site."""

    def counted(column: object, *sums: object) -> dict[bytes, tuple[int, ...]]:
        rows = connection.execute(select(column, *sums).group_by(column))  # type: ignore[call-overload]
        return {row[0]: tuple(int(n or 0) for n in row[1:]) for row in rows}

    laptops = counted(feed.c.site, func.count())
    changes = counted(segment.c.site, func.count(), func.sum(func.octet_length(segment.c.body)))
    files = counted(file.c.site, func.count(), func.sum(file.c.size_bytes))
    return [
        SiteRow(
            row.id,
            row.name,
            laptops.get(row.id, (0,))[0],
            *changes.get(row.id, (0, 0)),
            *files.get(row.id, (0, 0)),
        )
        for row in connection.execute(select(site.c.id, site.c.name).order_by(site.c.id))
    ]
