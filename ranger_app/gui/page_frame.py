"""The frame around every page: its title with its buttons, the place for its errors, and room to scroll."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from ranger_app.domain.errors import KnownError
from ranger_app.gui.page import Page
from ranger_app.gui.theme import space
from ranger_app.gui.widgets.banner import Banner
from ranger_app.gui.widgets.layout import column, row
from ranger_app.gui.widgets.text import title

HEAD_STEPS = 8


class PageFrame(QWidget):
    """Holds one page. When a page needs more room than there is, it scrolls: nothing is cut off."""

    def __init__(self, words: str, page: Page) -> None:
        super().__init__()
        self.page = page
        self.banner = Banner()
        name = title(words)
        name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        name.setMinimumHeight(space(HEAD_STEPS))  # titles stand at one height, with buttons or without
        head = row(name, *page.tools())
        head.setContentsMargins(space(6), space(5), space(6), space(2))
        strip = row(self.banner)
        strip.setContentsMargins(space(6), 0, space(6), 0)
        page.setProperty("kind", "page")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        self.setLayout(column(head, strip, scroll, gap=0))

    def show_error(self, error: KnownError) -> None:
        """Say on this page what went wrong."""
        self.banner.show_error(error)
