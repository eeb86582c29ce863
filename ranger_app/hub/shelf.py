"""The workspaces of a hub, one for each site: what is in one is never within reach of another's laptops."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ranger_app.domain.ids import Id, id_text, parse_id
from ranger_app.storage import Workspace
from ranger_app.storage.engine import flush_folder
from ranger_app.storage.faults import disk_told

MAX_OPEN = 32
"""Workspaces that stay open between questions."""
SITES = "sites"


class Shelf:
    """Opens the workspace of a site when it is asked for. From any thread, but for `writing_to`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / SITES
        self._guard = threading.Lock()
        self._open: OrderedDict[bytes, Workspace] = OrderedDict()
        self._users: dict[bytes, int] = {}
        self._opening: dict[bytes, threading.Lock] = {}
        self._writing: dict[bytes, asyncio.Lock] = {}

    def has(self, stream: bytes) -> bool:
        """Whether something was ever kept of this stream."""
        return self._path(stream).is_dir()

    @contextmanager
    def open(self, stream: bytes) -> Iterator[Workspace]:
        """The workspace of a site, made when the site is new here."""
        with self._guard:
            self._users[stream] = self._users.get(stream, 0) + 1
            opening = self._opening.setdefault(stream, threading.Lock())
        try:
            with opening:  # one that has to be brought up to date first holds up its own site only
                workspace = self._open.get(stream) or self._take_down(stream)
                with self._guard:
                    self._open[stream] = workspace
                    self._open.move_to_end(stream)
            yield workspace
        finally:
            with self._guard:
                self._users[stream] -= 1
                self._put_back()

    def writing_to(self, stream: bytes) -> asyncio.Lock:
        """Held by the one request that writes to a stream, so that those which wait keep no thread busy."""
        return self._writing.setdefault(stream, asyncio.Lock())

    def streams(self) -> list[bytes]:
        """Every stream that something was kept of."""
        return sorted(parse_id(path.stem) for path in self._folder.glob("*-*-*-*-*.ranger"))

    def close(self) -> None:
        """Let go of all of them."""
        with self._guard:
            while self._open:
                self._open.popitem()[1].close()

    def _path(self, stream: bytes) -> Path:
        return self._folder / f"{id_text(Id(stream))}.ranger"

    def _take_down(self, stream: bytes) -> Workspace:
        path = self._path(stream)
        if not path.is_dir():
            self._make(path)
        return Workspace.open(path)

    def _make(self, path: Path) -> None:
        """Made aside and renamed, so that a hub that is killed meanwhile leaves nothing half-made."""
        aside = path.with_suffix(".new")
        with disk_told(path):
            shutil.rmtree(aside, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            Workspace.create(aside, site=None).close()
            os.replace(aside, path)
            flush_folder(self._folder)

    def _put_back(self) -> None:
        spare = len(self._open) - MAX_OPEN
        for stream in [s for s in self._open if not self._users.get(s)][: max(spare, 0)]:
            self._open.pop(stream).close()
            self._users.pop(stream)
