"""What a laptop and a hub say to each other: shapes of messages, their limits, and what is signed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.entries import SignedEntry
from ranger_app.security.keys import DeviceKeys, genuine, replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.exchange.carrying import Reach, Reaches

VERSION = 1
CBOR = "application/cbor"
BATCH = "application/vnd.ranger.batch"
"""Segments as `sync.batches` packs them."""
OCTETS = "application/octet-stream"

MAX_HELLO = 64 << 10  # bytes; anybody may send one
MAX_MESSAGE = 4 << 20
"""Bytes of any other message, and of a batch that comes at once; a larger one is uploaded first."""
MAX_HASHES = 10_000
"""Files that may be asked about in one message."""
MAX_FEEDS = 50_000
MAX_STREAMS = 1_000
MAX_AT_MS = 253_402_300_800_000
"""The year 10000, which no calendar here has."""
MAX_FILE = 64 << 30  # bytes
MAX_WORD = 256 << 10
"""Bytes of what a laptop signs of itself; there is one of each laptop in an answer."""
MAX_WORDS = 32 << 20  # bytes
MAX_TYPE = (1 << 31) - 1
"""Of a record on a stick."""
CHALLENGE_BYTES = 8 + 16 + 32
NONCE_BYTES = 32

# Headers of the draft "Resumable Uploads for HTTP" of the IETF (draft-ietf-httpbis-resumable-upload).
OFFSET, LENGTH, COMPLETE = "Upload-Offset", "Upload-Length", "Upload-Complete"
YES, NO = "?1", "?0"
THROUGH, MORE = "Ranger-Through", "Ranger-More"

_HELLO = b"ranger hub hello v1"
_PROOF = b"ranger hub proof v1"
_RECEIPT = "ranger hub receipt v1"
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Holding:
    """What a hub has of one stream: how far each feed goes, and one name for its directory."""

    reaches: Reaches
    directory: bytes = b""
    """See `directory_mark`; empty while there is no directory."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a hub answers to a laptop that has shown who it is."""

    token: str
    streams: Mapping[bytes, Holding]
    """Those that this laptop may exchange, and that it asked for."""
    granted: tuple[bytes, ...]
    """Every stream that it was let in to by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a hub signs: that it holds these segments and files for good. `raw` is the signed form."""

    hub: bytes
    device: bytes
    stream: bytes
    at_ms: int
    reaches: Reaches
    files: frozenset[bytes]
    raw: bytes = b""


def stray_out(type_: int, payload: bytes) -> bytes:
    """A record that nobody here can read, as it travels: CBOR `[type, payload]`."""
    return cbor2.dumps([type_, payload])


def stray_head(type_: int, size: int) -> bytes:
    """What stands before a payload of so many bytes."""
    empty = stray_out(type_, b"")[:-1]
    if size < 24:
        return empty + bytes([0x40 | size])
    for lead, width in ((0x58, 1), (0x59, 2), (0x5A, 4)):
        if size < 1 << 8 * width:
            return empty + bytes([lead]) + size.to_bytes(width, "big")
    raise ValueError("a record holds less than 4 GiB")


def stray_in(untrusted: bytes) -> tuple[int, bytes]:
    """The same of any origin, or `BadInput`."""
    try:
        type_, payload = read_cbor(untrusted, depth=2)
    except (ValueError, TypeError):
        raise unreadable() from None
    if type(type_) is not int or not 0 <= type_ <= MAX_TYPE or type(payload) is not bytes:
        raise unreadable()
    return type_, payload


def directory_mark(entries: Iterable[SignedEntry]) -> bytes:
    """One name for a set of entries; empty for none."""
    hashes = sorted(hashlib.sha256(entry.body).digest() for entry in entries)
    return hashlib.sha256(b"".join(hashes)).digest() if hashes else b""


def hello_text(hub_key: bytes, challenge: bytes, device_key: bytes) -> bytes:
    """What a laptop signs to show who it is: for this hub, and this once."""
    return cbor2.dumps([_HELLO, hub_key, challenge, device_key], canonical=True)


def proof_text(nonce: bytes, device_key: bytes) -> bytes:
    """What a hub signs to show that the key is its own: for this laptop, and this once."""
    return cbor2.dumps([_PROOF, nonce, device_key], canonical=True)


def message(content: Mapping[str, Any]) -> bytes:
    """A message as bytes."""
    return cbor2.dumps(dict(content), canonical=True)


