"""A stick handed to the hub as it is: each part of a bundle is taken for itself, as a laptop would."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ranger_app.domain.errors import BadInput
from ranger_app.hub.bounds import need_room, pieces
from ranger_app.hub.desk import answer, desk_of, in_thread
from ranger_app.hub.shelf import Place
from ranger_app.i18n import _
from ranger_app.storage.exchange.carrying import stream_of
from ranger_app.storage.faults import disk_told
from ranger_app.sync.bundles.batches import unpack
from ranger_app.sync.bundles.frames import FILE_PIECE, SEGMENTS, WHOLE_FILE, frames
from ranger_app.sync.bundles.reading import MAX_PART

SEALED = b"age-encryption.org/"
"""How an age file begins."""


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
    async with desk.parts, desk.holding(stream) as place:
        handle, name = await in_thread(_aside, place)
        try:
            with os.fdopen(handle, "wb") as out:
                async for piece in pieces(request, at_most=MAX_PART):
                    await in_thread(out.write, piece)
            taken = await desk.write(stream, lambda p: _take(p, stream, Path(name)))
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


def _aside(place: Place) -> tuple[int, str]:
    folder = place.spool()
    need_room(folder, MAX_PART)
    with disk_told(folder):
        return tempfile.mkstemp(dir=folder, prefix="part-")


def _take(place: Place, stream: bytes, path: Path) -> PartTaken:
    taken = PartTaken()
    with disk_told(path), open(path, "rb") as source:
        if source.read(len(SEALED)) == SEALED:
            raise BadInput(
                _("This part is sealed to the site's laptops, and the hub is none of them."),
                _("Leave the bundle at the hub for them: ranger-app bundle send."),
            )
        source.seek(0)
        for found in frames(source):
            if found is None:
                taken.damaged += 1
            elif found.type == SEGMENTS:
                _merge(place, stream, found.payload, taken)
            elif found.type == WHOLE_FILE:
                place.add_file(found.payload)
                taken.files += 1
            elif found.type == FILE_PIECE:
                taken.files += place.add_piece(found.payload)
    place.settle()
    return taken


def _merge(place: Place, stream: bytes, payload: bytes, taken: PartTaken) -> None:
    try:
        segments = unpack(payload)
    except BadInput:
        taken.damaged += 1
        return
    place.settle()
    ours = [segment for segment in segments if stream_of(segment.body) == stream]
    received = place.take(ours)
    taken.new += received.new
    taken.known += received.known
    taken.refused += received.refused
    taken.forks += received.forks
    taken.strange += len(segments) - len(ours)
