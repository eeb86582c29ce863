"""A file of the cache that grows at its end, sealed in blocks, so that what was written before stays.

    header: magic, one byte for the version
    blocks: length of the content (4 bytes, most significant first), the content as `sealed_file` keeps a file

A block is sealed under the file's name and its own number. One that a kill cut short is left out and written
over. That whole blocks are missing at the end is not noticed: it is a cache, and its reader looks at the hash
of what it wants, or works it out again.
"""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import NamedTuple

from ranger_app.storage.placed import Placed
from ranger_app.storage.sealed_file import NotAsWritten, open_whole, sealed, sealed_size

MAGIC = b"RangerGrowing\x01"
BLOCK = 1 << 20  # bytes of content, at most
_LENGTH = struct.Struct(">I")


class _Block(NamedTuple):
    place: int
    """Where it lies in the file."""
    start: int
    """Where its content belongs."""
    length: int


def looks_grown(path: Path) -> bool:
    """Whether the file begins as these do. Raises `OSError`."""
    with open(path, "rb") as source:
        return source.read(len(MAGIC)) == MAGIC


class Growing(Placed):
    """The content of such a file, to be read anywhere and written at its end; begun if there is none."""

    def __init__(self, path: Path, *, store_key: bytes, name: bytes) -> None:
        self._file = open(_handle(path), "r+b", buffering=0)  # noqa: SIM115 - closed with this
        self._key = store_key
        self._name = name
        self._at = 0
        self._blocks: list[_Block] = []
        self._number, self._content = -1, b""
        """The block that was opened last."""
        try:
            self._look()
        except BaseException:
            self._file.close()
            raise

    def _look(self) -> None:
        """Find the blocks, and cut off what is none."""
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        if end < len(MAGIC):
            self._file.truncate(0)
            _write(self._file, MAGIC)
            return
        if self._file.read(len(MAGIC)) != MAGIC:
            raise NotAsWritten
        place = len(MAGIC)
        while place + _LENGTH.size <= end:
            self._file.seek(place)
            (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
            following = place + _LENGTH.size + sealed_size(length)
            if not 0 < length <= BLOCK or following > end:
                break
            self._blocks.append(_Block(place, self._size, length))
            place = following
        self._file.truncate(place)

    @property
    def _size(self) -> int:
        return self._blocks[-1].start + self._blocks[-1].length if self._blocks else 0

    @property
    def _end(self) -> int:
        """Of the file as it lies on the disk."""
        if not self._blocks:
            return len(MAGIC)
        return self._blocks[-1].place + _LENGTH.size + sealed_size(self._blocks[-1].length)

    def _opened(self, number: int) -> bytes:
        if number != self._number:
            block = self._blocks[number]
            self._file.seek(block.place + _LENGTH.size)
            raw = self._file.read(sealed_size(block.length))
            self._content = open_whole(raw, store_key=self._key, name=self._block_name(number))
            self._number = number
        return self._content

    def _block_name(self, number: int) -> bytes:
        return b"growing" + number.to_bytes(8, "big") + self._name

    def _holding(self, place: int) -> int:
        """The number of the block that holds a place of the content."""
        low, high = 0, len(self._blocks) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._blocks[middle].start <= place else (low, middle - 1)
        return low

    def readinto(self, target: object) -> int:
        with memoryview(target).cast("B") as view:  # type: ignore[arg-type]
            if not view or self._at >= self._size:
                return 0
            number = self._holding(self._at)
            inside = self._at - self._blocks[number].start
            piece = self._opened(number)[inside : inside + len(view)]
            view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def readall(self) -> bytes:
        pieces: list[bytes] = []
        while self._at < self._size:
            pieces.append(self.read(BLOCK) or b"")
        return b"".join(pieces)

    def write(self, piece: object) -> int:
        if self._at != self._size:
            raise io.UnsupportedOperation("it grows at its end")
        with memoryview(piece).cast("B") as view:  # type: ignore[arg-type]
            content = bytes(view[:BLOCK])
        if content:
            place, number = self._end, len(self._blocks)
            covered = sealed(content, store_key=self._key, name=self._block_name(number))
            self._file.seek(place)
            _write(self._file, _LENGTH.pack(len(content)) + covered)
            self._blocks.append(_Block(place, self._at, len(content)))
            self._at += len(content)
        return len(content)

    def truncate(self, size: int | None = None) -> int:
        size = self._at if size is None else size
        if size > self._size:
            raise io.UnsupportedOperation("it grows by what is written")
        kept, at = b"", self._at
        while self._blocks and self._size > size:
            if size > self._blocks[-1].start:
                kept = self._opened(len(self._blocks) - 1)[: size - self._blocks[-1].start]
            self._blocks.pop()
            self._number = -1
        self._file.truncate(self._end)
        if kept:
            self._at = self._size
            self.write(kept)
        self._at = at
        return size

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def open_plain(path: Path) -> io.BufferedRandom:
    """An ordinary file in place of one that is sealed; begun if there is none. Raises `OSError`."""
    return open(_handle(path), "r+b")


def _handle(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)


def grown_from(path: Path, *, store_key: bytes, name: bytes) -> None:
    """Seal a file that was kept plain. Raises `OSError`, and it is as it was."""
    aside = path.with_name(path.name + ".sealing")
    aside.unlink(missing_ok=True)
    try:
        with open(path, "rb") as source, Growing(aside, store_key=store_key, name=name) as sealed_one:
            while piece := source.read(BLOCK):
                sealed_one.write(piece)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _write(file: io.FileIO, piece: bytes) -> None:
    with memoryview(piece) as view:
        done = 0
        while done < len(view):
            done += file.write(view[done:])
