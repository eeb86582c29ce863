"""Copies of pictures without what they tell of their place and maker; the picture itself is not touched."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import TYPE_CHECKING

from ranger_app.domain.readable import Readable

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL_PX = 480
THUMBNAIL_QUALITY = 72
PIXELS_AT_MOST = 200_000_000
CLEANED = frozenset({"image/jpeg", "image/png"})
"""The media types that `without_metadata` can clean."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TELLS = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"dSIG", b"caBX"})
_SCAN, _END = 0xDA, 0xD9
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The next marker behind a scan: stuffed zeros, restart markers and fill bytes belong to it."""
_ICC = b"ICC_PROFILE\0"


def without_metadata(content: bytes) -> bytes | None:
    """The same picture without EXIF, XMP, IPTC, comments and text; None when it cannot be taken apart.

    Pixels are copied as they are. Of the EXIF of a JPEG only the orientation stays, or it would lie on its
    side. Structure by ITU-T T.81 annex B and the PNG specification, section 5.
    """
    if content.startswith(b"\xff\xd8"):
        return _clean_jpeg(content)
    if content.startswith(_PNG):
        return _clean_png(content)
    return None


def thumbnail(file: Readable) -> bytes:
    """A small upright JPEG without metadata; empty when the file is no picture that we can read."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with (
            file.open("rb") as source,
            Image.open(source, formats=("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")) as opened,
        ):
            if opened.width * opened.height > PIXELS_AT_MOST:
                return b""
            opened.draft("RGB", (THUMBNAIL_PX, THUMBNAIL_PX))  # a JPEG is decoded small
            opened.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
            small = _on_white(ImageOps.exif_transpose(opened))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which a JPEG does not have; a copy, so that no hidden data hang on it."""
    from PIL import Image

    if picture.mode == "RGB":
        plain = Image.new("RGB", picture.size)
        plain.paste(picture)
        return plain
    seen = picture.convert("RGBA")
    plain = Image.new("RGB", picture.size, "white")
    plain.paste(seen, mask=seen.getchannel("A"))
    return plain


def _clean_jpeg(content: bytes) -> bytes | None:
    kept, at = [content[:2]], 2
    orientation = _orientation(content)
    if orientation != 1:
        kept.append(_exif_with(orientation))
    while at + 2 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes before a marker
            at += 1
            continue
        if marker == _END:  # whatever hangs on behind the picture is left out: cameras put previews there
            kept.append(content[at : at + 2])
            return b"".join(kept)
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at : at + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            return None
        if not _tells(marker, segment[4:]):
            kept.append(segment)
        at += 2 + length
        if marker == _SCAN:
            following = _AFTER_SCAN.search(content, at)
            end = following.start() if following else len(content)
            kept.append(content[at:end])
            at = end
    # A cut file ends within its scan: what there is of it is kept. Without any scan it is no picture.
    return b"".join(kept) if at >= len(content) - 3 and any(one[:2] == b"\xff\xda" for one in kept) else None


def _tells(marker: int, body: bytes) -> bool:
    """Whether a segment carries words or numbers about the picture rather than the picture."""
    if marker == 0xFE:  # comment
        return True
    if not 0xE0 <= marker <= 0xEF:
        return False
    # JFIF, the colour profile and Adobe's colour transform are needed to show the picture right.
    needed = (
        (marker == 0xE0 and body.startswith(b"JFIF\0"))
        or (marker == 0xE2 and body.startswith(_ICC))
        or (marker == 0xEE and body.startswith(b"Adobe"))
    )
    return not needed


def _orientation(content: bytes) -> int:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as opened:
            found = opened.getexif().get(0x0112, 1)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _exif_with(orientation: int) -> bytes:
    """An APP1 segment whose EXIF (TIFF, big-endian) has one entry: the orientation."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _clean_png(content: bytes) -> bytes | None:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        length = struct.unpack_from(">I", content, at)[0]
        kind = content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(
            content[end - 4 : end]
        ):
            return None
        if kind not in _PNG_TELLS:
            kept.append(content[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(kept)
    return None
