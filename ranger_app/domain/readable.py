"""A file that can be read wherever it lies: a path of the disk, or one that is sealed in a workspace."""

from __future__ import annotations

from io import BufferedReader
from typing import Literal, Protocol


class Readable(Protocol):
    """What `pathlib.Path` and a file of a workspace's store have in common."""

    @property
    def name(self) -> str:
        """The last part of its name, for sentences."""

    def open(self, mode: Literal["rb"], /) -> BufferedReader:
        """Its content, seekable."""

    def read_bytes(self) -> bytes:
        """All of its content."""


def size_of(file: Readable) -> int:
    """How many bytes its content has."""
    with file.open("rb") as source:
        return source.seek(0, 2)
