"""Small pictures for lists, made when they are first looked at, in a cache that may be thrown away."""

from __future__ import annotations

import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from ranger_app.domain.errors import NotFound
from ranger_app.domain.readable import Readable
from ranger_app.i18n import _
from ranger_app.storage import Workspace
from ranger_app.storage.files import KeptFile

SIDE_PX = 320
BYTES_AT_MOST = 30_000
"""Small enough that all of a site's travel in the first bundle."""
QUALITIES = (80, 65, 50, 35, 20, 8)


def thumbnail(workspace: Workspace, sha256: bytes) -> bytes:
    """A JPEG of at most BYTES_AT_MOST bytes and SIDE_PX pixels a side, upright.

    Raises `NotFound` when the original is not here, `BadInput` when it cannot be decoded.
    """
    kept = kept_thumbnail(workspace, sha256)
    if kept is not None:
        return kept
    small = make_thumbnail(original(workspace, sha256))
    with suppress(OSError):  # a cache that cannot be written only costs time
        _keep(workspace, sha256, small)
    return small


def kept_thumbnail(workspace: Workspace, sha256: bytes) -> bytes | None:
    """The small picture if it was made before, or came from another laptop."""
    kept = workspace.files.cached(_place(workspace, sha256), _name(sha256))
    with suppress(OSError):
        with kept.open() as source:
            small = source.read(BYTES_AT_MOST + 1)
        if not _sound(small):
            return None
        if workspace.files.seals and kept.key is None:  # from before there was sealing
            with suppress(OSError):
                _keep(workspace, sha256, small)
        return small
    return None


def take_thumbnail(workspace: Workspace, sha256: bytes, untrusted: bytes) -> bool:
    """Keep a small picture from elsewhere of an original that is not here; whether it was new and sound."""
    if not _sound(untrusted) or workspace.files.path(sha256) or kept_thumbnail(workspace, sha256):
        return False
    with suppress(OSError):
        _keep(workspace, sha256, untrusted)
        return True
    return False


def drop_thumbnail(workspace: Workspace, sha256: bytes) -> None:
    """Forget a small picture: the original has come, and shows what is really on it."""
    with suppress(OSError):
        _place(workspace, sha256).unlink(missing_ok=True)


def _place(workspace: Workspace, sha256: bytes) -> Path:
    return workspace.cache / "thumbnails" / sha256.hex()[:2] / f"{sha256.hex()}.jpg"


def _sound(small: bytes) -> bool:
    """Whether this is as large as ours and begins and ends as a JPEG."""
    return 4 < len(small) <= BYTES_AT_MOST and small.startswith(b"\xff\xd8") and small.endswith(b"\xff\xd9")


def _name(sha256: bytes) -> bytes:
    return b"thumbnail" + sha256


def original(workspace: Workspace, sha256: bytes) -> KeptFile:
    """The original, to be read. Raises `NotFound` with the way to get it back."""
    found = workspace.files.find(sha256)
    if found is None:
        raise NotFound(
            _("The original of this picture is not on this laptop."),
            _("Put back the card or disk that it lies on, or read the bundle that holds it."),
        )
    return found


def make_thumbnail(source: Readable) -> bytes:
    """The small picture of a file. Raises `NotFound` or `BadInput`."""
    from PIL import Image

    from ranger_app.inference.pictures import open_picture

    image = open_picture(source, draft_px=SIDE_PX).image
    image.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR, reducing_gap=2.0)
    image.info.clear()  # a JPEG's comment would be written again, and may name the camera's owner
    small = b""
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True)
        small = out.getvalue()
        if len(small) <= BYTES_AT_MOST:
            break
    return small


def _keep(workspace: Workspace, sha256: bytes, small: bytes) -> None:
    path = _place(workspace, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(workspace.files.covered(small, _name(sha256)))
        os.replace(aside, path)
    except OSError:
        os.unlink(aside)
        raise
