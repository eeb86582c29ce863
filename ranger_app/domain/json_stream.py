"""Reads a JSON document of any length piece by piece, in bounded memory.

For files whose top level is one object of which one value is very long, such as the `images` of a file of
results: its items are given one at a time, the other values whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

CHUNK_CHARS = 1 << 18
PIECE_CHARS_AT_MOST = 1 << 24
"""No single item, and no other value of the top level, may be longer."""
_SPACE = re.compile(r"[ \t\r\n]*")
NUMBER_GOES_ON = ("", *"0123456789+-.eE")


class NotJson(ValueError):
    """The text is no JSON of the expected shape; `args[0]` says where (characters from the start)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A value of the top level, or one item of a value that is streamed. `name`: of an item in an object."""

    key: str
    value: Any
    streamed: bool = False
    name: str = ""


def pieces(path: Path, *, streamed: frozenset[str]) -> Iterator[Piece]:
    """The values of the top level in their order; of those called `streamed` item by item.

    A streamed value may be a list or an object. Raises `NotJson`, and `OSError` when the file cannot be read.
    """
    with path.open("r", encoding="utf-8-sig", errors="strict", newline="") as file:
        reader = _Reader(file)
        try:
            yield from reader.top(streamed)
        except (UnicodeDecodeError, RecursionError) as error:
            raise NotJson(reader.place) from error


class _Reader:
    """A window on the text that moves along it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)

    @property
    def place(self) -> int:
        return self._before + self._at

    def top(self, streamed: frozenset[str]) -> Iterator[Piece]:
        self._expect("{")
        for key in self._keys("}"):
            opened = self._peek()
            if key in streamed and opened in "[{":
                yield from self._items(key, opened)
            else:
                yield Piece(key, self._value())
        if self._peek():
            raise NotJson(self.place)

    def _items(self, key: str, opened: str) -> Iterator[Piece]:
        self._expect(opened)
        if opened == "{":
            for name in self._keys("}"):
                yield Piece(key, self._value(), streamed=True, name=name)
            return
        if self._skip("]"):
            return
        while True:
            yield Piece(key, self._value(), streamed=True)
            if self._skip("]"):
                return
            self._expect(",")

    def _keys(self, end: str) -> Iterator[str]:
        """The names of an object's values; whoever asks reads the value before asking for the next."""
        if self._skip(end):
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise NotJson(self.place)
            self._expect(":")
            yield key
            if self._skip(end):
                return
            self._expect(",")

    def _value(self) -> Any:
        self._peek()
        want = CHUNK_CHARS
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more(want):
                    raise NotJson(self.place) from error
            except ValueError as error:  # a number of ten thousand digits
                raise NotJson(self.place) from error
            else:
                # A number at the end of the window may go on beyond it.
                cut = isinstance(value, int | float) and self._text[end : end + 1] in NUMBER_GOES_ON
                if not cut or not self._more(want):
                    self._at = end
                    return value
            want *= 2  # so that a long value is not tried too often

    def _peek(self) -> str:
        """The next sign that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(CHUNK_CHARS):
                return ""

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise NotJson(self.place)
        self._at += 1

    def _skip(self, sign: str) -> bool:
        found = self._peek() == sign
        self._at += found
        return found

    def _more(self, count: int) -> bool:
        """Move the window on, keeping what is not read yet; False at the end of the file."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        if len(rest) > PIECE_CHARS_AT_MOST:
            raise NotJson(self.place)
        fresh = self._file.read(count)
        self._before += self._at
        self._text, self._at = rest + fresh, 0
        self._ended = not fresh
        return bool(fresh)


def _no_constant(_name: str) -> Any:
    raise json.JSONDecodeError("no number", "", 0)
