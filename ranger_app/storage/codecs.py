"""How each kind of record is read and written, and which ops this version of the program can apply."""

from __future__ import annotations

from typing import Any

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.fields import DELETED, INSERT
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.storage.rows import Reads, RowCodec, fits

CODECS: dict[int, RowCodec] = {number: RowCodec(kind) for number, kind in BY_NUMBER.items()}


def reads(op: Op) -> Reads:
    """How much of an op this version can apply; the rest waits raw in its segment."""
    codec = CODECS.get(op.kind)
    if codec is None:
        return Reads.NOTHING
    if op.field == INSERT:
        return codec.reads(op.value)
    # An edit always names what it replaces, at least the op that made the record.
    if not op.replaces:
        return Reads.NOTHING
    if op.field == DELETED:
        return Reads.WHOLLY if _is_deletion_value(op.value) else Reads.NOTHING
    if op.field in codec.fixed:
        return Reads.NOTHING  # what is fixed was said when the record was made; nobody says otherwise
    check = codec.checks.get(op.field)
    return Reads.WHOLLY if check is not None and fits(check, op.value) else Reads.NOTHING


def sift(segment: Segment) -> tuple[list[tuple[int, Op]], bool]:
    """The ops of a segment that this version can apply, with their positions, and whether it reads all."""
    found: list[tuple[int, Op]] = []
    whole = True
    for index, op in enumerate(segment.ops):
        much = reads(op)
        if much is not Reads.NOTHING:
            found.append((index, op))
        whole = whole and much is Reads.WHOLLY
    return found, whole


def _is_deletion_value(untrusted: Any) -> bool:
    return (
        type(untrusted) is dict
        and untrusted.keys() == {"gone", "reason"}
        and type(untrusted["gone"]) is bool
        and type(untrusted["reason"]) is str
    )
