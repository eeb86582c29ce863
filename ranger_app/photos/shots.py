"""Reads one picture off a card: its bytes once, hashed and kept, and what they say of time and place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ranger_app.domain.errors import DiskTrouble
from ranger_app.i18n import _
from ranger_app.photos.card import Found, LeftOut, cannot_be_read, is_gone, read_file, shown
from ranger_app.photos.header import Header, read_header
from ranger_app.photos.names import time_in_name
from ranger_app.storage.files import FileStore
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
    try:
        data, mtime_ns = read_file(found)
    except OSError as error:
        if is_gone(folder):
            raise CardGone from error
        return LeftOut(found.file, cannot_be_read(error))
    header = read_header(data)
    if header is None:
        return LeftOut(found.file, _("This is no picture that Ranger reads, or its beginning is damaged."))
    if mode is Mode.COPY:
        sha256 = files.add_bytes(data, settle=False).sha256
        _compare(files, found, sha256, data)
    elif shown(str(found.path)) != str(found.path):
        return LeftOut(found.file, _("The name holds letters that cannot be kept; rename it or copy it."))
    else:
        sha256 = hashlib.sha256(data).digest()
    in_name = None if header.exif.taken_local else time_in_name(found.name)
    return TakenShot(
        found=found,
        sha256=sha256,
        size_bytes=len(data),
        mtime_ns=mtime_ns,
        header=header,
        taken_local=in_name[0] if in_name else header.exif.taken_local,
        time_source="name" if in_name else "exif" if header.exif.taken_local else "",
        taken_raw=in_name[1] if in_name else header.exif.taken_raw,
        note=" ".join(_oddities(found, header, dated=bool(in_name or header.exif.taken_local))),
    )


def _compare(files: FileStore, found: Found, sha256: bytes, data: bytes) -> None:
    """Read the copy back; it must have the bytes that the card gave."""
    kept = files.find(sha256)
    if kept is None:
        return
    if hasattr(os, "posix_fadvise"):
        # The copy is on the disk already; what memory still holds of it would prove nothing.
        with open(kept.path, "rb") as copy:
            os.posix_fadvise(copy.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        with kept.open() as copy:
            same = copy.read(len(data) + 1) == data
    except NotAsWritten:
        same = False
    if not same:
        raise DiskTrouble(
            _("The copy of {file} does not read back as it was written.").format(file=found.file),
            _("The disk may be failing: save the workspace to another one. The card is untouched."),
        )


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
