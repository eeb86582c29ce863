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

from ranger_app.domain.changes import Op
from ranger_app.domain.sites import Erasure
from ranger_app.storage.changes.feeds import LEVEL, FeedBook, unpack
from ranger_app.storage.changes.leaves import Leaf, missing, without
from ranger_app.storage.changes.merging import Applied
from ranger_app.storage.changes.segments import decode_marked
from ranger_app.storage.tables import CUT, LACKING, WHOLE

MAX_NAMED = 100_000
"""Leaves or files that one erasure is believed to name."""
Gone = Set[Leaf]
NOTHING_GONE: Gone = frozenset()
Named = Set[tuple[bytes, Leaf]]
"""Leaves of what stands under one number of a feed, each with the hash of its segment, or without one: then
of whatever stands there."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A segment without its erased leaves."""

    body: bytes
    left: int
    """`WHOLE`, `LACKING` where any other of its leaves is still to come, or `CUT`."""

    @property
    def lacking(self) -> bool:
        return self.left == LACKING


def gone_of(named: Named, hash_: bytes) -> Gone:
    """The leaves that are erased of the segment with this hash."""
    return {leaf for of, leaf in named if of in (b"", hash_)}


def left_of(body: bytes, ops: tuple[Op, ...], gone: Gone) -> int:
    """What is here of a segment, of whose leaves some are gone for good."""
    lacks = missing(body, ops)
    return LACKING if lacks - gone else CUT if lacks else WHOLE


class ErasedLeaves:
    """The leaves that are erased, by site and place; looked up once for each site."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._sites: dict[bytes, dict[tuple[bytes, int], set[tuple[bytes, Leaf]]]] = {}

    def of_site(self, site: bytes) -> dict[tuple[bytes, int], set[tuple[bytes, Leaf]]]:
        """By replica and number."""
        if site not in self._sites:
            found: dict[tuple[bytes, int], set[tuple[bytes, Leaf]]] = {}
            for (said,) in self._database.execute(
                "select leaves from erasure where site_id = ? and leaves is not null", (site,)
            ):
                for replica, seq, leaf, hash_ in named(said):
                    found.setdefault((replica, seq), set()).add((hash_, leaf))
            self._sites[site] = found
        return self._sites[site]

    def of(self, site: bytes, replica: bytes, seq: int, hash_: bytes) -> Gone:
        """Those of one segment."""
        named = self.of_site(site).get((replica, seq))
        return gone_of(named, hash_) if named else NOTHING_GONE


def named(untrusted: str) -> Iterator[tuple[bytes, int, Leaf, bytes]]:
    """The leaves that an erasure names, as JSON of any origin: replica, number of the segment, leaf, and the
    segment's hash, empty where it is not said."""
    try:
        said = json.loads(untrusted)
    except (ValueError, RecursionError):
        return
    for one in said[:MAX_NAMED] if isinstance(said, list) else ():
        if not isinstance(one, list) or len(one) not in (4, 5):
            continue
        replica, *numbers = one[:4]
        hash_ = one[4] if len(one) == 5 else ""
        if not isinstance(replica, str) or not isinstance(hash_, str):
            continue
        try:
            of = bytes.fromhex(replica), bytes.fromhex(hash_)
        except ValueError:
            continue
        if all(type(number) is int and 0 <= number < 2**63 for number in numbers):
            yield of[0], numbers[0], Leaf(numbers[1], numbers[2]), of[1]


def strip(body: bytes, gone: Gone) -> Stripped:
    """A segment, which was checked, without these leaves."""
    ops = decode_marked(body)
    places = {id(ops[leaf.op]): leaf.op for leaf in gone if leaf.op < len(ops)}

    def stays(op: Any, mark: int) -> bool:
        return Leaf(places.get(id(op), -1), mark) not in gone

    bare = without(body, ops, stays)
    return Stripped(bare, left_of(bare, ops, gone))


def drop_erased(database: Any, book: FeedBook, applied: Applied) -> bool:
    """Cut every erased leaf from the kept segments, if what was applied brought an erasure; whether there was
    any, so that the state has to be made anew. Inside the caller's transaction."""
    if Erasure.KIND not in applied.rows:
        return False
    erased, dropped = ErasedLeaves(database), False
    for stream in book.streams():
        for (replica, seq), places in erased.of_site(book.stream_id(stream)).items():
            feed = book.find(stream, replica)
            if feed is None:
                continue
            place = (feed.number, seq)
            for hash_, lacking, packed in database.execute(
                "select hash, lacking, body from segment where feed = ? and seq = ?", place
            ).fetchall():
                body = unpack(packed)
                left = strip(body, gone_of(places, hash_))
                if (left.body, left.left) != (body, lacking or WHOLE):
                    database.execute(
                        "update segment set body = ?, lacking = ? where feed = ? and seq = ? and hash = ?",
                        (zstandard.compress(left.body, LEVEL), left.left, *place, hash_),
                    )
                dropped = dropped or left.body != body
    return dropped


def look_at_cut(database: Any, book: FeedBook) -> None:
    """What was cut by an erasure that counts no longer, as its laptop was copied or shut out, is lacking
    again: whoever has it still brings it back. Inside the caller's transaction."""
    erased = ErasedLeaves(database)
    for number, seq, hash_, packed in database.execute(
        "select feed, seq, hash, body from segment where lacking = ?", (CUT,)
    ).fetchall():
        feed, body = book.feed(number), unpack(packed)
        gone = erased.of(book.stream_id(feed.stream), feed.replica, seq, hash_)
        if left_of(body, decode_marked(body), gone) == LACKING:
            database.execute(
                "update segment set lacking = ? where feed = ? and seq = ? and hash = ?",
                (LACKING, number, seq, hash_),
            )


def erased_files(database: Any) -> set[bytes]:
    """The SHA-256 of the files that were erased."""
    found: set[bytes] = set()
    for (said,) in database.execute("select files from erasure where files is not null"):
        names = json.loads(said)
        for one in names[:MAX_NAMED] if isinstance(names, list) else ():
            if isinstance(one, str) and len(one) == 64 and set(one) <= set("0123456789abcdef"):
                found.add(bytes.fromhex(one))
    return found
