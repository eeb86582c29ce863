"""Pictures made on the spot, in the formats and states that cards bring."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from PIL import Image


def corner_picture(width: int = 120, height: int = 80) -> Image.Image:
    """Grey, with a red corner at the top left and a blue one at the bottom right."""
    picture = Image.new("RGB", (width, height), (120, 120, 120))
    picture.paste((250, 10, 10), (0, 0, width // 3, height // 3))
    picture.paste((10, 10, 250), (width - width // 3, height - height // 3, width, height))
    return picture


def noise_picture(width: int = 640, height: int = 480, seed: int = 0) -> Image.Image:
    """Coloured noise, coarse enough for a JPEG to keep."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (max(height // 8, 1), max(width // 8, 1), 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    store = io.BytesIO()
    picture.save(store, kind, **({"quality": 95} if kind == "JPEG" else {}) | more)
    return store.getvalue()


def exif_with_orientation(value: int, order: str = "<", entries_before: int = 2) -> bytes:
    """A block of EXIF with nothing in it but some other tags and the orientation."""
    body = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8)
    body += struct.pack(order + "H", entries_before + 1)
    for tag in range(entries_before):
        body += struct.pack(order + "HHII", 0x0100 + tag, 4, 1, 7)
    body += struct.pack(order + "HHIHH", 0x0112, 3, 1, value, 0) + struct.pack(order + "I", 0)
    return b"Exif\x00\x00" + body
