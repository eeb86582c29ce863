"""Says what a file is from its own bytes: kind of picture, size, colours, whether it is whole.

Only the header is read, no pixel is decoded, and every length is checked before it is believed.
JPEG: ITU-T T.81 annex B; PNG: W3C PNG third edition; TIFF: revision 6.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ranger_app.inference.clips import Film, read_clip_header
from ranger_app.photos.intake.exif import Exif, read_exif

PIXELS_AT_MOST = 300_000_000
"""Twice the largest camera's picture; more than this is made to fill a memory."""
SEGMENTS_AT_MOST = 4_000
EXIF_MARK = b"Exif\0\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a picture file is. Sizes are as stored, before the orientation is applied."""

    media_type: str
    width_px: int
    height_px: int
    channels: int = 3
    """1 grey, 3 colour, 4 print colours (CMYK) in a JPEG."""
    whole: bool = True
    """False when the file ends before its picture does."""
    exif: Exif = field(default_factory=Exif)

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height in pixels after the orientation."""
        size = (self.width_px, self.height_px)
        return size[::-1] if self.exif.orientation >= 5 else size


def read_header(data: bytes) -> Header | None:
    """What the whole file `data` is, or None when it is no picture that Ranger reads. Never raises."""
    if data.startswith(b"\xff\xd8\xff"):
        found = _jpeg(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = _png(data)
    elif data[:4] in (b"II*\0", b"MM\0*"):
        found = _tiff(data)
    else:
        return clip_header(data)
    if found is None or not 0 < found.width_px * found.height_px <= PIXELS_AT_MOST:
        return None
    return found


def clip_header(film: Film) -> Header | None:
    """What a clip is, or None when it is none that Ranger reads. Never raises."""
    said = read_clip_header(film)
    if said is None:
        return None
    return Header(
        media_type=said.media_type,
        width_px=said.width_px,
        height_px=said.height_px,
        exif=Exif(taken_local=said.taken_local, taken_raw=said.taken_raw),
    )


def _jpeg(data: bytes) -> Header | None:
    exif = Exif()
    size: tuple[int, int, int] | None = None
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE1 and data.startswith(EXIF_MARK, start) and not exif.tags:
            exif = read_exif(memoryview(data)[start + len(EXIF_MARK) : end])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and end - start >= 6:
            height, width, channels = struct.unpack_from(">HHB", data, start + 1)
            size = (width, height, channels)
        elif marker == 0xDA and size:
            width, height, channels = size
            # Inside the scans 0xFF is always stuffed, so this can only be the end of the picture;
            # the small picture inside the Exif block lies before.
            whole = data.rfind(b"\xff\xd9", end) >= 0
            return Header(
                media_type="image/jpeg",
                width_px=width,
                height_px=height,
                channels=channels,
                whole=whole,
                exif=exif,
            )
    return None


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment's content up to the first scan."""
    at = 2
    for _ in range(SEGMENTS_AT_MOST):
        at = data.find(b"\xff", at)
        while at >= 0 and data[at : at + 2] == b"\xff\xff":  # any number of fill bytes may stand before
            at += 1
        if at < 0 or at + 4 > len(data):
            return
        marker = data[at + 1]
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD9:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > len(data):
            return
        yield marker, at + 4, end
        at = end


def _png(data: bytes) -> Header | None:
    if len(data) < 33 or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", data, 16)
    exif, at, whole = Exif(), 33, False
    for _ in range(SEGMENTS_AT_MOST):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"IEND":
            whole = True
            break
        if name == b"eXIf" and at + 8 + length <= len(data):
            exif = read_exif(memoryview(data)[at + 8 : at + 8 + length])
        at += 12 + length
    channels = 1 if data[25] in (0, 4) else 3
    return Header(
        media_type="image/png", width_px=width, height_px=height, channels=channels, whole=whole, exif=exif
    )


def _tiff(data: bytes) -> Header | None:
    exif = read_exif(data)
    if not exif.width_px or not exif.height_px:
        return None
    return Header(
        media_type="image/tiff",
        width_px=exif.width_px,
        height_px=exif.height_px,
        whole=not exif.damaged,
        exif=exif,
    )
