"""What a hub with a folder hands on and does not read: strays in the site's workspace, the rest beside it."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import cbor2

from ranger_app.durable import flush_folder, make_folder
from ranger_app.hub.folder_uploads import take_up
from ranger_app.hub.shelf import Sealed
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told
from ranger_app.storage.strays import MAX_STRAY, keep_strays, measure_stray, read_stray, stray_hashes

WORDS, SEALED = "words", "sealed"
_MAX_NOTE = 1 << 20  # bytes of what is noted of one sealed bundle


class FolderHandedOn:
    """See `shelf.HandedOn`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    # -- records that nobody here can read

    def strays(self) -> list[bytes]:
        return stray_hashes(self._workspace)

    def measure_stray(self, sha256: bytes) -> tuple[int, int] | None:
        return measure_stray(self._workspace, sha256)

    def read_stray(self, sha256: bytes, start: int, end: int) -> bytes:
        return read_stray(self._workspace, sha256, start, end)

    def keep_stray(self, sha256: bytes, type_: int, payload: bytes) -> bool:
        return keep_strays(self._workspace, [(sha256, type_, payload)]) == 0

    def keep_uploaded_stray(self, caller: bytes, sha256: bytes, type_: int) -> bool:
        return self.keep_stray(sha256, type_, take_up(self._workspace, caller, sha256, at_most=MAX_STRAY))

    # -- what laptops sign of themselves

    def words(self) -> list[bytes]:
        folder = self._workspace.folder / WORDS
        with disk_told(folder):
            return [path.read_bytes() for path in sorted(folder.glob("*.cbor"))]

    def keep_word(self, device: bytes, word: bytes) -> None:
        put_note(self._workspace.folder / WORDS / f"{device.hex()}.cbor", word)

    # -- sealed bundles

    def sealed(self) -> list[Sealed]:
        folder = self._workspace.folder / SEALED
        with disk_told(folder):
            found = [_sealed_in(path) for path in sorted(folder.glob("*.cbor"))]
        return [one for one in found if one is not None]

    def keep_sealed(self, sha256: bytes, listed: bytes, brought_by: bytes) -> None:
        if not self._path(sha256).exists():
            self._note(Sealed(sha256, listed, brought_by, {}))

    def sign_sealed(self, sha256: bytes, device: bytes, signed: bytes) -> None:
        found = _sealed_in(self._path(sha256))
        if found is not None:
            self._note(Sealed(sha256, found.listed, found.brought_by, {**found.signed, device: signed}))

    def drop_sealed(self, sha256: bytes) -> None:
        with disk_told(self._workspace.folder):
            self._path(sha256).unlink(missing_ok=True)

    def _note(self, one: Sealed) -> None:
        signed: dict[bytes, bytes] = {**one.signed}
        put_note(self._path(one.sha256), cbor2.dumps([one.listed, one.brought_by, signed]))

    def _path(self, sha256: bytes) -> Path:
        return self._workspace.folder / SEALED / f"{sha256.hex()}.cbor"


def _sealed_in(path: Path) -> Sealed | None:
    with suppress(OSError, ValueError, TypeError):
        with open(path, "rb") as source:
            listed, brought_by, signed = read_cbor(source.read(_MAX_NOTE), depth=3)
        return Sealed(bytes.fromhex(path.stem), listed, brought_by, signed)
    return None


def put_note(path: Path, content: bytes, *, for_good: bool = True) -> None:
    """Write a small file of the hub's own in the place of the one before; a note that no laptop relies upon
    need not be there for good when this returns."""
    note = path.with_suffix(f".{threading.get_ident()}.new")
    with disk_told(path.parent):
        if not for_good:
            path.parent.mkdir(exist_ok=True)
            note.write_bytes(content)
            os.replace(note, path)
            return
        make_folder(path.parent)
        with open(note, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(note, path)
        flush_folder(path.parent)
