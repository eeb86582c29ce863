"""The frame around every page: its title with its buttons, the place for its errors, and room to scroll."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QSizePolicy, QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.gui.background import Task
from ranger_app.gui.look.theme import space
from ranger_app.gui.page import Page
from ranger_app.gui.widgets.banner import Banner
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.text import title

HEAD_STEPS = 8


class PageFrame(QWidget):
    """Holds one page. When a page needs more room than there is, it scrolls: nothing is cut off."""

    def __init__(self, words: str, page: Page) -> None:
        super().__init__()
        self.page = page
        self.banner = Banner()
        self._told_by: Task | None = None
        head = _Head(words, page)
        strip = row(self.banner)
        strip.setContentsMargins(space(6), 0, space(6), 0)
        page.setProperty("kind", "page")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        self.setLayout(column(head, strip, scroll, gap=0))

    def show_error(self, error: KnownError, *, told_by: Task | None = None) -> None:
        """Say on this page what went wrong, and in which task if in one."""
        self._told_by = told_by
        self.banner.show_error(error)

    def went_well(self, task: Task | None) -> None:
        """Put away what an earlier try of the same said, or, for None, what no task said."""
        before = self._told_by
        is_over = before is None if task is None else _is_earlier_try(before, task)
        if is_over:
            self.banner.hide()


def _is_earlier_try(before: Task | None, task: Task) -> bool:
    return before is not None and before is not task and before.does == task.does


class _Head(QWidget):
    """The page's name and its buttons, which go below it where the text is too large."""

    def __init__(self, words: str, page: Page) -> None:
        super().__init__()
        self._name = title(words)
        self._name.setWordWrap(False)
        self._name.setMinimumHeight(space(HEAD_STEPS))  # at one height, with buttons or without
        self._tools = ButtonRow(*page.tools())
        self._inside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._inside.setContentsMargins(space(6), space(5), space(6), space(2))
        self._inside.setSpacing(space(2))
        self._inside.addWidget(self._name)
        self._inside.addStretch(1)
        self._inside.addWidget(self._tools)
        self.setLayout(self._inside)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        widest = max(self._name.minimumSizeHint().width(), self._tools.minimumSizeHint().width())
        return QSize(widest + 2 * space(6), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        needed = self._name.sizeHint().width() + self._tools.sizeHint().width() + space(14)
        fits = event.size().width() >= needed
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._inside.direction() != way:
            self._inside.setDirection(way)
        super().resizeEvent(event)
