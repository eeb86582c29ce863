"""Learns the shapes of what follows the time in a fix, so that only the first of each kind is parsed.

What receivers add to a fix (dilution, satellites, heart rate, speed) is the same tags with other numbers in
every fix. A shape is such a text with its numbers taken out. The parser is given each new shape once with
marked numbers in it, and what it makes of them says where the numbers of every later fix belong.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

LARGEST = 1e9
"""What a column takes for a number; anything beyond is no measurement and stays a text."""
MAX_SHAPES = 1_000
MAX_FILLED = 10_000
MAX_SHAPE_BYTES = 1 << 12
_NUMBER = re.compile(rb">([-+]?\d+(?:\.\d+)?)<")
_UNLEARNABLE = re.compile(rb"<!|<\?|trkpt|ele>|time>")


class Rest(NamedTuple):
    """What a fix has besides position, elevation and time: numbers for columns, and everything else."""

    more: Mapping[str, float]
    note: str


@dataclass(frozen=True, slots=True)
class _Shape:
    columns: tuple[tuple[str, int], ...]  # name, which number
    note: tuple[str, ...]  # what stands between the numbers of the note
    slots: tuple[int, ...]  # which number stands there

    def fill(self, numbers: list[bytes]) -> Rest | None:
        """The same with these numbers; None when one of them is no number that a column takes."""
        more = {name: float(numbers[slot]) for name, slot in self.columns}
        if any(abs(value) >= LARGEST for value in more.values()):
            return None
        note = [self.note[0]]
        for slot, text in zip(self.slots, self.note[1:], strict=True):
            note += (numbers[slot].decode(), text)
        return Rest(more, "".join(note))


class Shapes:
    """The shapes of one file."""

    def __init__(self) -> None:
        # Nine digits: what a column takes for a number, and hardly ever what a file says itself.
        self._mark = (10_000 + secrets.randbelow(10_000)) * 10_000
        self._marked = re.compile(str(self._mark // 10_000) + r"(\d{4})")
        self._known: dict[tuple[bytes, ...], _Shape | None] = {}
        self._filled: dict[bytes, Rest] = {}
        self._asked: list[tuple[tuple[bytes, ...], int]] = []

    def fill(self, rest: bytes) -> Rest | None:
        """What this text says, if its shape is known."""
        if (before := self._filled.get(rest)) is not None:
            return before
        parts = _NUMBER.split(rest)
        shape = self._known.get(tuple(parts[::2]))
        if shape is None:
            return None
        filled = shape.fill(parts[1::2])
        if filled is not None and len(self._filled) < MAX_FILLED:
            self._filled[rest] = filled
        return filled

    def question(self, rest: bytes) -> tuple[int, bytes] | None:
        """A number for `learn` and the text to parse for it, when the shape is new and can be learnt."""
        parts = _NUMBER.split(rest)
        fixed, count = tuple(parts[::2]), len(parts) // 2
        if fixed in self._known or len(self._known) >= MAX_SHAPES or count > 9_999:
            return None
        self._known[fixed] = None
        if _UNLEARNABLE.search(rest) or len(rest) > MAX_SHAPE_BYTES or self._marked.search(rest.decode()):
            return None
        marked = [str(self._mark + slot).encode() for slot in range(count)]
        text = b"".join(piece for pair in zip(fixed, _between(marked), strict=True) for piece in pair)
        self._asked.append((fixed, count))
        return len(self._asked) - 1, text

    def learn(self, number: int, answer: Rest) -> None:
        """What the parser made of the text of a question."""
        fixed, count = self._asked[number]
        columns = tuple((name, round(value) - self._mark) for name, value in answer.more.items())
        pieces = self._marked.split(answer.note)
        slots = tuple(map(int, pieces[1::2]))
        if sorted([*slots, *(slot for _name, slot in columns)]) == list(range(count)):
            self._known[fixed] = _Shape(columns, tuple(pieces[::2]), slots)

    def forget(self) -> None:
        """Namespaces may have another meaning from here on."""
        self._known.clear()
        self._filled.clear()


def _between(marked: list[bytes]) -> list[bytes]:
    # The pattern takes the brackets around each number with it.
    return [b">" + mark + b"<" for mark in marked] + [b""]
