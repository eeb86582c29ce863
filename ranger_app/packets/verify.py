"""Checks a packet of any origin: every hash, the signature, nothing extra, no tricks with paths."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from ranger_app.domain.errors import BadInput, KnownError
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.packets.manifest import (
    FILES_AT_MOST,
    MANIFEST,
    MANIFEST_BYTES_AT_MOST,
    Entry,
    Manifest,
    read_manifest,
    signature_fault,
)
from ranger_app.packets.names import is_safe_path

PIECE_BYTES = 1 << 20
PROBLEMS_AT_MOST = 200
DIRECTORY_BYTES_AT_MOST = 64_000_000
_TAIL_BYTES = 66_000  # the last record, its comment of at most 65,535 bytes, and the ZIP64 records before it
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about a packet. Good when there are no problems."""

    problems: tuple[str, ...]
    signed_by: str = ""
    files: int = 0

    @property
    def good(self) -> bool:
        return not self.problems


class _Store(Protocol):
    """A packet as a set of named files."""

    def names(self) -> list[str]: ...
    def faults(self) -> Iterator[str]: ...
    def size(self, name: str) -> int: ...
    def open(self, name: str) -> AbstractContextManager[IO[bytes]]: ...


def verify_packet(path: Path, *, work: Work | None = None) -> Verdict:
    """Check the packet at `path`, a zip file or a folder. Nothing is ever unpacked to disk.

    Raises `BadInput` when there is nothing at all that could be a packet.
    """
    with _opened(path) as store:
        problems = list(store.faults())
        try:
            manifest = _manifest(store)
        except KnownError as bad:
            return Verdict((*problems, bad.text))
        fault = signature_fault(manifest)
        if fault:
            problems.append(fault)
        there = set(store.names()) - {MANIFEST}
        listed = {entry.path for entry in manifest.entries}
        problems += [_("Not on the list: {name}.").format(name=_shown(one)) for one in sorted(there - listed)]
        for entry in (work or Work()).each(manifest.entries, len(manifest.entries), _("Checking the packet")):
            if entry.path not in there:
                problems.append(_("Missing: {name}.").format(name=entry.path))
            elif trouble := _trouble_with(store, entry):
                problems.append(trouble)
            if len(problems) >= PROBLEMS_AT_MOST:
                break
        return Verdict(tuple(problems[:PROBLEMS_AT_MOST]), manifest.signed_by, len(manifest.entries))


def _manifest(store: _Store) -> Manifest:
    if MANIFEST not in store.names():
        raise BadInput(_("There is no list of files (manifest.json), so this is no packet."))
    if store.size(MANIFEST) > MANIFEST_BYTES_AT_MOST:
        raise BadInput(_("The list of files (manifest.json) is larger than any packet's."))
    try:
        with store.open(MANIFEST) as source:
            return read_manifest(source.read(MANIFEST_BYTES_AT_MOST + 1))
    except (*_ZIP_FAULTS, OSError):
        raise BadInput(_("The list of files (manifest.json) cannot be read.")) from None


def _trouble_with(store: _Store, entry: Entry) -> str:
    """What is wrong with one file. Never reads more than its list says it has, so a bomb stays packed."""
    changed = _("Changed: {name}.").format(name=entry.path)
    if store.size(entry.path) != entry.size_bytes:
        return changed
    digest, left = hashlib.sha256(), entry.size_bytes + 1
    try:
        with store.open(entry.path) as source:
            while left > 0 and (piece := source.read(min(PIECE_BYTES, left))):
                digest.update(piece)
                left -= len(piece)
    except (*_ZIP_FAULTS, OSError):
        return _("Cannot be read: {name}.").format(name=entry.path)
    return "" if left == 1 and digest.digest() == entry.sha256 else changed


@contextmanager
def _opened(path: Path) -> Iterator[_Store]:
    if path.is_dir():
        yield _FolderStore(path)
        return
    if not path.is_file():
        raise BadInput(
            _("There is no packet “{name}”.").format(name=path.name or path),
            _("Check the name and that the stick is plugged in."),
        )
    try:
        _check_directory(path)
        archive = zipfile.ZipFile(path)
    except (*_ZIP_FAULTS, struct.error):
        raise BadInput(
            _("“{name}” is no packet: it is neither a folder nor a whole zip file.").format(name=path.name),
            _("Copy it again; it may have been cut short."),
        ) from None
    with archive:
        yield _ZipStore(archive)


def _check_directory(path: Path) -> None:
    """Refuse a zip file whose directory would fill the memory before anything of it could be judged.

    Layout of the last record by APPNOTE.TXT 4.3.16; ZIP64 puts the size into a record before it (4.3.14).
    """
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - _TAIL_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    size = struct.unpack_from("<I", tail, at + 12)[0] if at >= 0 else 0
    large = tail.rfind(b"PK\6\6", 0, max(at, 0))
    if size == 0xFFFFFFFF and large >= 0:
        size = struct.unpack_from("<Q", tail, large + 40)[0]
    if at < 0 or size > DIRECTORY_BYTES_AT_MOST:
        raise zipfile.BadZipFile


class _ZipStore:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._infos = {info.filename: info for info in archive.infolist()[: FILES_AT_MOST + 1]}

    def names(self) -> list[str]:
        return list(self._infos)

    def faults(self) -> Iterator[str]:
        infos = self._archive.infolist()
        if len(infos) > FILES_AT_MOST:
            yield _("The zip file holds more files than any packet.")
        if len(self._infos) < min(len(infos), FILES_AT_MOST):
            yield _("The zip file holds a name twice.")
        for name, info in list(self._infos.items())[:PROBLEMS_AT_MOST]:
            mode = info.external_attr >> 16
            if stat.S_ISLNK(mode) or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
                yield _("Not a plain file: {name}.").format(name=_shown(name))
            if info.flag_bits & 0x1:
                yield _("Locked with a password: {name}.").format(name=_shown(name))
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                yield _("Packed in an unusual way: {name}.").format(name=_shown(name))
            if not is_safe_path(name) or name != info.orig_filename:
                yield _("A name that leads out of the packet: {name}.").format(name=_shown(name))

    def size(self, name: str) -> int:
        return self._infos[name].file_size

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        return self._archive.open(self._infos[name])


class _FolderStore:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: list[str] = []
        self._odd: list[str] = []
        self._walk(root, "", 0)

    def _walk(self, folder: Path, before: str, depth: int) -> None:
        for one in sorted(os.scandir(folder), key=lambda entry: entry.name):
            name = before + one.name
            if one.is_dir(follow_symlinks=False) and depth < 8:
                self._walk(Path(one.path), f"{name}/", depth + 1)
            elif one.is_file(follow_symlinks=False) and len(self._names) <= FILES_AT_MOST:
                self._names.append(name)
            else:
                self._odd.append(name)

    def names(self) -> list[str]:
        return self._names

    def faults(self) -> Iterator[str]:
        for name in self._odd[:PROBLEMS_AT_MOST]:
            yield _("Not a plain file: {name}.").format(name=_shown(name))

    def size(self, name: str) -> int:
        return (self._root / name).lstat().st_size

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        return (self._root / name).open("rb")


def _shown(name: str) -> str:
    return repr(name)[1:-1][:120]
