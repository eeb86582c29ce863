"""Signed changes in a hub's database: taken as a laptop takes them, kept as they came, and handed on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import zstandard
from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.postgresql import insert

from ranger_app.domain.changes import Segment
from ranger_app.domain.errors import BadInput
from ranger_app.domain.feeds import Around, fork, is_believable
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.patrols import DataModel
from ranger_app.domain.seeing import NONE_MARKED, Marked
from ranger_app.domain.sites import Site
from ranger_app.security.keys import replica_of
from ranger_app.storage.central import tables
from ranger_app.storage.central.erasing import Places, erased_of, note_erasures
from ranger_app.storage.changes.erasing import Stripped, gone_of, strip
from ranger_app.storage.changes.feeds import LEVEL, unpack
from ranger_app.storage.changes.leaves import joined, split
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.changes.segments import decode, hash_of
from ranger_app.storage.changes.withholding import for_outsiders
from ranger_app.storage.exchange.carrying import Reach, Reaches, Run
from ranger_app.storage.marking import marks_in_text

_LOOKED_AT = 10_000  # numbers of a feed read at once
_SITE_NAME = next(f.number for f in BY_NUMBER[Site.KIND].fields if f.name == "name")

_NEIGHBOURS = text(
    "select s.replica, s.seq, s.hash, s.previous "
    "from unnest(cast(:replicas as bytea[]), cast(:numbers as bigint[])) as asked(replica, seq) "
    f"join {tables.SCHEMA}.segment s on s.site = :site and s.replica = asked.replica and s.seq = asked.seq"
)
_REACHES = text(
    "select f.replica, f.upto, s.hash "
    f"from {tables.SCHEMA}.feed f left join {tables.SCHEMA}.segment s "
    "on s.site = f.site and s.replica = f.replica and s.seq > f.upto "
    "where f.site = :site order by f.replica, s.seq, s.hash"
)
_LACKING = text(
    f"select replica, min(seq) from {tables.SCHEMA}.segment "
    "where site = :site and lacking = 1 group by replica"
)


@dataclass(frozen=True, slots=True)
class Read:
    """A segment that reads, with its hash and the bytes that it came as."""

    segment: Segment
    hash: bytes
    signed: SignedSegment


@dataclass(slots=True)
class _Feed:
    public_key: bytes
    upto: int = 0
    forked_at: int | None = None
    new: bool = False


@dataclass(slots=True)
class _Taking:
    """What is known while a run of segments is taken."""

    site: bytes
    feeds: dict[bytes, _Feed]
    hashes: dict[tuple[bytes, int], dict[bytes, bytes]]
    """By replica and number, the hashes that are here, each with the hash that it names as the one before."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    touched: set[bytes] = field(default_factory=set)
    erased: Places = field(default_factory=dict)
    fuller: list[Read] = field(default_factory=list)
    """Known ones that came with leaves, of which some may not be here."""


def read_all(untrusted: Iterable[SignedSegment]) -> tuple[list[Read], int]:
    """The segments that read, and how many do not."""
    found, unread = [], 0
    for signed in untrusted:
        try:
            found.append(Read(decode(signed.body), hash_of(signed.body), signed))
        except BadInput:
            unread += 1
    return found, unread


def known_hashes(connection: Connection, site: bytes, some: Sequence[Read]) -> set[bytes]:
    """The hashes of those of these segments that are here."""
    here = _neighbours(connection, site, {(r.segment.replica, r.segment.seq) for r in some})
    return {hash_ for under in here.values() for hash_ in under}


def sound_among(some: Sequence[Read], known: set[bytes]) -> list[bool]:
    """Of each, whether it is known or signed by whom it names: what takes time, before the site's row is
    held. Of each for itself: the same bytes may come under a forged signature and under the genuine one."""
    return [
        r.hash in known or (replica_of(r.signed.public_key) == r.segment.replica and r.signed.genuine())
        for r in some
    ]


def hold(connection: Connection, site: bytes) -> Any:
    """Hold a site's row until the transaction ends, made when it is new; others who write to it wait."""
    held = select(tables.site).where(tables.site.c.id == site).with_for_update()
    found = connection.execute(held).first()
    if found is None:
        connection.execute(insert(tables.site).values(id=site).on_conflict_do_nothing())
        found = connection.execute(held).one()
    return found


def take(connection: Connection, site: Any, some: Sequence[Read], sound: Sequence[bool]) -> Received:
    """Keep every sound segment of a site whose row is held."""
    result = Received()
    wanted = {(r.segment.replica, r.segment.seq + near) for r in some for near in (-1, 0, 1)}
    taking = _Taking(site.id, _feeds(connection, site.id, some), _neighbours(connection, site.id, wanted))
    taking.erased = erased_of(connection, site.id)
    for one, is_sound in zip(some, sound, strict=True):
        _take(taking, one, is_sound, result)
    if taking.rows:
        _write(connection, taking)
        good = [r for r, is_sound in zip(some, sound, strict=True) if is_sound]
        _note_site(connection, site, good)
        _note_marks(connection, site.id, good)
        note_erasures(connection, site.id, [one.segment for one in good])
    for one in taking.fuller:  # what they add to may have come with them
        result.filled += _fill_in(connection, taking, one)
    return result


