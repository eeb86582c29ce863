"""Uploads into a workspace of the hub's folder: what is half here lies in its cache, by laptop."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

from ranger_app.domain.errors import NotFound
from ranger_app.hub import bounds
from ranger_app.hub.shelf import BATCH, FILE, GATHERED, not_the_file
from ranger_app.i18n import _
from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told


class FolderUpload:
    """One upload that is coming in."""

    def __init__(
        self, workspace: Workspace, caller: bytes, sha256: bytes, kind: str, length: int, gathers: int
    ) -> None:
        self.held = kind == FILE and workspace.files.has(sha256)
        self._workspace = workspace
        self._sha256 = sha256
        self._kind = kind
        self._length = length
        self._gathers = gathers
        self._aside = aside(workspace, caller, sha256)
        self._caller = caller
        self._at = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def begin(self) -> int:
        if self.held:
            return self._length
        self._at = size_of(self._aside)
        bounds.need_room(self._workspace.folder, self._length - self._at)
        if not self._at:
            _make_way(self._aside.parent, self._caller)
        return self._at

    def gather(self, piece: bytes) -> bool:
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        return self._waiting_bytes >= (self._gathers if self._comes_in_one_go() else GATHERED)

    def _comes_in_one_go(self) -> bool:
        return self._kind == FILE and self._at == 0 and self._length <= self._gathers

    def write(self) -> None:
        if not self._waiting:
            return
        whole, self._waiting, self._waiting_bytes = b"".join(self._waiting), [], 0
        with disk_told(self._workspace.folder):
            self._aside.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self._aside, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
                out.seek(self._at)
                out.write(whole)
        self._at += len(whole)

    def end(self) -> tuple[int, bool]:
        if self._comes_in_one_go() and self._waiting_bytes == self._length:
            whole = b"".join(self._waiting)
            if hashlib.sha256(whole).digest() != self._sha256:
                raise not_the_file()
            self._workspace.files.add_bytes(whole)
            return self._length, True
        self.write()
        if self._at < self._length or not (self._aside.exists() or self._length == 0):
            return self._at, False
        if self._kind == BATCH:
            return self._at, True  # its hash is looked at when it is taken up
        with disk_told(self._workspace.folder):
            self._aside.touch()
        if not self._workspace.files.adopt(self._aside, self._sha256):
            self._aside.unlink(missing_ok=True)
            raise not_the_file()
        self._workspace.files.settle()
        return self._at, True


def take_up(workspace: Workspace, caller: bytes, sha256: bytes, *, at_most: int) -> bytes:
    """A batch that was uploaded before; it is taken away."""
    path = aside(workspace, caller, sha256)
    if not path.is_file():
        raise NotFound(_("No such upload has come through."))
    with disk_told(path), open(path, "rb") as source:
        raw = source.read(at_most + 1)
    path.unlink(missing_ok=True)
    if hashlib.sha256(raw).digest() != sha256:
        raise not_the_file()
    return raw


def aside(workspace: Workspace, caller: bytes, sha256: bytes) -> Path:
    """Where a laptop's upload lies until it is whole."""
    return workspace.cache / "uploads" / f"{caller.hex()}-{sha256.hex()}"


def size_of(path: Path) -> int:
    """Its bytes; 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _make_way(folder: Path, caller: bytes) -> None:
    """Throw away old unfinished uploads, and refuse a laptop that leaves too many."""
    mine, now = 0, time.time()
    for path in folder.glob("*-*"):
        with suppress(FileNotFoundError):
            if now - path.stat().st_mtime > bounds.UNDER_WAY_S:
                path.unlink()
            elif path.name.startswith(caller.hex()):
                mine += 1
    if mine >= bounds.MAX_UNDER_WAY:
        raise bounds.too_many_uploads()
