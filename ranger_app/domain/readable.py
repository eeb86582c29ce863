"""A file that can be read wherever it lies: a path of the disk, or one that is sealed in a workspace."""

from __future__ import annotations

import hashlib
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


def hash_of(file: Readable) -> bytes:
    """The SHA-256 of its content; a file of a store goes by it, so that nothing has to be read."""
    if known := known_hash(file):
        return known
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").digest()


def known_hash(file: Readable | bytes) -> bytes:
    """The SHA-256 by which a file of a store goes; empty for any other, of which nobody has worked it out."""
    name = getattr(file, "sha256", b"")
    return name if isinstance(name, bytes) and len(name) == hashlib.sha256().digest_size else b""
