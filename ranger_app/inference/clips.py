"""Opens film clips that cameras write, frame by frame, however long they are, in bounded memory.

The kind of container is told from the first bytes and given to the reader, so that no playlist or other kind
that names further files or addresses is ever opened. Every count is bounded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

if TYPE_CHECKING:
    from PIL import Image

FRAMES_AT_MOST = 16
"""So many frames of a clip are looked at, evenly over it."""
A_FRAME_EVERY_S = 1.0
DECODED_AT_MOST = 4_000
"""Frames decoded one after the other, two minutes of film; in a longer clip each frame is sought."""
AFTER_SEEKING_AT_MOST = 600
"""Frames decoded from a key frame on; cameras write one every second or so."""
READ_AT_MOST = 256 * 2**20
"""Bytes read for the index of a clip, or on the way to the next frame; four gigabytes have a small index."""
SIGN_BYTES = 1024
"""So many first bytes tell what a file is."""
NEAR_S = 1e-3
TIME_BASE = 1_000_000
"""Parts of a second in which the length of a container is given (AV_TIME_BASE)."""
USUAL_RATE = 25
PIXELS_AT_MOST = 50_000_000
SHOWN_AT_S = 1.0
"""The frame that stands for a clip before a model has chosen: the first second is often still dark."""

_SIGNS: tuple[tuple[int, bytes, str, str], ...] = (
    (4, b"ftyp", "mov", "video/mp4"),
    (4, b"moov", "mov", "video/quicktime"),
    (4, b"mdat", "mov", "video/quicktime"),
    (8, b"AVI ", "avi", "video/x-msvideo"),
    (0, b"\x1a\x45\xdf\xa3", "matroska", "video/x-matroska"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "video/x-ms-asf"),
    (0, b"\x00\x00\x01\xba", "mpeg", "video/mpeg"),
)
Film = bytes | BinaryIO
"""A clip's bytes, or its open file."""
_PICTURES = (b"ftypavif", b"ftypavis", b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftypcrx ")
_TRANSPORT_BYTES = 188  # a packet of an MPEG transport stream, each of which begins with G


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a clip, upright as the film is."""

    at_s: float
    image: Image.Image


@dataclass(frozen=True, slots=True)
class ClipHeader:
    """What a clip says of itself."""

    media_type: str
    width_px: int
    height_px: int
    taken_raw: str
    taken_local: datetime | None
    """The time that the camera wrote, taken as its own wall clock."""


def clip_format(raw: bytes) -> tuple[str, str] | None:
    """The reader for a clip and its media type; None for anything that is no clip."""
    if raw[4:12] in _PICTURES:
        return None
    for at, sign, reader, media_type in _SIGNS:
        if raw[at : at + len(sign)] == sign and (reader != "avi" or raw.startswith(b"RIFF")):
            return reader, media_type
    steps = range(0, 4 * _TRANSPORT_BYTES, _TRANSPORT_BYTES)
    if len(raw) > max(steps) and all(raw[at] == ord("G") for at in steps):
        return "mpegts", "video/mp2t"
    return None


def read_clip_header(film: Film) -> ClipHeader | None:
    """Size and time of a clip, or None when its beginning is damaged. Never raises `BadInput`."""
    try:
        with _opened(film) as (container, stream, _source):
            said = str(container.metadata.get("creation_time") or container.metadata.get("date") or "")[:40]
            width, height = int(stream.codec_context.width), int(stream.codec_context.height)
            media_type = _kind(film)[1]
    except BadInput:
        return None
    if not 0 < width * height <= PIXELS_AT_MOST:
        return None
    return ClipHeader(media_type, width, height, said, _time(said))


def frames_of(film: Film, *, at_most: int = FRAMES_AT_MOST) -> Iterator[Frame]:
    """Frames evenly over a clip, at most one a second. Raises `BadInput` when not even one can be decoded.

    A clip that is cut off gives the frames that are there. Of a long one only what is wanted is decoded.
    """
    given = 0
    with _opened(film) as (container, stream, source):
        length_s = float(container.duration or 0) / TIME_BASE
        step_s = max(A_FRAME_EVERY_S, length_s / at_most)
        if _is_long(container, stream, length_s):
            last_s = -1.0
            for number in range(at_most):
                found = _sought(container, stream, source, number * step_s)
                if found is not None and found.at_s > last_s:
                    last_s = found.at_s
                    yield found
                    given += 1
        else:
            wanted_s = 0.0
            for at_s, frame in _decoded(container, stream, source):
                if given >= at_most:
                    break
                if at_s + NEAR_S < wanted_s:
                    continue
                yield Frame(at_s, _image(frame))
                given += 1
                wanted_s = max(wanted_s, at_s) + step_s
    if not given:
        raise _damaged()


def frame_at(film: Film, at_s: float | None = None) -> Frame:
    """The frame at that second, or the last one before the clip ends. Raises `BadInput`."""
    wanted_s = SHOWN_AT_S if at_s is None else at_s
    with _opened(film) as (container, stream, source):
        length_s = float(container.duration or 0) / TIME_BASE
        if _is_long(container, stream, length_s):
            found = _sought(container, stream, source, min(wanted_s, length_s))
        else:
            found = _first_from(_decoded(container, stream, source), wanted_s)
        if found is None:
            raise _damaged()
        return found


def _is_long(container: Any, stream: Any, length_s: float) -> bool:
    """Whether it has more frames than are decoded one after the other."""
    return length_s * float(stream.average_rate or USUAL_RATE) > DECODED_AT_MOST


def _sought(container: Any, stream: Any, source: Bounded, wanted_s: float) -> Frame | None:
    """The frame at that second of a long clip, decoded from the key frame before it."""
    import av

    source.allow()
    try:
        container.seek(int(wanted_s * TIME_BASE), backward=True)
    except (av.FFmpegError, ValueError):
        return None
    return _first_from(_decoded(container, stream, source, at_most=AFTER_SEEKING_AT_MOST), wanted_s)


def _first_from(frames: Iterator[tuple[float, Any]], wanted_s: float) -> Frame | None:
    """The first of the frames from that second on, else the last one."""
    found: tuple[float, Any] | None = None
    for found in frames:
        if found[0] + NEAR_S >= wanted_s:
            break
    return Frame(found[0], _image(found[1])) if found else None


def _kind(film: Film) -> tuple[str, str]:
    if isinstance(film, bytes):
        found = clip_format(film)
    else:
        film.seek(0)
        found = clip_format(film.read(SIGN_BYTES))
        film.seek(0)
    if found is None:
        raise _damaged()
    return found


@contextmanager
def _opened(film: Film) -> Iterator[tuple[Any, Any, Bounded]]:
    import av

    try:
        reader, _media_type = _kind(film)
        source = Bounded(io.BytesIO(film) if isinstance(film, bytes) else film)
        with av.open(source, format=reader, metadata_errors="replace") as container:
            streams = container.streams.video
            if not streams:
                raise _damaged()
            yield container, streams[0], source
    except (av.FFmpegError, ValueError, OSError, MemoryError) as error:
        raise _damaged() from error


class Bounded:
    """A film's bytes for the decoder, which gets READ_AT_MOST of them for each thing that it looks for.

    A clip may be as long as it likes; what is held of it at once is an index, or a frame, and both are less.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._left = READ_AT_MOST

    def allow(self) -> None:
        """From here on so much may be read again."""
        self._left = READ_AT_MOST

    def read(self, count: int) -> bytes:
        self._left -= count
        if self._left < 0:
            raise OSError(_("The clip asks for more than a clip needs."))
        return self._source.read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()


def _decoded(
    container: Any, stream: Any, source: Bounded, *, at_most: int = DECODED_AT_MOST
) -> Iterator[tuple[float, Any]]:
    """Second and frame, until the end, or until the film is damaged."""
    import av

    try:
        for number, frame in enumerate(container.decode(stream)):
            if number >= at_most:
                return
            source.allow()
            yield (float(frame.time) if frame.time is not None else number / USUAL_RATE), frame
    except (av.FFmpegError, ValueError, OSError):
        return


def _image(frame: Any) -> Image.Image:
    if frame.width * frame.height > PIXELS_AT_MOST:
        raise _damaged()
    image: Image.Image = frame.to_image()
    turned = getattr(frame, "rotation", 0)
    return image.rotate(turned, expand=True) if turned else image.convert("RGB")


def _time(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found.replace(tzinfo=None) if found.year > 1980 else None


def _damaged() -> BadInput:
    return BadInput(_("The clip is damaged, or of a kind that is not read here."))
