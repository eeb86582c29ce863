"""Writes a bundle to a folder: changes first, then files, in parts that are each of use alone."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

import cbor2

from ranger_app.domain.errors import DiskTrouble, Refused
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.entries import pack_entries
from ranger_app.storage import Workspace
from ranger_app.storage.engine import flush_folder
from ranger_app.storage.exchanging import (
    Tips,
    directory_entries,
    referenced_files,
    segments_above,
    strays,
    tips,
)
from ranger_app.storage.faults import disk_told
from ranger_app.sync.batches import in_batches, pack
from ranger_app.sync.frames import DIRECTORY, FILE_PIECE, HEAD, MANIFEST, SEGMENTS, WHOLE_FILE, frame
from ranger_app.sync.manifest import (
    HEAD_NAME,
    MANIFEST_NAME,
    MAX_PARTS,
    Head,
    Manifest,
    Part,
    head_bytes,
    manifest_bytes,
    mark,
    part_name,
)
from ranger_app.sync.pieces import PIECE_BYTES

FOLDER = "RANGERSYNC"
PART_BYTES = 64 << 20
WHOLE_BYTES = 16 << 20  # a longer file goes in pieces


@dataclass(slots=True)
class BundleWritten:
    """What was put on the stick and read back from it."""

    folder: Path
    parts: list[str] = field(default_factory=list)
    segments: int = 0
    files: int = 0
    files_elsewhere: int = 0
    """Files that records speak of and that are not on this laptop."""
    bytes: int = 0


def write_bundle(
    workspace: Workspace, target: Path, work: Work, *, known: Tips | None = None, files: bool = True
) -> BundleWritten:
    """Write what a receiver with the tips `known` lacks (everything, when they are not known).

    Each part is written aside, flushed, renamed and read back; a full or vanished stick leaves whole
    parts behind, which are of use, and nothing half-written under a part's name.
    """
    bundle = base64.b32encode(os.urandom(5)).decode()
    with disk_told(target):
        folder = target / FOLDER / bundle
        folder.mkdir(parents=True)
    done = BundleWritten(folder)
    has = tips(workspace)
    with disk_told(target):
        parts = _Parts(folder, done, workspace.site_id, workspace.keys.replica)
        entries = directory_entries(workspace)
        if entries:
            parts.opening = frame(DIRECTORY, pack_entries(entries))
        for batch in in_batches(segments_above(workspace, known or {})):
            work.tick(done.segments, None, _("changes"))
            parts.put(SEGMENTS, pack(batch))
            done.segments += len(batch)
        for type_, payload in strays(workspace):
            parts.put(type_, payload)
        if files:
            _put_files(workspace, parts, done, work)
        parts.finish()
        manifest = Manifest(
            bundle=bundle,
            home=workspace.site_id,
            sender=workspace.keys.replica,
            parts=tuple(parts.closed),
            segments=done.segments,
            files=done.files,
            file_bytes=parts.file_bytes,
            tips=has,
        )
        signed = manifest_bytes(manifest, workspace.keys.public_key, workspace.keys.sign)
        parts.write_plain(MANIFEST_NAME, frame(MANIFEST, signed))
    return done


def _put_files(workspace: Workspace, parts: _Parts, done: BundleWritten, work: Work) -> None:
    wanted = referenced_files(workspace)
    for n, sha256 in enumerate(wanted):
        work.tick(n, len(wanted), _("files"))
        path = workspace.files.path(sha256)
        size = _put_file(parts, path, sha256) if path is not None else None
        if size is None:
            done.files_elsewhere += 1
        else:
            done.files += 1
            parts.file_bytes += size


def _put_file(parts: _Parts, path: Path, sha256: bytes) -> int | None:
    """Put a file in, whole or in pieces; its size, or None when it does not read or is no longer what its
    name says: one photo on a failing disk does not keep the others here."""
    try:
        source = open(path, "rb")  # noqa: SIM115 - closed below; its own errors are the source's
    except OSError:
        return None
    with source:
        content = _read(source, WHOLE_BYTES + 1)
        if content is None:
            return None
        if len(content) <= WHOLE_BYTES:
            if hashlib.sha256(content).digest() != sha256:
                return None
            _need_space(parts.folder, len(content))
            parts.put(WHOLE_FILE, content)
            return len(content)
        return _put_pieces(parts, source, sha256)


def _put_pieces(parts: _Parts, source: BufferedReader, sha256: bytes) -> int | None:
    try:
        source.seek(0)
        if hashlib.file_digest(source, "sha256").digest() != sha256:
            return None
        size = source.tell()
        source.seek(0)
    except OSError:
        return None
    _need_space(parts.folder, size)
    for start in range(0, size, PIECE_BYTES):
        piece = _read(source, PIECE_BYTES)
        if piece is None or len(piece) != min(PIECE_BYTES, size - start):
            return None
        parts.put(FILE_PIECE, cbor2.dumps([sha256, size, start, piece]))
    return size


def _read(source: BufferedReader, size: int) -> bytes | None:
    try:
        return source.read(size)
    except OSError:
        return None


def _need_space(folder: Path, size: int) -> None:
    with disk_told(folder):
        free = shutil.disk_usage(folder).free
    if free < size + PART_BYTES:
        raise DiskTrouble(
            _("There is no room left on “{name}”.").format(name=folder.parent.parent.name),
            _("Take another stick for the rest; the parts that are written can be used."),
        )


class _Parts:
    """The parts of one bundle as they fill up."""

    def __init__(self, folder: Path, done: BundleWritten, site: bytes, sender: bytes) -> None:
        self.folder = folder
        self.closed: list[Part] = []
        self.file_bytes = 0
        self._done = done
        self._site, self._sender = mark(site), mark(sender)
        self.opening = b""
        """A record that every part begins with, since each is of use alone."""
        self._waiting: list[bytes] = []
        self._size = 0

    def put(self, type_: int, payload: bytes) -> None:
        """Add a record; a part is closed before it would grow past its size."""
        record = frame(type_, payload)
        if self._size and self._size + len(record) > PART_BYTES:
            self._close_part()
        self._begin()
        self._waiting.append(record)
        self._size += len(record)

    def finish(self) -> None:
        if not self.closed:
            self._begin()
        if self._waiting or not self.closed:
            self._close_part()

    def _begin(self) -> None:
        if not self._waiting and self.opening:
            self._waiting.append(self.opening)
            self._size = len(self.opening)

    def _close_part(self) -> None:
        if len(self.closed) >= MAX_PARTS:
            raise Refused(_("This is more than one bundle can hold."), _("Leave the files out."))
        name = part_name(len(self.closed) + 1)
        digest = self.write_plain(name, *self._waiting)
        self.closed.append(Part(name, self._size, digest))
        self._done.parts.append(name)
        self._waiting, self._size = [], 0
        head = Head(self.folder.name, len(self.closed), self._site, self._sender)
        self.write_plain(HEAD_NAME, frame(HEAD, head_bytes(head)))

    def write_plain(self, name: str, *pieces: bytes) -> bytes:
        """Write a file aside, flush, rename, flush the folder, read it back; returns its SHA-256."""
        target, aside = self.folder / name, self.folder / name.replace(".RSB", ".TMP")
        digest = hashlib.sha256()
        try:
            with disk_told(self.folder.parent.parent):
                with open(aside, "wb") as out:
                    for piece in pieces:
                        digest.update(piece)
                        out.write(piece)
                    out.flush()
                    os.fsync(out.fileno())
                os.replace(aside, target)
                flush_folder(self.folder)
                _forget_cached(target)
                with open(target, "rb") as written:
                    back = hashlib.file_digest(written, "sha256").digest()
        finally:
            with suppress(OSError):  # the stick is gone: what led here is the error to tell
                aside.unlink(missing_ok=True)
        if back != digest.digest():
            raise DiskTrouble(
                _("“{name}” does not hold what was written to it.").format(
                    name=self.folder.parent.parent.name
                ),
                _("The stick is failing; use another one."),
            )
        self._done.bytes += sum(map(len, pieces))
        return back


def _forget_cached(path: Path) -> None:
    """Ask the system to read the file from the disk next time, not from its memory."""
    if hasattr(os, "posix_fadvise"):
        with open(path, "rb") as source:
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
