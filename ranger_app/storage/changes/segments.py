"""A segment as signed bytes: deterministic CBOR by position, and everything checked on the way in."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import cbor2

from ranger_app.domain.changes import FORMAT, MAX_OPS_READ, Dot, Op, Segment
from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import INSERT
from ranger_app.i18n import _
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.changes.leaves import HASH_BYTES, LeavesWriter, filled, signed_part, split

MAX_SEGMENT = 48 << 20  # bytes; with its signature it fits one record of a bundle
SEGMENT_BYTES = 1 << 20
"""Ranger begins a new segment beyond this; one op can be larger, up to `MAX_SEGMENT`."""
MAX_FIELDS = 1_000  # values in the op that makes a record
_DEPTH = 8
_BEYOND = 2**63
_OWN = b""
"""A dot of the segment's own feed leaves the replica out."""

# A segment is a list: format, stream, replica, number, hash of the one before, stamp, author, directory
# version, schema version, action, ops. A reader keeps the bytes, so what a later version appends to the list
# is relayed unread. An op is [kind, row, field, value, dots]; the values of a whole record are one flat list
# of number, value, number, value, because a map with numbers for keys could be made to collide.
# Of a segment with sensitive values (see `leaves`) there are two more: the hash of its leaves, and a zero.
_ENTRIES = 11


class OpsWriter:
    """The ops of one segment of a replica, encoded as they come. With `seals`, sensitive values are put into
    leaves."""

    def __init__(self, replica: bytes, *, seals: bool = False) -> None:
        self._replica = replica
        self._leaves = LeavesWriter() if seals else None
        self._bytes = io.BytesIO()
        self._encode = cbor2.CBOREncoder(self._bytes, canonical=True).encode
        self.count = 0

    @property
    def size_bytes(self) -> int:
        return self._bytes.tell() + (self._leaves.size_bytes if self._leaves else 0)

    def put(self, op: Op) -> None:
        """Add an op at the end."""
        kind, row, field, value, replaces = op
        if self._leaves is not None:
            value = self._leaves.take(op)
        own = self._replica
        dots = [[_OWN if r == own else r, seq, index] for r, seq, index in replaces] if replaces else ()
        self._encode((kind, row, field, value, dots))
        self.count += 1

    def body(self, head: Segment) -> bytes:
        """The bytes of a segment like `head` with these ops: what is to be signed (see `signed_part`), and
        behind it the leaves."""
        root, behind = self._leaves.close() if self._leaves else (b"", b"")
        entries: tuple[Any, ...] = (
            FORMAT,
            head.stream,
            head.replica,
            head.seq,
            head.previous,
            head.hlc,
            head.author,
            head.directory_version,
            head.schema_version,
            head.action,
        )
        # The list of ops is the last entry: its own head, then the ops as they are.
        before = cbor2.dumps([*entries, [], *([None, None] if root else ())], canonical=True)
        before = before[: -3 if root else -1]
        after = cbor2.dumps(root) + b"\0" if root else b""
        return b"".join((before, _list_head(self.count), self._bytes.getvalue(), after, behind))


def encode(segment: Segment) -> bytes:
    """The bytes of a whole segment."""
    ops = OpsWriter(segment.replica)
    for op in segment.ops:
        ops.put(op)
    return ops.body(segment)


def _list_head(length: int) -> bytes:
    """The first bytes of a CBOR list of this length (RFC 8949, 3.1)."""
    if length < 24:
        return bytes((0x80 | length,))
    return b"\x98" + bytes((length,)) if length < 256 else b"\x99" + length.to_bytes(2, "big")


def hash_of(body: bytes) -> bytes:
    """SHA-256 of what was signed; the next segment of the feed names it."""
    return hashlib.sha256(signed_part(body)).digest()


