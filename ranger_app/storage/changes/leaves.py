"""The sensitive values of a segment, in leaves of their own: signed with it, and yet they can be left out.

A value of an op on one field that is sensitive is signed as a list, [mark], where the mark is the number of
the field's `Privacy`. An op that makes a record leaves such fields out and ends with the pair 0,
[[mark, number of a field, …], …] by rising mark. The CBOR of the values that an op has under one mark, as a
list, is a leaf. The signed bytes name all leaves by one hash, SHA-256 over SHA-256(salt, leaf) of each in the
order of the ops and marks. The salts (16 bytes each) are SHAKE-256 of a secret seed, so that nobody can try
out which name or place a hash is of.

A segment travels and is kept as its signed bytes, and behind them what is here of the leaves:

    CBOR | length of the CBOR (4, big-endian) | ff "RSL"

The CBOR is `[seed, [leaf, …]]` when all are here, and `["", [entry, …]]` else, an entry being `[salt, leaf]`,
or the 32 bytes of the leaf's hash where it was left out. Where all were, nothing stands behind.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.changes import WITHHELD, Op
from ranger_app.domain.fields import INSERT, Privacy
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.security.untrusted import read_cbor

SEED_BYTES, SALT_BYTES, HASH_BYTES = 32, 16, 32
_FOOT = b"\xffRSL"
"""No segment that Ranger writes ends so, and a segment that did would only be refused for its signature."""
_LENGTH_BYTES = 4
_GROUPS = 0
"""In the place of a field's number; it is that of the op itself, and no field's."""
_PURPOSE = b"ranger leaves v1"
_NUMBERS = {int}
Marks = dict[int, int]

SEALED: dict[int, Marks] = {
    number: {f.number: f.privacy.value for f in kind.fields if f.privacy is not Privacy.OPEN}
    for number, kind in BY_NUMBER.items()
}
"""By number of kind and field: the mark of what goes into a leaf."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf by its place: position of the op, and the mark."""

    op: int
    mark: int


class LeavesWriter:
    """The leaves of one segment, as its ops come."""

    def __init__(self) -> None:
        self._leaves: list[bytes] = []
        self.size_bytes = 0

    def take(self, op: Op) -> Any:
        """The value of an op with marks in the place of what is sensitive, which is kept here."""
        marks = SEALED.get(op.kind)
        if not marks:
            return op.value
        if op.field != INSERT:
            mark = marks.get(op.field)
            if mark is None:
                return op.value
            self._put([op.value])
            return [mark]
        said: list[Any] = []
        groups: dict[int, list[int]] = {}
        values: dict[int, list[Any]] = {}
        for number, value in zip(op.value[::2], op.value[1::2], strict=True):
            mark = marks.get(number)
            if mark is None:
                said += (number, value)
            elif mark in groups:
                groups[mark].append(number)
                values[mark].append(value)
            else:
                groups[mark], values[mark] = [mark, number], [value]
        if not groups:
            return op.value
        order = sorted(groups)
        for mark in order:
            self._put(values[mark])
        return [*said, _GROUPS, [groups[mark] for mark in order]]

    def _put(self, values: list[Any]) -> None:
        leaf = cbor2.dumps(values, canonical=True)
        self._leaves.append(leaf)
        self.size_bytes += len(leaf)

    def close(self) -> tuple[bytes, bytes]:
        """The hash of all leaves for the signed bytes, and what stands behind them; both empty without."""
        if not self._leaves:
            return b"", b""
        seed = secrets.token_bytes(SEED_BYTES)
        salts = _salts(seed, len(self._leaves))
        hashes = [leaf_hash(salt, leaf) for salt, leaf in zip(salts, self._leaves, strict=True)]
        return root_of(hashes), _packed(seed, self._leaves)


def split(segment: bytes) -> tuple[bytes, bytes]:
    """The signed bytes of a segment, and what is here of its leaves: CBOR, or nothing."""
    if not segment.endswith(_FOOT):
        return segment, b""
    end = len(segment) - len(_FOOT) - _LENGTH_BYTES
    begin = end - int.from_bytes(segment[end : end + _LENGTH_BYTES], "big") if end > 0 else 0
    return (segment[:begin], segment[begin:end]) if begin > 0 else (segment, b"")


