"""The outer frame of everything on a stick: self-checking records; unknown types are kept and carried on.

    magic "RSR1" (4) | type (2) | payload length (4) | SHA-256 of type, length and payload (32) | payload

Numbers are big-endian. A damaged stretch costs the records it touches: reading goes on at the next magic.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"RSR1"
_HEAD = struct.Struct(">4sHI32s")
MAX_PAYLOAD = 64 << 20  # bytes
_PIECE = 1 << 20

MANIFEST, SEGMENTS, WHOLE_FILE, FILE_PIECE = 1, 2, 3, 4
"""Types of record. A reader keeps the types that it does not know."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One sound record."""

    type: int
    payload: bytes


def frame(type_: int, payload: bytes) -> bytes:
    """A record as bytes."""
    if len(payload) > MAX_PAYLOAD:
        raise ValueError("a record of a bundle holds at most 64 MiB")
    return _HEAD.pack(MAGIC, type_, len(payload), _check(type_, payload)) + payload


def _check(type_: int, payload: bytes) -> bytes:
    digest = hashlib.sha256(struct.pack(">HI", type_, len(payload)))
    digest.update(payload)
    return digest.digest()


def frames(source: BinaryIO) -> Iterator[Frame | None]:
    """The records of an open, seekable file of any origin; None once for each damaged stretch."""
    position, damaged = 0, False
    while True:
        source.seek(position)
        head = source.read(_HEAD.size)
        if len(head) < _HEAD.size:
            if damaged or head:
                yield None
            return
        found = _read_one(source, head)
        if found is not None:
            if damaged:
                yield None
            damaged = False
            yield found
            position += _HEAD.size + len(found.payload)
        else:
            damaged = True
            following = _next_magic(source, position + 1)
            if following is None:
                yield None
                return
            position = following


def _read_one(source: BinaryIO, head: bytes) -> Frame | None:
    magic, type_, length, check = _HEAD.unpack(head)
    if magic != MAGIC or length > MAX_PAYLOAD:
        return None
    payload = source.read(length)
    if len(payload) < length or _check(type_, payload) != check:
        return None
    return Frame(type_, payload)


def _next_magic(source: BinaryIO, position: int) -> int | None:
    overlap = len(MAGIC) - 1
    while True:
        source.seek(position)
        piece = source.read(_PIECE)
        if len(piece) <= overlap:
            return None
        found = piece.find(MAGIC)
        if found >= 0:
            return position + found
        position += len(piece) - overlap
