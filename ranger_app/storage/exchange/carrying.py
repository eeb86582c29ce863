"""What a carrier that talks to the other side asks of a workspace: how far each feed goes, and runs of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from ranger_app.domain.directory import Directory
from ranger_app.domain.fields import Form
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.members import Member
from ranger_app.domain.seeing import NONE_MARKED
from ranger_app.security.entries import SignedEntry
from ranger_app.storage.changes.directories import entries_of, followed
from ranger_app.storage.changes.erasing import erased_files
from ranger_app.storage.changes.feeds import Feed, FeedBook, unpack
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.changes.withholding import first_lacking, for_outsiders, wants_all
from ranger_app.storage.marking import marked_attributes
from ranger_app.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one feed goes in one place. Two places with equal reaches hold the same segments of it."""

    upto: int
    """Every segment up to this number is here; in a forked feed, up to the fork."""
    beyond: bytes = b""
    """SHA-256 over the hashes of all that is kept above that (a gap, a fork); empty when nothing is."""


Reaches = dict[bytes, Reach]
"""By replica, within one stream."""

NOTHING = Reach(0)
_STREAM_END = 19


@dataclass(frozen=True, slots=True)
class Run:
    """Segments of one feed in their order, those of one number never apart."""

    segments: list[SignedSegment]
    through: int
    """The last number in it."""
    more: bool


def streams_here(workspace: Workspace) -> list[bytes]:
    """The streams that something is here of."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        return sorted(book.stream_id(number) for number in book.streams())


def reaches(workspace: Workspace, stream: bytes, *, whole: bool = False) -> Reaches:
    """How far every feed of a stream goes here. Segments that came without some of their sensitive values
    count as missing where this laptop is to have those, and with `whole` anyhow."""
    with workspace.reading_raw() as database:
        book = FeedBook(database)
        whole = whole or wants_all(database, stream, workspace.keys.replica)
        return {feed.replica: _reach(database, feed, whole=whole) for feed in _feeds(book, stream)}


def _feeds(book: FeedBook, stream: bytes) -> list[Feed]:
    return next((book.feeds(number) for number in book.streams() if book.stream_id(number) == stream), [])


def _reach(database: Any, feed: Feed, *, whole: bool) -> Reach:
    lacking = first_lacking(database, feed) if whole else None
    upto = feed.applied  # which never goes beyond a fork
    if lacking is not None:
        upto = min(upto, lacking - 1)
    beyond, found = hashlib.sha256(), False
    for seq, hash_ in database.execute(
        "select seq, hash from segment where feed = ? and seq > ? order by seq, hash", (feed.number, upto)
    ):
        counts = (feed.forked_at is None or seq < feed.forked_at) and (lacking is None or seq < lacking)
        if not found and counts and seq == upto + 1:
            upto = seq
        else:
            found = True
            beyond.update(hash_)
    return Reach(upto, beyond.digest() if found else b"")


def run_above(
    workspace: Workspace,
    stream: bytes,
    replica: bytes,
    above: int,
    *,
    at_most_bytes: int,
    whole: bool = True,
    complete: bool = False,
) -> Run:
    """The segments of a feed with numbers greater than `above`, as many as fit, at least one number. Unless
    they are to be `whole`, without the sensitive values that outsiders may not have; those that came here
    without theirs are passed over with `complete`."""
    segments: list[SignedSegment] = []
    size, through = 0, above
    with workspace.reading_raw() as database:
        feed = FeedBook(database).find_in(stream, replica)
        if feed is None:
            return Run([], above, False)
        marked = marked_attributes(database) if not whole else NONE_MARKED
        for seq, body, signature in database.execute(
            "select seq, body, signature from segment where feed = ? and seq > ? "
            "and not (? and coalesce(lacking, 0) = 1) order by seq, hash",
            (feed.number, above, complete),
        ):
            if size >= at_most_bytes and seq != through:
                return Run(segments, through, True)
            plain = unpack(body) if whole else for_outsiders(unpack(body), marked)
            segments.append(SignedSegment(feed.public_key, plain, signature))
            size += len(plain)
            through = seq
    return Run(segments, through, False)


def files_of(workspace: Workspace, stream: bytes) -> list[bytes]:
    """The SHA-256 of every file that some record of a stream speaks of, in a fixed order."""
    found: dict[bytes, None] = {}
    with workspace.reading_raw() as database:
        for kind in BY_NAME.values():
            for field in kind.fields:
                if field.form is Form.FILE:
                    found.update(
                        (row[0], None)
                        for row in database.execute(
                            f'select distinct "{field.name}" from "{kind.name}" '
                            f'where site_id = ? and "{field.name}" is not null order by 1',
                            (stream,),
                        )
                    )
        gone = erased_files(database)
    return [sha256 for sha256 in found if sha256 not in gone]


def directory_here(workspace: Workspace, site: bytes) -> list[SignedEntry]:
    """Every entry of a site's directory that is kept here, forks too; none while it has no directory."""
    with workspace.reading_raw() as database:
        return entries_of(database, site)


def member_here(workspace: Workspace, site: bytes, replica: bytes) -> Member | None:
    """A device as the site's directory has it; None when it is not in there, or there is no directory."""
    with workspace.reading_raw() as database:
        return member_in(database, site, replica)


def standing_here(workspace: Workspace, site: bytes) -> list[frozenset[bytes]] | None:
    """The devices of a site that are not revoked, each by its replica and those of its heirs; None where
    there is no directory."""
    with workspace.reading_raw() as database:
        found = followed(database, site)
    return None if found is None else standing_in(found.directory)


def standing_in(directory: Directory) -> list[frozenset[bytes]]:
    """The same of a directory."""
    return [frozenset(directory.incarnations(member)) for member in directory.standing()]


def member_in(database: Any, site: bytes, replica: bytes) -> Member | None:
    """The same by a bare connection."""
    found = followed(database, site)
    return None if found is None else found.directory.member_of(replica)


@dataclass(frozen=True, slots=True)
class Weight:
    """What is kept of a stream, in numbers."""

    name: str
    """Of the site, as its records have it; empty while they are not here."""
    feeds: int
    segments: int
    bytes: int
    """Of signed segments as they are kept, compressed."""


def weigh(database: Any, stream: bytes) -> Weight:
    """How much is kept of a stream. `database` is a bare connection."""
    numbers = [feed.number for feed in _feeds(FeedBook(database), stream)]
    found = [
        database.execute(
            "select count(*), coalesce(sum(length(body)), 0) from segment where feed = ?", (number,)
        ).fetchone()
        for number in numbers
    ]
    site = database.execute(
        "select name from site where id = ? and site_id = ? and _gone = 0", (stream, stream)
    ).fetchone()
    return Weight(
        site[0] if site else "", len(numbers), sum(row[0] for row in found), sum(row[1] for row in found)
    )


def stream_of(untrusted: bytes) -> bytes | None:
    """The stream that a segment says it is of, without reading the rest; None when it does not begin as ours
    do (see `segments.encode`): a list, the format, the stream."""
    as_ours = len(untrusted) > _STREAM_END and 0x80 < untrusted[0] < 0x98 and untrusted[1:3] == b"\x01\x50"
    return untrusted[3:_STREAM_END] if as_ours else None
