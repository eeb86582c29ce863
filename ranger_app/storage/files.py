"""The store of files, each kept once under its SHA-256 and on disk for good before anything speaks of it."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from ranger_app.domain.errors import BadInput
from ranger_app.domain.readable import Readable
from ranger_app.i18n import _
from ranger_app.storage.faults import disk_told
from ranger_app.storage.growing import Growing, grown_from, looks_grown, open_plain
from ranger_app.storage.sealed_file import (
    NotAsWritten,
    Sealing,
    looks_sealed,
    open_sealed,
    plain_size,
    sealed,
    sealed_size,
)
from ranger_app.storage.settling import Settling, settle_what_was_left

_PIECE = 1 << 20  # bytes read at once
_GROWN_AT_ONCE = 256 << 10  # bytes that a file of the cache grows by, mostly
_ASIDE = "incoming"
SHOWN = "shown"
"""The folder of the cache with copies for other programs; gone when the workspace is closed."""
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


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is here, in the store or in its own place; read as if it were plain (see `Readable`)."""

    sha256: bytes
    """Its name; in a cache any bytes that it goes by."""
    path: Path
    """Where it lies; what lies there may be sealed, so that only this class reads it."""
    key: bytes | None = field(default=None, repr=False)
    """The store's key, when what lies there is sealed."""

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size_bytes(self) -> int:
        """Of the content. Raises `OSError`."""
        on_disk = self.path.stat().st_size
        return on_disk if self.key is None else plain_size(on_disk)

    def open(self, mode: Literal["rb"] = "rb", /) -> io.BufferedReader:
        """The content, seekable. Raises `OSError`, of which what does not open any more is one."""
        if self.key is None:
            return open(self.path, mode)
        try:
            return open_sealed(self.path, store_key=self.key, name=self.sha256)
        except NotAsWritten:
            source = open(self.path, mode)  # noqa: SIM115 - handed on
            # One from before there was sealing may begin as what we seal; its hash tells.
            if hashlib.file_digest(source, "sha256").digest() == self.sha256:
                source.seek(0)
                return source
            source.close()
            raise

    def read_bytes(self) -> bytes:
        """All of the content. Raises `DiskTrouble`."""
        with disk_told(self.path), self.open() as source:
            return source.read()

    def copy_to(self, target: Path) -> None:
        """Write the plain content to a file. Raises `DiskTrouble`."""
        with disk_told(target), self.open() as source, open(target, "wb") as out:
            shutil.copyfileobj(source, out, _PIECE)

    @contextmanager
    def plain(self) -> Iterator[Path]:
        """A path for a reader that insists on one: the file itself where it is plain, else a copy in a
        folder that only this user may enter and that is gone afterwards."""
        if self.key is None:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="ranger-plain-") as folder:
            copy = Path(folder) / self.path.name
            self.copy_to(copy)
            yield copy


