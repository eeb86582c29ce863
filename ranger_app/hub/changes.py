"""Changes in and out of the hub: segments one by one or in batches, the site's directory, and receipts."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from ranger_app.domain.clock import wall_ms
from ranger_app.domain.errors import BadInput
from ranger_app.hub.bounds import body_of, hex_in, number_in
from ranger_app.hub.desk import Desk, answer, desk_of, in_thread
from ranger_app.hub.uploads import take_upload
from ranger_app.i18n import _
from ranger_app.security.entries import pack_entries, unpack_entries
from ranger_app.security.keys import replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage import Workspace
from ranger_app.storage.carrying import Reach, directory_here, reaches, run_above, stream_of
from ranger_app.storage.directories import site_named
from ranger_app.storage.exchanging import take
from ranger_app.storage.receiving import Received, SignedSegment
from ranger_app.storage.segments import decode
from ranger_app.sync.batches import BATCH_BYTES, MAX_BATCH, pack, unpack
from ranger_app.sync.hub_wire import (
    BATCH,
    CBOR,
    MAX_HELLO,
    MAX_MESSAGE,
    MORE,
    NO,
    THROUGH,
    VERSION,
    YES,
    Holding,
    Receipt,
    directory_mark,
    hashes_in,
    holdings_out,
    reaches_out,
    read_message,
    sign_receipt,
    sized,
    streams_in,
)


async def hello(request: Request) -> Response:
    """First without a signature, which gives the challenge; then with it, which gives the token."""
    desk = desk_of(request)
    said = read_message(await body_of(request, at_most=MAX_HELLO))
    key = sized(said.get("key"), 32)
    if "signature" not in said:
        return answer(version=VERSION, hub=desk.door.keys.public_key, challenge=desk.door.challenge(key))
    challenge = said.get("challenge")
    if type(challenge) is not bytes:
        raise BadInput(_("This hello has no challenge in it."))
    token = desk.door.enter(key, challenge, sized(said["signature"], 64))
    asked = streams_in(said.get("streams", []))
    granted = await _granted(desk, replica_of(key), asked)
    return answer(
        token=token,
        streams=holdings_out({stream: await _holding(desk, stream) for stream in granted}),
    )


async def _granted(desk: Desk, replica: bytes, asked: list[bytes]) -> list[bytes]:
    """The streams that this laptop may have; it is told at the door when there is none."""
    granted = await in_thread(desk.door.granted, replica, asked)
    if not granted:
        for stream in asked or [bytes(16)]:
            await in_thread(desk.door.let_in, replica, stream)
    return granted


async def _holding(desk: Desk, stream: bytes) -> Holding:
    if not desk.shelf.has(stream):
        return Holding({})
    return await desk.look(
        stream, lambda w: Holding(reaches(w, stream), directory_mark(directory_here(w, stream)))
    )


async def put_one(request: Request) -> Response:
    """One segment under its own address: 201 new, 200 known, 409 another one is there under this number."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    writer, number = hex_in(request, "replica", 16), number_in(request.path_params["number"])
    segment = _one(await body_of(request, at_most=MAX_MESSAGE))
    read = decode(segment.body)
    if (read.stream, read.replica, read.seq) != (stream, writer, number):
        raise BadInput(_("This segment does not belong under this address."))
    received = await desk.write(stream, lambda w: take(w, [segment]))
    if received.refused:
        raise BadInput(_("This segment is not signed as it should be."))
    return answer(409 if received.forks else 201 if received.new else 200, **_counts(received))


async def put_many(request: Request) -> Response:
    """A batch of segments of this stream, in the body or uploaded before."""
    desk = desk_of(request)
    caller, stream = await desk.caller(request)
    uploaded = request.query_params.get("upload")
    body = b"" if uploaded is not None else await body_of(request, at_most=MAX_MESSAGE)

    def merge(workspace: Workspace) -> tuple[Received, int, dict[bytes, Reach]]:
        raw = body if uploaded is None else take_upload(workspace, caller, uploaded, at_most=MAX_BATCH)
        segments = unpack(raw)
        ours = [segment for segment in segments if stream_of(segment.body) == stream]
        return take(workspace, ours), len(segments) - len(ours), reaches(workspace, stream)

    received, strange, now = await desk.write(stream, merge)
    counts = _counts(received)
    return answer(**counts | {"refused": counts["refused"] + strange}, reaches=reaches_out(now))


async def get_run(request: Request) -> Response:
    """A run of one feed above a number. It can be gone on with in its middle while its tag is the same."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    writer = hex_in(request, "replica", 16)
    above = number_in(request.query_params.get("above", "0"))
    run = await desk.look(stream, lambda w: run_above(w, stream, writer, above, at_most_bytes=BATCH_BYTES))
    whole = pack(run.segments)
    tag = f'"{hashlib.sha256(whole).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        THROUGH: str(run.through),
        MORE: YES if run.more else NO,
    }
    start = _start(request, tag, len(whole))
    if not start:
        return Response(whole, media_type=BATCH, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
    return Response(whole[start:], status_code=206, media_type=BATCH, headers=headers)


def _start(request: Request, tag: str, size: int) -> int:
    """Where to go on; 0 when all of it is asked for, or it is not the same any more."""
    asked = request.headers.get("range", "")
    if not asked.startswith("bytes=") or not asked.endswith("-") or request.headers.get("if-range") != tag:
        return 0
    text = asked[6:-1]
    start = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return start if start < size else 0


async def get_directory(request: Request) -> Response:
    """Every entry of the site's directory that is here."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    entries = await desk.look(stream, lambda w: directory_here(w, stream))
    return Response(pack_entries(entries), media_type=CBOR)


async def put_directory(request: Request) -> Response:
    """Entries of the site's directory; what is not signed by those who may is passed over."""
    desk = desk_of(request)
    _replica, stream = await desk.caller(request)
    raw = await body_of(request, at_most=MAX_MESSAGE)

    def admit(workspace: Workspace) -> Received:
        entries = [one for one in unpack_entries(raw) if site_named(one) == stream]
        return take(workspace, [], entries=entries)

    received = await desk.write(stream, admit)
    return answer(new=received.entries_new, strange=received.entries_strange)


async def receipt(request: Request) -> Response:
    """What the hub holds of this stream, signed: with the files that the message asks about, if it is one."""
    desk = desk_of(request)
    replica, stream = await desk.caller(request)
    asked = []
    if request.method == "POST":
        asked = hashes_in(read_message(await body_of(request, at_most=MAX_MESSAGE)).get("files"))

    def hold(workspace: Workspace) -> tuple[dict[bytes, Reach], list[bytes]]:
        workspace.files.settle()
        return reaches(workspace, stream), [one for one in asked if workspace.files.has(one)]

    now, held = await desk.look(stream, hold)
    signed = sign_receipt(
        Receipt(
            hub=desk.door.keys.replica,
            device=replica,
            stream=stream,
            at_ms=wall_ms(),
            reaches=now,
            files=frozenset(held),
        ),
        desk.door.keys,
    )
    return Response(signed, media_type=CBOR)


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
