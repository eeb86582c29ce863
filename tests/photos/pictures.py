"""Draws pictures as cameras leave them on a card, with a time, a place or damage of one's choice."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, TiffImagePlugin

TAKEN = datetime(2024, 5, 31, 8, 25, 38)


def drawn(seed: int = 0, *, size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """A picture of coloured noise; the same for the same seed."""
    noise = random.Random(seed).randbytes(8 * 6 * 3)
    return Image.frombytes("RGB", (8, 6), noise).resize(size).convert(mode)


def jpeg(
    seed: int = 0,
    *,
    taken: datetime | None = TAKEN,
    size: tuple[int, int] = (64, 48),
    mode: str = "RGB",
    tags: dict[int, Any] | None = None,
    details: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
) -> bytes:
    """The bytes of a JPEG; `tags`, `details` and `gps` are Exif tags by number, as Pillow takes them."""
    exif = Image.Exif()
    inner = exif.get_ifd(0x8769)
    if taken:
        inner[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    inner.update(details or {})
    exif.get_ifd(0x8825).update(gps or {})
    exif.update(tags or {})
    out = io.BytesIO()
    drawn(seed, size=size, mode=mode).save(out, "JPEG", exif=exif if taken or tags or details or gps else b"")
    return out.getvalue()


def rational(numerator: int, denominator: int) -> TiffImagePlugin.IFDRational:
    return TiffImagePlugin.IFDRational(numerator, denominator)


def card_of(
    folder: Path,
    count: int,
    *,
    gap: timedelta = timedelta(seconds=1),
    first: int = 0,
    start: datetime = TAKEN,
) -> Path:
    """A folder with `count` pictures, `gap` apart, numbered as a camera does."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"IMG_{number:04}.JPG").write_bytes(jpeg(number, taken=start + (number - first) * gap))
    return folder
