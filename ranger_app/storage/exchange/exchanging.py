"""What a workspace gives to other laptops and takes from them: signed segments and the names of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ranger_app.domain.fields import Form
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.seeing import NONE_MARKED
from ranger_app.domain.sites import Site
from ranger_app.security.entries import SignedEntry
from ranger_app.storage.changes.directories import (
    admit,
    entries_of,
    note_makers,
    sites_with_directory,
    take_root,
)
from ranger_app.storage.changes.erasing import drop_erased, erased_files
from ranger_app.storage.changes.feeds import Feed, FeedBook, unpack
from ranger_app.storage.changes.receiving import Received, SignedSegment, apply_ready, receive
from ranger_app.storage.changes.withholding import first_lacking, for_outsiders, wants_all
from ranger_app.storage.digest import stream_digests
from ranger_app.storage.faults import database_told
from ranger_app.storage.marking import marked_attributes
from ranger_app.storage.rebuilding import rebuild_state
from ranger_app.storage.touched import Touched
from ranger_app.storage.workspace import Workspace

Vectors = dict[bytes, dict[bytes, int]]
"""By stream, the highest number of each replica's feed up to which every segment is here."""


class Tip(NamedTuple):
    """How far a feed is here without a gap, and which segment stands there: two copies of one laptop come to
    the same numbers."""

    upto: int
    hash: bytes
    """SHA-256; empty for 0."""


Tips = dict[bytes, dict[bytes, Tip]]
"""By stream and replica."""


def tips(workspace: Workspace) -> Tips:
    """What this workspace has, parked segments included. A forked feed counts up to the fork, so that
    everybody comes to hold all sides of it; one with sensitive values still to come, up to those."""
    found: Tips = {}
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        for stream in book.streams():
            id_ = book.stream_id(stream)
            whole = wants_all(database, id_, workspace.keys.replica)
            for feed in book.feeds(stream):
                found.setdefault(id_, {})[feed.replica] = _tip(database, feed, whole=whole)
    return found


def _tip(database: Any, feed: Feed, *, whole: bool) -> Tip:
    last = feed.applied if feed.forked_at is None else min(feed.applied, feed.forked_at - 1)
    lacking = first_lacking(database, feed) if whole else None
    if lacking is not None:
        last = min(last, lacking - 1)
    tip = Tip(0, b"")
    for seq, hash_ in database.execute(
        "select seq, hash from segment where feed = ? and seq >= ? order by seq", (feed.number, last)
    ):
        forked = feed.forked_at is not None and seq >= feed.forked_at
        if forked or (lacking is not None and seq >= lacking) or seq > max(last, tip.upto + 1):
            break
        tip = Tip(seq, hash_)
    return tip


def vectors(workspace: Workspace) -> Vectors:
    """The numbers of `tips` alone."""
    return {
        stream: {replica: tip.upto for replica, tip in found.items()}
        for stream, found in tips(workspace).items()
    }


def brought_by(workspace: Workspace, site: bytes) -> dict[bytes, int]:
    """By replica, how many ops of its feed of a site are shown or kept aside by the list of devices."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        return {
            feed.replica: feed.changes
            for stream in book.streams()
            if book.stream_id(stream) == site
            for feed in book.feeds(stream)
        }


class Numbered(NamedTuple):
    """A segment with its place in its feed."""

    stream: bytes
    replica: bytes
    number: int
    hash: bytes
    signed: SignedSegment

    @property
    def body(self) -> bytes:
        return self.signed.body


def digests(workspace: Workspace) -> dict[bytes, str]:
    """The digest of each site by itself, for two laptops that share one of several; worked out anew."""
    with workspace.reading_raw() as database, database_told(workspace.folder):
        return stream_digests(database, FeedBook(database))


def segments_above(workspace: Workspace, known: Tips, *, whole: bool = True) -> Iterator[SignedSegment]:
    """Every segment that somebody with these tips lacks, feed by feed; those kept aside too. Unless they are
    to be `whole`, without the sensitive values that outsiders may not have."""
    return (one.signed for one in numbered_above(workspace, known, whole=whole))


def numbered_above(
    workspace: Workspace, known: Tips, *, site: bytes | None = None, whole: bool = True
) -> Iterator[Numbered]:
    """The same with their places; those of one site only, if it is given."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        marked = marked_attributes(database) if not whole else NONE_MARKED
        for number in book.streams():
            stream = book.stream_id(number)
            if site not in (None, stream):
                continue
            theirs = known.get(stream, {})
            for feed in book.feeds(number):
                above = _common(database, feed, theirs.get(feed.replica, Tip(0, b"")))
                for seq, hash_, body, signature in database.execute(
                    "select seq, hash, body, signature from segment where feed = ? and seq > ? "
                    "order by seq, hash",
                    (feed.number, above),
                ):
                    plain = unpack(body) if whole else for_outsiders(unpack(body), marked)
                    signed = SignedSegment(feed.public_key, plain, signature)
                    yield Numbered(stream, feed.replica, seq, hash_, signed)


def bytes_above(workspace: Workspace, known: Tips, *, site: bytes | None = None) -> int:
    """About how many bytes these segments take on their way: as many as they take here, compressed."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        return sum(
            database.execute(
                "select coalesce(sum(length(body) + length(signature) + 32), 0) from segment "
                "where feed = ? and seq > ?",
                (
                    feed.number,
                    known.get(book.stream_id(number), {}).get(feed.replica, Tip(0, b"")).upto,
                ),
            ).fetchone()[0]
            for number in book.streams()
            if site in (None, book.stream_id(number))
            for feed in book.feeds(number)
        )


def _common(database: Any, feed: Feed, theirs: Tip) -> int:
    """The number up to which a feed is the same here and there, as far as the tip tells."""
    if feed.forked_at is not None and feed.forked_at <= theirs.upto:
        return feed.forked_at - 1
    here = [
        row[0]
        for row in database.execute(
            "select hash from segment where feed = ? and seq = ?", (feed.number, theirs.upto)
        )
    ]
    # Another segment under their number: ours shows them that the laptop was copied, and from where on.
    return theirs.upto - 1 if here and theirs.hash not in here else theirs.upto


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
        if drop_erased(database, FeedBook(database), result.applied):
            result.applied = rebuild_state(database)
        if result.own:
            workspace.note_copied(database)
    workspace.tell(Touched.of(result.applied.rows))
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
        gone = erased_files(database)
    return [sha256 for sha256 in found if sha256 not in gone]


def sites(workspace: Workspace) -> list[Site]:
    """Every site that this workspace knows of."""
    with workspace.reading() as data:
        return data.find(Site, order=("id",))
