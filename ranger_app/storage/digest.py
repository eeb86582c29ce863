"""One number for the state of everything: equal on two laptops exactly when they know the same changes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import cache
from typing import Any

import cbor2

from ranger_app.domain.fields import KindSpec
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.changes.feeds import FeedBook
from ranger_app.storage.meta import read_note, write_note
from ranger_app.storage.rows import Wire, wire_value
from ranger_app.storage.tables import fingerprint

_BITS = 1 << 256
_KEY = "digest"


def state_digest(database: Any, book: FeedBook) -> str:
    """SHA-256 of every record with its standing ops, added up so that no order matters; 64 hex digits.

    Fields that have their default are left out, so that a version which knows more fields gets the same
    number as long as nobody has filled them.
    """
    total = sum(int(one, 16) for one in stream_digests(database, book).values())
    return f"{total % _BITS:064x}"


def stream_digests(database: Any, book: FeedBook) -> dict[bytes, str]:
    """The same of each stream by its id: two laptops that share one site of several compare that one."""
    found = {}
    for stream in book.streams():
        total = sum(_kind_sum(database, book, stream, kind) for kind in BY_NUMBER.values())
        found[book.stream_id(stream)] = f"{total % _BITS:064x}"
    return found


def cached_digest(database: Any, book: FeedBook) -> str | None:
    """The digest kept for exactly this set of changes, if it was worked out before."""
    kept = read_note(database, _KEY)
    return str(kept["digest"]) if kept and kept["of"] == vector_hash(database, book) else None


def keep_digest(database: Any, of: bytes, digest: str) -> None:
    """Remember the digest together with the set of changes that it is of (see `vector_hash`)."""
    write_note(database, _KEY, {"of": of, "digest": digest})


def forget_digest(database: Any) -> None:
    """What was worked out before holds no more."""
    write_note(database, _KEY, None)


def vector_hash(database: Any, book: FeedBook) -> bytes:
    """A short name for the set of applied changes as this version of the program reads them, and of what
    says which of them count."""
    vectors = sorted(
        [book.stream_id(s), feed.replica, feed.applied]
        for s in book.streams()
        for feed in book.feeds(s)
        if feed.applied
    )
    entries = [row[0] for row in database.execute("select hash from directory order by hash")]
    return hashlib.sha256(cbor2.dumps([fingerprint(), vectors, entries])).digest()


def _kind_sum(database: Any, book: FeedBook, stream: int, kind: KindSpec) -> int:
    heads: dict[bytes, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row, field, feed, seq, op, value in database.execute(
        "select row, field, feed, seq, op, value from edit where stream = ? and kind = ? and standing = 1",
        (stream, kind.number),
    ):
        heads[row][field].append([book.replica(feed), seq, op, value])
    prefix = cbor2.dumps([book.stream_id(stream), kind.number])
    question, defaults = _how_to_ask(kind.number)
    total = 0

    def add(content: list[Any]) -> None:
        nonlocal total
        total += int.from_bytes(hashlib.sha256(prefix + cbor2.dumps(content)).digest(), "big")

    def standing(row: bytes) -> list[Any]:
        return sorted((field, sorted(ops, key=_place)) for field, ops in heads.pop(row, {}).items())

    for id_, feed, seq, op, gone, *values in database.execute(question, (book.stream_id(stream),)):
        said = [
            (number, value)
            for (number, default), value in zip(defaults, values, strict=True)
            if value != default
        ]
        add([id_, gone, said, [book.replica(feed), seq, op], standing(id_)])
    for row in list(heads):
        add([row, standing(row)])  # edits of a record that no applied change makes
    return total


@cache
def _how_to_ask(kind: int) -> tuple[str, list[tuple[int, Wire]]]:
    """The question for the records of a kind in one site, and what each field holds when nobody says."""
    spec = BY_NUMBER[kind]
    columns = "".join(f', "{f.name}"' for f in spec.fields)
    defaults = [(f.number, wire_value(f, f.default) if not f.required else None) for f in spec.fields]
    return f'select id, _feed, _seq, _op, _gone{columns} from "{spec.name}" where site_id = ?', defaults


def _place(op: list[Any]) -> list[Any]:
    return op[:3]
