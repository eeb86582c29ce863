"""The hub's own folder as its shelf: an ordinary workspace for each site, open to one process."""

from __future__ import annotations

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import Id, id_text, parse_id
from ranger_app.domain.members import Member
from ranger_app.durable import flush_folder, make_folder
from ranger_app.hub.bounds import need_room
from ranger_app.hub.folder_handed_on import FolderHandedOn, put_note
from ranger_app.hub.folder_uploads import FolderUpload, aside, size_of, take_up
from ranger_app.hub.shelf import READ_AT_ONCE, HandedOn, Holdings, Visit
from ranger_app.jobs import Work
from ranger_app.security.entries import SignedEntry
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.changes.withholding import wants_all
from ranger_app.storage.exchange.carrying import (
    Reaches,
    Run,
    directory_here,
    member_here,
    member_in,
    reaches,
    run_above,
    standing_here,
    weigh,
)
from ranger_app.storage.exchange.exchanging import take
from ranger_app.storage.faults import disk_told
from ranger_app.storage.looking import looking_at
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.pieces import Pieces

MAX_OPEN = 32
"""Workspaces that stay open between questions."""
SITES = "sites"
VISITS = "visits"
MAX_VISIT = 8 << 20  # bytes of a note; a receipt for changes is much smaller


class FolderPlace:
    """A site's workspace, as the hub's addresses ask for it (see `shelf.Place`)."""

    def __init__(self, workspace: Workspace, stream: bytes) -> None:
        self._workspace = workspace
        self._stream = stream
        self.handed_on: HandedOn = FolderHandedOn(workspace)

    def reaches(self) -> Reaches:
        return reaches(self._workspace, self._stream, whole=True)

    def run_above(self, replica: bytes, above: int, *, at_most_bytes: int, whole: bool = True) -> Run:
        return run_above(
            self._workspace, self._stream, replica, above, at_most_bytes=at_most_bytes, whole=whole
        )

    def take(self, segments: Sequence[SignedSegment], *, entries: Sequence[SignedEntry] = ()) -> Received:
        return take(self._workspace, segments, entries=entries)

    def directory(self) -> list[SignedEntry]:
        return directory_here(self._workspace, self._stream)

    def held(self, files: Sequence[bytes]) -> set[bytes]:
        self._workspace.files.settle()
        return {one for one in files if self._workspace.files.has(one)}

    def size(self, sha256: bytes) -> int | None:
        found = self._workspace.files.find(sha256)
        return None if found is None else found.size_bytes

    def read(self, sha256: bytes, start: int, end: int) -> Iterator[bytes]:
        found = self._workspace.files.find(sha256)
        if found is None:
            return
        with disk_told(found.path), found.open() as source:
            source.seek(start)
            while start < end and (piece := source.read(min(READ_AT_ONCE, end - start))):
                start += len(piece)
                yield piece

    def add_file(self, content: bytes) -> None:
        self._workspace.files.add_bytes(content, settle=False)

    def add_piece(self, untrusted: bytes) -> int:
        return Pieces(self._workspace).put(untrusted)

    def settle(self) -> None:
        self._workspace.files.settle()

    def forget_file(self, sha256: bytes) -> None:
        path = self._workspace.files.path(sha256)
        if path is not None:
            with disk_told(path):
                path.unlink(missing_ok=True)

    def upload(self, caller: bytes, sha256: bytes, kind: str, length: int, gathers: int) -> FolderUpload:
        return FolderUpload(self._workspace, caller, sha256, kind, length, gathers)

    def so_far(self, caller: bytes, sha256: bytes) -> int:
        return size_of(aside(self._workspace, caller, sha256))

    def take_upload(self, caller: bytes, sha256: bytes, *, at_most: int) -> bytes:
        return take_up(self._workspace, caller, sha256, at_most=at_most)

    def spool(self) -> Path:
        need_room(self._workspace.folder, 0)
        return self._workspace.cache

    def note_visit(self, visit: Visit) -> None:
        path = self._workspace.folder / VISITS / f"{visit.device.hex()}.cbor"
        before = _visit_in(path)
        content = cbor2.dumps([visit.at_ms, visit.receipt or (before.receipt if before else b"")])
        put_note(path, content, for_good=False)


