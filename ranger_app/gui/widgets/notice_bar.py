"""A quiet word at the foot of the window that something was done, with a button to take it back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QWidget

from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.messages import Notice
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import row
from ranger_app.gui.widgets.text import plain
from ranger_app.i18n import _

SHOWN_FOR_MS = 10_000
WIDTH_EMS = 70


class NoticeBar(QFrame):
    """Floats over the foot of `host` for a while; stays as long as the pointer or the focus is on it."""

    def __init__(self, host: QWidget, *, undo: Callable[[], None]) -> None:
        super().__init__(host)
        self.setProperty("kind", "notice")
        self._host = host
        self.words = plain()
        self.undo = button(_("Undo"), on=undo)
        inside = row(self.words, self.undo, gap=4, margin=3)
        inside.setStretch(0, 1)
        self.setLayout(inside)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._leave)
        host.installEventFilter(self)
        self.hide()

    def say(self, notice: Notice) -> None:
        """Show a notice instead of the one before."""
        self.words.setText(notice.text)
        self.setAccessibleName(notice.text)
        self.undo.setVisible(notice.undo is not None)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_FOR_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _leave(self) -> None:
        if self.underMouse() or self.undo.hasFocus():
            self._timer.start(SHOWN_FOR_MS)
        else:
            self.hide()

    def _place(self) -> None:
        inside = self.layout()
        assert inside is not None
        room_px = self._host.width() - 2 * space(6)
        width_px = min(room_px, ems(WIDTH_EMS))
        height_px = max(inside.totalHeightForWidth(width_px), self.sizeHint().height())
        self.setGeometry(
            (self._host.width() - width_px) // 2,
            self._host.height() - height_px - space(4),
            width_px,
            height_px,
        )
