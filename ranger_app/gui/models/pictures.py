"""Turns photos into images that the screen can draw; made to run on workers' threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from ranger_app.photos.service import Photos


def photo_image(photos: Photos, file: bytes, side_px: int) -> QImage:
    """The upright photo, decoded small where both sides keep `side_px` (0: in full). Raises `KnownError`."""
    image = photos.picture(file, side_px=side_px).image
    raw = image.tobytes()
    shared = QImage(raw, image.width, image.height, 3 * image.width, QImage.Format.Format_RGB888)
    # A copy that owns its memory, in the form that is drawn fastest.
    return shared.convertToFormat(QImage.Format.Format_RGB32)


def thumbnail_image(photos: Photos, file: bytes) -> QImage:
    """The small picture of a photo. Raises `KnownError`."""
    return QImage.fromData(photos.thumbnail(file)).convertToFormat(QImage.Format.Format_RGB32)