def _visit_in(path: Path) -> Visit | None:
    try:
        with open(path, "rb") as source:
            at_ms, receipt = read_cbor(source.read(MAX_VISIT), depth=2)
        device = bytes.fromhex(path.stem)
    except (OSError, ValueError, TypeError):
        return None
    return Visit(device, at_ms, receipt) if type(at_ms) is int and type(receipt) is bytes else None


class FolderShelf:
    """Opens the workspace of a site when it is asked for (see `shelf.Shelf`)."""

    def __init__(self, folder: Path, *, looks_on: bool = False) -> None:
        """With `looks_on`, another process may be serving it: nothing is opened that it has open."""
        self._looks_on = looks_on
        self._folder = folder / SITES
        # Held again by its own thread where what somebody left half read is cleared away while it is held.
        self._guard = threading.RLock()
        self._open: OrderedDict[bytes, Workspace] = OrderedDict()
        self._users: dict[bytes, int] = {}
        self._opening: dict[bytes, threading.Lock] = {}

    def has(self, stream: bytes) -> bool:
        return self._path(stream).is_dir()

    @contextmanager
    def open(self, stream: bytes) -> Iterator[FolderPlace]:
        with self._workspace(stream) as workspace:
            yield FolderPlace(workspace, stream)

    @contextmanager
    def _workspace(self, stream: bytes) -> Iterator[Workspace]:
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

    def streams(self) -> list[bytes]:
        found = []
        for path in self._folder.glob("*-*-*-*-*.ranger"):
            with suppress(BadInput):
                found.append(parse_id(path.stem))
        return sorted(found)

    def member(self, stream: bytes, replica: bytes) -> Member | None:
        if not self.has(stream):
            return None
        if self._looks_on:
            with looking_at(self._path(stream)) as database:
                return member_in(database, stream, replica)
        with self._workspace(stream) as workspace:
            return member_here(workspace, stream, replica)

    def standing(self, stream: bytes) -> list[frozenset[bytes]] | None:
        if not self.has(stream):
            return None
        with self._workspace(stream) as workspace:
            return standing_here(workspace, stream)

    def may_have_all(self, stream: bytes, replica: bytes) -> bool:
        with self._workspace(stream) as workspace, workspace.reading_raw() as database:
            return wants_all(database, stream, replica)

    def well(self) -> None:
        with disk_told(self._folder.parent):
            os.listdir(self._folder.parent)
        need_room(self._folder.parent, 0)

    def holdings(self) -> list[Holdings]:
        return [self._holdings(stream) for stream in self.streams()]

    def _holdings(self, stream: bytes) -> Holdings:
        path = self._path(stream)
        with looking_at(path) as database:
            kept = weigh(database, stream)
        with disk_told(path):
            sizes = [
                one.stat().st_size for one in (path / "files").glob("??/*") if one.parent.name != "incoming"
            ]
        return Holdings(
            site=stream,
            name=kept.name,
            laptops=kept.feeds,
            segments=kept.segments,
            changes_bytes=kept.bytes,
            files=len(sizes),
            files_bytes=sum(sizes),
        )

    def visits(self, stream: bytes) -> list[Visit]:
        """A note that does not read says nothing."""
        found = (_visit_in(path) for path in sorted((self._path(stream) / VISITS).glob("*.cbor")))
        return [one for one in found if one is not None]

    def verify(self, stream: bytes, work: Work, *, forget: bool = False) -> list[str]:
        with self._workspace(stream) as workspace:
            problems = verify(workspace, work).problems
            if problems and forget:
                with disk_told(workspace.folder):
                    for sha256, path in workspace.files.stored():
                        if not workspace.files.whole(sha256):
                            path.unlink()
            return problems

    def close(self) -> None:
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
        new = path.with_suffix(".new")
        with disk_told(path):
            shutil.rmtree(new, ignore_errors=True)
            make_folder(self._folder)
            Workspace.create(new, site=None).close()
            os.replace(new, path)
            flush_folder(self._folder)

    def _put_back(self) -> None:
        spare = len(self._open) - MAX_OPEN
        for stream in [s for s in self._open if not self._users.get(s)][: max(spare, 0)]:
            self._open.pop(stream).close()
            self._users.pop(stream)
