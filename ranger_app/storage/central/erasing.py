"""Erasures in a hub's database: noted when they come from who may, and cut from what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import zstandard
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.directory import Directory
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.quotas import allowance, is_beyond
from ranger_app.domain.roles import allowed, rights_within
from ranger_app.domain.sites import Erasure
from ranger_app.storage.central import tables
from ranger_app.storage.central.directories import directory_of, root_of
from ranger_app.storage.changes.erasing import Named, gone_of, named, strip
from ranger_app.storage.changes.feeds import LEVEL, stored, unpack
from ranger_app.storage.changes.leaves import Leaf

_LEAVES = BY_NUMBER[Erasure.KIND].by_name["leaves"].number
SMALLEST_OP = 20  # bytes: the id of its record and what is around it
Places = Mapping[tuple[bytes, int], Named]
"""By replica and number, the leaves that are gone."""


def erased_of(connection: Connection, site: bytes) -> Places:
    """What is erased of a site."""
    erased = tables.erased
    found: dict[tuple[bytes, int], set[tuple[bytes, Leaf]]] = {}
    for row in connection.execute(select(erased).where(erased.c.site == site)):
        found.setdefault((row.replica, row.seq), set()).add((row.hash, Leaf(row.op, row.mark)))
    return found


def note_erasures(connection: Connection, site: bytes, some: Iterable[Segment]) -> None:
    """Note what these segments, which were taken, erase; and cut it from what is here of the site, whose row
    is held."""
    erasing = [one for one in some if any(op.kind == Erasure.KIND for op in one.ops)]
    if not erasing:
        return
    root = root_of(connection, site)
    directory = directory_of(connection, site, root.root) if root is not None and root.root else None
    places = {
        place
        for one in erasing
        if _may(directory, one) and not _is_beyond(connection, directory, one)
        for op in one.ops
        for place in _named_by(op)
    }
    for replica, seq, leaf, hash_ in sorted(places, key=lambda place: (place[0], place[1], place[2].op)):
        row = {"site": site, "replica": replica, "seq": seq, "op": leaf.op, "mark": leaf.mark, "hash": hash_}
        said = insert(tables.erased).values(row)
        # The same place of two segments with one number, as two copies of a laptop write: of both.
        connection.execute(
            said.on_conflict_do_update(
                constraint=tables.erased.primary_key,
                set_={"hash": b""},
                where=tables.erased.c.hash != said.excluded.hash,
            )
        )
    _cut(connection, site, {(replica, seq) for replica, seq, _leaf, _hash in places})


def _may(directory: Directory | None, one: Segment) -> bool:
    """Whether a segment's writer may erase; anybody may where nobody has said who belongs to the site."""
    if directory is None:
        return True
    asked = directory.roles_of(one.replica, one.seq, one.directory_version, one.author)
    return allowed(rights_within(asked), Erasure.KIND, INSERT)


def _is_beyond(connection: Connection, directory: Directory | None, one: Segment) -> bool:
    """Whether a segment lies beyond the quota of its laptop, by what is here of its feed."""
    if directory is None:
        return False
    allowed, segment = allowance(directory, one.replica), tables.segment
    up_to_it = (
        segment.c.site == one.stream,
        segment.c.replica == one.replica,
        segment.c.seq <= one.seq,
    )
    size = connection.execute(select(func.sum(segment.c.size_bytes)).where(*up_to_it)).scalar() or 0
    if size // SMALLEST_OP <= allowed:  # most feeds are that small, and none of it has to be read
        return False
    bodies = connection.execute(select(segment.c.body).where(*up_to_it).execution_options(yield_per=100))
    changes = sum(len(stored(packed).ops) for (packed,) in bodies)
    return is_beyond(directory, one.replica, one.seq, changes, allowed)


def _named_by(op: Op) -> Iterable[tuple[bytes, int, Leaf, bytes]]:
    if op.kind != Erasure.KIND or op.field != INSERT:
        return ()
    said: Any = dict(zip(op.value[::2], op.value[1::2], strict=True)).get(_LEAVES)
    return named(said) if isinstance(said, str) else ()


def _cut(connection: Connection, site: bytes, touched: set[tuple[bytes, int]]) -> None:
    segment, erased = tables.segment, erased_of(connection, site)
    for replica, seq in sorted(touched):
        ours = (segment.c.site == site, segment.c.replica == replica, segment.c.seq == seq)
        for hash_, packed in connection.execute(select(segment.c.hash, segment.c.body).where(*ours)).all():
            left = strip(unpack(packed), gone_of(erased[replica, seq], hash_))
            values = {
                "body": zstandard.compress(left.body, LEVEL),
                "size_bytes": len(left.body),
                "lacking": int(left.lacking),
            }
            connection.execute(update(segment).where(*ours, segment.c.hash == hash_).values(values))
