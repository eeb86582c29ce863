"""Reads the few things that makers of camera traps write into their own block instead of the standard tags.

Reconyx HyperFire: 16-bit numbers at fixed places, as ExifTool documents them (Reconyx tags, HyperFire).
Many of these cameras write the time nowhere else once a program has rewritten the standard tags.
"""

from __future__ import annotations

import struct
from typing import Any

HYPERFIRE = 0xF101
HYPERFIRE_BYTES = 2 * 0x15 + 30
_SEQUENCE, _TIME, _TEMPERATURE, _SERIAL = (2 * place for place in (0x07, 0x0B, 0x14, 0x15))


def read_maker_note(note: bytes, order: str) -> dict[str, Any]:
    """Named facts of a maker note, empty when it is not one that we know. `order` is that of the block."""
    if len(note) < HYPERFIRE_BYTES or struct.unpack_from(order + "H", note)[0] != HYPERFIRE:
        return {}
    second, minute, hour, month, day, year = struct.unpack_from(order + "6H", note, _TIME)
    serial = note[_SERIAL : _SERIAL + 30].decode("utf-16-le" if order == "<" else "utf-16-be", "replace")
    return {
        "Reconyx:DateTimeOriginal": f"{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}",
        "Reconyx:Sequence": list(struct.unpack_from(order + "2H", note, _SEQUENCE)),
        "Reconyx:AmbientTemperature": struct.unpack_from(order + "h", note, _TEMPERATURE)[0],
        "Reconyx:SerialNumber": "".join(filter(str.isalnum, serial.partition("\0")[0])),
    }
