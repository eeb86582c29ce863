"""Values that were dropped for good: which leaves and files those are, and dropping them here.

An erasure is an ordinary signed record that names leaves (see `leaves`). It counts as any record does, if
its writer had the right to it; then the leaves are cut from the kept segments, whose hashes and signatures
stay what they were, and from every copy that comes later. A leaf that was erased is not lacking, so nobody
asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

import zstandard

from ranger_app.domain.sites import Erasure
from ranger_app.storage.changes.feeds import LEVEL, FeedBook, unpack
from ranger_app.storage.changes.leaves import Leaf, missing, without
from ranger_app.storage.changes.merging import Applied
from ranger_app.storage.changes.segments import decode_marked

MAX_NAMED = 100_000
"""Leaves or files that one erasure is believed to name."""
Gone = Set[Leaf]
NOTHING_GONE: Gone = frozenset()


@dataclass(frozen=True, slots=True)
class Stripped:
    """A segment without its erased leaves."""

    body: bytes
    lacking: bool
    """Whether any other of its leaves is still to come."""


class ErasedLeaves:
    """The leaves that are erased, by site and segment; looked up once for each site."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._sites: dict[bytes, dict[tuple[bytes, int], set[Leaf]]] = {}

    def of_site(self, site: bytes) -> dict[tuple[bytes, int], set[Leaf]]:
        """By replica and number."""
        if site not in self._sites:
            found: dict[tuple[bytes, int], set[Leaf]] = {}
            for (said,) in self._database.execute(
                "select leaves from erasure where site_id = ? and leaves is not null", (site,)
            ):
                for replica, seq, leaf in named(said):
                    found.setdefault((replica, seq), set()).add(leaf)
            self._sites[site] = found
        return self._sites[site]

    def of(self, site: bytes, replica: bytes, seq: int) -> Gone:
        """Those of one segment."""
        return self.of_site(site).get((replica, seq), NOTHING_GONE)


def named(untrusted: str) -> Iterator[tuple[bytes, int, Leaf]]:
    """The leaves that an erasure names, as JSON of any origin: replica, number of the segment, leaf."""
    try:
        said = json.loads(untrusted)
    except (ValueError, RecursionError):
        return
    for one in said[:MAX_NAMED] if isinstance(said, list) else ():
        if not isinstance(one, list) or len(one) != 4 or not isinstance(one[0], str):
            continue
        try:
            replica = bytes.fromhex(one[0])
        except ValueError:
            continue
        if all(type(number) is int and 0 <= number < 2**63 for number in one[1:]):
            yield replica, one[1], Leaf(one[2], one[3])


def strip(body: bytes, gone: Gone) -> Stripped:
    """A segment, which was checked, without these leaves."""
    ops = decode_marked(body)
    places = {id(ops[leaf.op]): leaf.op for leaf in gone if leaf.op < len(ops)}

    def stays(op: Any, mark: int) -> bool:
        return Leaf(places.get(id(op), -1), mark) not in gone

    bare = without(body, ops, stays)
    return Stripped(bare, bool(missing(bare, ops) - gone))


def drop_erased(database: Any, book: FeedBook, applied: Applied) -> bool:
    """Cut every erased leaf from the kept segments, if what was applied brought an erasure; whether there was
    any, so that the state has to be made anew. Inside the caller's transaction."""
    if Erasure.KIND not in applied.rows:
        return False
    erased, dropped = ErasedLeaves(database), False
    for stream in book.streams():
        for (replica, seq), gone in erased.of_site(book.stream_id(stream)).items():
            feed = book.find(stream, replica)
            if feed is None:
                continue
            place = (feed.number, seq)
            for hash_, lacking, packed in database.execute(
                "select hash, lacking, body from segment where feed = ? and seq = ?", place
            ).fetchall():
                body = unpack(packed)
                left = strip(body, gone)
                if (left.body, left.lacking) != (body, bool(lacking)):
                    database.execute(
                        "update segment set body = ?, lacking = ? where feed = ? and seq = ? and hash = ?",
                        (zstandard.compress(left.body, LEVEL), int(left.lacking), *place, hash_),
                    )
                dropped = dropped or left.body != body
    return dropped


def erased_files(database: Any) -> set[bytes]:
    """The SHA-256 of the files that were erased."""
    found: set[bytes] = set()
    for (said,) in database.execute("select files from erasure where files is not null"):
        names = json.loads(said)
        for one in names[:MAX_NAMED] if isinstance(names, list) else ():
            if isinstance(one, str) and len(one) == 64 and set(one) <= set("0123456789abcdef"):
                found.add(bytes.fromhex(one))
    return found
