"""Puts long files together from their pieces, which may come in any order and from several sticks."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import cbor2

from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told

MAX_FILE = 1 << 40  # bytes
MAX_PIECE = 16 << 20


class Pieces:
    """Long files under way in the workspace's cache; each is moved to the store when it is whole."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folder = workspace.cache / "pieces"

    def put(self, payload: bytes) -> int:
        """Take one piece; 1 when it made its file whole, else 0. An unsound piece is passed over."""
        try:
            sha256, size, start, piece = cbor2.loads(payload, max_depth=2)
        except (cbor2.CBORDecodeError, ValueError, TypeError):
            return 0
        if not _sound(sha256, size, start, piece) or self._workspace.files.has(sha256):
            return 0
        path = self._folder / sha256.hex()
        with disk_told(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
                out.seek(start)
                out.write(piece)
                if start + len(piece) < size and out.seek(0, os.SEEK_END) < size:
                    return 0
            with open(path, "rb") as whole:
                if hashlib.file_digest(whole, "sha256").digest() != sha256:
                    return 0
            self._workspace.files.add(path, settle=False)
            path.unlink()
        return 1


def _sound(sha256: Any, size: Any, start: Any, piece: Any) -> bool:
    return (
        isinstance(sha256, bytes)
        and len(sha256) == 32
        and type(size) is int
        and 0 < size <= MAX_FILE
        and type(start) is int
        and isinstance(piece, bytes)
        and 0 < len(piece) <= MAX_PIECE
        and 0 <= start <= size - len(piece)
    )
