"""The hub's addresses, each with the function that answers it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ranger_app.domain.errors import KnownError
from ranger_app.hub import changes, relays, sealed, sticks, uploads
from ranger_app.hub.desk import Desk, desk_of, in_thread, told
from ranger_app.hub.door import Door
from ranger_app.hub.house import House
from ranger_app.hub.openapi import document
from ranger_app.hub.shelf import BATCH, FILE
from ranger_app.sync.hub.wire import VERSION

_SITE = "/v1/streams/{stream}"
_SEALED = f"{_SITE}/sealed/{{sha256}}"
_STRAY = f"{_SITE}/strays/{{sha256}}"
_FILE, _UPLOAD = f"{_SITE}/files/{{sha256}}", f"{_SITE}/uploads/{{sha256}}"


def make_app(house: House) -> Starlette:
    """The hub as it is served. Nothing about a laptop is kept between its requests but what is on disk."""
    shelf = house.shelf
    desk = Desk(Door(house.keys, house.guests, shelf), shelf)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        shelf.close()

    app = Starlette(routes=_routes(), exception_handlers={KnownError: told}, lifespan=lifespan)
    app.router.redirect_slashes = False  # another address is another thing
    app.state.desk = desk
    return app


def _routes() -> list[Route]:
    file_is, file_more = uploads.resumable(FILE)
    batch_is, batch_more = uploads.resumable(BATCH)
    return [
        Route("/v1", _alive, methods=["GET"]),
        Route("/v1/health", _well, methods=["GET"]),
        Route("/v1/openapi.json", _described, methods=["GET"]),
        Route("/v1/hello", changes.hello, methods=["POST"]),
        Route(f"{_SITE}/segments/{{replica}}/{{number}}", changes.put_one, methods=["PUT"]),
        Route(f"{_SITE}/segments/{{replica}}", changes.get_run, methods=["GET"]),
        Route(f"{_SITE}/segments", changes.put_many, methods=["POST"]),
        Route(f"{_SITE}/directory", changes.get_directory, methods=["GET"]),
        Route(f"{_SITE}/directory", changes.put_directory, methods=["PUT"]),
        Route(f"{_SITE}/receipts", changes.receipt, methods=["GET", "POST"]),
        Route(f"{_SITE}/strays", relays.list_strays, methods=["GET"]),
        Route(_STRAY, relays.get_stray, methods=["GET"]),
        Route(_STRAY, relays.put_stray, methods=["PUT"]),
        Route(f"{_SITE}/words", relays.get_words, methods=["GET"]),
        Route(f"{_SITE}/words", relays.put_word, methods=["PUT"]),
        Route(f"{_SITE}/files/missing", uploads.which_missing, methods=["POST"]),
        Route(_FILE, file_is, methods=["HEAD"]),
        Route(_FILE, file_more, methods=["PATCH"]),
        Route(_FILE, uploads.get_file, methods=["GET"]),
        Route(_UPLOAD, batch_is, methods=["HEAD"]),
        Route(_UPLOAD, batch_more, methods=["PATCH"]),
        Route(f"{_SITE}/sealed", sealed.list_sealed, methods=["GET"]),
        Route(_SEALED, sealed.put_sealed, methods=["PUT"]),
        Route(f"{_SEALED}/receipt", sealed.sign_sealed, methods=["PUT"]),
        Route(f"{_SITE}/bundles", sticks.take_part, methods=["POST"]),
    ]


async def _alive(_request: Request) -> Response:
    return JSONResponse({"ranger_hub": VERSION})


async def _well(request: Request) -> Response:
    """For who watches over the hub: whether what lies behind it answers too."""
    await in_thread(desk_of(request).shelf.well)
    return JSONResponse({"ranger_hub": VERSION, "well": True})


async def _described(_request: Request) -> Response:
    return JSONResponse(document())
