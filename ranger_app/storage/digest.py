"""One number for the state of everything: equal on two laptops exactly when they know the same changes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

import cbor2

from ranger_app.storage.feeds import FeedBook
from ranger_app.storage.merging import CODECS
from ranger_app.storage.tables import STATE

_BITS = 1 << 256
_KEY = "digest"


def state_digest(database: Any, book: FeedBook) -> str:
    """SHA-256 of every record with its standing ops, added up so that no order matters; 64 hex digits."""
    total = 0
    for stream in book.streams():
        for number, codec in CODECS.items():
            total += _kind_sum(database, book, stream, number, codec.names)
    return f"{total % _BITS:064x}"


def cached_digest(database: Any, book: FeedBook) -> str | None:
    """The digest kept for exactly this set of changes, if it was worked out before."""
    row = database.execute("select value from meta where key = ?", (_KEY,)).fetchone()
    if row is None:
        return None
    kept = cbor2.loads(row[0])
    return str(kept["digest"]) if kept["of"] == vector_hash(book) else None


def keep_digest(database: Any, book: FeedBook, digest: str) -> None:
    """Remember the digest together with the set of changes that it is of."""
    value = cbor2.dumps({"of": vector_hash(book), "digest": digest})
    database.execute(
        "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
        (_KEY, value),
    )


def vector_hash(book: FeedBook) -> bytes:
    """A short name for the set of applied changes."""
    vectors = sorted(
        [book.stream_id(s), feed.replica, feed.applied]
        for s in book.streams()
        for feed in book.feeds(s)
        if feed.applied
    )
    return hashlib.sha256(cbor2.dumps(vectors)).digest()


def _kind_sum(database: Any, book: FeedBook, stream: int, number: int, names: tuple[str, ...]) -> int:
    heads: dict[bytes, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row, field, feed, seq, op, value in database.execute(
        "select row, field, feed, seq, op, value from edit where stream = ? and kind = ? and standing = 1",
        (stream, number),
    ):
        heads[row][field].append([book.replica(feed), seq, op, value])
    table = next(t for k, t in STATE.items() if k == CODECS[number].kind.name)
    columns = ", ".join(f'"{n}"' for n in names)
    prefix = cbor2.dumps([book.stream_id(stream), number])
    fields = [f.number for f in CODECS[number].kind.fields]
    total = 0
    for id_, feed, seq, op, gone, *values in database.execute(
        f'select id, _feed, _seq, _op, _gone, {columns} from "{table.name}" where site_id = ?',
        (book.stream_id(stream),),
    ):
        edits = heads.get(id_, {})
        implied = any(f not in edits for f in fields)
        content = [
            id_,
            gone,
            values,
            [book.replica(feed), seq, op] if implied else None,
            sorted((field, sorted(ops)) for field, ops in edits.items()),
        ]
        total += int.from_bytes(hashlib.sha256(prefix + cbor2.dumps(content)).digest(), "big")
    return total
