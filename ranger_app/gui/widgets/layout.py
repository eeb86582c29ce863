"""Rows, columns, cards and forms with our spacing, so that pages name no pixels."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ranger_app.gui.look.theme import space
from ranger_app.gui.widgets.text import field_label, heading, muted

INDENT_STEPS = 7
"""To the words beside a box to tick."""
Part = QWidget | QLayout | None
"""Something to put into a row or column; None is the stretch that pushes the rest away."""


def column(*parts: Part, gap: float = 3, margin: float = 0) -> QVBoxLayout:
    """Parts below one another, `gap` steps apart, with `margin` steps around all of them."""
    made = QVBoxLayout()
    _fill(made, parts, gap, margin)
    return made


def row(*parts: Part, gap: float = 2, margin: float = 0) -> QHBoxLayout:
    """Parts beside one another."""
    made = QHBoxLayout()
    _fill(made, parts, gap, margin)
    return made


def page_column(page: QWidget, *parts: Part, gap: float = 4) -> QVBoxLayout:
    """The layout of a whole page: parts below one another with the margin of all pages."""
    made = column(*parts, gap=gap)
    made.setContentsMargins(space(6), space(2), space(6), space(6))
    page.setLayout(made)
    return made


def boxed(layout: QLayout) -> QWidget:
    """A layout as a widget, for what must be shown, hidden or put into a splitter as one."""
    made = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    made.setLayout(layout)
    return made


def indented(part: QWidget) -> QWidget:
    """What is said of the tick or choice above it, under its words."""
    made = row(part)
    made.setContentsMargins(space(INDENT_STEPS), 0, 0, 0)
    held = QWidget()
    held.setLayout(made)
    return held


def line() -> QFrame:
    """A quiet line between two parts."""
    made = QFrame()
    made.setProperty("kind", "line")
    return made


def fit_height(window: QWidget) -> None:
    """Make a window as high as its words need at the width that it has."""
    layout = window.layout()
    if layout is not None and layout.hasHeightForWidth():
        # Else Qt holds it to the height that the words would need in the least width.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        window.setMinimumHeight(0)
        window.resize(window.width(), layout.totalHeightForWidth(window.width()))


class Card(QFrame):
    """A frame around what belongs together, with a heading."""

    def __init__(self, words: str = "", *parts: Part, hint: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "card")
        heads = [heading(words)] if words else []
        hints = [muted(hint)] if hint else []
        self.inside = column(*heads, *hints, *parts, gap=3, margin=4)
        self.setLayout(self.inside)

    def add(self, part: Part) -> None:
        """Put one more part at the end."""
        _add(self.inside, part)


class Form(QVBoxLayout):
    """Fields below one another, each under its name; the names are buddies and accessible names."""

    def __init__(self) -> None:
        super().__init__()
        self.setSpacing(space(3))
        self.setContentsMargins(0, 0, 0, 0)

    def field(self, words: str, field: QWidget, *beside: QWidget, hint: str = "") -> None:
        """Add a field under its name, with what stands beside it and a hint below it."""
        hints = [muted(hint)] if hint else []
        inside = row(field, *beside)
        inside.setStretch(0, 1)
        self.addLayout(column(field_label(words, field), inside, *hints, gap=1))


class OneOf(QStackedWidget):
    """Several widgets of which one is shown, and which alone says how much room is needed.

    Name all of them at once: a widget without a parent would outlive the window. Until `show_one` is
    called nothing is shown.
    """

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        for widget in (QWidget(), *widgets):
            self.addWidget(widget)

    def sizeHint(self) -> QSize:
        shown = self.currentWidget()
        return shown.sizeHint() if shown else QSize()

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        return shown.minimumSizeHint() if shown else QSize()

    def hasHeightForWidth(self) -> bool:
        shown = self.currentWidget()
        return bool(shown and shown.hasHeightForWidth())

    def heightForWidth(self, width: int) -> int:
        shown = self.currentWidget()
        return shown.heightForWidth(width) if shown else -1

    def show_one(self, widget: QWidget) -> None:
        """Show this one; it is taken in when it is new."""
        if self.indexOf(widget) < 0:
            self.addWidget(widget)
        self.setCurrentWidget(widget)
        self.updateGeometry()


class OneShown(QWidget):
    """Several widgets of which one is shown. It needs the height of that one alone, at the width that there
    is: the layout of a `OneOf` asks the hidden ones too, and each at its least width."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self._inside = column(gap=0)
        self.setLayout(self._inside)
        self._shown: QWidget | None = None
        for widget in widgets:
            self._take_in(widget)

    def currentWidget(self) -> QWidget | None:
        """The one that is shown."""
        return self._shown

    def show_one(self, widget: QWidget) -> None:
        """Show this one; it is taken in when it is new."""
        if self._inside.indexOf(widget) < 0:
            self._take_in(widget)
        if self._shown is not None and self._shown is not widget:
            self._shown.hide()
        self._shown = widget
        widget.show()

    def removeWidget(self, widget: QWidget) -> None:
        """Let go of one."""
        self._inside.removeWidget(widget)
        if self._shown is widget:
            self._shown = None

    def _take_in(self, widget: QWidget) -> None:
        self._inside.addWidget(widget)
        widget.hide()


def _fill(layout: QBoxLayout, parts: Iterable[Part], gap: float, margin: float) -> None:
    layout.setSpacing(space(gap))
    around = space(margin) if margin else 0
    layout.setContentsMargins(around, around, around, around)
    for part in parts:
        _add(layout, part)


def _add(layout: QBoxLayout, part: Part) -> None:
    if part is None:
        layout.addStretch(1)
    elif isinstance(part, QLayout):
        layout.addLayout(part)
    else:
        layout.addWidget(part)
