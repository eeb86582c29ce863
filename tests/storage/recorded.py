"""What a program did to the disk under one folder, call after call, as `recorded_calls.c` wrote it down."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

_HEAD = struct.Struct("<BQQQII")
NEW_FILE, NEW_FOLDER = 1, 2
_THERE = 0
"""What an entering line says of what enters: made by it, or there before under another name."""


class What(IntEnum):
    """The sorts of lines, and what their three numbers and two runs of bytes are."""

    WRITE = 0  # inode, offset; content
    TRUNCATE = 1  # inode, size
    SYNC = 2  # inode
    ENTER = 3  # folder's inode, inode, whether it is new; name
    LEAVE = 4  # folder's inode; name
    MOVE = 5  # both folders' inodes; name before, name after
    SAY = 6  # ; text
    SYNC_ALL = 7


class Line(NamedTuple):
    what: What
    one: int
    two: int
    three: int
    first: bytes
    second: bytes

    def __str__(self) -> str:
        names = " ".join(os.fsdecode(name) for name in (self.first[:60], self.second) if name)
        return f"{self.what.name.lower()} {self.one} {names if self.what is not What.WRITE else self.two}"


def read_lines(book: Path) -> list[Line]:
    """All whole lines; a last one may have been cut off with the program."""
    return list(_lines(book.read_bytes()))


def _lines(raw: bytes) -> Iterator[Line]:
    at = 0
    while at + _HEAD.size <= len(raw):
        what, one, two, three, first, second = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        if at + first + second > len(raw):
            return
        yield Line(What(what), one, two, three, raw[at : at + first], raw[at + first : at + first + second])
        at += first + second


def note_what_is_there(folder: Path, book: Path) -> None:
    """Begin a book with what lies under the folder already, and is durable."""
    with open(book, "wb") as out:

        def note(what: What, one: int, two: int = 0, three: int = 0, first: bytes = b"") -> None:
            out.write(_HEAD.pack(what, one, two, three, len(first), 0) + first)

        root = folder.stat().st_ino
        note(What.ENTER, 0, root, NEW_FOLDER, b"/")
        for place, folders, files in os.walk(folder):
            here = os.stat(place).st_ino
            for name in folders:
                inode = os.stat(os.path.join(place, name)).st_ino
                note(What.ENTER, here, inode, NEW_FOLDER, os.fsencode(name))
            for name in files:
                path = Path(place, name)
                inode = path.stat().st_ino
                note(What.ENTER, here, inode, NEW_FILE, os.fsencode(name))
                if content := path.read_bytes():
                    note(What.WRITE, inode, 0, 0, content)
        note(What.SYNC_ALL, 0)


class Recorder:
    """The library that this process was started with."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def start(self, folder: Path, book: Path, *, most: int = 0) -> None:
        """Write down what is done under the folder; the process is killed after `most` lines, if any."""
        named = os.fsencode(folder), os.fsencode(book)
        if self._library.ranger_record(*named, ctypes.c_long(most)) < 0:
            raise OSError("no book")

    def say(self, text: str) -> None:
        """Something was said to be safe now."""
        self._library.ranger_say(text.encode())

    def stop(self) -> None:
        self._library.ranger_stop()
