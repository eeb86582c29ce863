"""A fault of ours in the hub is answered, and the server's log gets its place and not its words."""

from __future__ import annotations

import asyncio
import io
from contextlib import redirect_stderr

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ranger_app.hub.faults import without_words

SECRET = "Xavierdemo"


async def _falls(_request: Request) -> Response:
    raise ValueError(SECRET)


ASKED = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "root_path": ""}


def asked(app: ASGIApp, scope: Scope) -> list[Message]:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    async def ask() -> None:
        await without_words(app)(scope, receive, send)

    asyncio.run(ask())
    return said


def test_the_words_of_a_fault_stay_out_of_the_log() -> None:
    with redirect_stderr(io.StringIO()) as log:
        assert asked(Starlette(routes=[Route("/", _falls)]), ASKED)[0]["status"] == 500
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_a_hub_that_cannot_start_says_so() -> None:
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError(SECRET)

    with pytest.raises(ValueError, match=SECRET):
        asked(fails, {"type": "lifespan"})
