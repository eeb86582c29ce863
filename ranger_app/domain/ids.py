"""Ids that sort by time and need nobody's permission: UUID version 7, sixteen bytes."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from typing import NewType

from ranger_app.domain.errors import BadInput

Id = NewType("Id", bytes)

ID_BYTES = 16
_last = 0
_lock = threading.Lock()


def new_id() -> Id:
    """A fresh UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then a counter and random bits.

    Ids made by one process always increase, also within a millisecond and when the clock goes back.
    """
    global _last
    with _lock:
        # Milliseconds and the twelve bits after the version, seen as one number that only grows.
        _last = max(_last + 1, (time.time_ns() // 1_000_000) << 12)
        stamp = _last
    tail = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return _pack(stamp >> 12, stamp & 0xFFF, tail)


def derived_id(at_ms: int, *parts: str | bytes) -> Id:
    """The same id for the same parts on every laptop, shaped as a UUIDv7 at `at_ms` Unix milliseconds.

    For things that two people may make apart and that are one thing: the answer to one indicator,
    one model's result for one photo, one patrol of one SMART file.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4, "big") + raw)
    bits = int.from_bytes(digest.digest()[:10], "big")
    return _pack(max(at_ms, 0) & (1 << 48) - 1, bits >> 68, bits & (1 << 62) - 1)


def _pack(at_ms: int, twelve: int, tail: int) -> Id:
    return Id((at_ms << 80 | 0x7 << 76 | twelve << 64 | 0b10 << 62 | tail).to_bytes(ID_BYTES, "big"))


def id_text(value: Id) -> str:
    """The usual written form, such as 0190d3f2-…."""
    return str(uuid.UUID(bytes=bytes(value)))


def parse_id(text: str) -> Id:
    """An id from its written form; `BadInput` when it is not one."""
    try:
        return Id(uuid.UUID(text.strip()).bytes)
    except ValueError:
        raise BadInput(
            f"“{text[:60]}” is not an id.", "Copy the id as the list shows it, 36 characters."
        ) from None