def read_message(untrusted: bytes, *, at_most: int = MAX_MESSAGE) -> dict[str, Any]:
    """A message of any origin; `BadInput` when it is none."""
    try:
        if len(untrusted) > at_most:
            raise ValueError("too long")
        content = read_cbor(untrusted, depth=_DEPTH)
        if type(content) is not dict or not all(type(key) is str for key in content):
            raise ValueError("not a map")
    except ValueError:
        raise unreadable() from None
    return content


def unreadable() -> BadInput:
    """The error for a message that is not what it should be."""
    return BadInput(
        _("The other side of the line said something that cannot be read."),
        _("Check the address of the hub, and that both sides have a recent Ranger."),
    )


def sized(untrusted: Any, size: int) -> bytes:
    """Exactly so many bytes, or `BadInput`."""
    if type(untrusted) is not bytes or len(untrusted) != size:
        raise unreadable()
    return untrusted


def hashes_in(untrusted: Any) -> list[bytes]:
    """A bounded list of SHA-256, or `BadInput`."""
    if type(untrusted) is not list or len(untrusted) > MAX_HASHES:
        raise unreadable()
    return [sized(one, 32) for one in untrusted]


def streams_in(untrusted: Any) -> list[bytes]:
    """A bounded list of streams, or `BadInput`."""
    if type(untrusted) is not list or len(untrusted) > MAX_STREAMS:
        raise unreadable()
    return [sized(one, 16) for one in untrusted]


def holdings_out(holdings: Mapping[bytes, Holding]) -> dict[bytes, Any]:
    """Holdings by stream, as they stand in a message."""
    return {s: {"reaches": reaches_out(h.reaches), "directory": h.directory} for s, h in holdings.items()}


def holdings_in(untrusted: Any) -> dict[bytes, Holding]:
    """Holdings from a message of any origin."""
    if type(untrusted) is not dict or len(untrusted) > MAX_STREAMS:
        raise unreadable()
    found = {}
    for stream, said in untrusted.items():
        if type(said) is not dict:
            raise unreadable()
        mark = said.get("directory", b"")
        found[sized(stream, 16)] = Holding(reaches_in(said.get("reaches")), sized(mark, 32) if mark else b"")
    return found


def reaches_out(reaches: Reaches) -> dict[bytes, list[Any]]:
    return {replica: [reach.upto, reach.beyond] for replica, reach in reaches.items()}


def reaches_in(untrusted: Any) -> Reaches:
    if type(untrusted) is not dict or len(untrusted) > MAX_FEEDS:
        raise unreadable()
    found: Reaches = {}
    for replica, said in untrusted.items():
        if type(said) is not list or len(said) < 2:
            raise unreadable()
        upto, beyond = said[:2]
        if type(upto) is not int or not 0 <= upto < 2**63:
            raise unreadable()
        found[sized(replica, 16)] = Reach(upto, sized(beyond, 32) if beyond else b"")
    return found


def sign_receipt(receipt: Receipt, keys: DeviceKeys) -> bytes:
    """The receipt in its signed form: CBOR `[public key, text, signature]`, the text being CBOR too."""
    text = cbor2.dumps(
        {
            "purpose": _RECEIPT,
            "hub": receipt.hub,
            "device": receipt.device,
            "stream": receipt.stream,
            "at_ms": receipt.at_ms,
            "reaches": reaches_out(receipt.reaches),
            "files": sorted(receipt.files),
        },
        canonical=True,
    )
    return cbor2.dumps([keys.public_key, text, keys.sign(text)], canonical=True)


def read_receipt(untrusted: bytes) -> Receipt:
    """A receipt of any origin, its signature checked; `BadInput` when it is none."""
    try:
        if len(untrusted) > MAX_MESSAGE:
            raise ValueError("too long")
        public_key, text, signature = read_cbor(untrusted, depth=2)
        if not genuine(sized(public_key, 32), text, sized(signature, 64)):
            raise ValueError("not signed")
        said = read_message(text)
    except (ValueError, TypeError):
        raise unreadable() from None
    at_ms = said.get("at_ms")
    if said.get("purpose") != _RECEIPT or said.get("hub") != replica_of(public_key) or type(at_ms) is not int:
        raise unreadable()
    if not 0 <= at_ms < MAX_AT_MS:
        raise unreadable()
    return Receipt(
        hub=said["hub"],
        device=sized(said.get("device"), 16),
        stream=sized(said.get("stream"), 16),
        at_ms=at_ms,
        reaches=reaches_in(said.get("reaches")),
        files=frozenset(hashes_in(said.get("files"))),
        raw=untrusted,
    )
