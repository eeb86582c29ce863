"""Keeps files several at a time: a disk makes many durable in little more than the time of one."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from ranger_app.photos.thumbnails import drop_thumbnail
from ranger_app.storage import Workspace
from ranger_app.storage.changes.erasing import erased_files
from ranger_app.storage.files import StoredFile
from ranger_app.storage.wiping import drop_files

AT_ONCE = 6
MAX_WAITING = 24 << 20
"""Bytes of files that are held in memory until they are on the disk."""


class Keeping:
    """Files under way into the store of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="keeping")
        self._waiting: deque[tuple[int, Future[int]]] = deque()
        self._bytes = 0

    def put(self, content: bytes) -> int:
        """Have a file kept; returns how many of those before it were new and are kept by now."""
        new = 0
        while self._waiting and self._bytes + len(content) > MAX_WAITING:
            new += self._first()
        self._waiting.append((len(content), self._threads.submit(self._keep, content)))
        self._bytes += len(content)
        return new

    def finish(self) -> int:
        """Wait for all of them, and make their names durable; returns how many more were new. What was erased
        for good does not stay, though a stick from before brought it."""
        new = 0
        while self._waiting:
            new += self._first()
        self._workspace.files.settle()
        with self._workspace.reading_raw() as database:
            gone = erased_files(database)
        drop_files(self._workspace.cache, self._workspace.files, gone)
        return new

    def __enter__(self) -> Keeping:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _first(self) -> int:
        size, kept = self._waiting.popleft()
        self._bytes -= size
        return kept.result()

    def _keep(self, content: bytes) -> int:
        file = StoredFile(hashlib.sha256(content).digest(), len(content))
        if self._workspace.files.holds(file):
            return 0
        self._workspace.files.add_bytes(content, settle=False, hashed=file)
        drop_thumbnail(self._workspace, file.sha256)
        return 1
