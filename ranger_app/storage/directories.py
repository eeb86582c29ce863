"""Directories of sites as this workspace keeps them: entries taken in, and what they say of a segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.directory import Directory, Entry, Followed, Member, follow
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.roles import NOTHING, Deed, Rights, allowed, deed, rights
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.security.entries import SignedEntry, follow_signed, read_entry
from ranger_app.storage.feeds import Feed, FeedBook, stored
from ranger_app.storage.meta import read_note, write_note

_ROOT, _MAKER = "directory root ", "site maker "


@dataclass(slots=True)
class News:
    """What became of entries that came from elsewhere."""

    new: int = 0
    strangers: int = 0
    """Entries of another directory than the one that this workspace follows, or of none that holds."""
    streams: set[int] = field(default_factory=set)
    """Streams whose directory has grown: what was waiting for it may be ready."""
    rebuild: bool = False
    """What counts of the changes that are applied is not what it was."""

    def with_later(self, later: News) -> News:
        """This and what came of the same entries when they were looked at again."""
        return News(
            self.new + later.new,
            later.strangers,
            self.streams | later.streams,
            self.rebuild or later.rebuild,
        )


def followed(database: Any, site: bytes) -> Followed | None:
    """The directory of a site with its forks; None while there is none, and everything is allowed."""
    root = read_note(database, _ROOT + site.hex())
    if root is None:
        return None
    bodies = database.execute("select body from directory where site = ? order by hash", (site,)).fetchall()
    return _followed(root, tuple(row[0] for row in bodies))


@lru_cache(maxsize=8)
def _followed(root: bytes, bodies: tuple[bytes, ...]) -> Followed | None:
    """Signatures are not looked at again: they were when the entries were taken in."""
    return follow([read_entry(body) for body in bodies], root, _checked_before)


def _checked_before(_key: bytes, _entry: Entry) -> bool:
    return True


def any_directory(database: Any) -> bool:
    """Whether this workspace follows a directory of any site. From then on, what was written for a site
    that has none waits: anybody could have written it."""
    return bool(database.execute("select exists (select 1 from directory)").fetchone()[0])


def entries_of(database: Any, site: bytes) -> list[SignedEntry]:
    """Every entry of a site's directory, forks too, in their order."""
    return [
        SignedEntry(body, signature)
        for body, signature in database.execute(
            "select body, signature from directory where site = ? order by number, hash", (site,)
        )
    ]


def sites_with_directory(database: Any) -> list[bytes]:
    """The sites whose directories are here."""
    return [row[0] for row in database.execute("select distinct site from directory order by site")]


def take_root(database: Any, site: bytes, root: bytes) -> None:
    """Follow from now on the directory that begins with this entry. `Refused` when it is another than before:
    nobody is given another site's people under this site's name."""
    known = read_note(database, _ROOT + site.hex())
    if known is not None and known != root:
        raise Refused(
            _("This workspace already follows another list of this site's devices."),
            _("Ask the administrator which one is right; nothing was changed."),
        )
    write_note(database, _ROOT + site.hex(), root)


def admit(database: Any, book: FeedBook, untrusted: Iterable[SignedEntry]) -> News:
    """Keep those entries that belong to a directory followed here, inside the caller's transaction."""
    news = News()
    for site, signed in _by_site(untrusted).items():
        _admit(database, book, site, signed, news)
    return news


def _by_site(untrusted: Iterable[SignedEntry]) -> dict[bytes, dict[bytes, list[SignedEntry]]]:
    found: dict[bytes, dict[bytes, list[SignedEntry]]] = defaultdict(lambda: defaultdict(list))
    for signed in untrusted:
        try:
            entry = read_entry(signed.body)
        except BadInput:
            continue
        found[entry.site][entry.hash].append(signed)
    return found


def _admit(
    database: Any, book: FeedBook, site: bytes, signed: dict[bytes, list[SignedEntry]], news: News
) -> None:
    held = {row[0] for row in database.execute("select hash from directory where site = ?", (site,))}
    if not signed.keys() - held:
        return
    root = read_note(database, _ROOT + site.hex()) or _root_among(database, site, signed)
    first = not any_directory(database)
    before = followed(database, site)
    every = [*entries_of(database, site), *(one for some in signed.values() for one in some)]
    found = follow_signed(every, root) if root is not None else None
    if root is None or found is None:
        news.strangers += len(signed)
        return
    take_root(database, site, root)
    fresh = found.entries.keys() - held
    news.strangers += len(signed.keys() - held - fresh)
    if not fresh:
        return
    database.executemany(
        "insert into directory (hash, site, number, body, signature) values (?,?,?,?,?)",
        [
            (h, site, read_entry(e.body).number, e.body, e.signature)
            for h, e in found.entries.items()
            if h in fresh
        ],
    )
    news.new += len(fresh)
    stream = book.stream_number(site)
    news.streams.add(stream)
    old = before.directory if before else None
    highest = before.highest if before else 0
    new = found.followed.directory
    news.rebuild = (
        news.rebuild
        or any(_fate(old, f, highest) != _fate(new, f, highest) for f in book.feeds(stream) if f.applied)
        or (first and any(f.applied for s in book.streams() if s != stream for f in book.feeds(s)))
    )


