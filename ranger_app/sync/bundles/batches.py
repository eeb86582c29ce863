"""Signed segments packed for the way, by whatever carrier: a bounded list of them, compressed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

import cbor2
import zstandard

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.changes.segments import MAX_SEGMENT

BATCH_BYTES = 1 << 20
"""Of segments; a batch is closed when it has come to this."""
MAX_BATCH = MAX_SEGMENT + (8 << 20)
"""Bytes of segments in a batch, once unpacked: the largest one, and the few that came before it."""
_LEVEL = 3
_MAX_WINDOW = 1 << 27  # bytes
_PIECE = 1 << 20  # bytes


class WithBody(Protocol):
    """Whatever has the bytes of one segment."""

    @property
    def body(self) -> bytes: ...


S = TypeVar("S", bound=WithBody)


def pack(segments: Iterable[SignedSegment]) -> bytes:
    """A batch as bytes: CBOR `[[public key, body, signature], …]`, compressed with zstd."""
    return zstandard.compress(cbor2.dumps([[s.public_key, s.body, s.signature] for s in segments]), _LEVEL)


def unpack(untrusted: bytes) -> list[SignedSegment]:
    """The segments in a batch of any origin, its size bounded while it is unpacked; `BadInput` when it is
    none. Their signatures are looked at when they are taken."""
    try:
        return [_signed(*entry) for entry in read_cbor(b"".join(_decompressed(untrusted)), depth=3)]
    except (zstandard.ZstdError, ValueError, TypeError):
        raise BadInput(
            _("A batch of changes does not read as it should."),
            _("Ask for it again; nothing was taken from it."),
        ) from None


def in_batches(segments: Iterable[S]) -> Iterator[list[S]]:
    """The segments in their order, some `BATCH_BYTES` at a time."""
    batch: list[S] = []
    size = 0
    for segment in segments:
        batch.append(segment)
        size += len(segment.body)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _decompressed(untrusted: bytes) -> Iterator[bytes]:
    # The size that a frame declares is not believed: what comes out is counted.
    reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(untrusted)
    size = 0
    while piece := reader.read(_PIECE):
        size += len(piece)
        if size > MAX_BATCH:
            raise ValueError("unpacks to more than it may")
        yield piece


def _signed(public_key: Any, body: Any, signature: Any) -> SignedSegment:
    sound = (
        isinstance(public_key, bytes)
        and len(public_key) == 32
        and isinstance(body, bytes)
        and len(body) <= MAX_SEGMENT
        and isinstance(signature, bytes)
        and len(signature) == 64
    )
    if not sound:
        raise ValueError("not a signed segment")
    return SignedSegment(public_key, body, signature)
