"""Puts long files together from their pieces, which may come in any order and from several sticks."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ranger_app.security.untrusted import read_cbor
from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told

PIECE_BYTES = 8 << 20
"""Every piece of a file but the last has this size."""
MAX_FILE = 1 << 40  # bytes


class Pieces:
    """Long files under way in the workspace's cache, each piece a file of its own, so that what is there
    is known without trusting anybody; a file is moved to the store when all of its pieces are."""

    def __init__(self, workspace: Workspace) -> None:
        self._files = workspace.files
        self._home = workspace.folder
        self._folder = workspace.cache / "pieces"

    def put(self, payload: bytes) -> int:
        """Take one piece; 1 when it made its file whole, else 0. An unsound piece is passed over, and so are
        all pieces of a file that does not come out as its name says."""
        found = read_piece(payload)
        if found is None or self._files.has(found.sha256):
            return 0
        sha256, size, start, piece = found.sha256, found.size, found.start, found.body
        folder = self._folder / f"{sha256.hex()}-{size}"
        with disk_told(self._home):
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / str(start), self._files.covered(piece, _name(sha256, start)))
            starts = range(0, size, PIECE_BYTES)
            if sum(name.isdecimal() for name in os.listdir(folder)) < len(starts):
                return 0
        return self._join(folder, sha256, starts)

    def _join(self, folder: Path, sha256: bytes, starts: range) -> int:
        whole = self._files.add_pieces(
            (self._files.cached(folder / str(start), _name(sha256, start)) for start in starts), sha256
        )
        shutil.rmtree(folder, ignore_errors=True)
        return int(whole)


def _name(sha256: bytes, start: int) -> bytes:
    return b"piece" + sha256 + start.to_bytes(8, "big")


def _write(path: Path, piece: bytes) -> None:
    aside = path.with_suffix(".new")
    try:
        aside.write_bytes(piece)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a long file: of which, how long that is, and where in it this belongs."""

    sha256: bytes
    size: int
    start: int
    body: bytes


def read_piece(untrusted: bytes) -> Piece | None:
    """A piece from bytes of any origin; None when it is none."""
    try:
        return _sound(*read_cbor(untrusted, depth=2))
    except (ValueError, TypeError):
        return None


def _sound(sha256: Any, size: Any, start: Any, piece: Any) -> Piece:
    if (
        type(sha256) is not bytes
        or len(sha256) != 32
        or type(size) is not int
        or not 0 < size <= MAX_FILE
        or type(start) is not int
        or start not in range(0, size, PIECE_BYTES)
        or type(piece) is not bytes
        or len(piece) != min(PIECE_BYTES, size - start)
    ):
        raise ValueError("not a piece of a file")
    return Piece(sha256, size, start, piece)