def decode(untrusted: bytes, *, marked: bool = False) -> Segment:
    """A segment from bytes of any origin; `BadInput` when it is none that this program can hold."""
    if len(untrusted) > MAX_SEGMENT:
        raise _bad()
    try:
        signed, leaves = split(untrusted)
        content = read_cbor(signed, depth=_DEPTH)
        if type(content) is not list or len(content) < _ENTRIES or content[0] != FORMAT:
            raise _bad()
        _format, stream, replica, seq, previous, hlc, author, directory, schema, action, ops = content[:11]
        replica, seq = _sized(replica, 16), _whole(seq, 1)
        if type(ops) is not list or len(ops) > MAX_OPS_READ:
            raise _bad()
        read, whole = [_op_in(op, Dot(replica, seq, index)) for index, op in enumerate(ops)], True
        if (root := _root(content)) and not marked:
            read, whole = filled(read, leaves, root)
        elif leaves:
            raise _bad()
        return Segment(
            stream=_sized(stream, 16),
            replica=replica,
            seq=seq,
            previous=_sized(previous, 32) if previous else b"",
            hlc=_whole(hlc),
            author=_sized(author, 16) if author else b"",
            directory_version=_whole(directory),
            schema_version=_whole(schema),
            action=_text(action, 200),
            ops=tuple(read),
            lacking=not whole,
        )
    except (TypeError, ValueError):
        raise _bad() from None


def decode_marked(untrusted: bytes) -> tuple[Op, ...]:
    """The ops of a segment as they were signed: with marks in the places of its sensitive values."""
    return decode(signed_part(untrusted), marked=True).ops


def _root(content: list[Any]) -> bytes:
    """The hash of the leaves; empty when there are none."""
    found = content[_ENTRIES] if len(content) > _ENTRIES else b""
    return found if type(found) is bytes and len(found) == HASH_BYTES else b""


def writer_in(body: bytes) -> tuple[bytes, str]:
    """Who wrote a segment that was checked when it was taken, and what they called it; its ops are not read,
    which makes this quick enough for a list of many."""
    file = io.BytesIO(body)
    if file.read(1)[0] & 0x1F >= 24:
        file.read(1)  # a list so long that its length has a byte of its own
    decode_next = cbor2.CBORDecoder(file).decode
    entries = [decode_next() for _ in range(_ENTRIES - 1)]
    return bytes(entries[6]), str(entries[9])


def _op_in(untrusted: Any, own: Dot) -> Op:
    kind, row, field, value, dots = untrusted
    if type(kind) is not int or type(field) is not int or type(row) is not bytes or type(dots) is not list:
        raise _bad()
    if not (0 <= kind < _BEYOND and 0 <= field < _BEYOND and len(row) == 16):
        raise _bad()
    if field == INSERT:
        value = _values_in(value)
    return Op(kind, row, field, value, tuple([_dot_in(dot, own) for dot in dots]) if dots else ())


def _values_in(untrusted: Any) -> list[Any]:
    if type(untrusted) is not list or len(untrusted) > 2 * MAX_FIELDS or len(untrusted) % 2:
        raise _bad()
    numbers = {_whole(number) for number in untrusted[::2]}
    if 2 * len(numbers) != len(untrusted):
        raise _bad()
    return untrusted


def _dot_in(untrusted: Any, own: Dot) -> Dot:
    replica, seq, op = untrusted
    if type(seq) is not int or type(op) is not int or not (0 < seq < _BEYOND and 0 <= op < _BEYOND):
        raise _bad()
    if not replica or replica == own.replica:
        if (seq, op) >= own[1:]:
            raise _bad()  # nothing can be replaced before it is written
        return Dot(own.replica, seq, op)
    return Dot(_sized(replica, 16), seq, op)


def _sized(untrusted: Any, size: int) -> bytes:
    if type(untrusted) is not bytes or len(untrusted) != size:
        raise _bad()
    return untrusted


def _whole(untrusted: Any, least: int = 0) -> int:
    if type(untrusted) is not int or not least <= untrusted < _BEYOND:
        raise _bad()
    return untrusted


def _text(untrusted: Any, longest: int) -> str:
    if type(untrusted) is not str or len(untrusted) > longest:
        raise _bad()
    return untrusted


def _bad() -> BadInput:
    return BadInput(
        _("A record of changes does not read as it should."),
        _("Ask for the bundle again; nothing of the damaged part was taken."),
    )
