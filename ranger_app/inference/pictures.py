"""Opens a picture that anybody's camera wrote, upright, in eight-bit colour, with a note for each oddity."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.domain.readable import Readable, hash_of
from ranger_app.i18n import _
from ranger_app.inference.clips import SIGN_BYTES, Film, Frame, clip_format, frame_at

FILE_BYTES_AT_MOST = 512 * 2**20
PIXELS_AT_MOST = 178_956_970  # where Pillow, too, speaks of a decompression bomb
FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF", "AVIF")  # by content; never EPS, which runs programs
JPEG_END = b"\xff\xd9"
ORIENTATION_TAG = 0x0112
EXIF_ENTRIES_AT_MOST = 200

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# All that Pillow's decoders raise on damaged files.
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright RGB picture. `image` may be smaller than width_px × height_px, which the file has."""

    image: Image.Image
    width_px: int
    height_px: int
    sha256: str
    notes: tuple[str, ...]


def open_picture(
    source: Readable | bytes, *, draft_px: int = 0, at_s: float | None = None, sha256: str = ""
) -> Picture:
    """The picture in a file, or in the bytes of one; of a clip the frame at that second.

    draft_px: a JPEG may be decoded small (1/2, 1/4 or 1/8) as long as both sides keep this many pixels;
    0 decodes in full. sha256: of the bytes (hex), where it is known. A JPEG that is cut off is decoded as
    far as it goes. Raises `NotFound` or `BadInput`.
    """
    raw = source if isinstance(source, bytes) else picture_bytes(source)
    if raw is None or clip_format(raw):
        with opened_film(source) as film:
            return picture_of(frame_at(film, at_s), film_hash(source))
    notes: list[str] = []
    image, size, exif = _decode(raw, draft_px, notes)
    turn = _TURNS.get(orientation(exif))
    image = _eight_bit_rgb(image, notes)
    if turn is not None:
        image = image.transpose(turn)
        if turn not in _TURNS_THAT_LIE:
            size = size[::-1]
    return Picture(image, *size, sha256 or hashlib.sha256(raw).hexdigest(), tuple(notes))


_TURNS_THAT_LIE = (_TURNS[2], _TURNS[3], _TURNS[4])  # width stays width


def picture_of(frame: Frame, sha256: str) -> Picture:
    """One frame of the clip with this SHA-256 as a picture."""
    return Picture(frame.image, *frame.image.size, sha256, ())


def picture_bytes(path: Readable) -> bytes | None:
    """The bytes of a picture's file; None for a clip, which is not read as a whole. Raises as `read_file`."""
    with _told(path), _open(path) as file:
        is_clip = clip_format(file.read(SIGN_BYTES)) is not None
        return None if is_clip else _all_of(file, path)


def read_file(path: Readable) -> bytes | None:
    """The bytes of a file of bearable size; None for a longer clip. Raises `NotFound` or `BadInput`."""
    with _told(path), _open(path) as file:
        return _all_of(file, path)


@contextmanager
def opened_film(source: Readable | bytes) -> Iterator[Film]:
    """A clip, to be decoded. Raises `NotFound` or `BadInput`."""
    if isinstance(source, bytes):
        yield source
        return
    with _told(source):
        file = _open(source)
    with file:
        yield file


