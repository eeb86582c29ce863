"""The tables of a hub's database: every key begins with the site, and nothing points from one to another."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

SCHEMA = "ranger_hub"
VERSION = 1
"""Of these tables; `database.Central` brings older ones up to date."""
PARTITIONS = 16
"""Of the tables that grow, by the hash of the site; a larger hub spreads them over several machines."""

metadata = MetaData(schema=SCHEMA)

note = Table("note", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

site = Table(
    "site",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("maker", LargeBinary),
    Column("root", LargeBinary),
    Column("grown", Integer, nullable=False, server_default="0"),
)
"""`maker` is the replica that made the site, empty when two said so at once; `root` the hash of the entry
that begins its directory, and `grown` how often that grew. Whoever writes to a site holds its row."""

feed = Table(
    "feed",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("replica", LargeBinary, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("forked_at", BigInteger),
)
"""Every number up to `upto` is here, and it never goes beyond a fork."""

segment = Table(
    "segment",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("replica", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("previous", LargeBinary, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("lacking", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    postgresql_partition_by="HASH (site)",
)
"""The signed bytes and the leaves behind them, compressed, for ever; `size_bytes` is what they are when
unpacked, and `lacking` is 1 where some leaves are not here (see `storage.leaves`)."""

Index(
    "segment__lacking",
    segment.c.site,
    segment.c.replica,
    segment.c.seq,
    postgresql_where=segment.c.lacking == 1,
)

marked = Table(
    "marked",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("attribute", Text, primary_key=True),
)
"""Attributes that data models of the site mark as sensitive (see `storage.marking`)."""

erased = Table(
    "erased",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("replica", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("op", BigInteger, primary_key=True),
    Column("mark", BigInteger, primary_key=True),
    Column("hash", LargeBinary, nullable=False, server_default=text("''::bytea")),
)
"""Leaves that were dropped for good by somebody who may (see `storage.changes.erasing`); of the segment with
this hash, or, where that is empty, of every one with this number."""

directory = Table(
    "directory",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

file = Table(
    "file",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("pieces", LargeBinary),
    postgresql_partition_by="HASH (site)",
)
"""Files that are in the object store, whole and looked at. `pieces` names the folder of a long one's pieces;
a short one lies under its own name."""

upload = Table(
    "upload",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("so_far", BigInteger, nullable=False),
    Column("pieces", LargeBinary, nullable=False),
    Column("touched_ms", BigInteger, nullable=False),
)

piece = Table(
    "piece",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("body", LargeBinary),
)
"""What came of an upload; without a body when it lies in the object store already."""

stray = Table(
    "stray",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("type", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
"""Records of bundles that the laptop which brought them could not read, kept for one that can."""

word = Table(
    "word",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("signed", LargeBinary, nullable=False),
)
"""What each laptop last signed of itself, for the others of its site."""

sealed = Table(
    "sealed",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("listed", LargeBinary, nullable=False),
    Column("brought_by", LargeBinary, nullable=False),
)
"""The lists of sealed bundles that wait for the site's laptops; what they name lies among the files."""

sealed_word = Table(
    "sealed_word",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("signed", LargeBinary, nullable=False),
)
"""By each of these lists and laptop, its word that it holds everything in it."""

visit = Table(
    "visit",
    metadata,
    Column("site", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
)

admitted = Table(
    "admitted",
    metadata,
    Column("replica", LargeBinary, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("sites", ARRAY(LargeBinary), nullable=False),
    Column("all_sites", Integer, nullable=False),
)
"""The laptops that the hub's keeper let in."""

GROWING = (segment, file)


def partitions() -> list[str]:
    """The statements that make the parts of the tables that grow."""
    return [
        f"create table if not exists {SCHEMA}.{table.name}_{part} partition of {SCHEMA}.{table.name} "
        f"for values with (modulus {PARTITIONS}, remainder {part})"
        for table in GROWING
        for part in range(PARTITIONS)
    ]
