"""Puts files on a stick so that they are there: written aside, flushed, renamed, and read back."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import DiskTrouble
from ranger_app.durable import flush_folder
from ranger_app.i18n import _
from ranger_app.storage.faults import disk_told

Write = Callable[[bytes | memoryview], object]
_ASIDE = ".TMP"
_BUFFER = 256 << 10  # bytes; what is sealed comes in larger pieces, and goes to the system as it is


@dataclass(frozen=True, slots=True)
class OnStick:
    """A file on a stick, by what was written to it."""

    name: str
    size_bytes: int
    sha256: bytes


class StickFolder:
    """One bundle's folder on a stick. Nothing half-written ever has the name of something whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stick = folder.parent.parent
        self.bytes = 0

    def put(self, name: str, fill: Callable[[Write], None]) -> OnStick:
        """Write a file: `fill` is handed a way to write. `DiskTrouble` when the stick is full, gone or does
        not hold what was written to it."""
        return self.name(self.put_aside(name, fill))

    def put_aside(self, name: str, fill: Callable[[Write], None]) -> OnStick:
        """The first half: everything is written, and nothing is sure. Gone again if it fails."""
        digest, size = hashlib.sha256(), 0
        try:
            with disk_told(self.stick), open(self._aside(name), "wb", buffering=_BUFFER) as out:

                def write(piece: bytes | memoryview) -> None:
                    nonlocal size
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)

                fill(write)
        except BaseException:
            self._drop_aside(name)
            raise
        return OnStick(name, size, digest.digest())

    def name(self, aside: OnStick) -> OnStick:
        """The second half: flushed, given its name, and read back."""
        target, back = self.folder / aside.name, b""
        try:
            with disk_told(self.stick):
                with open(self._aside(aside.name), "rb+") as written:
                    os.fsync(written.fileno())
                os.replace(self._aside(aside.name), target)
                flush_folder(self.folder)
                forget_cached(target)
                back = hash_of_file(target)
        finally:
            self._drop_aside(aside.name)
        if back != aside.sha256:
            raise DiskTrouble(
                _("“{name}” does not hold what was written to it.").format(name=self.stick.name),
                _("The stick is failing; use another one."),
            )
        self.bytes += aside.size_bytes
        return aside

    def _aside(self, name: str) -> Path:
        return (self.folder / name).with_suffix(_ASIDE)

    def _drop_aside(self, name: str) -> None:
        with suppress(OSError):  # the stick is gone: what led here is the error to tell
            self._aside(name).unlink(missing_ok=True)

    def clear_aside(self) -> None:
        """Throw away what a killed program was writing."""
        with disk_told(self.stick):
            for left in self.folder.glob(f"*{_ASIDE}"):
                left.unlink(missing_ok=True)


def free_bytes(place: Path) -> int:
    """Room at a place that may not be there yet."""
    while not place.exists() and place != place.parent:
        place = place.parent
    with disk_told(place):
        return shutil.disk_usage(place).free


def hash_of_file(path: Path) -> bytes:
    """SHA-256 of a file."""
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").digest()


def forget_cached(path: Path) -> None:
    """Ask the system to read the file from the disk next time, not from its memory."""
    if hasattr(os, "posix_fadvise"):
        with open(path, "rb") as source:
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
