"""What the hub hands on without reading it: strays, and what laptops sign of themselves."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.hub.bounds import NoRoom, body_of, hex_in, number_in
from ranger_app.hub.desk import answer, desk_of
from ranger_app.hub.ranges import range_asked
from ranger_app.hub.shelf import Place
from ranger_app.i18n import _
from ranger_app.security.keys import genuine, replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.sync.hub.wire import (
    CBOR,
    MAX_MESSAGE,
    MAX_TYPE,
    MAX_WORD,
    sized,
    stray_head,
    stray_in,
    unreadable,
)

AT_ONCE = 4 << 20
"""Bytes of a long record that are read at once."""


async def list_strays(request: Request) -> Response:
    """The names of all that are here."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    return answer(strays=await desk.look(stream, lambda place: place.handed_on.strays()))


async def get_stray(request: Request) -> Response:
    """One of them, or a range of it."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    found = await desk.look(stream, lambda place: place.handed_on.measure_stray(sha256))
    if found is None:
        raise NotFound(_("The hub has no such record of this site."))
    head = stray_head(*found)
    asked = range_asked(request, tag=f'"{sha256.hex()}"', size=len(head) + found[1])

    async def parts() -> AsyncIterator[bytes]:
        yield head[asked.start : asked.end]
        at, end = max(asked.start - len(head), 0), asked.end - len(head)
        while at < end:
            upto = min(at + AT_ONCE, end)
            async with desk.large:
                part = await desk.look(stream, partial(_read_stray, sha256=sha256, start=at, end=upto))
            if not part:  # gone meanwhile: the answer breaks off, and does not look whole
                return
            at += len(part)
            yield part

    return StreamingResponse(parts(), asked.status, dict(asked.headers), CBOR)


def _read_stray(place: Place, *, sha256: bytes, start: int, end: int) -> bytes:
    return place.handed_on.read_stray(sha256, start, end)


async def put_stray(request: Request) -> Response:
    """One more, under the SHA-256 of its payload: in the body, or, with its type in the address, uploaded
    before."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    if "type" in request.query_params:
        type_ = number_in(request.query_params["type"], MAX_TYPE)
        async with desk.large:
            kept = await desk.write(stream, lambda place: _take_up(place, caller, sha256, type_))
    else:
        type_, payload = stray_in(await body_of(request, at_most=MAX_MESSAGE))
        if hashlib.sha256(payload).digest() != sha256:
            raise BadInput(_("This record does not belong under this address."))
        kept = await desk.write(stream, lambda place: place.handed_on.keep_stray(sha256, type_, payload))
    if not kept:
        raise NoRoom(_("The hub keeps no more of what nobody here can read."), _("Bring it by stick."))
    return answer()


def _take_up(place: Place, caller: bytes, sha256: bytes, type_: int) -> bool:
    """One that was taken up before, of which the answer was lost, is here."""
    here = place.handed_on.measure_stray(sha256) is not None
    return here or place.handed_on.keep_uploaded_stray(caller, sha256, type_)


async def get_words(request: Request) -> Response:
    """What every laptop of the site last signed of itself."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    return answer(words=await desk.look(stream, lambda place: place.handed_on.words()))


async def put_word(request: Request) -> Response:
    """What this laptop signs of itself, in the place of what it signed before."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    raw = await body_of(request, at_most=MAX_WORD)
    try:
        public_key, text, signature = read_cbor(raw, depth=2)
    except (ValueError, TypeError):
        raise unreadable() from None
    if type(text) is not bytes or replica_of(sized(public_key, 32)) != caller:
        raise BadInput(_("A laptop speaks for itself alone."))
    if not genuine(public_key, text, sized(signature, 64)):
        raise BadInput(_("This is not signed as it should be."))
    await desk.look(stream, lambda place: place.handed_on.keep_word(caller, raw))
    return answer()
