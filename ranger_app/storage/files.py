"""The store of files, each kept once under its SHA-256 and on disk for good before anything speaks of it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.storage.engine import flush_folder
from ranger_app.storage.faults import disk_told

_PIECE = 1 << 20  # bytes read at once
_ASIDE = "incoming"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file by its content."""

    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Link:
    """An original that was left in its own place on this laptop."""

    path: Path
    size_bytes: int
    mtime_ns: int

    def unchanged(self) -> bool:
        """Whether the file is still there with the size and time it had when it was hashed."""
        try:
            now = self.path.stat()
        except OSError:
            return False
        return now.st_size == self.size_bytes and now.st_mtime_ns == self.mtime_ns


class FileStore:
    """Files named by their hash under `folder`. Safe to use from several threads."""

    def __init__(self, folder: Path, find_link: Callable[[bytes], Link | None]) -> None:
        self._folder = folder
        self._find_link = find_link
        self._unsettled: set[Path] = set()
        self._settling = threading.Lock()

    def add(self, path: Path, *, settle: bool = True) -> StoredFile:
        """Copy a file in: written aside, flushed, renamed, its folder flushed. Adding it again does nothing.

        With `settle=False` the flushing of folders is put off until `settle()`, for many files at once;
        no record may speak of them before that.
        """
        with disk_told(path):
            source = open(path, "rb")  # noqa: SIM115 - closed below; its own errors are the source's
        with source:
            return self.add_stream(source, name=path, settle=settle)

    def add_bytes(
        self, content: bytes, *, settle: bool = True, hashed: StoredFile | None = None
    ) -> StoredFile:
        """Keep bytes as a file; `hashed` is what they are, if whoever brings them has just looked."""
        stored = hashed or StoredFile(hashlib.sha256(content).digest(), len(content))
        with disk_told(self._folder):
            if not self.holds(stored):
                with self._aside() as aside:
                    aside.write(content)
                    self._keep(aside, stored.sha256)
        if settle:
            self.settle()
        return stored

    def add_stream(
        self, source: BinaryIO, *, name: Path, settle: bool = True, limit_bytes: int | None = None
    ) -> StoredFile:
        """Copy from an open file, hashing on the way; `BadInput` when it is longer than `limit_bytes`."""
        digest, size = hashlib.sha256(), 0
        with self._aside() as aside:
            while True:
                with disk_told(name):
                    piece = source.read(_PIECE)
                if not piece:
                    break
                size += len(piece)
                if limit_bytes is not None and size > limit_bytes:
                    raise BadInput(_("“{name}” is larger than it said.").format(name=name.name))
                digest.update(piece)
                with disk_told(self._folder):
                    aside.write(piece)
            stored = StoredFile(digest.digest(), size)
            with disk_told(self._folder):
                if not self.holds(stored):
                    self._keep(aside, stored.sha256)
        if settle:
            self.settle()
        return stored

    def add_pieces(self, pieces: Iterable[Path], sha256: bytes) -> bool:
        """Put a file together from its pieces in order; False, and nothing is kept, when it is not the one
        with this hash. The names are made durable by `settle`."""
        digest = hashlib.sha256()
        with disk_told(self._folder), self._aside() as aside:
            for path in pieces:
                piece = path.read_bytes()
                digest.update(piece)
                aside.write(piece)
            if digest.digest() != sha256:
                return False
            self._keep(aside, sha256)
        return True

    def adopt(self, path: Path, sha256: bytes) -> bool:
        """Move a finished file of our own in, from the same disk; False, and it stays where it is, when it is
        not the one with this hash. Its name is made durable by `settle`."""
        with disk_told(self._folder):
            with open(path, "rb+") as source:
                if hashlib.file_digest(source, "sha256").digest() != sha256:
                    return False
                os.fsync(source.fileno())
            self._name(path, sha256)
        return True

    def settle(self) -> None:
        """Make the names of all files added so far durable, also those that another thread added.

        What others add meanwhile waits for the next time: they may be adding faster than this can flush.
        """
        with self._settling, disk_told(self._folder):
            for folder in list(self._unsettled):
                self._unsettled.discard(folder)  # whoever adds to it from now on marks it again
                try:
                    flush_folder(folder)
                except OSError:
                    self._unsettled.add(folder)
                    raise

    def has(self, sha256: bytes) -> bool:
        """Whether the store itself has the file; linked originals do not count."""
        return self._inside(sha256).exists()

    def holds(self, file: StoredFile) -> bool:
        """Whether the store has the file in its full length; one that was cut short is not held."""
        try:
            return self._inside(file.sha256).stat().st_size == file.size_bytes
        except FileNotFoundError:
            return False

    def path(self, sha256: bytes) -> Path | None:
        """Where the file can be read: in the store, or as an unchanged original in its own place."""
        inside = self._inside(sha256)
        if inside.exists():
            return inside
        link = self._find_link(sha256)
        return link.path if link is not None and link.unchanged() else None

    def whole(self, sha256: bytes) -> bool:
        """Whether the file is here and its content is what its name says."""
        path = self.path(sha256)
        if path is None:
            return False
        with disk_told(path), open(path, "rb") as source:
            return hashlib.file_digest(source, "sha256").digest() == sha256

    def stored(self) -> Iterator[tuple[bytes, Path]]:
        """Every file of the store."""
        for path in sorted(self._folder.glob("??/*")):
            if _HASH.fullmatch(path.name):
                yield bytes.fromhex(path.name), path

    def _inside(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / name[:2] / name

    def _aside(self) -> _Aside:
        with disk_told(self._folder):
            return _Aside(self._folder / _ASIDE)

    def _keep(self, aside: _Aside, sha256: bytes) -> None:
        aside.flush()
        self._name(aside.path, sha256)

    def _name(self, flushed: Path, sha256: bytes) -> None:
        target = self._inside(sha256)
        if not target.parent.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            self._unsettled.add(self._folder)
        os.replace(flushed, target)
        self._unsettled.add(target.parent)


class _Aside:
    """A file being written under a name that nobody looks at; gone if it is not kept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        self.path = Path(name)
        self._file = os.fdopen(handle, "wb", buffering=0)

    def write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[self._file.write(view) :]

    def flush(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()

    def __enter__(self) -> _Aside:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Throw away what an interrupted copy left behind; called with the workspace locked."""
    for left in (folder / _ASIDE).glob("*"):
        left.unlink(missing_ok=True)
