"""Hands out the records in a file of a bundle, sealed or plain, and says what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ranger_app.security.sealing import BrokenSeal, is_sealed, unseal_stream
from ranger_app.sync.bundles.frames import Frame, FrameFlow, frames


@dataclass(slots=True)
class FileRead:
    """One file of a bundle as it was found."""

    sealed: bool
    size_bytes: int
    sha256: bytes = b""
    """Empty when it did not read to its end."""
    damaged: int = 0


def read_records(
    path: Path,
    secrets: Sequence[str],
    take: Callable[[Frame], None],
    *,
    at_most: int,
    sealed_only: bool = False,
) -> FileRead | None:
    """Hand every sound record to `take`, one at a time and whatever the file's size.

    None for what is no file, is longer than it may be, or is plain where only what is sealed belongs.
    `NotForUs` when it is sealed and none of the secrets opens it; OSError when it does not read. What `take`
    raises leaves as it is.
    """
    if not path.is_file():
        return None
    with open(path, "rb") as source:
        begin = source.read(64)
        size = source.seek(0, 2)
        source.seek(0)
        found = FileRead(is_sealed(begin), size)
        if size > at_most or (sealed_only and not found.sealed):
            return None
        if found.sealed:
            _read_sealed(source, secrets, take, found)
        else:
            found.sha256 = hashlib.file_digest(source, "sha256").digest()
            for frame in frames(source):
                if frame is None:
                    found.damaged += 1
                else:
                    take(frame)
    return found


def _read_sealed(
    source: BinaryIO, secrets: Sequence[str], take: Callable[[Frame], None], found: FileRead
) -> None:
    flow = FrameFlow(take)
    with _Hashed(source) as hashed:
        try:
            unseal_stream(hashed, flow.write, secrets)
        except BrokenSeal:
            found.damaged += 1
            return
        flow.end()
        found.damaged += flow.damaged
        found.sha256 = hashed.digest()


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hashing")
        self._hashing: Future[None] | None = None
        self._sha256 = hashlib.sha256()
        self._hashed = 0

    def read(self, size: int = -1) -> bytes:
        at, piece = self._source.tell(), self._source.read(size)
        if at + len(piece) > self._hashed:
            self._wait()
            # On another core, while this one opens what was read.
            self._hashing = self._thread.submit(self._sha256.update, piece[max(0, self._hashed - at) :])
            self._hashed = at + len(piece)
        return piece

    def seek(self, place: int) -> int:
        """Go back; what was hashed is not hashed again."""
        return self._source.seek(place)

    def digest(self) -> bytes:
        """SHA-256 of the file up to where it was read."""
        self._wait()
        return self._sha256.digest()

    def __enter__(self) -> _Hashed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True)

    def _wait(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None