def _feeds(connection: Connection, site: bytes, some: Sequence[Read]) -> dict[bytes, _Feed]:
    replicas = sorted({r.segment.replica for r in some})
    feed = tables.feed
    rows = connection.execute(select(feed).where(feed.c.site == site, feed.c.replica.in_(replicas)))
    return {row.replica: _Feed(row.public_key, row.upto, row.forked_at) for row in rows}


def _neighbours(
    connection: Connection, site: bytes, wanted: set[tuple[bytes, int]]
) -> dict[tuple[bytes, int], dict[bytes, bytes]]:
    asked = {
        "site": site,
        "replicas": [replica for replica, _seq in wanted],
        "numbers": [min(seq, 2**63 - 1) for _replica, seq in wanted],
    }
    found: dict[tuple[bytes, int], dict[bytes, bytes]] = {}
    for replica, seq, hash_, previous in connection.execute(_NEIGHBOURS, asked):
        found.setdefault((replica, seq), {})[hash_] = previous
    return found


def _take(taking: _Taking, one: Read, sound: bool, result: Received) -> None:
    segment = one.segment
    replica, seq = segment.replica, segment.seq
    here = taking.hashes.get((replica, seq), {})
    feed = taking.feeds.get(replica)
    if one.hash in here:
        result.known += 1
        if split(one.signed.body)[1]:
            taking.fuller.append(one)
        return
    if not sound or not is_believable(seq, feed.upto if feed else 0):
        result.refused += 1
        return
    near = Around(
        here=set(here),
        before={*taking.hashes.get((replica, seq - 1), {}), *here.values()},
        under={*here, *taking.hashes.get((replica, seq + 1), {}).values()},
    )
    if feed is None:
        feed = taking.feeds[replica] = _Feed(one.signed.public_key, new=True)
    taking.hashes.setdefault((replica, seq), {})[one.hash] = segment.previous
    taking.touched.add(replica)
    gone = gone_of(taking.erased.get((replica, seq), set()), one.hash)
    left = strip(one.signed.body, gone) if gone else Stripped(one.signed.body, int(segment.lacking))
    taking.rows.append(
        {
            "site": taking.site,
            "replica": replica,
            "seq": seq,
            "hash": one.hash,
            "previous": segment.previous,
            "size_bytes": len(left.body),
            "lacking": int(left.lacking),
            "signature": one.signed.signature,
            "body": zstandard.compress(left.body, LEVEL),
        }
    )
    result.new += 1
    forked_at = fork(segment, one.hash, near)
    if forked_at is not None:
        result.forks += 1
        feed.forked_at = min(forked_at, feed.forked_at or forked_at)
        feed.upto = min(feed.upto, feed.forked_at - 1)


def _fill_in(connection: Connection, taking: _Taking, one: Read) -> bool:
    """Keep what a copy of a kept segment has more of its leaves; whether it had any."""
    segment = tables.segment
    gone = gone_of(taking.erased.get((one.segment.replica, one.segment.seq), set()), one.hash)
    here = (
        segment.c.site == taking.site,
        segment.c.replica == one.segment.replica,
        segment.c.seq == one.segment.seq,
        segment.c.hash == one.hash,
    )
    kept = connection.execute(select(segment.c.body).where(*here, segment.c.lacking == 1)).scalar()
    if kept is None:
        return False
    before = unpack(kept)
    left = strip(joined(before, one.signed.body), gone)
    if left.body == before:
        return False
    values = {
        "body": zstandard.compress(left.body, LEVEL),
        "size_bytes": len(left.body),
        "lacking": int(left.lacking),
    }
    connection.execute(update(segment).where(*here).values(values))
    return True


def _write(connection: Connection, taking: _Taking) -> None:
    connection.execute(insert(tables.segment), taking.rows)
    for replica in sorted(taking.touched):
        feed = taking.feeds[replica]
        feed.upto = _upto(connection, taking.site, replica, feed)
        values = {"upto": feed.upto, "forked_at": feed.forked_at}
        if feed.new:
            row = {"site": taking.site, "replica": replica, "public_key": feed.public_key, **values}
            connection.execute(insert(tables.feed).values(row))
        else:
            here = (tables.feed.c.site == taking.site, tables.feed.c.replica == replica)
            connection.execute(update(tables.feed).where(*here).values(values))


def _upto(connection: Connection, site: bytes, replica: bytes, feed: _Feed) -> int:
    """The number up to which everything is here, and nothing twice."""
    segment, upto = tables.segment, feed.upto
    while True:
        numbers = connection.execute(
            select(segment.c.seq)
            .where(segment.c.site == site, segment.c.replica == replica, segment.c.seq > upto)
            .order_by(segment.c.seq)
            .limit(_LOOKED_AT)
        ).scalars()
        before = upto
        for seq in numbers:
            if seq != upto + 1 or (feed.forked_at is not None and seq >= feed.forked_at):
                return upto
            upto = seq
        if upto < before + _LOOKED_AT:
            return upto


