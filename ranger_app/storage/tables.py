"""Every table: one a kind, made from its fields, and those that hold the changes themselves."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from ranger_app.domain import policies, quotas, roles
from ranger_app.domain.fields import Form, KindSpec
from ranger_app.domain.kinds import BY_NAME

metadata = MetaData()

_TYPES: dict[Form, type[TypeEngine[Any]]] = {
    Form.TEXT: Text,
    Form.INTEGER: Integer,
    Form.REAL: Float,
    Form.FLAG: Integer,
    Form.BYTES: LargeBinary,
    Form.ID: LargeBinary,
    Form.FILE: LargeBinary,
    Form.INSTANT: Integer,
    Form.LOCAL: Text,
    Form.DAY: Text,
    Form.WORDS: Text,
    Form.DATA: Text,
}


def _state_table(kind: KindSpec) -> Table:
    # Long values make a tree of whole rows slow; those kinds keep SQLite's own row ids.
    wide = any(f.form is Form.BYTES for f in kind.fields)
    return Table(
        kind.name,
        metadata,
        Column("id", LargeBinary, primary_key=True),
        Column("site_id", LargeBinary, primary_key=True),
        Column("_feed", Integer, nullable=False),
        Column("_seq", Integer, nullable=False),
        Column("_op", Integer, nullable=False),
        Column("_gone", Integer, nullable=False, server_default="0"),
        *(Column(f.name, _TYPES[f.form]) for f in kind.fields),
        *(Index(f"{kind.name}__{f.name}", f.name) for f in kind.fields if f.indexed),
        sqlite_with_rowid=wide,
    )


STATE: dict[str, Table] = {kind.name: _state_table(kind) for kind in BY_NAME.values()}

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", LargeBinary))

stream = Table(
    "stream",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("id", LargeBinary, nullable=False, unique=True),
)

feed = Table(
    "feed",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("stream", Integer, ForeignKey("stream.no"), nullable=False),
    Column("replica", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("applied", Integer, nullable=False, server_default="0"),
    Column("stamp", Integer, nullable=False, server_default="0"),
    Column("forked_at", Integer),
    Column("changes", Integer, nullable=False, server_default="0"),
    Index("feed__stream_replica", "stream", "replica", unique=True),
)
"""`applied` is the highest number shown, `stamp` the highest stamp and `changes` the count of ops up to
there; `forked_at` is the number from which the feed is kept aside."""

PARKED, APPLIED, ASIDE = 0, 1, 2
WHOLE, LACKING, CUT = 0, 1, 2
"""What is here of a segment's sensitive values: all, not all, or all but what was dropped for good."""

segment = Table(
    "segment",
    metadata,
    Column("feed", Integer, ForeignKey("feed.no"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("previous", LargeBinary, nullable=False),
    Column("hlc", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("unread", Boolean, nullable=False, server_default="0"),
    Column("lacking", Integer, nullable=False, server_default="0"),
    Column("signature", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),  # last: what stands before it is read without it
)
"""The signed bytes with the sensitive values behind them (see `leaves`), compressed, for ever; `lacking`
says what is here of those. Two hashes under one number prove a copied laptop or fraud."""

Index("segment__lacking", segment.c.feed, segment.c.seq, sqlite_where=segment.c.lacking == 1)

edit = Table(
    "edit",
    metadata,
    Column("stream", Integer, primary_key=True),
    Column("kind", Integer, primary_key=True),
    Column("row", LargeBinary, primary_key=True),
    Column("field", Integer, primary_key=True),
    Column("feed", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("op", Integer, primary_key=True),
    Column("hlc", Integer, nullable=False),
    Column("value", LargeBinary),  # in its one form as it is (see `rows`); CBOR for a deletion
    Column("standing", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Every op on a field after the record was made; those that nothing replaces are standing. A field
without a standing row has one head: the op that made the record. A record that was made more than once
has a row for each of these ops, under the number of `INSERT`, and rows for all of its fields."""

difference = Table(
    "difference",
    metadata,
    Column("stream", Integer, primary_key=True),
    Column("kind", Integer, primary_key=True),
    Column("row", LargeBinary, primary_key=True),
    Column("field", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

orphan = Table(
    "orphan",
    metadata,
    Column("stream", Integer, primary_key=True),
    Column("kind", Integer, primary_key=True),
    Column("row", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
"""Records that are edited and that no applied op makes: the one that did is kept aside or cannot be read."""

directory = Table(
    "directory",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("site", LargeBinary, nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Index("directory__site", "site"),
)
"""The signed entries of the directories that are followed here, forks too (see `domain.directory`)."""

refused = Table(
    "refused",
    metadata,
    Column("feed", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("op", Integer, primary_key=True),
    Column("stream", Integer, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("row", LargeBinary, nullable=False),
    Column("field", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("beyond", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""Ops of applied segments that do not count, because their laptop had no right to them: its role, or empty
when it had none; or because they lie `beyond` its quota. They stay in their segments, and count when the
directory comes to say so."""

withheld = Table(
    "withheld",
    metadata,
    Column("stream", Integer, primary_key=True),
    Column("kind", Integer, primary_key=True),
    Column("row", LargeBinary, primary_key=True),
    Column("field", Integer, primary_key=True),
    sqlite_with_rowid=False,
)
"""Fields whose shown value did not come here with its segment; their columns hold nothing in its place."""

given_out = Table(
    "given_out",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("eyes", Text, nullable=False),
    Column("author", LargeBinary, nullable=False),
    Column("what", Text, nullable=False),
)
"""Files that left this laptop with names and exact places in them (see `given_out`)."""

stray = Table(
    "stray",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("type", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
"""Records of a bundle that this version cannot read, kept to be carried on."""

stray_site = Table(
    "stray_site",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("site", LargeBinary, primary_key=True),
)
"""Of which site such a record is, as far as the way tells by which it came (see `strays`)."""

heard = Table(
    "heard",
    metadata,
    Column("replica", LargeBinary, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("tips", LargeBinary, nullable=False),
)
"""How far each other laptop had every feed when it last said so, by its own stamp; CBOR (see `elsewhere`)."""

held = Table(
    "held",
    metadata,
    Column("replica", LargeBinary, primary_key=True),
    Column("file", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
"""Files that other laptops have said to hold. It saves room on sticks, and nothing is ever deleted for it."""

link = Table(
    "link",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("path", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
)
"""Originals that were left in their own place on this laptop; never part of a bundle's state."""

GUARDED = (*STATE, "edit", "difference", "orphan", "refused", "withheld")
"""No row of these changes but by an op: a trigger refuses it while the gate is shut."""

GATE = "create table gate(open integer not null); insert into gate values (0)"


def guards() -> list[str]:
    """The triggers that keep writers from going round the unit of work."""
    return [
        f"create trigger if not exists guard_{name}_{verb} before {verb} on {name} "
        "when (select open from gate) = 0 "
        "begin select raise(abort, 'a row may only change through a unit of work'); end"
        for name in GUARDED
        for verb in ("insert", "update", "delete")
    ]


@cache
def fingerprint() -> str:
    """A short name of the shape of all tables, of the rights, policies and quotas; it moves when one does."""
    text = "\n".join(
        f"{k.number} {k.name} {f.number} {f.name} {f.form.value}"
        for k in sorted(BY_NAME.values(), key=lambda k: k.number)
        for f in k.fields
    )
    columns = sorted(str(c) for table in metadata.tables.values() for c in table.columns)
    said = [text, columns, roles.fingerprint(), policies.VERSION, quotas.fingerprint()]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