def _root_among(database: Any, site: bytes, signed: dict[bytes, list[SignedEntry]]) -> bytes | None:
    """A first entry by the laptop that made the site: nobody else's is followed without being asked for."""
    maker = read_note(database, _MAKER + site.hex())
    for hash_, some in sorted(signed.items()):
        entry = read_entry(some[0].body)
        if entry.number == 1 and entry.signer == maker and follow_signed(some, hash_) is not None:
            return hash_
    return None


def note_makers(database: Any, book: FeedBook) -> None:
    """Remember which laptop made each site when the site is first seen: a second one that says so later is
    not believed, and if two say so at once, neither is."""
    for stream in book.streams():
        key = _MAKER + book.stream_id(stream).hex()
        if read_note(database, key) is None:
            makers = [feed.replica for feed in book.feeds(stream) if _made_site(database, book, feed)]
            if makers:
                write_note(database, key, makers[0] if len(makers) == 1 else b"")


def _made_site(database: Any, book: FeedBook, feed: Feed) -> bool:
    site = book.stream_id(feed.stream)
    return any(
        op.kind == Site.KIND and op.field == INSERT and op.row == site
        for (body,) in database.execute("select body from segment where feed = ? and seq = 1", (feed.number,))
        for op in stored(body).ops
    )


def _fate(directory: Directory | None, feed: Feed, highest: int) -> object:
    """What a directory says of the segments of a feed that are applied, which name versions up to `highest`:
    equal under two directories only if they say the same of each."""
    everything = (feed.applied, feed.applied, ())
    if directory is None:
        return everything
    member = directory.members.get(feed.replica)
    accepted = min(directory.accepted.get(feed.replica, 0), feed.applied)
    limit = feed.applied
    if member is not None and member.revoked_at is not None:
        limit = min(limit, member.accept_up_to)
    if limit == feed.applied and accepted == feed.applied:
        return everything
    return accepted, limit, _spells(member, feed, highest)


def _spells(member: Member | None, feed: Feed, highest: int) -> tuple[object, ...]:
    if member is None:
        return ("none",)
    return tuple(s for s in member.spells if s.version <= highest or s.after < feed.applied)


# -- what counts


class Judge:
    """Says of each segment of one stream whether it may be looked at yet, and which of its ops count."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._stream = stream
        self._followed = followed(database, book.stream_id(stream))
        self._waits = self._followed is None and any_directory(database)
        self._refused: list[tuple[Any, ...]] = []

    def knows(self, version: int) -> bool:
        """Whether the version of the directory that a segment names is here."""
        return not self._waits and version <= (self._followed.highest if self._followed else 0)

    def counting(self, feed: Feed, segment: Segment, ops: list[tuple[int, Op]]) -> list[tuple[int, Op]]:
        """The ops that their writer had the right to; the others are noted, and kept in their segment."""
        if self._followed is None:
            return ops
        role = self._followed.directory.role_of(segment.replica, segment.seq, segment.directory_version)
        given = rights(role)
        if given is None:
            return ops
        good = [(index, op) for index, op in ops if allowed(given, op.kind, op.field)]
        if len(good) < len(ops):
            self._refused += [
                (self._stream, feed.number, segment.seq, index, op.kind, op.row, op.field, role or "")
                for index, op in ops
                if not allowed(given, op.kind, op.field)
            ]
        return good

    def note(self) -> None:
        """Write down what was refused."""
        self._database.executemany(
            "insert into refused (stream, feed, seq, op, kind, row, field, role) values (?,?,?,?,?,?,?,?)",
            self._refused,
        )
        self._refused = []


@dataclass(frozen=True, slots=True)
class Standing:
    """What this laptop may write in one stream, and the version of the directory that says so."""

    version: int
    role: str | None
    given: Rights | None

    def check(self, op: Op) -> None:
        """`Refused` with a sentence when this op is not within the rights."""
        if allowed(self.given, op.kind, op.field):
            return
        if self.role is None:
            raise Refused(
                _("This laptop is none of this site's devices, or no longer: nobody would take its changes."),
                _("Have it enrolled: ranger-app join DIR --request FILE."),
            )
        raise Refused(_sentence(deed(op.field)).format(role=self.role, kind=_kind_name(op.kind)), _way_out())


def standing(database: Any, feed: Feed | None, site: bytes, replica: bytes) -> Standing:
    """The standing of a laptop in a stream; everything is allowed while there is no directory."""
    found = followed(database, site)
    if found is None:
        return Standing(0, None, NOTHING if any_directory(database) else None)
    version = found.directory.version
    role = found.directory.role_of(replica, (feed.applied if feed else 0) + 1, version)
    return Standing(version, role, rights(role))


def _sentence(act: Deed) -> str:
    match act:
        case Deed.ADD:
            return _("The role of this laptop, {role}, does not allow adding a record of the kind {kind}.")
        case Deed.CHANGE:
            return _("The role of this laptop, {role}, does not allow changing a record of the kind {kind}.")
        case Deed.REMOVE:
            return _("The role of this laptop, {role}, does not allow removing a record of the kind {kind}.")


def _kind_name(number: int) -> str:
    return BY_NUMBER[number].name.replace("_", " ") if number in BY_NUMBER else str(number)


def _way_out() -> str:
    return _("Ask a manager to do it, or an administrator for another role; nothing was changed.")
