"""Our own line icons, drawn in the colour of their purpose at the moment they are painted."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ranger_app.config import resources_dir
from ranger_app.gui import theme


def icon(name: str, role: str = "text", *, on: str = "") -> QIcon:
    """The icon `resources/icons/<name>.svg` in the colour `role`, or `on` while its button is checked.

    It follows a change between light and dark by itself.
    """
    return QIcon(_Stroke(name, role, on or role))


def pixmap(name: str, size_px: int, role: str = "text", *, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size_px` logical pixels, in today's colour; ask again after a change."""
    made = QPixmap(QSize(size_px, size_px) * ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _draw(painter, QRectF(made.rect()), name, theme.colour(role).name())
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


class _Stroke(QIconEngine):
    """Paints strokes anew each time, so that nothing has to be told about a new theme."""

    def __init__(self, name: str, role: str, on: str) -> None:
        super().__init__()
        self._name, self._role, self._on = name, role, on

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        role = self._on if state == QIcon.State.On else self._role
        if mode == QIcon.Mode.Disabled:
            role = "control"
        side = min(rect.width(), rect.height())
        # A box that is wider than high leaves its gap at the right, between the icon and its word.
        box = QRectF(rect.x(), rect.y() + (rect.height() - side) / 2, side, side)
        _draw(painter, box, self._name, theme.colour(role).name())

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Stroke(self._name, self._role, self._on)


def _draw(painter: QPainter, box: QRectF, name: str, colour: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _renderer(name, colour).render(painter, box)


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = (resources_dir() / "icons" / f"{name}.svg").read_bytes()
    return QSvgRenderer(QByteArray(drawing.replace(b"currentColor", colour.encode())))
