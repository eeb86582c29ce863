"""Sealed bundles that the hub hands on and cannot open: their lists, and the words of those who hold them.

The bytes come and go as files of the site do. A bundle is thrown away when each of the site's laptops has
signed that it holds everything in it; until then it counts against what the hub keeps of such.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.hub.bounds import MAX_SEALED_BYTES, NoRoom, body_of, hex_in
from ranger_app.hub.desk import Desk, answer, desk_of, in_thread
from ranger_app.hub.shelf import Place, Sealed
from ranger_app.hub.sticks import SEALED
from ranger_app.i18n import _
from ranger_app.sync.bundles.manifest import mark
from ranger_app.sync.hub.sealed_list import (
    MAX_LIST,
    MAX_LISTS,
    MAX_SIGNED,
    SealedList,
    named,
    read_list,
    shorter_ones,
    signer_of,
)


async def list_sealed(request: Request) -> Response:
    """Every sealed bundle that waits here, with who holds all of it."""
    desk = desk_of(request)
    _caller, stream = await desk.caller(request)
    found = await desk.look(stream, lambda place: place.handed_on.sealed())
    rows = [[one.sha256, one.listed, [one.signed[d] for d in sorted(one.signed)]] for one in found]
    return answer(sealed=rows)


async def put_sealed(request: Request) -> Response:
    """The list of a sealed bundle of this site, whose files have come through."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    raw = await body_of(request, at_most=MAX_LIST)
    listed = read_list(raw)
    if named(raw) != sha256 or listed.head.site_mark != mark(stream):
        raise BadInput(_("This bundle does not belong under this address."))
    await desk.write(stream, lambda place: _keep(place, sha256, raw, listed, caller))
    return answer()


def _keep(place: Place, sha256: bytes, raw: bytes, listed: SealedList, caller: bytes) -> None:
    others = {one.sha256: (one, read_list(one.listed)) for one in place.handed_on.sealed()}
    if sha256 in others:
        return
    for one in listed.files:
        if place.size(one.sha256) != one.size_bytes:
            raise NotFound(_("The hub lacks a file of this bundle."))
        if b"".join(place.read(one.sha256, 0, min(len(SEALED), one.size_bytes))) != SEALED:
            raise BadInput(_("A file of this bundle is not sealed."))
    grown = set(shorter_ones(listed, [(address, found) for address, (_one, found) in others.items()]))
    staying = [found for address, (_one, found) in others.items() if address not in grown]
    if len(staying) >= MAX_LISTS or _size([*staying, listed]) > MAX_SEALED_BYTES:
        raise NoRoom(
            _("The hub keeps no more sealed bundles of this site until its laptops have fetched some."),
            _("Exchange from the site's laptops, or bring it by stick."),
        )
    place.handed_on.keep_sealed(sha256, raw, caller)
    for address in sorted(grown):
        _drop(place, others[address][0])


def _size(lists: list[SealedList]) -> int:
    return sum({one.sha256: one.size_bytes for listed in lists for one in listed.files}.values())


async def sign_sealed(request: Request) -> Response:
    """A laptop's signed word that it holds everything that is in a bundle; the last one frees its room."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    sha256 = hex_in(request, "sha256", 32)
    raw = await body_of(request, at_most=MAX_SIGNED)
    if signer_of(raw, sha256, stream) != caller:
        raise BadInput(_("A laptop speaks for itself alone."))
    wanted = await in_thread(_receivers, desk, stream)
    kept = await desk.write(stream, lambda place: _sign(place, sha256, caller, raw, wanted))
    return answer(kept=kept)


def _sign(place: Place, sha256: bytes, caller: bytes, raw: bytes, wanted: list[frozenset[bytes]]) -> bool:
    """Whether the bundle stays for others."""
    place.handed_on.sign_sealed(sha256, caller, raw)
    found = next((one for one in place.handed_on.sealed() if one.sha256 == sha256), None)
    if found is None:
        return False
    writer = read_list(found.listed).head.sender_mark
    have = {*found.signed, found.brought_by}
    left = [them for them in wanted if not them & have and writer not in map(mark, them)]
    if left or not wanted:
        return True
    _drop(place, found)
    return False


def _receivers(desk: Desk, stream: bytes) -> list[frozenset[bytes]]:
    """Those who are to have what is sealed for a site: its devices, or, where the hub knows of none, those
    whom its keeper let in to it by name."""
    standing = desk.shelf.standing(stream)
    if standing is not None:
        return standing
    guests = desk.door.guests()
    return [frozenset({one.replica}) for one in guests if stream in one.sites]


def _drop(place: Place, gone: Sealed) -> None:
    """Throw a bundle away, but for files that another list names too. The list goes last: a hub that is
    killed meanwhile comes back to it."""
    others = [one for one in place.handed_on.sealed() if one.sha256 != gone.sha256]
    still = {one.sha256 for other in others for one in read_list(other.listed).files}
    for one in read_list(gone.listed).files:
        if one.sha256 not in still:
            place.forget_file(one.sha256)
    place.handed_on.drop_sealed(gone.sha256)
