"""A segment as signed bytes: canonical CBOR with numbered keys, and everything checked on the way in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import cbor2

from ranger_app.domain.changes import FORMAT, MAX_OPS_READ, Dot, Op, Segment
from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

MAX_SEGMENT = 64 << 20  # bytes
_DEPTH = 8
_OWN = b""
"""A dot of the segment's own feed leaves the replica out."""

# Permanent numbers of a segment's entries. A reader keeps the bytes, so later numbers are relayed unread.
_FORMAT, _STREAM, _REPLICA, _SEQ, _PREVIOUS, _HLC, _AUTHOR, _DIRECTORY, _SCHEMA, _ACTION, _OPS = range(1, 12)


def encode(segment: Segment) -> bytes:
    """The bytes that are hashed and signed."""
    return cbor2.dumps(
        {
            _FORMAT: FORMAT,
            _STREAM: segment.stream,
            _REPLICA: segment.replica,
            _SEQ: segment.seq,
            _PREVIOUS: segment.previous,
            _HLC: segment.hlc,
            _AUTHOR: segment.author,
            _DIRECTORY: segment.directory_version,
            _SCHEMA: segment.schema_version,
            _ACTION: segment.action,
            _OPS: [_op_out(op, segment.replica) for op in segment.ops],
        },
        canonical=True,
    )


def hash_of(body: bytes) -> bytes:
    """SHA-256; the next segment of the feed names it."""
    return hashlib.sha256(body).digest()


def decode(untrusted: bytes) -> Segment:
    """A segment from bytes of any origin; `BadInput` when it is none that this program can hold."""
    if len(untrusted) > MAX_SEGMENT:
        raise _bad()
    try:
        content = cbor2.loads(untrusted, max_depth=_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
        if not isinstance(content, dict) or content[_FORMAT] != FORMAT:
            raise _bad()
        replica = _sized(content[_REPLICA], 16)
        ops = content[_OPS]
        if not isinstance(ops, list) or len(ops) > MAX_OPS_READ:
            raise _bad()
        return Segment(
            stream=_sized(content[_STREAM], 16),
            replica=replica,
            seq=_whole(content[_SEQ], 1),
            previous=_sized(content[_PREVIOUS], 32) if content[_PREVIOUS] else b"",
            hlc=_whole(content[_HLC]),
            author=_sized(content[_AUTHOR], 16) if content[_AUTHOR] else b"",
            directory_version=_whole(content[_DIRECTORY]),
            schema_version=_whole(content[_SCHEMA]),
            action=_text(content[_ACTION], 200),
            ops=tuple(_op_in(op, replica) for op in ops),
        )
    except (KeyError, TypeError, ValueError, IndexError, cbor2.CBORDecodeError, RecursionError):
        raise _bad() from None


def dots_out(dots: Iterable[Dot]) -> bytes:
    """Dots as a stored value."""
    return cbor2.dumps([list(d) for d in dots])


def _op_out(op: Op, replica: bytes) -> list[Any]:
    dots = [[_OWN if d.replica == replica else d.replica, d.seq, d.op] for d in op.replaces]
    return [op.kind, op.row, op.field, op.value, dots]


def _op_in(untrusted: Any, replica: bytes) -> Op:
    kind, row, field, value, dots = untrusted
    if not isinstance(dots, list):
        raise _bad()
    return Op(
        _whole(kind),
        _sized(row, 16),
        _whole(field),
        value,
        tuple(Dot(_sized(r, 16) if r else replica, _whole(s, 1), _whole(o)) for r, s, o in dots),
    )


def _sized(untrusted: Any, size: int) -> bytes:
    if not isinstance(untrusted, bytes) or len(untrusted) != size:
        raise _bad()
    return untrusted


def _whole(untrusted: Any, least: int = 0) -> int:
    if type(untrusted) is not int or not least <= untrusted < 2**63:
        raise _bad()
    return untrusted


def _text(untrusted: Any, longest: int) -> str:
    if not isinstance(untrusted, str) or len(untrusted) > longest:
        raise _bad()
    return untrusted


def _bad() -> BadInput:
    return BadInput(
        _("A record of changes does not read as it should."),
        _("Ask for the bundle again; nothing of the damaged part was taken."),
    )
