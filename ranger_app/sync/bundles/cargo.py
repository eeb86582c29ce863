"""What goes into a bundle, the most wanted first: changes, small pictures, then originals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import BufferedReader

import cbor2

from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.photos.thumbnails import kept_thumbnail, thumbnail
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import Numbered, Tips, bytes_above, numbered_above
from ranger_app.storage.exchange.travelling import files_for_outsiders, files_to_carry, photos_to_carry
from ranger_app.storage.files import KeptFile
from ranger_app.storage.strays import strays
from ranger_app.sync.bundles.batches import in_batches, pack
from ranger_app.sync.bundles.contents import Contents
from ranger_app.sync.bundles.frames import FILE_PIECE, SEGMENTS, SMALL_PICTURE, WHOLE_FILE
from ranger_app.sync.bundles.pieces import PIECE_BYTES

WHOLE_BYTES = 16 << 20
"""A longer file goes in pieces."""


class Originals(StrEnum):
    """Which files go along."""

    ALL = "all"
    FIT = "fit"
    """As many as there is room for."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Item:
    """One record, and what the list of its part is to say of it."""

    type: int
    payload: bytes
    segments: tuple[Numbered, ...] = ()
    file: bytes = b""
    small: bytes = b""

    def list_in(self, contents: Contents) -> None:
        for one in self.segments:
            contents.add_segment(one.stream, one.replica, one.number, one.hash)
        if self.file:
            contents.add_file(self.file)
        if self.small:
            contents.small.append(self.small)
        contents.more = contents.more or not (self.segments or self.file or self.small)


@dataclass(slots=True)
class Aboard:
    """What lies on the stick already, from a time when this bundle was not finished."""

    stretches: dict[tuple[bytes, bytes], list[tuple[int, int]]] = field(default_factory=dict)
    files: set[bytes] = field(default_factory=set)
    small: set[bytes] = field(default_factory=set)

    def add(self, contents: Contents) -> None:
        if not contents.more:
            for one in contents.stretches:
                self.stretches.setdefault((one.stream, one.replica), []).append((one.first, one.last))
        self.files |= set(contents.files)
        self.small |= set(contents.small)

    def has(self, one: Numbered) -> bool:
        runs = self.stretches.get((one.stream, one.replica), ())
        return any(first <= one.number <= last for first, last in runs)


@dataclass(slots=True)
class Wanted:
    """What a bundle is to hold."""

    known: Tips = field(default_factory=dict)
    """How far the receivers have each feed already."""
    site: bytes | None = None
    """Nothing of other sites; None for everything that is here."""
    originals: Originals = Originals.ALL
    held: Callable[[bytes], bool] = lambda _sha256: False
    """Whether the receivers have a file already."""
    whole: bool = True
    """For laptops of the site. For outsiders sensitive values stay here, and files that are not for them."""

    def files(self, workspace: Workspace) -> Iterable[bytes]:
        """The SHA-256 of every file that is wanted, the most wanted first."""
        return (files_to_carry if self.whole else files_for_outsiders)(workspace, site=self.site)


@dataclass(slots=True)
class Weight:
    """What a bundle would hold, before it is written."""

    changes_bytes: int = 0
    files: int = 0
    file_bytes: int = 0
    elsewhere: int = 0
    """Files that records speak of and that are not on this laptop."""

    @property
    def bytes(self) -> int:
        return self.changes_bytes + self.file_bytes

    def with_more(self, other: Weight) -> Weight:
        """The two together, as for two bundles on one stick."""
        return Weight(
            self.changes_bytes + other.changes_bytes,
            self.files + other.files,
            self.file_bytes + other.file_bytes,
            max(self.elsewhere, other.elsewhere),
        )

    @property
    def something(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.changes_bytes or self.files)


def weigh(workspace: Workspace, wanted: Wanted, work: Work, *, aboard: Aboard | None = None) -> Weight:
    """Weigh what is wanted and not aboard yet; its files by their sizes, none of them is read."""
    found = Weight(changes_bytes=bytes_above(workspace, wanted.known, site=wanted.site))
    if wanted.originals is Originals.NONE:
        return found
    for n, sha256 in enumerate(wanted.files(workspace)):
        work.tick(n, None, _("looking at files"))
        if wanted.held(sha256) or (aboard is not None and sha256 in aboard.files):
            continue
        size = _size(workspace.files.find(sha256))
        if size is None:
            found.elsewhere += 1
        else:
            found.files += 1
            found.file_bytes += size
    return found


