"""The feeds of every stream: which replicas there are, how far each is applied, and their signed segments."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import zstandard

from ranger_app.domain.changes import Segment
from ranger_app.domain.errors import BadInput, WorkspaceDamaged
from ranger_app.i18n import _
from ranger_app.storage.changes.leaves import Leaf, joined, missing
from ranger_app.storage.changes.segments import MAX_SEGMENT, decode, decode_marked
from ranger_app.storage.tables import APPLIED, CUT, LACKING, WHOLE

LEVEL = 1  # quick, and within a few per cent of the slower levels on changes
_MAX_WINDOW = 1 << 27  # bytes


@dataclass(slots=True)
class Feed:
    """One replica's feed in one stream. `applied` is dense: every number up to it is shown."""

    number: int
    stream: int
    replica: bytes
    public_key: bytes
    applied: int
    stamp: int
    """The highest hybrid stamp among what is applied."""
    forked_at: int | None
    changes: int = 0
    """How many ops there are in what is applied."""
    tip: bytes | None = None
    """The hash of the newest applied segment, empty before the first; None until it is looked up."""


class FeedBook:
    """The feeds as one transaction sees them. `database` is a bare connection."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._streams: dict[int, bytes] = dict(database.execute("select no, id from stream"))
        self._stream_numbers = {id_: no for no, id_ in self._streams.items()}
        self._feeds: dict[int, Feed] = {}
        self._by_replica: dict[tuple[int, bytes], Feed] = {}
        self._stamps: dict[tuple[int, int], int] = {}
        for row in database.execute(
            "select no, stream, replica, public_key, applied, stamp, forked_at, changes from feed"
        ):
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

    def feeds_of(self, replica: bytes) -> list[Feed]:
        """What one replica wrote, a feed for each stream."""
        return [f for f in self._feeds.values() if f.replica == replica]

    def feed(self, number: int) -> Feed:
        return self._feeds[number]

    def replica(self, number: int) -> bytes:
        return self._feeds[number].replica

    def number(self, stream: int, replica: bytes) -> int:
        return self._by_replica[stream, replica].number

    def find(self, stream: int, replica: bytes) -> Feed | None:
        return self._by_replica.get((stream, replica))

    def find_in(self, stream_id: bytes, replica: bytes) -> Feed | None:
        """The same by the stream's id, which may be unknown."""
        number = self._stream_numbers.get(stream_id)
        return None if number is None else self.find(number, replica)

    def open(self, stream: int, replica: bytes, public_key: bytes) -> Feed:
        """The feed of a replica in a stream, made when it is new."""
        known = self.find(stream, replica)
        if known is not None:
            return known
        number = self._database.execute(
            "insert into feed (stream, replica, public_key) values (?,?,?)", (stream, replica, public_key)
        ).lastrowid
        return self._remember(Feed(number, stream, replica, public_key, 0, 0, None, tip=b""))

    def advance(self, feed: Feed, seq: int, *, hash_: bytes, hlc: int, changes: int) -> None:
        """The next segment of a feed, with so many ops, is applied."""
        feed.applied, feed.tip, feed.stamp = seq, hash_, max(feed.stamp, hlc)
        feed.changes += changes
        self.note_stamp(feed.number, seq, hlc)
        self._database.execute(
            "update feed set applied = ?, stamp = ?, changes = ? where no = ?",
            (seq, feed.stamp, feed.changes, feed.number),
        )

    def tip(self, feed: Feed) -> bytes:
        """The hash of the newest applied segment, or empty."""
        if feed.tip is None:
            row = self._database.execute(
                "select hash from segment where feed = ? and seq = ? and state = ?",
                (feed.number, feed.applied, APPLIED),
            ).fetchone()
            feed.tip = row[0] if row else b""
        return feed.tip

    def note_stamp(self, feed: int, seq: int, hlc: int) -> None:
        """The stamp of a segment that is about to be applied."""
        self._stamps[feed, seq] = hlc

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
    segment: Segment,
    *,
    hash_: bytes,
    body: bytes,
    signature: bytes,
    state: int,
    unread: bool,
    left: int = WHOLE,
) -> None:
    """Keep the signed bytes for ever, with what is `left` of the values behind them (see `tables`)."""
    database.execute(
        "insert into segment (feed, seq, hash, previous, hlc, state, unread, lacking, signature, body) "
        "values (?,?,?,?,?,?,?,?,?,?)",
        (
            feed,
            segment.seq,
            hash_,
            segment.previous,
            segment.hlc,
            state,
            int(unread),
            left,
            signature,
            zstandard.compress(body, LEVEL),
        ),
    )


def fill_in(
    database: Any, feed: Feed, segment: Segment, hash_: bytes, body: bytes, *, gone: Set[Leaf]
) -> bool:
    """Keep what another copy of a kept segment has more of its leaves; whether it had any. `segment` is that
    copy, read, and with that checked; of the leaves that are `gone` for good it has none."""
    where = "feed = ? and seq = ? and hash = ?"
    place = (feed.number, segment.seq, hash_)
    lacking, kept = database.execute(f"select lacking, body from segment where {where}", place).fetchone()
    if lacking != LACKING:
        return False
    before = unpack(kept)
    both = joined(before, body)
    if both == before:
        return False
    lacks = missing(both, decode_marked(both))
    left = LACKING if lacks - gone else CUT if lacks else WHOLE
    database.execute(
        f"update segment set body = ?, lacking = ? where {where}",
        (zstandard.compress(both, LEVEL), left, *place),
    )
    return True


def holds_stretch(database: Any, stream: bytes, replica: bytes, first: int, last: int, hash_: bytes) -> bool:
    """Whether all segments of a feed from `first` to `last` are here, the last one with this hash."""
    found = database.execute(
        "select f.no from feed f join stream s on s.no = f.stream where s.id = ? and f.replica = ? "
        "and exists (select 1 from segment where feed = f.no and seq = ? and hash = ?)",
        (stream, replica, last, hash_),
    ).fetchone()
    if found is None:
        return False
    wanted, before = last, hash_
    for seq, here, previous, lacking in database.execute(
        "select seq, hash, previous, lacking from segment where feed = ? and seq between ? and ? "
        "order by seq desc",
        (found[0], first, last),
    ):
        # Where a laptop was copied there are others under the same numbers: those of this stretch are linked.
        if (seq, here) == (wanted, before):
            if lacking == LACKING:
                return False  # what came without its sensitive values may be in here with them
            wanted, before = seq - 1, previous
    return bool(wanted == first - 1)


def unpack(body: bytes) -> bytes:
    """The signed bytes of a stored segment; `WorkspaceDamaged` when they do not unpack. Even our own
    database is bounded: somebody may have handed it to us."""
    try:
        if zstandard.frame_content_size(body) not in range(MAX_SEGMENT + 1):
            raise _damaged()
        return zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompress(body)
    except zstandard.ZstdError:
        raise _damaged() from None


def stored(body: bytes) -> Segment:
    """A stored segment, read; `WorkspaceDamaged` when it does not read as it did when it was taken."""
    try:
        return decode(unpack(body))
    except BadInput:
        raise _damaged() from None


def _damaged() -> WorkspaceDamaged:
    return WorkspaceDamaged(
        _("A change kept in this workspace does not read as it was written."),
        _("Restore the newest backup: ranger-app restore --workspace DIR."),
    )