class FileStore:
    """Files named by their hash under `folder`; sealed there when there is a key. Safe to use from several
    threads."""

    def __init__(
        self, folder: Path, find_link: Callable[[bytes], Link | None], *, key: bytes | None = None
    ) -> None:
        self._folder = folder
        self._home = folder.parent
        """The workspace, by whose name an error is told: “files” means nothing to anybody."""
        self._key = key
        self._find_link = find_link
        self._settling = Settling(folder)

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
        with disk_told(self._home):
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
                with disk_told(self._home):
                    aside.write(piece)
            stored = StoredFile(digest.digest(), size)
            with disk_told(self._home):
                if not self.holds(stored):
                    self._keep(aside, stored.sha256)
        if settle:
            self.settle()
        return stored

    def add_pieces(self, pieces: Iterable[Readable], sha256: bytes) -> bool:
        """Put a file together from its pieces in order; False, and nothing is kept, when it is not the one
        with this hash. The names are made durable by `settle`."""
        with disk_told(self._home):
            return self._put_together((path.open("rb") for path in pieces), sha256)

    def _put_together(self, sources: Iterable[BinaryIO], sha256: bytes) -> bool:
        digest = hashlib.sha256()
        with self._aside() as aside:
            for source in sources:
                with source:
                    while piece := source.read(_PIECE):
                        digest.update(piece)
                        aside.write(piece)
            if digest.digest() != sha256:
                return False
            self._keep(aside, sha256)
        return True

    def adopt(self, path: Path, sha256: bytes) -> bool:
        """Move a finished file of our own in, from the same disk; False, and it stays where it is, when it is
        not the one with this hash. Its name is made durable by `settle`."""
        if self._key is not None:
            with disk_told(self._home):
                with self.growing(path) if looks_grown(path) else open(path, "rb") as source:
                    if not self._put_together([source], sha256):
                        return False
                path.unlink()
                return True
        with disk_told(self._home):
            with open(path, "rb+") as source:
                if hashlib.file_digest(source, "sha256").digest() != sha256:
                    return False
                os.fsync(source.fileno())
            self._name(path, sha256)
        return True

    def settle(self) -> None:
        """Make the names of all files added so far durable, also those that another thread added."""
        with disk_told(self._home):
            self._settling.settle()

    def close(self) -> None:
        """Nothing is added any more."""
        with disk_told(self._home):
            self._settling.close()

    def has(self, sha256: bytes) -> bool:
        """Whether the store itself has the file; linked originals do not count."""
        return self._inside(sha256).exists()

    def holds(self, file: StoredFile) -> bool:
        """Whether the store has the file in its full length; one that was cut short is not held."""
        path = self._inside(file.sha256)
        try:
            on_disk = path.stat().st_size
            is_sealed = self._key is not None and looks_sealed(path)
        except FileNotFoundError:
            return False
        return on_disk == (sealed_size(file.size_bytes) if is_sealed else file.size_bytes)

    def path(self, sha256: bytes) -> Path | None:
        """Where the file lies: in the store, sealed or not, or as an unchanged original in its own place.
        It is read through `find`."""
        inside = self._inside(sha256)
        if inside.exists():
            return inside
        link = self._find_link(sha256)
        return link.path if link is not None and link.unchanged() else None

    def find(self, sha256: bytes) -> KeptFile | None:
        """The file, to be read; None when it is not here."""
        path = self.path(sha256)
        if path is None:
            return None
        if self._key is None or path != self._inside(sha256):
            return KeptFile(sha256, path)
        return self.cached(path, sha256)

    def covered(self, content: bytes, name: bytes) -> bytes:
        """What to write into a cache of the workspace for this content: sealed where files are."""
        return content if self._key is None else sealed(content, store_key=self._key, name=name)

    def growing(self, path: Path) -> io.BufferedRandom:
        """A file of the workspace's cache, to be read and to grow at its end; sealed where files are,
        and begun if there is none. One that is plain from before is sealed first. Raises `OSError`."""
        if self._key is None:
            return open_plain(path)
        name = path.name.encode()
        if path.exists() and path.stat().st_size and not looks_grown(path):
            grown_from(path, store_key=self._key, name=name)
        return io.BufferedRandom(Growing(path, store_key=self._key, name=name), _GROWN_AT_ONCE)

    def cached(self, path: Path, name: bytes) -> KeptFile:
        """A file of the workspace, to be read: sealed under this name, or plain from before there was
        sealing. Where it does not even open, whoever reads it is told."""
        try:
            is_sealed = self._key is not None and looks_sealed(path)
        except OSError:
            is_sealed = False
        return KeptFile(name, path, self._key if is_sealed else None)

    @property
    def seals(self) -> bool:
        """Whether files are sealed here."""
        return self._key is not None

    def whole(self, sha256: bytes) -> bool:
        """Whether the file is here and its content is what its name says."""
        found = self.find(sha256)
        if found is None:
            return False
        with disk_told(found.path):
            try:
                with found.open() as source:
                    return hashlib.file_digest(source, "sha256").digest() == sha256
            except NotAsWritten:
                return False

    def seal(self, sha256: bytes) -> bool:
        """Seal a file that was kept before there was sealing; whether there was anything to do. One that is
        not what its name says stays as it is. Its name is made durable by `settle`."""
        found = self.find(sha256)
        if self._key is None or found is None or found.key or found.path != self._inside(sha256):
            return False
        with disk_told(found.path):
            return self.add_pieces([found], sha256)

    def stored(self) -> Iterator[tuple[bytes, Path]]:
        """Every file of the store."""
        for path in sorted(self._folder.glob("??/*")):
            if _HASH.fullmatch(path.name):
                yield bytes.fromhex(path.name), path

    def _inside(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / f"{name[:2]}/{name}"

    def _aside(self) -> _Aside:
        with disk_told(self._home):
            return _Aside(self._folder / _ASIDE, self._key)

    def _keep(self, aside: _Aside, sha256: bytes) -> None:
        aside.flush(sha256)
        self._name(aside.path, sha256)

    def _name(self, flushed: Path, sha256: bytes) -> None:
        target = self._inside(sha256)
        folder = target.parent
        self._settling.begin()
        try:
            os.replace(flushed, target)
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True)
            self._settling.add(self._folder)
            os.replace(flushed, target)
        self._settling.add(folder)


class _Aside:
    """A file being written under a name that nobody looks at; gone if it is not kept."""

    def __init__(self, folder: Path, key: bytes | None) -> None:
        try:
            handle, name = tempfile.mkstemp(dir=folder)
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder)
        self.path = Path(name)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._sealing = Sealing(key, self._put) if key is not None else None

    def write(self, piece: bytes) -> None:
        if self._sealing is not None:
            self._sealing.add(piece)
        else:
            self._put(piece)

    def _put(self, piece: bytes | memoryview) -> None:
        view = memoryview(piece)
        while view:
            view = view[self._file.write(view) :]

    def flush(self, sha256: bytes) -> None:
        if self._sealing is not None:
            self._sealing.end(sha256)
        os.fsync(self._file.fileno())
        self._file.close()

    def __enter__(self) -> _Aside:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Throw away what an interrupted copy left behind, and settle what got its name; called with the
    workspace locked."""
    settle_what_was_left(folder)
    for left in (folder / _ASIDE).glob("*"):
        left.unlink(missing_ok=True)


def sweep_shown(folder: Path) -> None:
    """Throw away the plain copies that were laid out for other programs to show."""
    shutil.rmtree(folder / "cache" / SHOWN, ignore_errors=True)
