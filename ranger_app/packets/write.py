"""Writes a packet as a zip file or a folder: aside first, then renamed, so never half of one."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from ranger_app.domain.errors import DiskTrouble, Refused, Unfinished
from ranger_app.domain.readable import Readable, size_of
from ranger_app.durable import flush_folder
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.packets.manifest import CONTENT, MANIFEST, Entry

PIECE_BYTES = 1 << 20
LEFT_OVER_AFTER_S = 24 * 3600.0
FAT32_FILE_BYTES = (4 << 30) - 1
"""The largest file that FAT32, the format of most sticks, can hold."""
_ALREADY_PACKED = (".jpg", ".jpeg", ".png", ".pdf", ".zip", ".mp4", ".mov", ".mp3", ".m4a", ".webp", ".gif")
_PACKED_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file to write: its content when it is asked for, or a file whose SHA-256 was recorded."""

    path: str
    load: Callable[[], bytes | None] | None = None
    source: Readable | None = None
    sha256: bytes | None = None
    """Of `source`, as the site knows it; a file that has changed since is refused."""
    class_: str = CONTENT


@dataclass(frozen=True, slots=True)
class Written:
    """A packet on disk."""

    path: Path
    bytes: int


class _Carrier(Protocol):
    """Takes files one after the other."""

    def open(self, path: str, size_bytes: int) -> AbstractContextManager[IO[bytes]]: ...


def write_packet(
    target: Path,
    parts: Sequence[Part],
    *,
    manifest: Callable[[tuple[Entry, ...]], bytes],
    made_at: datetime,
    as_folder: bool,
    replace: bool,
    work: Work,
) -> Written:
    """Write all parts and then the manifest that `manifest` makes of them.

    Raises `Refused` when something is at `target` and `replace` is not set, `DiskTrouble` when the disk is
    full or cannot be written, `Unfinished` when a file changed while it was read.
    """
    target = target.absolute()
    if target.exists():
        _check_replaceable(target, as_folder=as_folder, replace=replace)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        with _carrier(aside, made_at, as_folder=as_folder) as carrier:
            entries = tuple(
                _write_part(carrier, part) for part in work.each(parts, len(parts), _("Writing the packet"))
            )
            listed = manifest(entries)
            with carrier.open(MANIFEST, len(listed)) as out:
                out.write(listed)
        size = _size(aside)
        _put_in_place(aside, target)
    except OSError as error:
        raise DiskTrouble(
            _("The packet could not be written to {folder}: {reason}.").format(
                folder=target.parent, reason=error.strerror or error
            ),
            _("Free some space, or choose another place. Nothing was left half-written."),
        ) from error
    finally:
        with suppress(OSError):
            _clear(aside)
    return Written(target, size)


def too_large_for_a_stick(written: Written) -> str:
    """A sentence when FAT32 cannot hold the packet in one file; empty when it can."""
    if written.path.is_file() and written.bytes > FAT32_FILE_BYTES:
        return _(
            "The packet is larger than 4 GB, which most sticks (FAT32) cannot hold in one file: "
            "write it as a folder instead."
        )
    return ""


# ---- one part


def _write_part(carrier: _Carrier, part: Part) -> Entry:
    digest, size = hashlib.sha256(), 0
    content = part.load() if part.load is not None else None
    expected = len(content) if content is not None else _size_of_source(part)
    with carrier.open(part.path, expected) as out:
        for piece in _pieces(part, content):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    if part.sha256 is not None and digest.digest() != part.sha256:
        raise _changed(part)
    return Entry(path=part.path, sha256=digest.digest(), size_bytes=size, class_=part.class_)


def _pieces(part: Part, content: bytes | None) -> Iterator[bytes]:
    if content is not None:
        yield content
        return
    if part.source is None:
        raise _changed(part)
    with part.source.open("rb") as source:
        while piece := source.read(PIECE_BYTES):
            yield piece


def _size_of_source(part: Part) -> int:
    return size_of(part.source) if part.source is not None else 0


def _changed(part: Part) -> Unfinished:
    return Unfinished(
        _("A file of evidence changed while the packet was written: {path}.").format(path=part.path),
        _("Let nothing else write to the workspace, and try again."),
    )


# ---- carriers


@contextmanager
def _carrier(aside: Path, made_at: datetime, *, as_folder: bool) -> Iterator[_Carrier]:
    if as_folder:
        aside.mkdir()
        yield _Folder(aside)
        return
    with aside.open("wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            yield _Zip(archive, made_at)
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class _Zip:
    archive: zipfile.ZipFile
    made_at: datetime

    @contextmanager
    def open(self, path: str, size_bytes: int) -> Iterator[IO[bytes]]:
        info = zipfile.ZipInfo(path, self.made_at.timetuple()[:6])
        info.create_system = 3  # the same bytes on every system
        info.external_attr = 0o644 << 16
        packed = path.lower().endswith((*_ALREADY_PACKED, *_PACKED_OFFICE))
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.file_size = size_bytes
        with self.archive.open(info, "w", force_zip64=size_bytes > 1 << 30) as out:
            yield out


@dataclass(frozen=True, slots=True)
class _Folder:
    root: Path

    @contextmanager
    def open(self, path: str, size_bytes: int) -> Iterator[IO[bytes]]:
        target = self.root.joinpath(*path.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())


# ---- places


def _check_replaceable(target: Path, *, as_folder: bool, replace: bool) -> None:
    if as_folder and target.is_dir() and not any(target.iterdir()):
        return
    if not replace:
        raise Refused(
            _("“{name}” is there already.").format(name=target.name),
            _("Choose another name, or say --replace to write over it."),
        )
    if as_folder != target.is_dir() or (as_folder and not (target / MANIFEST).is_file()):
        raise Refused(
            _("“{name}” is no packet, so it is not written over.").format(name=target.name),
            _("Choose another name."),
        )


def _put_in_place(aside: Path, target: Path) -> None:
    if target.is_dir():  # a folder cannot be renamed over another one
        old = target.with_name(f".{target.name}.{os.getpid()}.old")
        os.replace(target, old)
        os.replace(aside, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(aside, target)
    with suppress(OSError):  # some systems cannot flush a folder
        flush_folder(target.parent)


def _sweep(target: Path) -> None:
    """Remove what a killed run left beside the target; one that may still be at work is younger."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        if time.time() - left.stat().st_mtime > LEFT_OVER_AFTER_S:
            _clear(left)


def _clear(aside: Path) -> None:
    if aside.is_dir():
        shutil.rmtree(aside)
    else:
        aside.unlink(missing_ok=True)


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
