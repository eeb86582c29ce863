"""The feeds of every stream: which replicas there are, how far each is applied, and their signed segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import zstandard

from ranger_app.storage.tables import APPLIED

_LEVEL = 1  # quick, and within a few per cent of the slower levels on changes


@dataclass(slots=True)
class Feed:
    """One replica's feed in one stream. `applied` is dense: every number up to it is shown."""

    number: int
    stream: int
    replica: bytes
    public_key: bytes
    applied: int
    forked_at: int | None


class FeedBook:
    """The feeds as one transaction sees them. `database` is a bare connection."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._streams: dict[int, bytes] = dict(database.execute("select no, id from stream"))
        self._stream_numbers = {id_: no for no, id_ in self._streams.items()}
        self._feeds: dict[int, Feed] = {}
        self._by_replica: dict[tuple[int, bytes], Feed] = {}
        self._stamps: dict[tuple[int, int], int] = {}
        for row in database.execute("select no, stream, replica, public_key, applied, forked_at from feed"):
            self._remember(Feed(*row))

    def _remember(self, feed: Feed) -> Feed:
        self._feeds[feed.number] = feed
        self._by_replica[feed.stream, feed.replica] = feed
        return feed

    def streams(self) -> list[int]:
        return sorted(self._streams)

    def stream_id(self, number: int) -> bytes:
        return self._streams[number]

    def stream_number(self, id_: bytes) -> int:
        """The small number of a stream, made when it is new."""
        if id_ not in self._stream_numbers:
            number = self._database.execute("insert into stream (id) values (?)", (id_,)).lastrowid
            self._streams[number], self._stream_numbers[id_] = id_, number
        return self._stream_numbers[id_]

    def feeds(self, stream: int) -> list[Feed]:
        return [f for f in self._feeds.values() if f.stream == stream]

    def feed(self, number: int) -> Feed:
        return self._feeds[number]

    def replica(self, number: int) -> bytes:
        return self._feeds[number].replica

    def number(self, stream: int, replica: bytes) -> int:
        return self._by_replica[stream, replica].number

    def find(self, stream: int, replica: bytes) -> Feed | None:
        return self._by_replica.get((stream, replica))

    def open(self, stream: int, replica: bytes, public_key: bytes) -> Feed:
        """The feed of a replica in a stream, made when it is new."""
        known = self.find(stream, replica)
        if known is not None:
            return known
        number = self._database.execute(
            "insert into feed (stream, replica, public_key) values (?,?,?)", (stream, replica, public_key)
        ).lastrowid
        return self._remember(Feed(number, stream, replica, public_key, 0, None))

    def advance(self, feed: Feed, applied: int) -> None:
        feed.applied = applied
        self._database.execute("update feed set applied = ? where no = ?", (applied, feed.number))

    def last_hash(self, feed: Feed) -> bytes:
        """The hash of the newest applied segment, or empty."""
        row = self._database.execute(
            "select hash from segment where feed = ? and seq = ? and state = ?",
            (feed.number, feed.applied, APPLIED),
        ).fetchone()
        return row[0] if row else b""

    def stamp(self, feed: int, seq: int) -> int:
        """The hybrid stamp of an applied segment."""
        if (feed, seq) not in self._stamps:
            row = self._database.execute(
                "select hlc from segment where feed = ? and seq = ? and state = ?", (feed, seq, APPLIED)
            ).fetchone()
            self._stamps[feed, seq] = row[0]
        return self._stamps[feed, seq]


def store_segment(
    database: Any,
    feed: int,
    seq: int,
    *,
    hash_: bytes,
    body: bytes,
    signature: bytes,
    hlc: int,
    state: int,
    unread: bool,
) -> None:
    """Keep the signed bytes for ever."""
    database.execute(
        "insert into segment (feed, seq, hash, body, signature, hlc, state, unread) values (?,?,?,?,?,?,?,?)",
        (feed, seq, hash_, zstandard.compress(body, _LEVEL), signature, hlc, state, int(unread)),
    )


def unpack(body: bytes, *, limit: int) -> bytes:
    """A stored segment's bytes; our own database, bounded all the same."""
    return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj().decompress(body)[:limit]
