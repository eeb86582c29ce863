"""Changes in and out of the hub: segments one by one or in batches, the site's directory, and receipts."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from ranger_app.domain.clock import wall_ms
from ranger_app.domain.errors import BadInput
from ranger_app.hub.bounds import body_of, hex_in, number_in
from ranger_app.hub.desk import Desk, answer, desk_of, in_thread
from ranger_app.hub.ranges import range_asked
from ranger_app.hub.shelf import Place, Visit
from ranger_app.hub.uploads import upload_named
from ranger_app.i18n import _
from ranger_app.security.entries import pack_entries, unpack_entries
from ranger_app.security.keys import replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.changes.directories import site_named
from ranger_app.storage.changes.receiving import Received, SignedSegment
from ranger_app.storage.changes.segments import decode
from ranger_app.storage.exchange.carrying import Reaches, stream_of
from ranger_app.sync.bundles.batches import BATCH_BYTES, MAX_BATCH, pack, unpack
from ranger_app.sync.hub.wire import (
    BATCH,
    CBOR,
    MAX_HELLO,
    MAX_MESSAGE,
    MORE,
    NO,
    NONCE_BYTES,
    THROUGH,
    VERSION,
    YES,
    Holding,
    Receipt,
    directory_mark,
    hashes_in,
    holdings_out,
    proof_text,
    reaches_out,
    read_message,
    sign_receipt,
    sized,
    streams_in,
)


async def hello(request: Request) -> Response:
    """First without a signature, which gives the challenge; then with it, which gives the token."""
    desk = desk_of(request)
    desk.turns.hello()
    said = read_message(await body_of(request, at_most=MAX_HELLO))
    key = sized(said.get("key"), 32)
    if "signature" not in said:
        keys, proof = desk.door.keys, {}
        if "nonce" in said:
            proof = {"proof": keys.sign(proof_text(sized(said["nonce"], NONCE_BYTES), key))}
        return answer(version=VERSION, hub=keys.public_key, challenge=desk.door.challenge(key), **proof)
    challenge = said.get("challenge")
    if type(challenge) is not bytes:
        raise BadInput(_("This hello has no challenge in it."))
    token = desk.door.enter(key, challenge, sized(said["signature"], 64))
    asked = streams_in(said.get("streams", []))
    granted = await _granted(desk, replica_of(key), asked)
    return answer(
        token=token,
        streams=holdings_out({stream: await _holding(desk, replica_of(key), stream) for stream in granted}),
    )


async def _granted(desk: Desk, replica: bytes, asked: list[bytes]) -> list[bytes]:
    """The streams that this laptop may have; it is told at the door when there is none."""
    granted = await in_thread(desk.door.granted, replica, asked)
    if not granted:
        for stream in asked or [bytes(16)]:
            await in_thread(desk.door.let_in, replica, stream)
    return granted


async def _holding(desk: Desk, replica: bytes, stream: bytes) -> Holding:
    if not await in_thread(desk.shelf.has, stream):
        return Holding({})

    def look(place: Place) -> Holding:
        place.note_visit(Visit(replica, wall_ms()))
        return Holding(place.reaches(), directory_mark(place.directory()))

    return await desk.look(stream, look)


async def put_one(request: Request) -> Response:
    """One segment under its own address: 201 new, 200 known, 409 another one is there under this number."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    writer, number = hex_in(request, "replica", 16), number_in(request.path_params["number"])
    segment = _one(await body_of(request, at_most=MAX_MESSAGE))
    read = decode(segment.body)
    if (read.stream, read.replica, read.seq) != (stream, writer, number):
        raise BadInput(_("This segment does not belong under this address."))
    received = await desk.write(stream, lambda place: place.take([segment]))
    if received.refused:
        raise BadInput(_("This segment is not signed as it should be."))
    return answer(409 if received.forks else 201 if received.new else 200, **_counts(received))


async def put_many(request: Request) -> Response:
    """A batch of segments of this stream, in the body or uploaded before."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    uploaded = request.query_params.get("upload")
    body = b"" if uploaded is not None else await body_of(request, at_most=MAX_MESSAGE)

    def merge(place: Place) -> tuple[Received, int, Reaches]:
        raw = body
        if uploaded is not None:
            raw = place.take_upload(caller, upload_named(uploaded), at_most=MAX_BATCH)
        segments = unpack(raw)
        ours = [segment for segment in segments if stream_of(segment.body) == stream]
        return place.take(ours), len(segments) - len(ours), place.reaches()

    received, strange, now = await desk.write(stream, merge)
    counts = _counts(received)
    return answer(**counts | {"refused": counts["refused"] + strange}, reaches=reaches_out(now))


async def get_run(request: Request) -> Response:
    """A run of one feed above a number. It can be gone on with in its middle while its tag is the same."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    writer = hex_in(request, "replica", 16)
    above = number_in(request.query_params.get("above", "0"))
    all_of_it = await in_thread(desk.shelf.may_have_all, stream, caller)
    run = await desk.look(
        stream,
        lambda place: place.run_above(writer, above, at_most_bytes=BATCH_BYTES, whole=all_of_it),
    )
    whole = pack(run.segments)
    asked = range_asked(request, tag=f'"{hashlib.sha256(whole).hexdigest()}"', size=len(whole))
    headers = {**asked.headers, THROUGH: str(run.through), MORE: YES if run.more else NO}
    return Response(whole[asked.start : asked.end], asked.status, headers, BATCH)


async def get_directory(request: Request) -> Response:
    """Every entry of the site's directory that is here."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    entries = await desk.look(stream, lambda place: place.directory())
    return Response(pack_entries(entries), media_type=CBOR)


async def put_directory(request: Request) -> Response:
    """Entries of the site's directory; what is not signed by those who may is passed over."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    raw = await body_of(request, at_most=MAX_MESSAGE)

    def admit(place: Place) -> Received:
        return place.take([], entries=[one for one in unpack_entries(raw) if site_named(one) == stream])

    received = await desk.write(stream, admit)
    return answer(new=received.entries_new, strange=received.entries_strange)


async def receipt(request: Request) -> Response:
    """What the hub holds of this stream, signed: with the files that the message asks about, if it is one."""
    desk = desk_of(request)
    replica, stream = await desk.caller(request)
    asked = []
    if request.method == "POST":
        asked = hashes_in(read_message(await body_of(request, at_most=MAX_MESSAGE)).get("files"))

    def sign(place: Place) -> bytes:
        held, at_ms = place.held(asked), wall_ms()
        signed = sign_receipt(
            Receipt(
                hub=desk.door.keys.replica,
                device=replica,
                stream=stream,
                at_ms=at_ms,
                reaches=place.reaches(),
                files=frozenset(held),
            ),
            desk.door.keys,
        )
        place.note_visit(Visit(replica, at_ms, b"" if asked else signed))
        return signed

    return Response(await desk.look(stream, sign), media_type=CBOR)


def _one(untrusted: bytes) -> SignedSegment:
    try:
        public_key, body, signature = read_cbor(untrusted, depth=2)
    except (ValueError, TypeError):
        raise BadInput(_("This is not a signed segment.")) from None
    if type(body) is not bytes:
        raise BadInput(_("This is not a signed segment."))
    return SignedSegment(sized(public_key, 32), body, sized(signature, 64))


def _counts(received: Received) -> dict[str, int]:
    return {
        "new": received.new,
        "known": received.known,
        "refused": received.refused,
        "forks": received.forks,
    }
