"""Our own line icons, `resources/icons/<name>.svg`, drawn in the colour of their purpose.

They are pictures and not engines of our own: Python's collector may take a QIcon apart after the engine
that it was made with, and Qt crashes. So what wears an icon is dressed again when the colours change.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication

from ranger_app.config import resources_dir
from ranger_app.gui.look import theme
from ranger_app.gui.look.theme import space

STEPS = 4.0
GAP_STEPS = 1.5
_WORN = "worn"


def draw(painter: QPainter, box: QRectF, name: str, role: str = "text") -> None:
    """Paint an icon into the middle of a box, in the colour that `role` has now."""
    side = min(box.width(), box.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(box.center())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    strokes = _drawing(name).replace(b"currentColor", theme.colour(role).name().encode())
    QSvgRenderer(QByteArray(strokes)).render(painter, square)


def icon(name: str, role: str = "text", *, on: str = "", steps: float = STEPS, gap: bool = False) -> QIcon:
    """An icon in today's colours for what asks for it anew, such as the rows of a list.

    `on` is its colour while checked; with `gap` it is wider than high, to stand off from a word.
    """
    made = QIcon()
    size = size_of(steps, gap=gap)
    made.addPixmap(_pixmap(name, role, size))
    made.addPixmap(_pixmap(name, "control", size), QIcon.Mode.Disabled)
    if on:
        made.addPixmap(_pixmap(name, on, size), QIcon.Mode.Normal, QIcon.State.On)
    return made


def size_of(steps: float = STEPS, *, gap: bool = False) -> QSize:
    """The size of an icon in pixels, with the gap to a word if it has one."""
    return QSize(space(steps) + (space(GAP_STEPS) if gap else 0), space(steps))


def wear(
    button: QAbstractButton,
    name: str,
    role: str = "text",
    *,
    on: str = "",
    steps: float = STEPS,
    gap: bool = False,
) -> None:
    """Put an icon on a button, in any colours that the window will ever have."""
    button.setProperty(_WORN, [name, role, on, steps, gap])
    _dress(button)


def renew() -> None:
    """Dress every button again, because colours or sizes have changed."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractButton) and widget.property(_WORN) is not None:
            _dress(widget)


def _dress(button: QAbstractButton) -> None:
    name, role, on, steps, gap = button.property(_WORN)
    button.setIcon(icon(name, role, on=on, steps=steps, gap=gap))
    button.setIconSize(size_of(steps, gap=gap))


def _pixmap(name: str, role: str, size: QSize) -> QPixmap:
    app = QApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QApplication) else 1.0
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw(painter, QRectF(0, 0, size.height(), size.height()), name, role)
    painter.end()
    return made


@lru_cache(maxsize=128)
def _drawing(name: str) -> bytes:
    return (resources_dir() / "icons" / f"{name}.svg").read_bytes()
