"""Changes and their merge: what is shown is a pure function of the set of changes that are known.

A segment holds the ops of one transaction of one replica in one stream. An op either makes a record
(one op), sets one field, or hides a record; it names the ops that it replaces. The heads of a field
are the known ops on it that no known op replaces. What is shown of several heads, and whether a person has
to choose, is said by the field's policy (`domain.policies`). No clock decides what survives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

FORMAT = 1
SCHEMA_VERSION = 1
MAX_OPS = 1_000
"""Ops that Ranger itself puts into one segment."""
MAX_OPS_READ = 50_000
"""Ops that it takes from a foreign segment."""
GLOBAL_STREAM = bytes(16)
WITHHELD = b"\xffwithheld"
"""In the place of a sensitive value that did not come with its segment. No field can hold it."""


class Dot(NamedTuple):
    """Names one op for ever: the replica that wrote it, its segment there, the op in the segment."""

    replica: bytes
    seq: int
    op: int


class Op(NamedTuple):
    """One change. `field` 0 makes the record (its value is a flat list: number of a field, value, number,
    value, …), 1 hides it or brings it back."""

    kind: int
    row: bytes
    field: int
    value: Any
    replaces: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What one replica wrote in one transaction in one stream. Numbers are dense: 1, 2, 3, …"""

    stream: bytes
    replica: bytes
    seq: int
    previous: bytes
    """SHA-256 of the segment before it in this feed, or empty for the first."""
    hlc: int
    author: bytes = b""
    directory_version: int = 0
    schema_version: int = SCHEMA_VERSION
    action: str = ""
    ops: tuple[Op, ...] = ()
    lacking: bool = False
    """Some of its sensitive values are not here; the ops hold `WITHHELD` in their places."""

    def dot(self, index: int) -> Dot:
        return Dot(self.replica, self.seq, index)

    def needs(self) -> set[tuple[bytes, int]]:
        """The (replica, seq) of other feeds that must be known before this one may be shown."""
        return {(d.replica, d.seq) for op in self.ops for d in op.replaces if d.replica != self.replica}


class Head(NamedTuple):
    """One standing value of a field. For `DELETED` see `deletion`."""

    dot: Dot
    hlc: int
    value: Any


Heads = dict[Dot, Head]


class Said(NamedTuple):
    """What an op on one field said, and the ops on that field (or those that made its record) that it
    replaced and that count."""

    value: Any
    replaces: tuple[Dot, ...]


Past = Mapping[Dot, Said]
"""The heads of one field and everything that led to them."""


def replace(heads: Heads, new: Head, replaces: Iterable[Dot]) -> None:
    """Put `new` among the heads of one field and take away those it replaces."""
    for dot in replaces:
        heads.pop(dot, None)
    heads[new.dot] = new


def hidden(deletions: Collection[Head], standing: Collection[Dot]) -> bool:
    """Whether a record is hidden: somebody hid it having seen every value that now stands. An edit
    that was made without knowing of the deletion wins over it."""
    return all(h.value["gone"] for h in deletions) and any(
        set(standing) <= {Dot(*d) for d in h.value["seen"]} for h in deletions
    )


def deletion(reason: str) -> Mapping[str, Any]:
    """The value of an op on `DELETED` that hides a record. The op replaces every standing value that its
    writer had seen; they are kept with the head as "seen"."""
    return {"gone": True, "reason": reason}


def restoration() -> Mapping[str, Any]:
    """The value of an op on `DELETED` that brings a record back."""
    return {"gone": False, "reason": ""}
