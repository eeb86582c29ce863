"""What a workspace gives to other laptops and takes from them: signed segments and the names of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.fields import DELETED, Form
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NAME, BY_NUMBER
from ranger_app.domain.sites import Site
from ranger_app.security.entries import SignedEntry
from ranger_app.storage.directories import (
    admit,
    entries_of,
    note_makers,
    sites_with_directory,
    take_root,
)
from ranger_app.storage.faults import database_told
from ranger_app.storage.feeds import FeedBook, stored, unpack
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.receiving import Received, SignedSegment, apply_ready, receive
from ranger_app.storage.rows import record_value
from ranger_app.storage.unit import Touched
from ranger_app.storage.workspace import Workspace

MAX_STRAY_BYTES = 256 << 20
"""Of records that this version cannot read, in all."""
Vectors = dict[bytes, dict[bytes, int]]
"""By stream, the highest number of each replica's feed up to which every segment is here."""


@dataclass(frozen=True, slots=True)
class StandingValue:
    """One of the values of a difference: the value, who wrote it, on which laptop, when (hybrid stamp)."""

    value: Any
    author: bytes
    device: bytes
    hlc: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A field with several standing values. `field` is "deleted" where one deleted what another edited."""

    kind: str
    id: Id
    site_id: Id
    field: str
    values: tuple[StandingValue, ...]


def vectors(workspace: Workspace) -> Vectors:
    """What this workspace has, parked segments included. A forked feed counts up to the fork, so that
    everybody comes to hold all sides of it."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        found: Vectors = {}
        for stream in book.streams():
            for feed in book.feeds(stream):
                top = feed.applied
                for (seq,) in database.execute(
                    "select distinct seq from segment where feed = ? and seq > ? order by seq",
                    (feed.number, feed.applied),
                ):
                    if seq != top + 1:
                        break
                    top = seq
                if feed.forked_at is not None:
                    top = min(top, feed.forked_at - 1)
                found.setdefault(book.stream_id(stream), {})[feed.replica] = top
        return found


def segments_above(workspace: Workspace, known: Vectors) -> Iterator[SignedSegment]:
    """Every segment that somebody with these vectors lacks, feed by feed; those kept aside too."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        for stream in book.streams():
            above = known.get(book.stream_id(stream), {})
            for feed in book.feeds(stream):
                least = above.get(feed.replica, 0)
                if feed.forked_at is not None:
                    least = min(least, feed.forked_at - 1)
                for body, signature in database.execute(
                    "select body, signature from segment where feed = ? and seq > ? order by seq, hash",
                    (feed.number, least),
                ):
                    yield SignedSegment(feed.public_key, unpack(body), signature)


def take(
    workspace: Workspace,
    segments: Iterable[SignedSegment],
    *,
    entries: Sequence[SignedEntry] = (),
    root: tuple[bytes, bytes] | None = None,
) -> Received:
    """Keep and apply segments from elsewhere, and entries of directories, all in one transaction; together
    they fit in memory. `root` is a site with the hash of the entry that begins its directory, when a person
    has compared them; otherwise only the laptop that made a site begins its directory."""
    own = workspace.keys.replica
    with workspace.transaction() as (_connection, database), database_told(workspace.folder):
        book = FeedBook(database)
        if root is not None:
            take_root(database, root[0], root[1])
        news = admit(database, book, entries)
        result = receive(database, book, workspace.clock, segments, own=own)
        note_makers(database, book)
        if news.strangers:
            # A directory is believed once the site that it is of is here, which may have come just now.
            news = news.with_later(admit(database, book, entries))
        result.entries_new, result.entries_strange = news.new, news.strangers
        if result.rebuild or news.rebuild:
            result.applied = rebuild_state(database)
        else:
            for stream in news.streams:
                apply_ready(database, book, stream, result.applied)
        if result.own:
            workspace.note_copied(database)
    workspace.tell(
        Touched({BY_NUMBER[n].name: tuple(Id(r) for r in rows) for n, rows in result.applied.rows.items()})
    )
    return result


def directory_entries(workspace: Workspace) -> list[SignedEntry]:
    """The directories of all sites that are followed here, forks too."""
    with workspace.reading_raw() as database:
        return [e for site in sites_with_directory(database) for e in entries_of(database, site)]


def referenced_files(workspace: Workspace) -> list[bytes]:
    """The SHA-256 of every file that some record speaks of, in a fixed order."""
    found: dict[bytes, None] = {}
    with workspace.reading_raw() as database:
        for kind in BY_NAME.values():
            for field in kind.fields:
                if field.form is Form.FILE:
                    found.update(
                        (row[0], None)
                        for row in database.execute(
                            f'select distinct "{field.name}" from "{kind.name}" '
                            f'where "{field.name}" is not null order by 1'
                        )
                    )
    return list(found)


def strays(workspace: Workspace) -> Iterator[tuple[int, bytes]]:
    """Records of bundles that this version cannot read: (type, payload)."""
    with workspace.reading_raw() as database:
        yield from database.execute("select type, payload from stray order by hash")


def keep_strays(workspace: Workspace, found: Sequence[tuple[bytes, int, bytes]]) -> int:
    """Keep records that this version cannot read: (SHA-256 of the payload, type, payload). Returns how many
    there was no room for: what nobody here can read must not fill the disk."""
    if not found:
        return 0
    refused = 0
    with workspace.transaction() as (_connection, database), database_told(workspace.folder):
        held = database.execute("select coalesce(sum(length(payload)), 0) from stray").fetchone()[0]
        for hash_, type_, payload in found:
            if database.execute("select 1 from stray where hash = ?", (hash_,)).fetchone():
                continue
            if held + len(payload) > MAX_STRAY_BYTES:
                refused += 1
                continue
            held += len(payload)
            database.execute("insert into stray values (?,?,?)", (hash_, type_, payload))
    return refused


def sites(workspace: Workspace) -> list[Site]:
    """Every site that this workspace knows of."""
    with workspace.reading() as data:
        return data.find(Site, order=("id",))


def differences(workspace: Workspace) -> list[Difference]:
    """Every field that waits for a person to settle it."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        return [
            _difference(database, book, *row)
            for row in database.execute(
                "select stream, kind, row, field from difference order by kind, row, field"
            ).fetchall()
        ]


def _difference(database: Any, book: FeedBook, stream: int, kind: int, row: bytes, field: int) -> Difference:
    spec = BY_NUMBER[kind]
    values = []
    for feed, seq, hlc, raw_value in database.execute(
        "select feed, seq, hlc, value from edit "
        "where stream = ? and kind = ? and row = ? and field = ? and standing = 1 order by hlc desc",
        (stream, kind, row, field),
    ).fetchall():
        body = database.execute(
            "select body from segment where feed = ? and seq = ? and state = 1", (feed, seq)
        ).fetchone()[0]
        author = stored(body).author
        if field == DELETED:
            value = cbor2.loads(raw_value)["gone"]
        else:
            value = record_value(spec.by_number[field], raw_value)
        values.append(StandingValue(value, author, book.replica(feed), hlc))
    name = "deleted" if field == DELETED else spec.by_number[field].name
    return Difference(spec.name, Id(row), Id(book.stream_id(stream)), name, tuple(values))
