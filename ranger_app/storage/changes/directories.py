"""Directories of sites as this workspace keeps them, and what may be taken into them from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from ranger_app.domain.directory import Directory, Followed
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.fields import INSERT
from ranger_app.domain.members import Member
from ranger_app.domain.people import fate
from ranger_app.domain.quotas import allowance
from ranger_app.domain.sites import Site
from ranger_app.i18n import _
from ranger_app.security.entries import SignedEntry, follow_signed, read_entry
from ranger_app.security.succession import Succession, read_succession
from ranger_app.storage.changes.feeds import Feed, FeedBook, stored
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
    rows = database.execute(
        "select number, body, signature from directory where site = ? order by hash", (site,)
    ).fetchall()
    return followed_from(root, tuple(SignedEntry(body, signature) for number, body, signature in rows))


@lru_cache(maxsize=8)
def followed_from(root: bytes, kept: tuple[SignedEntry, ...]) -> Followed | None:
    """The directory that begins with the entry `root`, among what is kept of it, in the order of hashes."""
    found = follow_signed(kept, root)
    if found is None:
        return None
    vouched = [s for s in map(_succession, kept) if s is not None]
    heirs: dict[bytes, bytes] = {}
    for one in vouched:
        heirs[one.after] = min(one.before, heirs.get(one.after, one.before))
    return replace(found.followed, directory=replace(found.followed.directory, heirs=heirs))


def _succession(signed: SignedEntry) -> Succession | None:
    try:
        return read_succession(signed)
    except BadInput:
        return None


def any_directory(database: Any) -> bool:
    """Whether this workspace follows a directory of any site. From then on, what was written for a site
    that has none waits: anybody could have written it."""
    return bool(database.execute("select exists (select 1 from directory where number > 0)").fetchone()[0])


def entries_of(database: Any, site: bytes) -> list[SignedEntry]:
    """Every entry of a site's directory, forks too, in their order, after what vouches for new keys."""
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


def site_named(untrusted: SignedEntry) -> bytes | None:
    """The site that an entry, or a statement for a new key, says it is of; None when it does not read."""
    try:
        return read_entry(untrusted.body).site
    except BadInput:
        vouched = _succession(untrusted)
        return vouched.site if vouched else None


def admit(database: Any, book: FeedBook, untrusted: Iterable[SignedEntry]) -> News:
    """Keep those entries that belong to a directory followed here, and what vouches for new keys of its
    devices, inside the caller's transaction."""
    news = News()
    by_site: dict[bytes, dict[SignedEntry, bytes]] = defaultdict(dict)
    for signed in untrusted:
        site = site_named(signed)
        if site is not None:
            by_site[site][signed] = sha256(signed.body).digest()
    for site, some in by_site.items():
        _admit(database, book, site, some, news)
    return news


def _admit(database: Any, book: FeedBook, site: bytes, signed: dict[SignedEntry, bytes], news: News) -> None:
    held = {row[0] for row in database.execute("select hash from directory where site = ?", (site,))}
    if not set(signed.values()) - held:
        return
    root = read_note(database, _ROOT + site.hex()) or root_among(
        read_note(database, _MAKER + site.hex()), signed
    )
    first = not any_directory(database)
    before = followed(database, site)
    sound = sound_among(entries_of(database, site), signed, root, before) if root is not None else None
    if root is None or sound is None:
        news.strangers += len(signed)
        return
    take_root(database, site, root)
    fresh = sound.keys() - held
    news.strangers += len(set(signed.values()) - held - fresh)
    if not fresh:
        return
    database.executemany(
        "insert into directory (hash, site, number, body, signature) values (?,?,?,?,?)",
        [
            (hash_, site, number_of(sound[hash_]), sound[hash_].body, sound[hash_].signature)
            for hash_ in fresh
        ],
    )
    news.new += len(fresh)
    stream = book.stream_number(site)
    news.streams.add(stream)
    after = followed(database, site)
    old, highest = (before.directory, before.highest) if before else (None, 0)
    new = after.directory if after else None
    news.rebuild = (
        news.rebuild
        or any(_fate(old, f, highest) != _fate(new, f, highest) for f in book.feeds(stream) if f.applied)
        or (first and any(f.applied for s in book.streams() if s != stream for f in book.feeds(s)))
    )


def sound_among(
    kept: Sequence[SignedEntry],
    signed: Mapping[SignedEntry, bytes],
    root: bytes,
    before: Followed | None,
) -> dict[bytes, SignedEntry] | None:
    """By hash, what belongs to the directory that begins with `root`, of what is kept and of these; None when
    none of it does. `before` is what is kept, as it was followed."""
    found = follow_signed([*kept, *signed], root)
    if found is None:
        return None
    known = {*found.followed.directory.members, *(before.directory.heirs if before else ())}
    return dict(found.entries) | dict(_heirs_of(known, signed))


def _heirs_of(known: set[bytes], signed: Mapping[SignedEntry, bytes]) -> Iterator[tuple[bytes, SignedEntry]]:
    """The statements for new keys of devices that are known. Others are nobody's, and anybody could make any
    number of them."""
    waiting = {hash_: (one, vouched) for one, hash_ in signed.items() if (vouched := _succession(one))}
    while ready := [h for h, (_one, vouched) in waiting.items() if vouched.before in known]:
        for hash_ in ready:
            one, vouched = waiting.pop(hash_)
            known.add(vouched.after)
            yield hash_, one


def number_of(sound: SignedEntry) -> int:
    """Of an entry in its chain; 0 for a statement for a new key, which is no part of it."""
    try:
        return read_entry(sound.body).number
    except BadInput:
        return 0


def root_among(maker: bytes | None, signed: Iterable[SignedEntry]) -> bytes | None:
    """A first entry by the laptop that made the site: nobody else's is followed without being asked for."""
    for one in sorted(signed, key=lambda one: one.body):
        if number_of(one) != 1:
            continue
        entry = read_entry(one.body)
        if entry.signer == maker and follow_signed([one], entry.hash) is not None:
            return entry.hash
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


def maker_of(database: Any, site: bytes) -> bytes | None:
    """The replica that made a site as far as is known here: only its directory is followed unasked."""
    book = FeedBook(database)
    made = database.execute("select _feed from site where id = ? and site_id = ?", (site, site)).fetchone()
    return read_note(database, _MAKER + site.hex()) or (book.replica(made[0]) if made else None)


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
    member = directory.member_of(feed.replica)
    accepted = min(directory.accepted.get(feed.replica, 0), feed.applied)
    limit = feed.applied
    if member is not None and member.revoked_at is not None:
        limit = min(limit, member.accept_up_to.get(feed.replica, 0))
    if limit == feed.applied and accepted == feed.applied:
        return everything
    device = member.replica if member is not None else b""
    people = fate(directory.people, device, feed.replica, applied=feed.applied, highest=highest)
    quota = min(allowance(directory, feed.replica), feed.changes)
    return accepted, limit, quota, _spells(member, feed, highest), people


def _spells(member: Member | None, feed: Feed, highest: int) -> tuple[object, ...]:
    if member is None:
        return ("none",)
    after = [s.after.get(feed.replica, 0) for s in member.spells]
    return tuple(
        (s.version, s.role, number)
        for s, number in zip(member.spells, after, strict=True)
        if s.version <= highest or number < feed.applied
    )
