"""Colours by what they are for, type sizes and spacing: light and dark, at any text size."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from ranger_app.config import Appearance
from ranger_app.gui.look import style
from ranger_app.gui.look.colours import DARK, LIGHT, Colours

SMALLEST_BASE_PT = 10.0


_shown = LIGHT


class Type(StrEnum):
    """Sizes of text, each a factor of the user's own."""

    SMALL = "small"
    BODY = "body"
    HEADING = "heading"
    TITLE = "title"
    FIGURE = "figure"  # one number that matters


TYPE_FACTORS = {Type.SMALL: 0.9, Type.BODY: 1.0, Type.HEADING: 1.15, Type.TITLE: 1.6, Type.FIGURE: 1.8}


def colour(role: str) -> QColor:
    """The colour for a purpose (a field of `Colours`) in the theme that is shown now."""
    return QColor(getattr(_shown, role))


def is_dark() -> bool:
    return _shown.is_dark


def space(steps: float = 1) -> int:
    """A distance in pixels: steps of about 4 px that grow, less than the text does, with its size.

    1 between an icon and its word, 2 between things that belong together, 4 inside a card, 6 around a page.
    """
    return round(steps * (2 + 0.13 * QFontMetrics(QApplication.font()).height()))


SHARE_OF_SCREEN = 0.92
"""What a dialog may take of the screen's width and height."""


def ems(count: float) -> int:
    """A width in pixels of `count` letters of average width, for fields and columns."""
    return round(count * QFontMetrics(QApplication.font()).averageCharWidth())


def dialog_width(count: float) -> int:
    """The width of a dialog for lines of `count` letters, or as much of it as the screen has."""
    return min(ems(count), round(QApplication.primaryScreen().availableGeometry().width() * SHARE_OF_SCREEN))


def font(size: Type = Type.BODY, *, bold: bool = False) -> QFont:
    """The user's font at one of our sizes."""
    made = QFont(QApplication.font())
    made.setPointSizeF(made.pointSizeF() * TYPE_FACTORS[size])
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


class Theme(QObject):
    """The look of the running program: follows the computer's light or dark unless told otherwise."""

    changed = Signal()

    def __init__(self, app: QApplication, *, scheme: Callable[[], Qt.ColorScheme] | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._scheme = scheme or app.styleHints().colorScheme
        # Some desktops say neither light nor dark; then the palette that they gave us does.
        self._was_dark = app.palette().window().color().lightnessF() < 0.5
        self._appearance = Appearance.SYSTEM
        self._text_scale = 1.0
        self._look: tuple[bool, float] | None = None
        self._base_pt = max(app.font().pointSizeF(), SMALLEST_BASE_PT)
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def colours(self) -> Colours:
        return _shown

    def colour(self, role: str) -> QColor:
        """The colour for a purpose, such as "danger"; ask again after `changed`."""
        return colour(role)

    @property
    def dark(self) -> bool:
        return is_dark()

    def apply(self, *, appearance: Appearance, text_scale: float) -> None:
        """Show everything in this appearance and at this text size from now on."""
        self._appearance, self._text_scale = appearance, text_scale
        self._show()

    def _follow(self) -> None:
        if self._appearance is Appearance.SYSTEM:
            self._show()

    def _wants_dark(self) -> bool:
        if self._appearance is not Appearance.SYSTEM:
            return self._appearance is Appearance.DARK
        scheme = self._scheme()
        return self._was_dark if scheme is Qt.ColorScheme.Unknown else scheme is Qt.ColorScheme.Dark

    def _show(self) -> None:
        global _shown
        look = (self._wants_dark(), self._text_scale)
        if look == self._look:
            return
        self._look = look
        _shown = DARK if self._wants_dark() else LIGHT
        words = QFont(self._app.font())
        words.setPointSizeF(self._base_pt * self._text_scale)
        self._app.setFont(words)
        self._app.setPalette(_palette(_shown))
        self._app.setStyleSheet(
            style.sheet(_shown, base_pt=self._base_pt * self._text_scale, step_px=space())
        )
        self.changed.emit()


def _palette(colours: Colours) -> QPalette:
    """Qt's own roles, for what is not styled by the sheet: menus, dialogs, selections, the caret."""
    role = QPalette.ColorRole
    palette = QPalette()
    for name, value in (
        (role.Window, colours.canvas),
        (role.WindowText, colours.text),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.canvas),
        (role.Text, colours.text),
        (role.Button, colours.surface),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.on_accent),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Accent, colours.accent),
        (role.Link, colours.accent),
        (role.LinkVisited, colours.accent),
        (role.PlaceholderText, colours.muted),
        (role.ToolTipBase, colours.text),
        (role.ToolTipText, colours.canvas),
        (role.Light, colours.surface),
        (role.Midlight, colours.hover),
        (role.Mid, colours.line),
        (role.Dark, colours.control),
        (role.Shadow, colours.line),
    ):
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colours.control))
    return palette
