"""Bytes as a QR code, black on white whatever the theme, as large as whole pixels allow."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ranger_app.gui.look.theme import space

SIDE_STEPS = 64
QUIET_MODULES = 4  # ISO/IEC 18004 asks for a margin of four
MOST_BYTES = 1_200  # of more, the squares are too small to be read from a screen


class QrCode(QWidget):
    """Shows nothing until it is given something that fits."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self._modules: list[bytes] = []
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_bytes(self, content: bytes) -> bool:
        """Show these bytes; False, and nothing is shown, when they are too many."""
        self._modules = []
        if content and len(content) <= MOST_BYTES:
            import segno  # only where a laptop joins

            code = segno.make_qr(content, mode="byte", error="m", boost_error=False)
            self._modules = [bytes(line) for line in code.matrix]
        self.setVisible(bool(self._modules))
        self.updateGeometry()
        self.update()
        return bool(self._modules)

    def sizeHint(self) -> QSize:
        side = space(SIDE_STEPS)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._modules:
            return
        count = len(self._modules) + 2 * QUIET_MODULES
        step = max(1, min(self.width(), self.height()) // count)
        left, top = (self.width() - step * count) // 2, (self.height() - step * count) // 2
        painter = QPainter(self)
        painter.fillRect(QRect(left, top, step * count, step * count), Qt.GlobalColor.white)
        for y, line in enumerate(self._modules, start=QUIET_MODULES):
            for x, dark in enumerate(line, start=QUIET_MODULES):
                if dark:
                    painter.fillRect(left + x * step, top + y * step, step, step, Qt.GlobalColor.black)
        painter.end()
