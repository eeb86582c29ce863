"""The rail at the left: one button for each page, walked with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QScrollArea, QSizePolicy, QToolButton, QWidget

from ranger_app.gui.look import icons
from ranger_app.gui.look.theme import ems
from ranger_app.gui.widgets.layout import column, line
from ranger_app.gui.widgets.text import heading, say, small
from ranger_app.i18n import _, number

NAME_EMS = 20
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, slots=True)
class Stop:
    """One button of the rail."""

    id: str
    words: str
    icon: str
    keys: str


class Rail(QFrame):
    """The site's name, the pages, and at the foot what helps everywhere."""

    chosen = Signal(str)

    def __init__(self, stops: list[Stop], feet: list[tuple[Stop, Callable[[], object]]]) -> None:
        super().__init__()
        self.setProperty("kind", "rail")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.site, self.folder = heading(""), small("")
        for label in (self.site, self.folder):
            label.setMaximumWidth(ems(NAME_EMS))
        self._group = QButtonGroup(self)
        self._stops: dict[str, _Stop] = {}
        for stop in stops:
            made = _Stop(stop, walk=self._walk)
            made.setCheckable(True)
            made.clicked.connect(lambda _checked=False, id_=stop.id: self.chosen.emit(id_))
            self._group.addButton(made)
            self._stops[stop.id] = made
        self._feet = [_Stop(stop, walk=self._walk) for stop, _call in feet]
        for made, (_stop, call) in zip(self._feet, feet, strict=True):
            made.clicked.connect(lambda _checked=False, call=call: call())
        name = column(self.site, self.folder, gap=0.5, margin=2)
        inside = QWidget()
        inside.setProperty("kind", "page")
        inside.setLayout(column(name, *self._stops.values(), None, line(), *self._feet, gap=1, margin=2))
        # With large text on a small screen the rail scrolls; it never makes the window higher than that.
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self._scroll, self._inside = scroll, inside
        self.setLayout(column(scroll))

    def sizeHint(self) -> QSize:
        bar = self._scroll.verticalScrollBar()
        room = bar.sizeHint().width() if bar.isVisible() else 0
        return QSize(self._inside.minimumSizeHint().width() + room + 1, super().sizeHint().height())

    def name(self, site: str, folder: str) -> None:
        """Say whose data is shown, and in which folder it lies."""
        say(self.site, site or folder)
        say(self.folder, folder if site != folder else "")

    def mark(self, id_: str, count: int) -> None:
        """Say beside a page how much waits on it."""
        self._stops[id_].mark(count)

    def show_stop(self, id_: str) -> None:
        """Mark the page that is shown. Tab comes to this stop, and the arrow keys walk on from there."""
        self._stops[id_].setChecked(True)
        for other, made in self._stops.items():
            reached = Qt.FocusPolicy.StrongFocus if other == id_ else Qt.FocusPolicy.ClickFocus
            made.setFocusPolicy(reached)

    def _walk(self, at: _Stop, step: int) -> None:
        every = [*self._stops.values(), *self._feet]
        every[(every.index(at) + step) % len(every)].setFocus(Qt.FocusReason.TabFocusReason)


class _Stop(QToolButton):
    def __init__(self, stop: Stop, *, walk: Callable[[_Stop, int], None]) -> None:
        super().__init__()
        self._walk = walk
        self._words = stop.words
        self.setProperty("kind", "rail")
        self.setText(stop.words)
        self.setAccessibleName(stop.words)
        self.setToolTip(_("{words} ({keys})").format(words=stop.words, keys=stop.keys) if stop.keys else "")
        icons.wear(self, stop.icon, "muted", on="accent", steps=5, gap=True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def mark(self, count: int) -> None:
        shown = self._words
        if count:
            shown = _("{words} ({count})").format(words=self._words, count=number(count))
        self.setText(shown)
        self.setAccessibleName(shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := _STEPS.get(Qt.Key(event.key())):
            self._walk(self, step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
