"""A stick handed to the hub as it is: each part of a bundle is taken for itself, as a laptop would."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ranger_app.domain.errors import BadInput
from ranger_app.hub.bounds import pieces
from ranger_app.hub.desk import answer, desk_of, in_thread
from ranger_app.hub.uploads import need_room
from ranger_app.storage import Workspace
from ranger_app.storage.carrying import stream_of
from ranger_app.storage.exchanging import take
from ranger_app.storage.faults import disk_told
from ranger_app.sync.batches import unpack
from ranger_app.sync.frames import FILE_PIECE, SEGMENTS, WHOLE_FILE, frames
from ranger_app.sync.pieces import Pieces
from ranger_app.sync.reading import MAX_PART


@dataclass(slots=True)
class PartTaken:
    """What was taken from one part."""

    new: int = 0
    known: int = 0
    refused: int = 0
    forks: int = 0
    files: int = 0
    damaged: int = 0
    strange: int = 0
    """Segments of other sites: this request speaks for one."""


async def take_part(request: Request) -> Response:
    """One part (`P0001.RSB`) of a bundle with changes and files of this site."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    async with desk.parts, desk.holding(stream) as workspace:
        await in_thread(need_room, workspace, MAX_PART)
        handle, name = await in_thread(_aside, workspace)
        try:
            with os.fdopen(handle, "wb") as out:
                async for piece in pieces(request, at_most=MAX_PART):
                    await in_thread(out.write, piece)
            taken = await desk.write(stream, lambda w: _take(w, stream, Path(name)))
        finally:
            Path(name).unlink(missing_ok=True)
    return answer(
        new=taken.new,
        known=taken.known,
        refused=taken.refused,
        forks=taken.forks,
        files=taken.files,
        damaged=taken.damaged,
        strange=taken.strange,
    )


def _aside(workspace: Workspace) -> tuple[int, str]:
    with disk_told(workspace.folder):
        return tempfile.mkstemp(dir=workspace.cache, prefix="part-")


def _take(workspace: Workspace, stream: bytes, path: Path) -> PartTaken:
    taken, long_files = PartTaken(), Pieces(workspace)
    with disk_told(path), open(path, "rb") as source:
        for found in frames(source):
            if found is None:
                taken.damaged += 1
            elif found.type == SEGMENTS:
                _merge(workspace, stream, found.payload, taken)
            elif found.type == WHOLE_FILE:
                workspace.files.add_bytes(found.payload, settle=False)
                taken.files += 1
            elif found.type == FILE_PIECE:
                taken.files += long_files.put(found.payload)
    workspace.files.settle()
    return taken


def _merge(workspace: Workspace, stream: bytes, payload: bytes, taken: PartTaken) -> None:
    try:
        segments = unpack(payload)
    except BadInput:
        taken.damaged += 1
        return
    workspace.files.settle()
    ours = [segment for segment in segments if stream_of(segment.body) == stream]
    received = take(workspace, ours)
    taken.new += received.new
    taken.known += received.known
    taken.refused += received.refused
    taken.forks += received.forks
    taken.strange += len(segments) - len(ours)