def signed_part(segment: bytes) -> bytes:
    """The bytes that were hashed and signed."""
    return split(segment)[0]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The one hash that names all leaves."""
    return hashlib.sha256(_PURPOSE + b"".join(hashes)).digest()


def leaf_hash(salt: bytes, leaf: bytes) -> bytes:
    """The commitment to one leaf."""
    return hashlib.sha256(salt + leaf).digest()


def filled(ops: Sequence[Op], untrusted: bytes, root: bytes) -> tuple[list[Op], bool]:
    """The ops with their values in their places, and whether all are here; the places of those that are not
    hold `WITHHELD`. `ValueError` when leaves are not those that were signed. Lists of values are filled in
    place."""
    held = _loose(read_cbor(untrusted, depth=4)) if untrusted else None
    made, hashes, whole, n = list(ops), [], held is not None, 0
    for index, op in enumerate(ops):
        for mark, *numbers in _groups(op):
            leaf: bytes | None = None
            if held is not None:
                salt, leaf = held[n] if n < len(held) else (b"", None)
                hashes.append(salt if leaf is None else hashlib.sha256(salt + leaf).digest())
                whole = whole and leaf is not None
            n += 1
            values = _values(leaf, mark, len(numbers) or 1)
            if op.field != INSERT:
                made[index] = Op(op.kind, op.row, op.field, values[0], op.replaces)
            else:
                said = op.value
                at = len(said) - 2 if said[-2] == _GROUPS else len(said)
                said[at:] = numbers + numbers
                said[at::2], said[at + 1 :: 2] = numbers, values
    if held is not None and (len(held) != n or root_of(hashes) != root):
        raise ValueError("not the leaves that were signed")
    return made, whole


def _groups(op: Op) -> Sequence[list[int]]:
    """The marks of an op, each with the numbers of the fields that are under it; `ValueError` when they are
    not written as they should be."""
    value = op.value
    if op.field != INSERT:
        return (value,) if type(value) is list and len(value) == 1 and _is_mark(value[0]) else ()
    if len(value) < 2 or value[-2] != _GROUPS:
        return ()
    for group in value[-1]:
        if set(map(type, group)) != _NUMBERS or len(group) < 2 or not _is_mark(group[0]):
            raise ValueError("not the places of leaves")
    return list(value[-1])


def _is_mark(value: Any) -> bool:
    return type(value) is int and 0 < value < 256


def _values(leaf: bytes | None, mark: int, count: int) -> list[Any]:
    """The values of a leaf. Of one of another shape there is the mark instead, which no field can hold:
    somebody may have signed such a thing, and nobody is to be stopped by it."""
    if leaf is None:
        return [WITHHELD] * count
    try:
        values = read_cbor(leaf, depth=1)
    except ValueError:
        values = None
    return values if type(values) is list and len(values) == count else [[mark]] * count


def without(segment: bytes, ops: Sequence[Op], stays: Callable[[Op, int], bool]) -> bytes:
    """The same segment with only those of its leaves that may stay, by op and mark. `ops` are its ops with
    the marks still in them. The signed bytes are what they were."""
    signed, leaves = split(segment)
    if not leaves:
        return signed
    places = [leaf for index, op in enumerate(ops) for leaf in _leaves_of(index, op)]
    held = _entries(read_cbor(leaves, depth=4), len(places))
    kept = [
        (salt, leaf) if leaf is None or stays(ops[place.op], place.mark) else (leaf_hash(salt, leaf), None)
        for place, (salt, leaf) in zip(places, held, strict=True)
    ]
    if all(leaf is None for _salt, leaf in kept):
        return signed
    return segment if kept == held else signed + _partly(kept)


def missing(segment: bytes, ops: Sequence[Op]) -> set[Leaf]:
    """The leaves of a segment that are not here. `ops` are its ops with the marks still in them."""
    places = [leaf for index, op in enumerate(ops) for leaf in _leaves_of(index, op)]
    leaves = split(segment)[1]
    if not leaves:
        return set(places)
    held = _entries(read_cbor(leaves, depth=4), len(places))
    return {place for place, (_salt, leaf) in zip(places, held, strict=True) if leaf is None}


def joined(one: bytes, other: bytes) -> bytes:
    """A segment with all leaves that either copy of it has. Both were checked."""
    signed, ours = split(one)
    theirs = split(other)[1]
    if not ours or not theirs:
        return one if ours else other
    first, second = (_loose(read_cbor(leaves, depth=4)) for leaves in (ours, theirs))
    if any(leaf is None for _salt, leaf in first):
        both = [a if a[1] is not None else b for a, b in zip(first, second, strict=True)]
        return signed + _partly(both)
    return one


Entry = tuple[bytes, bytes | None]
"""Salt and leaf; or the hash, and nothing."""


def _salts(seed: bytes, count: int) -> list[bytes]:
    every = hashlib.shake_256(seed).digest(SALT_BYTES * count)
    return [every[at : at + SALT_BYTES] for at in range(0, len(every), SALT_BYTES)]


def _packed(seed: bytes, leaves: Sequence[Any]) -> bytes:
    packed = cbor2.dumps([seed, list(leaves)], canonical=True)
    return packed + len(packed).to_bytes(_LENGTH_BYTES, "big") + _FOOT


def _partly(entries: Sequence[Entry]) -> bytes:
    return _packed(b"", [salt if leaf is None else [salt, leaf] for salt, leaf in entries])


def _leaves_of(index: int, op: Op) -> list[Leaf]:
    """The leaves that an op with marks has, in order."""
    return [Leaf(index, mark) for mark, *_numbers in _groups(op)]


def _entries(untrusted: Any, count: int) -> list[Entry]:
    entries = _loose(untrusted)
    if len(entries) != count:
        raise ValueError("another number of leaves")
    return entries


def _loose(untrusted: Any) -> list[Entry]:
    seed, found = untrusted
    if type(seed) is not bytes or type(found) is not list:
        raise ValueError("not leaves")
    if seed:
        if len(seed) != SEED_BYTES or not all(type(leaf) is bytes for leaf in found):
            raise ValueError("not leaves")
        return list(zip(_salts(seed, len(found)), found, strict=True))
    return [_entry(one) for one in found]


def _entry(untrusted: Any) -> Entry:
    if type(untrusted) is bytes:
        if len(untrusted) != HASH_BYTES:
            raise ValueError("not a hash")
        return untrusted, None
    salt, leaf = untrusted
    if type(salt) is not bytes or len(salt) != SALT_BYTES or type(leaf) is not bytes:
        raise ValueError("not a leaf")
    return salt, leaf