def film_hash(source: Readable | bytes) -> str:
    """The SHA-256 of a clip (hex)."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with _told(source):
        return hash_of(source).hex()


def decoded_pixels(raw: bytes, draft_px: int) -> int:
    """How many pixels the picture has once it is decoded; 0 where that does not show in its header."""
    try:
        image = Image.open(io.BytesIO(raw), formats=FORMATS)
        if draft_px:
            image.draft("RGB", (draft_px, draft_px))
    except (*_FAULTS, *_BOMBS):
        return 0
    return image.width * image.height


def _all_of(file: BinaryIO, path: Readable) -> bytes | None:
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size_bytes <= FILE_BYTES_AT_MOST:
        return file.read(size_bytes)  # no more: asking for the most that may be costs a millisecond
    if clip_format(file.read(SIGN_BYTES)):
        return None
    raise BadInput(_("{name} is too large for a picture.").format(name=path.name))


def _open(path: Readable) -> BinaryIO:
    if isinstance(path, Path) and not stat.S_ISREG(os.stat(path).st_mode):
        raise BadInput(_("{name} is not a file.").format(name=path.name))
    file = path.open("rb")
    if not file.seek(0, os.SEEK_END):
        file.close()
        raise BadInput(_("{name} is empty.").format(name=path.name))
    file.seek(0)
    return file


@contextmanager
def _told(path: Readable) -> Iterator[None]:
    """What the disk says while a file is read, as what can be shown."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(
            _("{name} is not there any more.").format(name=path.name),
            _("Put the card or disk back, and run this again."),
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(_("{name} cannot be read: {reason}.").format(name=path.name, reason=reason)) from error


def orientation(exif: bytes) -> int:
    """The EXIF orientation 1 to 8 in a block of EXIF (TIFF 6.0), or 1 when it cannot be made out.

    Read by hand because Pillow reads the whole block, and raises on the odd ones that cameras write.
    """
    body = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", body, 4)
        (count,) = struct.unpack_from(order + "H", body, start)
        for place in range(min(count, EXIF_ENTRIES_AT_MOST)):
            tag, _kind, _length, value = struct.unpack_from(order + "HHIH", body, start + 2 + 12 * place)
            if tag == ORIENTATION_TAG:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _decode(raw: bytes, draft_px: int, notes: list[str]) -> tuple[Image.Image, tuple[int, int], bytes]:
    """The decoded picture, the size that the file has, and its EXIF."""
    try:
        return _load(raw, draft_px)
    except _BOMBS as error:
        raise _too_large() from error
    except _FAULTS as error:
        if not raw.startswith(b"\xff\xd8"):
            raise _damaged(raw) from error
    try:  # with an end put to it, the decoder gives what is there and fills the rest
        found = _load(raw + JPEG_END, draft_px)
    except _BOMBS as error:
        raise _too_large() from error
    except _FAULTS as error:
        raise _damaged(raw) from error
    notes.append(_("The file is cut off or damaged; what could be read of it was looked at."))
    return found


def _load(raw: bytes, draft_px: int) -> tuple[Image.Image, tuple[int, int], bytes]:
    image = Image.open(io.BytesIO(raw), formats=FORMATS)
    size = image.size
    if min(size) < 1 or size[0] * size[1] > PIXELS_AT_MOST:
        raise _too_large()
    exif = image.info.get("exif")
    if draft_px:
        image.draft("RGB", (draft_px, draft_px))
    image.load()
    return image, size, exif if isinstance(exif, bytes) else b""


def _eight_bit_rgb(image: Image.Image, notes: list[str]) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode == "CMYK":
        notes.append(_("The picture is in printing colours (CMYK)."))
    if image.mode.startswith("I;16"):
        notes.append(_("The picture has 16 bits a pixel, of which 8 are used."))
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        notes.append(_("The picture has more than 8 bits a pixel; it was stretched from black to white."))
        values = np.nan_to_num(np.asarray(image, np.float64), posinf=0.0, neginf=0.0)
        values -= values.min()
        return Image.fromarray((values * (255 / max(values.max(), 1e-9))).astype(np.uint8)).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")


def _too_large() -> KnownError:
    return BadInput(
        _("The picture has more than {count} million pixels.").format(count=PIXELS_AT_MOST // 1_000_000),
        _("Make it smaller with another program; no camera trap writes such pictures."),
    )


def _damaged(raw: bytes) -> KnownError:
    if raw[4:8] == b"ftyp" and raw[8:12] not in (b"avif", b"avis"):
        return BadInput(_("The file is a clip or a kind of picture that is not read here."))
    return BadInput(_("The file is no picture, or too damaged to be read."))
