"""Opens film clips that cameras write, frame by frame, from bytes that have been read already.

The kind of container is told from the first bytes and given to the reader, so that no playlist or other kind
that names further files or addresses is ever opened. Every count is bounded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

if TYPE_CHECKING:
    from PIL import Image

FRAMES_AT_MOST = 16
"""So many frames of a clip are looked at, evenly over it."""
A_FRAME_EVERY_S = 1.0
DECODED_AT_MOST = 4_000
"""Frames decoded on the way to those that are looked at; two minutes of film."""
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


def read_clip_header(raw: bytes) -> ClipHeader | None:
    """Size and time of a clip, or None when its beginning is damaged. Never raises `BadInput`."""
    found = clip_format(raw)
    if found is None:
        return None
    try:
        with _opened(raw) as (container, stream):
            said = str(container.metadata.get("creation_time") or container.metadata.get("date") or "")[:40]
            width, height = int(stream.codec_context.width), int(stream.codec_context.height)
    except BadInput:
        return None
    if not 0 < width * height <= PIXELS_AT_MOST:
        return None
    return ClipHeader(found[1], width, height, said, _time(said))


def frames_of(raw: bytes, *, at_most: int = FRAMES_AT_MOST) -> Iterator[Frame]:
    """Frames evenly over a clip, at most one a second. Raises `BadInput` when not even one can be decoded.

    A clip that is cut off gives the frames that are there.
    """
    given = 0
    with _opened(raw) as (container, stream):
        length_s = float(container.duration or 0) / 1_000_000
        step_s = max(A_FRAME_EVERY_S, length_s / at_most)
        wanted_s = 0.0
        for number, frame in enumerate(_decoded(container, stream)):
            at_s = float(frame.time) if frame.time is not None else number / 25
            if number >= DECODED_AT_MOST or given >= at_most:
                break
            if at_s + 1e-3 < wanted_s:
                continue
            yield Frame(at_s, _image(frame))
            given += 1
            wanted_s = max(wanted_s, at_s) + step_s
    if not given:
        raise _damaged()


def frame_at(raw: bytes, at_s: float | None = None) -> Frame:
    """The frame at that second, or the last one before the clip ends. Raises `BadInput`."""
    wanted_s = SHOWN_AT_S if at_s is None else at_s
    found: Any = None
    found_s = 0.0
    with _opened(raw) as (container, stream):
        for number, frame in enumerate(_decoded(container, stream)):
            found, found_s = frame, float(frame.time) if frame.time is not None else number / 25
            if found_s + 1e-3 >= wanted_s or number >= DECODED_AT_MOST:
                break
        if found is None:
            raise _damaged()
        return Frame(found_s, _image(found))


@contextmanager
def _opened(raw: bytes) -> Iterator[tuple[Any, Any]]:
    import av

    reader = clip_format(raw)
    if reader is None:
        raise _damaged()
    try:
        with av.open(io.BytesIO(raw), format=reader[0], metadata_errors="replace") as container:
            streams = container.streams.video
            if not streams:
                raise _damaged()
            yield container, streams[0]
    except (av.FFmpegError, ValueError, OSError, MemoryError) as error:
        raise _damaged() from error


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Frames until the end, or until the film is damaged."""
    import av

    try:
        yield from container.decode(stream)
    except (av.FFmpegError, ValueError):
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
