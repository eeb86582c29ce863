"""What the hub takes from a request at most: so many bytes, in so much time, and only what it can read."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request

from ranger_app.domain.errors import BadInput, KnownError, Refused
from ranger_app.domain.ids import parse_id
from ranger_app.i18n import _
from ranger_app.storage.faults import disk_told

IDLE_S = 30.0
"""A request that sends nothing for so long is let go."""
REQUEST_S = 900.0
"""However slow the line: what came until then is kept where it can be gone on with."""

KEPT_FREE = 256 << 20
"""Bytes of the hub's disk that uploads leave for the changes themselves."""
MAX_SEALED_BYTES = 64 << 30
"""Of sealed bundles that wait for the laptops of one site."""
MAX_UNDER_WAY = 256
"""Unfinished uploads of one laptop and site."""
UNDER_WAY_S = 14 * 24 * 3_600
"""An unfinished upload that nobody has gone on with for so long is thrown away when room is wanted."""


class TooMuch(Refused):
    """More bytes than this request may bring."""

    code = "too-much"


class TooSlow(KnownError):
    """The request did not come in time, or its line broke."""

    code = "too-slow"


class NoRoom(KnownError):
    """The disk of the hub has no room for this."""

    code = "no-room"


async def pieces(request: Request, *, at_most: int) -> AsyncIterator[bytes]:
    """The body as it comes. `TooMuch` beyond `at_most` bytes; `TooSlow` when it stops coming, or is cut."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:20]) > at_most:
        raise too_much()
    size, until = 0, time.monotonic() + REQUEST_S
    body = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(min(IDLE_S, max(until - time.monotonic(), 0.0))):
                piece = await anext(body, None)
        except (TimeoutError, ClientDisconnect):
            raise TooSlow(_("The request was not finished."), _("Go on where it stopped.")) from None
        if piece is None:
            return
        size += len(piece)
        if size > at_most:
            raise too_much()
        yield piece


async def body_of(request: Request, *, at_most: int) -> bytes:
    """The whole body, bounded."""
    return b"".join([piece async for piece in pieces(request, at_most=at_most)])


def need_room(folder: Path, size: int) -> None:
    """`NoRoom` unless the disk with this folder takes so many more bytes."""
    with disk_told(folder):
        if shutil.disk_usage(folder).free < size + KEPT_FREE:
            raise no_room()


def no_room() -> NoRoom:
    return NoRoom(
        _("The disk of the hub is full."), _("Tell its keeper; what came through until now is kept.")
    )


def too_many_uploads() -> NoRoom:
    return NoRoom(
        _("This laptop has too many unfinished uploads."),
        _("Finish some of them; old ones are forgotten."),
    )


def too_much() -> TooMuch:
    return TooMuch(_("This request brings more than the hub takes at once."), _("Send it in smaller parts."))


def stream_in(request: Request) -> bytes:
    """The stream that the address names, as a UUID."""
    return parse_id(_plain(request.path_params["stream"], 36))


def hex_in(request: Request, name: str, size: int) -> bytes:
    """Bytes that the address names, as small hexadecimal digits and nothing else."""
    text = _plain(request.path_params[name], 2 * size)
    if set(text) - set("0123456789abcdef"):
        raise _bad_address()
    return bytes.fromhex(text)


def number_in(text: Any, most: int = 2**63 - 1) -> int:
    """A whole number from an address or a header, in plain digits."""
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise _bad_address()
    if int(text) > most:
        raise _bad_address()
    return int(text)


def _plain(text: str, length: int) -> str:
    if len(text) != length or not text.isascii():
        raise _bad_address()
    return text


def _bad_address() -> BadInput:
    return BadInput(_("This is no address of the hub."), _("See its description: /v1/openapi.json."))