def _note_marks(connection: Connection, site: bytes, some: Sequence[Read]) -> None:
    """Remember what data models mark as sensitive; whoever says so, as it only keeps more from outsiders."""
    found = NONE_MARKED
    for one in some:
        for op in one.segment.ops:
            if op.kind == DataModel.KIND:
                said = op.value if op.field == INSERT else (op.field, op.value)
                for value in said[1::2]:
                    found |= marks_in_text(value) if isinstance(value, str) else NONE_MARKED
    for attribute in sorted(found):
        connection.execute(
            insert(tables.marked).values(site=site, attribute=attribute).on_conflict_do_nothing()
        )


def _marked(connection: Connection, site: bytes) -> Marked:
    marked = tables.marked
    return frozenset(connection.execute(select(marked.c.attribute).where(marked.c.site == site)).scalars())


def _note_site(connection: Connection, site: Any, some: Sequence[Read]) -> None:
    """Remember which laptop made the site when it is first seen: a second one that says so later is not
    believed, and if two say so at once, neither is. And what the site is called."""
    makers: set[bytes] = set()
    name = site.name
    for one in some:
        for op in one.segment.ops:
            if op.kind != Site.KIND or op.row != site.id:
                continue
            if op.field == INSERT:
                if one.segment.seq == 1:
                    makers.add(one.segment.replica)
                name = _text(dict(zip(op.value[::2], op.value[1::2], strict=True)).get(_SITE_NAME), name)
            elif op.field == _SITE_NAME:
                name = _text(op.value, name)
    values: dict[str, Any] = {"name": name} if name != site.name else {}
    if site.maker is None and makers:
        values["maker"] = makers.pop() if len(makers) == 1 else b""
    if values:
        connection.execute(update(tables.site).where(tables.site.c.id == site.id).values(values))


def _text(untrusted: Any, otherwise: str) -> str:
    sound = type(untrusted) is str and "\0" not in untrusted
    return untrusted[:200] if sound else otherwise


def reaches(connection: Connection, site: bytes) -> Reaches:
    """How far every feed of a site goes here (see `carrying.Reach`). Segments that came without some of their
    leaves count as missing."""
    upto: dict[bytes, int] = {}
    beyond: dict[bytes, Any] = {}
    for replica, number, hash_ in connection.execute(_REACHES, {"site": site}):
        upto[replica] = number
        if hash_ is not None:
            beyond.setdefault(replica, hashlib.sha256()).update(hash_)
    found = {r: Reach(n, beyond[r].digest() if r in beyond else b"") for r, n in upto.items()}
    for replica, first in connection.execute(_LACKING, {"site": site}):
        if first <= upto[replica]:
            found[replica] = _reach_below(connection, site, replica, first)
    return found


def _reach_below(connection: Connection, site: bytes, replica: bytes, first: int) -> Reach:
    segment = tables.segment
    beyond = hashlib.sha256()
    for hash_ in connection.execute(
        select(segment.c.hash)
        .where(segment.c.site == site, segment.c.replica == replica, segment.c.seq >= first)
        .order_by(segment.c.seq, segment.c.hash)
    ).scalars():
        beyond.update(hash_)
    return Reach(first - 1, beyond.digest())


def run_above(
    connection: Connection, site: bytes, replica: bytes, above: int, *, at_most_bytes: int, whole: bool = True
) -> Run:
    """The segments of a feed with numbers greater than `above`, as many as fit, at least one number. Unless
    they are to be `whole`, without the sensitive values that outsiders may not have."""
    feed, segment = tables.feed, tables.segment
    key = connection.execute(
        select(feed.c.public_key).where(feed.c.site == site, feed.c.replica == replica)
    ).scalar()
    if key is None:
        return Run([], above, False)
    ours = (segment.c.site == site, segment.c.replica == replica)
    sizes = connection.execute(
        select(segment.c.seq, segment.c.size_bytes)
        .where(*ours, segment.c.seq > above)
        .order_by(segment.c.seq)
        .limit(_LOOKED_AT)
    ).all()
    through, more = _fitting(sizes, above, at_most_bytes)
    rows = connection.execute(
        select(segment.c.body, segment.c.signature)
        .where(*ours, segment.c.seq > above, segment.c.seq <= through)
        .order_by(segment.c.seq, segment.c.hash)
    )
    marked = _marked(connection, site) if not whole else NONE_MARKED
    segments = [
        SignedSegment(key, unpack(body) if whole else for_outsiders(unpack(body), marked), signature)
        for body, signature in rows
    ]
    return Run(segments, through, more)


def _fitting(sizes: Sequence[Any], above: int, at_most_bytes: int) -> tuple[int, bool]:
    """The last number that fits, and whether there are more after it."""
    size, through = 0, above
    for seq, size_bytes in sizes:
        if size >= at_most_bytes and seq != through:
            return through, True
        size += size_bytes
        through = seq
    return through, len(sizes) == _LOOKED_AT
