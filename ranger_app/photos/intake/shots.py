"""Reads one picture off a card: its bytes once, hashed and kept, and what they say of time and place."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from ranger_app.domain.errors import BadInput, DiskTrouble
from ranger_app.i18n import _
from ranger_app.inference.clips import SIGN_BYTES, clip_format
from ranger_app.photos.intake.card import (
    PHOTO_BYTES_AT_MOST,
    Found,
    LeftOut,
    cannot_be_read,
    is_gone,
    opened,
    shown,
)
from ranger_app.photos.intake.header import Header, clip_header, read_header
from ranger_app.photos.intake.names import time_in_name
from ranger_app.storage.faults import disk_told
from ranger_app.storage.files import FileStore, StoredFile
from ranger_app.storage.sealed_file import NotAsWritten

ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
    "video/mp4": (".mp4", ".m4v", ".mov", ".3gp"),
    "video/quicktime": (".mov", ".mp4"),
    "video/x-msvideo": (".avi",),
    "video/x-matroska": (".mkv",),
    "video/x-ms-asf": (".wmv", ".asf"),
    "video/mpeg": (".mpg", ".mpeg"),
    "video/mp2t": (".ts", ".mts"),
}


_PIECE = 128 << 10  # bytes of a copy that are compared at once


class Mode(StrEnum):
    """What becomes of the originals; they are never changed either way."""

    COPY = "copy"
    """Copied into the workspace, and the copy read back and compared."""
    LINK = "link"
    """Left where they are; the workspace remembers where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenShot:
    """A picture that was read; its bytes are kept, or lie where they lay."""

    found: Found
    sha256: bytes
    size_bytes: int
    mtime_ns: int
    header: Header
    taken_local: datetime | None
    time_source: str
    """exif, name, or empty when nothing says the time."""
    taken_raw: str
    note: str


class CardGone(Exception):
    """The card was pulled out, or its folder moved, while it was being read."""


def take_shot(files: FileStore, folder: Path, found: Found, *, mode: Mode) -> TakenShot | LeftOut:
    """Read one file of the card in `folder`; in COPY mode its bytes are in the store afterwards.

    The store still has to be settled before a record may speak of the file. Raises `CardGone`, and
    `DiskTrouble` when the store cannot take it.
    """
    if mode is Mode.LINK and shown(str(found.path)) != str(found.path):
        return LeftOut(found.file, _("The name holds letters that cannot be kept; rename it or copy it."))
    try:
        with opened(found) as (file, about):
            start = file.read(SIGN_BYTES)
            if clip_format(start):
                came = _take_clip(files, found, file, about.st_size, mode)
            elif about.st_size > PHOTO_BYTES_AT_MOST:
                return LeftOut(found.file, _("The file is too large for a picture."))
            else:
                came = _take_picture(files, found, start + file.read(about.st_size - len(start)), mode)
    except OSError as error:
        if is_gone(folder):
            raise CardGone from error
        return LeftOut(found.file, cannot_be_read(error))
    if came is None:
        return LeftOut(found.file, _("This is no picture that Ranger reads, or its beginning is damaged."))
    header, stored = came
    in_name = None if header.exif.taken_local else time_in_name(found.name)
    return TakenShot(
        found=found,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        mtime_ns=about.st_mtime_ns,
        header=header,
        taken_local=in_name[0] if in_name else header.exif.taken_local,
        time_source="name" if in_name else "exif" if header.exif.taken_local else "",
        taken_raw=in_name[1] if in_name else header.exif.taken_raw,
        note=" ".join(_oddities(found, header, dated=bool(in_name or header.exif.taken_local))),
    )


def _take_picture(
    files: FileStore, found: Found, data: bytes, mode: Mode
) -> tuple[Header, StoredFile] | None:
    """A picture, which memory holds; None when it is none."""
    header = read_header(data)
    if header is None:
        return None
    if mode is Mode.LINK:
        return header, StoredFile(hashlib.sha256(data).digest(), len(data))
    stored = files.add_bytes(data, settle=False)
    _compare(files, found, stored, data)
    return header, stored


def _take_clip(
    files: FileStore, found: Found, file: BufferedReader, size_bytes: int, mode: Mode
) -> tuple[Header, StoredFile] | None:
    """A clip, of which memory never holds more than a piece; None when it is none."""
    header = clip_header(file)
    if header is None:
        return None
    file.seek(0)
    if mode is Mode.LINK:
        return header, StoredFile(hashlib.file_digest(file, "sha256").digest(), size_bytes)
    source = cast("BinaryIO", _OffTheCard(file))
    try:
        stored = files.add_stream(source, name=found.path, settle=False, limit_bytes=size_bytes)
    except _CardFault as fault:
        raise fault.error from fault
    except BadInput as error:
        raise OSError(errno.EINVAL, _("it changed meanwhile")) from error
    _compare(files, found, stored)
    return header, stored


class _CardFault(Exception):
    """The card failed, and not the disk that the file is copied to."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class _OffTheCard:
    """A file on the card while it is copied: its faults are told from those of the store."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, count: int) -> bytes:
        try:
            return self._file.read(count)
        except OSError as error:
            raise _CardFault(error) from error


def _compare(files: FileStore, found: Found, stored: StoredFile, data: bytes | None = None) -> None:
    """Read the copy back; it must have the bytes that the card gave, or at least their hash."""
    kept = files.find(stored.sha256)
    if kept is None:
        return
    with disk_told(kept.path):
        if hasattr(os, "posix_fadvise"):
            # The copy is on the disk already; what memory still holds of it would prove nothing.
            with open(kept.path, "rb") as copy:
                os.posix_fadvise(copy.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        try:
            with kept.open() as copy:
                if data is None:
                    same = hashlib.file_digest(copy, "sha256").digest() == stored.sha256
                else:
                    same = _reads_as(copy, data)
        except NotAsWritten:
            same = False
    if not same:
        raise DiskTrouble(
            _("The copy of {file} does not read back as it was written.").format(file=found.file),
            _("The disk may be failing: save the workspace to another one. The card is untouched."),
        )


def _reads_as(source: BufferedReader, data: bytes) -> bool:
    """Whether this is what `source` gives, compared while each piece is still near the processor."""
    piece, at = bytearray(_PIECE), 0
    with memoryview(data) as view:
        while got := source.readinto(piece):
            # The bytearray comes first: a view would be compared byte by byte.
            if (piece if got == _PIECE else piece[:got]) != view[at : at + got]:
                return False
            at += got
    return at == len(data)


def _oddities(found: Found, header: Header, *, dated: bool) -> Iterator[str]:
    """A sentence for each thing that a person should know of the file."""
    ending = os.path.splitext(found.name)[1].lower()
    if ending not in ENDINGS[header.media_type]:
        kind = header.media_type.partition("/")[2].upper()
        yield _("The name does not say so, but this is a {kind} picture.").format(kind=kind)
    if not header.whole:
        yield _("The file is cut off, so a part of the picture is missing.")
    if header.channels == 4:
        yield _("The picture is in printing colours (CMYK).")
    if header.exif.damaged:
        yield _("A part of what the camera wrote beside the picture (Exif) is damaged.")
    if not dated:
        yield _("Nothing says when the picture was taken.")
