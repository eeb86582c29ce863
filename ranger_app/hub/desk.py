"""What every request to the hub needs: who asks, which site it is about, its place, and an answer."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ranger_app.domain.errors import (
    BadInput,
    DiskTrouble,
    KnownError,
    NotFound,
    Refused,
    WorkspaceError,
    WorkspaceLocked,
)
from ranger_app.hub.bounds import NoRoom, TooMuch, TooSlow, stream_in
from ranger_app.hub.door import Door, NoToken
from ranger_app.hub.objects import ObjectsAway
from ranger_app.hub.shelf import GATHERED, SMALL, Place, Shelf
from ranger_app.hub.turns import TooMany, Turns
from ranger_app.storage.central.faults import DatabaseAway, DatabaseFull
from ranger_app.sync.hub.wire import CBOR, message

T = TypeVar("T")

WRITERS = 2
"""Requests whose changes are unpacked and merged at the same time, which is what costs memory."""

WHOLE_AT_ONCE = 12
"""Small files that are kept in memory until they are whole."""
PARTS = 4
"""Parts of sticks that come in at the same time, which is what costs room on the disk."""

STATUS: tuple[tuple[type[KnownError], int], ...] = (
    (NoToken, 401),
    (TooMany, 429),
    (TooMuch, 413),
    (Refused, 403),
    (NotFound, 404),
    (TooSlow, 408),
    (BadInput, 422),
    (NoRoom, 507),
    (DatabaseFull, 507),
    (DatabaseAway, 503),
    (ObjectsAway, 503),
    (DiskTrouble, 507),
    (WorkspaceLocked, 503),
    (WorkspaceError, 500),
    (KnownError, 500),
)
"""The first that fits."""


class Desk:
    """The hub's rooms, handed to each request."""

    def __init__(self, door: Door, shelf: Shelf) -> None:
        self.door = door
        self.shelf = shelf
        self.parts = asyncio.Semaphore(PARTS)
        self.large = asyncio.Semaphore(1)
        """Held while something long is in memory as a whole."""
        self.turns = Turns()
        self._merging = asyncio.Semaphore(WRITERS)
        self._writing: dict[bytes, asyncio.Lock] = {}

    async def caller(self, request: Request) -> tuple[bytes, bytes]:
        """The laptop that asks and the stream that it asks about, both let in."""
        replica = self.door.caller(request.headers.get("authorization", ""))
        self.turns.ask(replica)
        stream = stream_in(request)
        await run_in_threadpool(self.door.let_in, replica, stream)
        return replica, stream

    async def look(self, stream: bytes, question: Callable[[Place], T]) -> T:
        """Ask the place of a site something, on a thread of its own."""

        def asked() -> T:
            with self.shelf.open(stream) as place:
                return question(place)

        return await run_in_threadpool(asked)

    @asynccontextmanager
    async def holding(self, stream: bytes) -> AsyncIterator[Place]:
        """The place of a site for a while that is mostly waiting."""
        opened = self.shelf.open(stream)
        place = await run_in_threadpool(opened.__enter__)
        try:
            yield place
        finally:
            opened.__exit__(None, None, None)

    @asynccontextmanager
    async def bringing(self, caller: bytes, stream: bytes) -> AsyncIterator[tuple[Place, int]]:
        """The place of a site while something comes in, and how many bytes of it to gather before they are
        written: less while many come in, which bounds the memory."""
        with self.turns.upload(caller):
            gathers = SMALL if self.turns.uploads <= WHOLE_AT_ONCE else GATHERED
            async with self.holding(stream) as place:
                yield place, gathers

    async def write(self, stream: bytes, deed: Callable[[Place], T]) -> T:
        """Change what is kept of a site, one request at a time: those that wait keep no thread busy."""
        async with self._writing.setdefault(stream, asyncio.Lock()), self._merging:
            return await self.look(stream, deed)


def desk_of(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


def answer(status: int = 200, /, **content: object) -> Response:
    """A message as an answer."""
    return Response(message(content), status_code=status, media_type=CBOR)


def told(_request: Request, error: Exception) -> Response:
    """The answer to a request that fails for a known reason: a sentence, as JSON that anybody can read."""
    known = error if isinstance(error, KnownError) else KnownError(str(error))
    status = next(status for kind, status in STATUS if isinstance(known, kind))
    said = {"code": known.code, "text": known.text, "what_to_do": known.what_to_do}
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "1"}}.get(status)
    # What was not read of the body cannot be told from the next request on this line.
    closing = {"Connection": "close"} if isinstance(known, TooMuch | TooSlow | TooMany) else None
    return JSONResponse({"error": said}, status_code=status, headers=(headers or {}) | (closing or {}))


async def in_thread(function: Callable[..., T], *arguments: object) -> T:
    """Run something that waits for the disk where it holds nobody up."""
    return await run_in_threadpool(functools.partial(function, *arguments))
