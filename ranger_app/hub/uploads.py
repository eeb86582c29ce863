"""Files into the hub and out of it, from any offset: what came through before a line broke is kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.hub.bounds import NoRoom, body_of, hex_in, number_in, pieces, too_much
from ranger_app.hub.desk import answer, desk_of, in_thread
from ranger_app.i18n import _
from ranger_app.storage import Workspace
from ranger_app.storage.faults import disk_told
from ranger_app.sync.batches import MAX_BATCH
from ranger_app.sync.hub_wire import (
    COMPLETE,
    LENGTH,
    MAX_FILE,
    MAX_MESSAGE,
    NO,
    OCTETS,
    OFFSET,
    YES,
    hashes_in,
    read_message,
)

FILE, BATCH = "file", "batch"
"""What an upload becomes: a file of the site's, or a batch of segments that a later request speaks of."""
AT_MOST = {FILE: MAX_FILE, BATCH: MAX_BATCH}

SMALL = 4 << 20
"""A file of at most so many bytes that comes in one go is never written down half."""
_GATHERED = 512 << 10  # bytes written at once
KEPT_FREE = 256 << 20
"""Bytes of the hub's disk that uploads leave for the changes themselves."""
MAX_UNDER_WAY = 256
"""Unfinished uploads of one laptop."""
UNDER_WAY_S = 14 * 24 * 3_600
"""An unfinished upload that nobody has gone on with for so long is thrown away when room is wanted."""


async def which_missing(request: Request) -> Response:
    """Of these files, those that the hub lacks, each with how much of it has come through."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    asked = hashes_in(read_message(await body_of(request, at_most=MAX_MESSAGE)).get("files"))

    def look(workspace: Workspace) -> list[list[object]]:
        lacking = [one for one in asked if not workspace.files.has(one)]
        return [[one, _size(_aside(workspace, caller, one))] for one in lacking]

    return answer(missing=await desk.look(stream, look))


Endpoint = Callable[[Request], Awaitable[Response]]


def resumable(kind: str) -> tuple[Endpoint, Endpoint]:
    """The two ends of an upload of this kind: how far it is, and more of it."""

    async def how_far(request: Request) -> Response:
        desk = desk_of(request)
        caller, stream = await desk.caller(request)
        sha256 = hex_in(request, "sha256", 32)

        def look(workspace: Workspace) -> tuple[int, bool]:
            path = workspace.files.path(sha256) if kind == FILE else None
            return (path.stat().st_size, True) if path else (_size(_aside(workspace, caller, sha256)), False)

        return _so_far(*await desk.look(stream, look))

    async def go_on(request: Request) -> Response:
        desk = desk_of(request)
        caller, stream = await desk.caller(request)
        sha256 = hex_in(request, "sha256", 32)
        offset, length = number_in(request.headers.get(OFFSET)), number_in(request.headers.get(LENGTH))
        if length > AT_MOST[kind] or offset > length:
            raise too_much()
        async with desk.holding(stream) as workspace:
            upload = _Upload(workspace, caller, sha256, kind, length)
            present = await in_thread(upload.begin)
            if upload.held or offset != present:
                return _so_far(present, upload.held, status=204 if upload.held else 409)
            try:
                async for piece in pieces(request, at_most=length - offset):
                    if upload.gather(piece):
                        await in_thread(upload.write)
            except BaseException:
                await in_thread(upload.write)  # what came through is kept
                raise
            at, whole = await in_thread(upload.end)
            return _so_far(at, whole)

    return how_far, go_on


def _so_far(offset: int, whole: bool, *, status: int = 204) -> Response:
    return Response(status_code=status, headers={OFFSET: str(offset), COMPLETE: YES if whole else NO})


class _Upload:
    """One file that is coming in. What is written at an offset belongs there, also when it comes twice."""

    def __init__(self, workspace: Workspace, caller: bytes, sha256: bytes, kind: str, length: int) -> None:
        self.held = kind == FILE and workspace.files.has(sha256)
        self._workspace = workspace
        self._sha256 = sha256
        self._kind = kind
        self._length = length
        self._aside = _aside(workspace, caller, sha256)
        self._caller = caller
        self._at = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def begin(self) -> int:
        """How much is here."""
        if self.held:
            return self._length
        self._at = _size(self._aside)
        need_room(self._workspace, self._length - self._at)
        if not self._at:
            _make_way(self._aside.parent, self._caller)
        return self._at

    def gather(self, piece: bytes) -> bool:
        """Take a piece; whether it is time to write."""
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        return self._waiting_bytes >= (SMALL if self._comes_in_one_go() else _GATHERED)

    def _comes_in_one_go(self) -> bool:
        return self._kind == FILE and self._at == 0 and self._length <= SMALL

    def write(self) -> None:
        """Write down what was gathered."""
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
        """The body has come to its end: how far the upload is, and whether it is whole and sound."""
        if self._comes_in_one_go() and self._waiting_bytes == self._length:
            whole = b"".join(self._waiting)
            if hashlib.sha256(whole).digest() != self._sha256:
                raise _not_the_file()
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
            raise _not_the_file()
        self._workspace.files.settle()
        return self._at, True


def take_upload(workspace: Workspace, caller: bytes, name: str, *, at_most: int) -> bytes:
    """A batch that this laptop uploaded before, by its SHA-256 in hexadecimal digits; it is taken away."""
    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        raise BadInput(_("This is no name of an upload."))
    path = _aside(workspace, caller, bytes.fromhex(name))
    if not path.is_file():
        raise NotFound(_("No such upload has come through."))
    with disk_told(path), open(path, "rb") as source:
        raw = source.read(at_most + 1)
    path.unlink(missing_ok=True)
    if hashlib.sha256(raw).hexdigest() != name:
        raise _not_the_file()
    return raw


async def get_file(request: Request) -> Response:
    """A file of this site, or a range of it."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    if "," in request.headers.get("range", ""):
        raise BadInput(_("One range at a time."))
    path = await desk.look(stream, lambda w: w.files.path(sha256))
    if path is None:
        raise NotFound(_("The hub has no such file of this site."))
    return FileResponse(path, media_type=OCTETS, headers={"ETag": f'"{sha256.hex()}"'})


def need_room(workspace: Workspace, size: int) -> None:
    """`NoRoom` unless the hub's disk takes so many more bytes."""
    with disk_told(workspace.folder):
        if shutil.disk_usage(workspace.folder).free < size + KEPT_FREE:
            raise NoRoom(
                _("The disk of the hub is full."), _("Tell its keeper; what came through until now is kept.")
            )


def _aside(workspace: Workspace, caller: bytes, sha256: bytes) -> Path:
    """Each laptop has its own, so that none can spoil what another one is sending."""
    return workspace.cache / "uploads" / f"{caller.hex()}-{sha256.hex()}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _make_way(folder: Path, caller: bytes) -> None:
    """Throw away old unfinished uploads, and refuse a laptop that leaves too many."""
    mine, now = 0, time.time()
    for path in folder.glob("*-*"):
        with suppress(FileNotFoundError):
            if now - path.stat().st_mtime > UNDER_WAY_S:
                path.unlink()
            elif path.name.startswith(caller.hex()):
                mine += 1
    if mine >= MAX_UNDER_WAY:
        raise NoRoom(
            _("This laptop has too many unfinished uploads."),
            _("Finish some of them; old ones are forgotten."),
        )


def _not_the_file() -> BadInput:
    return BadInput(_("What came through is not what its name says."), _("Send it again from the beginning."))
