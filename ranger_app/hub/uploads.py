"""Files into the hub and out of it, from any offset: what came through before a line broke is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.hub.bounds import body_of, hex_in, number_in, pieces, too_much
from ranger_app.hub.desk import answer, desk_of, in_thread
from ranger_app.hub.ranges import range_asked
from ranger_app.hub.shelf import BATCH, FILE, Place
from ranger_app.i18n import _
from ranger_app.storage.strays import MAX_STRAY
from ranger_app.sync.bundles.batches import MAX_BATCH
from ranger_app.sync.hub.wire import (
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

AT_MOST = {FILE: MAX_FILE, BATCH: max(MAX_BATCH, MAX_STRAY)}


async def which_missing(request: Request) -> Response:
    """Of these files, those that the hub lacks, each with how much of it has come through."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    asked = hashes_in(read_message(await body_of(request, at_most=MAX_MESSAGE)).get("files"))

    def look(place: Place) -> list[list[object]]:
        held = place.held(asked)
        return [[one, place.so_far(caller, one)] for one in asked if one not in held]

    return answer(missing=await desk.look(stream, look))


Endpoint = Callable[[Request], Awaitable[Response]]


def resumable(kind: str) -> tuple[Endpoint, Endpoint]:
    """The two ends of an upload of this kind: how far it is, and more of it."""

    async def how_far(request: Request) -> Response:
        desk = desk_of(request)
        caller, stream = await desk.caller(request)
        sha256 = hex_in(request, "sha256", 32)

        def look(place: Place) -> tuple[int, bool]:
            size = place.size(sha256) if kind == FILE else None
            return (place.so_far(caller, sha256), False) if size is None else (size, True)

        return _so_far(*await desk.look(stream, look))

    async def go_on(request: Request) -> Response:
        desk = desk_of(request)
        caller, stream = await desk.caller(request)
        sha256 = hex_in(request, "sha256", 32)
        offset, length = number_in(request.headers.get(OFFSET)), number_in(request.headers.get(LENGTH))
        if length > AT_MOST[kind] or offset > length:
            raise too_much()
        async with desk.bringing(caller, stream) as (place, gathers):
            upload = await in_thread(place.upload, caller, sha256, kind, length, gathers)
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


async def get_file(request: Request) -> Response:
    """A file of this site, or a range of it."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    size = await desk.look(stream, lambda place: place.size(sha256))
    if size is None:
        raise NotFound(_("The hub has no such file of this site."))
    asked = range_asked(request, tag=f'"{sha256.hex()}"', size=size)

    def read() -> Generator[bytes, None, None]:
        with desk.shelf.open(stream) as place:
            yield from place.read(sha256, asked.start, asked.end)

    async def pieces() -> AsyncIterator[bytes]:
        content = read()
        try:
            async for piece in iterate_in_threadpool(content):
                yield piece
        finally:
            content.close()  # a reader who went away leaves it half read, and its site open

    return StreamingResponse(
        pieces(),
        status_code=asked.status,
        media_type=OCTETS,
        headers=dict(asked.headers),
    )


def upload_named(name: str) -> bytes:
    """The SHA-256 by which a request speaks of an upload, in hexadecimal digits."""
    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        raise BadInput(_("This is no name of an upload."))
    return bytes.fromhex(name)
