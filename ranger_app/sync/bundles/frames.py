"""The outer frame of everything on a stick: self-checking records; unknown types are kept and carried on.

    magic "RSR1" (4) | type (2) | payload length (4) | SHA-256 of type, length and payload (32) | payload

Numbers are big-endian. A damaged stretch costs the records it touches: reading goes on at the next magic.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"RSR1"
_HEAD = struct.Struct(">4sHI32s")
MAX_PAYLOAD = 64 << 20  # bytes
_PIECES = (4 << 10, 1 << 20)  # bytes read at once when looking for the next record, at first and at most
_TRIES = 6
"""Bytes read for what turns out unsound, as a multiple of the file: a few false heads are damage, a file
full of them is meant to keep us busy."""

MANIFEST, SEGMENTS, WHOLE_FILE, FILE_PIECE, DIRECTORY, HEAD = 1, 2, 3, 4, 5, 6
CONTENTS, SMALL_PICTURE, RECEIPT = 7, 8, 9
"""Types of record; numbers are for ever. A reader keeps the types that it does not know."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One sound record."""

    type: int
    payload: bytes


def frame(type_: int, payload: bytes) -> bytes:
    """A record as bytes."""
    return head_of(type_, payload) + payload


def head_of(type_: int, payload: bytes) -> bytes:
    """What stands before a payload."""
    if len(payload) > MAX_PAYLOAD:
        raise ValueError("a record of a bundle holds at most 64 MiB")
    return _HEAD.pack(MAGIC, type_, len(payload), _check(type_, payload))


def _check(type_: int, payload: bytes) -> bytes:
    digest = hashlib.sha256(struct.pack(">HI", type_, len(payload)))
    digest.update(payload)
    return digest.digest()


def frames(source: BinaryIO) -> Iterator[Frame | None]:
    """The records of an open, seekable file of any origin; None once for each damaged stretch."""
    size = source.seek(0, os.SEEK_END)
    position, damaged, left = 0, False, max(_TRIES * size, MAX_PAYLOAD)
    while position < size:
        source.seek(position)
        found, tried = _read_one(source, size - position)
        if found is not None:
            if damaged:
                yield None
            damaged = False
            yield found
            position += _HEAD.size + len(found.payload)
            continue
        damaged = True
        following, searched = _next_magic(source, position + 1)
        left -= tried + searched
        if following is None or left < 0:
            break
        position = following
    if damaged:
        yield None


class FrameFlow:
    """Records as their bytes come in. What comes in is proved already, piece by piece: where it does not read
    as a record it was made so, and nothing after that is looked at."""

    def __init__(self, take: Callable[[Frame], None]) -> None:
        self._take = take
        self._waiting = bytearray()
        self._needed = _HEAD.size
        self.damaged = False

    def write(self, piece: bytes | memoryview) -> None:
        """Take the next bytes, and hand on each record that they make whole."""
        if not self.damaged:
            self._waiting += piece
            while len(self._waiting) >= self._needed and not self.damaged:
                self._next()

    def end(self) -> None:
        """Nothing more comes; half a record is damage."""
        self.damaged = self.damaged or bool(self._waiting)

    def _next(self) -> None:
        magic, type_, length, check = _HEAD.unpack_from(self._waiting)
        if magic != MAGIC or length > MAX_PAYLOAD:
            self.damaged = True
        elif len(self._waiting) < _HEAD.size + length:
            self._needed = _HEAD.size + length
        else:
            with memoryview(self._waiting) as view:
                payload = bytes(view[_HEAD.size : _HEAD.size + length])
            del self._waiting[: _HEAD.size + length]
            self._needed = _HEAD.size
            self.damaged = _check(type_, payload) != check
            if not self.damaged:
                self._take(Frame(type_, payload))


def _read_one(source: BinaryIO, available: int) -> tuple[Frame | None, int]:
    """The record that begins here, and how many bytes of payload were read for it."""
    head = source.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None, 0
    magic, type_, length, check = _HEAD.unpack(head)
    if magic != MAGIC or length > min(MAX_PAYLOAD, available - _HEAD.size):
        return None, 0
    payload = source.read(length)
    sound = len(payload) == length and _check(type_, payload) == check
    return Frame(type_, payload) if sound else None, length


def _next_magic(source: BinaryIO, position: int) -> tuple[int | None, int]:
    """Where the next record may begin, and how many bytes were read to find out."""
    overlap, searched, size = len(MAGIC) - 1, 0, _PIECES[0]
    while True:
        source.seek(position)
        piece = source.read(size)
        searched += len(piece)
        found = piece.find(MAGIC)
        if found >= 0:
            return position + found, searched
        if len(piece) <= overlap:
            return None, searched
        position += len(piece) - overlap
        size = min(4 * size, _PIECES[1])