class Cargo:
    """Hands out the records of one bundle, and counts what went along and what did not."""

    def __init__(
        self, workspace: Workspace, wanted: Wanted, aboard: Aboard, *, room: Callable[[], int]
    ) -> None:
        self._workspace = workspace
        self._wanted = wanted
        self._aboard = aboard
        self._room = room
        self.segments = self.files = self.file_bytes = self.small_pictures = 0
        self.elsewhere = 0
        """Files that records speak of and that are not on this laptop."""
        self.left_out = 0
        """Files that there was no room for."""

    def items(self, work: Work) -> Iterator[Item]:
        """Everything, in the order in which it is wanted."""
        yield from self._changes(work)
        if self._wanted.whole:
            yield from self._small_pictures(work)
        if self._wanted.originals is not Originals.NONE:
            yield from self._originals(work)

    def _changes(self, work: Work) -> Iterator[Item]:
        wanted = self._wanted
        lacking = numbered_above(self._workspace, wanted.known, site=wanted.site, whole=wanted.whole)
        for batch in in_batches(one for one in lacking if self._new(one)):
            work.tick(self.segments, None, _("changes"))
            yield Item(SEGMENTS, pack(one.signed for one in batch), segments=tuple(batch))
        for type_, payload in (
            strays(self._workspace, wanted.site) if wanted.whole else ()
        ):  # who knows what is in them
            yield Item(type_, payload)

    def _new(self, one: Numbered) -> bool:
        self.segments += 1
        return not self._aboard.has(one)

    def _small_pictures(self, work: Work) -> Iterator[Item]:
        """Those at hand; where the originals stay here, all of them."""
        make = self._wanted.originals is not Originals.ALL
        for n, sha256 in enumerate(photos_to_carry(self._workspace, site=self._wanted.site)):
            work.tick(n, None, _("small pictures"))
            if self._wanted.held(sha256):
                continue
            small = self._small(sha256, make=make)
            if small:
                self.small_pictures += 1
                if sha256 not in self._aboard.small:
                    yield Item(SMALL_PICTURE, cbor2.dumps([sha256, small]), small=sha256)

    def _small(self, sha256: bytes, *, make: bool) -> bytes | None:
        kept = kept_thumbnail(self._workspace, sha256)
        if kept is not None or not make:
            return kept
        try:
            return thumbnail(self._workspace, sha256)
        except KnownError:  # not here, or no picture
            return None

    def _originals(self, work: Work) -> Iterator[Item]:
        full = False
        for n, sha256 in enumerate(self._wanted.files(self._workspace)):
            work.tick(n, None, _("files"))
            if self._wanted.held(sha256):
                continue
            found = self._workspace.files.find(sha256)
            size = _size(found)
            if found is None or size is None:
                self.elsewhere += 1
            elif sha256 in self._aboard.files:
                self.files += 1
                self.file_bytes += size
            elif full or self._room() < size:
                full = True
                self.left_out += 1
            else:
                yield from self._original(found, size)

    def _original(self, found: KeptFile, expected: int) -> Iterator[Item]:
        """A file whole or in pieces, if it reads and is still what its name says: one photo on a failing disk
        does not keep the others here."""
        size, sha256 = None, found.sha256
        try:
            with found.open() as source:
                # Asking for more than there is would cost more memory than reading takes time.
                content = source.read(min(expected, WHOLE_BYTES) + 1)
                if len(content) > WHOLE_BYTES:
                    size = yield from _pieces(source, sha256)
                elif hashlib.sha256(content).digest() == sha256:
                    size = len(content)
                    yield Item(WHOLE_FILE, content, file=sha256)
        except OSError:
            size = None
        if size is None:
            self.elsewhere += 1
        else:
            self.files += 1
            self.file_bytes += size


def _pieces(source: BufferedReader, sha256: bytes) -> Generator[Item, None, int | None]:
    """A long file in pieces; its size, or None when it is not what its name says."""
    source.seek(0)
    if hashlib.file_digest(source, "sha256").digest() != sha256:
        return None
    size = source.tell()
    source.seek(0)
    for start in range(0, size, PIECE_BYTES):
        piece = source.read(PIECE_BYTES)
        if len(piece) != min(PIECE_BYTES, size - start):
            return None
        yield Item(FILE_PIECE, cbor2.dumps([sha256, size, start, piece]), file=sha256)
    return size


def _size(found: KeptFile | None) -> int | None:
    try:
        return found.size_bytes if found is not None else None
    except OSError:
        return None
