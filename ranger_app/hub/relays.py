"""What the hub hands on without reading it: strays, and what laptops sign of themselves."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.hub.bounds import NoRoom, body_of, hex_in
from ranger_app.hub.desk import answer, desk_of
from ranger_app.i18n import _
from ranger_app.security.keys import genuine, replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.sync.hub_wire import CBOR, MAX_MESSAGE, MAX_WORD, sized, stray_in, stray_out, unreadable


async def list_strays(request: Request) -> Response:
    """The names of all that are here."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    return answer(strays=await desk.look(stream, lambda place: place.strays()))


async def get_stray(request: Request) -> Response:
    """One of them."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    found = await desk.look(stream, lambda place: place.stray(sha256))
    if found is None:
        raise NotFound(_("The hub has no such record of this site."))
    return Response(stray_out(*found), media_type=CBOR)


async def put_stray(request: Request) -> Response:
    """One more, under the SHA-256 of its payload."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    type_, payload = stray_in(await body_of(request, at_most=MAX_MESSAGE))
    if hashlib.sha256(payload).digest() != sha256:
        raise BadInput(_("This record does not belong under this address."))
    if not await desk.write(stream, lambda place: place.keep_stray(sha256, type_, payload)):
        raise NoRoom(_("The hub keeps no more of what nobody here can read."), _("Bring it by stick."))
    return answer()


async def get_words(request: Request) -> Response:
    """What every laptop of the site last signed of itself."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    return answer(words=await desk.look(stream, lambda place: place.words()))


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
    await desk.look(stream, lambda place: place.keep_word(caller, raw))
    return answer()
