"""Colours can be told apart, spacing and type follow the text size, and the window follows the computer."""

from __future__ import annotations

import itertools
import re

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from ranger_app.config import Appearance, resources_dir
from ranger_app.gui.look import icons
from ranger_app.gui.look.colours import DARK, LIGHT, Colours
from ranger_app.gui.look.theme import Theme, Type, colour, font, space
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.widgets.buttons import button

# WCAG 2.2: 1.4.3 asks 4.5 of text, 1.4.11 asks 3 of what can be used.
TEXT_CONTRAST, CONTROL_CONTRAST = 4.5, 3.0

GROUNDS = ("canvas", "surface", "rail")
READ_ON = [
    *itertools.product(("text", "muted", "accent", "danger", "warning", "good"), GROUNDS),
    ("text", "hover"),
    ("muted", "hover"),
    ("accent", "hover"),
    ("text", "accent_soft"),
    ("muted", "accent_soft"),
    ("accent", "accent_soft"),
    ("text", "danger_soft"),
    ("danger", "danger_soft"),
    ("text", "warning_soft"),
    ("warning", "warning_soft"),
    ("text", "good_soft"),
    ("good", "good_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("canvas", "text"),
    ("muted", "line"),
]
USED_ON = [*itertools.product(("control", "accent"), GROUNDS), ("accent", "hover")]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_words_can_be_read_on_what_they_stand_on(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= TEXT_CONTRAST


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), USED_ON)
def test_edges_of_what_can_be_used_are_seen(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= CONTROL_CONTRAST


def test_black_on_white_has_the_contrast_that_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_the_window_is_dark_when_the_user_says_so(theme: Theme, qapp: QApplication) -> None:
    theme.apply(appearance=Appearance.DARK, text_scale=1.0)
    assert colour("canvas").name() == DARK.canvas
    assert qapp.palette().window().color().name() == DARK.canvas
    theme.apply(appearance=Appearance.LIGHT, text_scale=1.0)
    assert colour("canvas").name() == LIGHT.canvas


def test_the_window_follows_the_computer_unless_told_otherwise(qapp: QApplication) -> None:
    computer = [Qt.ColorScheme.Light]
    theme = Theme(qapp, scheme=lambda: computer[-1])
    theme.apply(appearance=Appearance.SYSTEM, text_scale=1.0)
    assert colour("canvas").name() == LIGHT.canvas
    _turn(qapp, computer, Qt.ColorScheme.Dark)
    assert colour("canvas").name() == DARK.canvas
    theme.apply(appearance=Appearance.LIGHT, text_scale=1.0)
    _turn(qapp, computer, Qt.ColorScheme.Light)
    _turn(qapp, computer, Qt.ColorScheme.Dark)
    assert colour("canvas").name() == LIGHT.canvas
    theme.deleteLater()


def _turn(qapp: QApplication, computer: list[Qt.ColorScheme], scheme: Qt.ColorScheme) -> None:
    computer.append(scheme)
    qapp.styleHints().colorSchemeChanged.emit(scheme)


def test_text_and_space_grow_with_the_users_wish(theme: Theme) -> None:
    small_pt, small_px = font().pointSizeF(), space(4)
    theme.apply(appearance=Appearance.LIGHT, text_scale=2.0)
    assert font().pointSizeF() == pytest.approx(2 * small_pt)
    assert small_px < space(4) < 2 * small_px


def test_a_title_is_larger_than_what_it_stands_over(theme: Theme) -> None:
    assert font(Type.TITLE).pointSizeF() > font(Type.HEADING).pointSizeF() > font().pointSizeF()


def test_the_style_sheet_leaves_no_name_open(theme: Theme, qapp: QApplication) -> None:
    sheet = qapp.styleSheet()
    assert sheet
    assert not re.findall(r"\$\w*", sheet)


def test_the_style_sheet_names_no_colour_of_its_own() -> None:
    sheet = (resources_dir() / "window.qss").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet)


@pytest.mark.parametrize(
    "path", sorted((resources_dir() / "icons").glob("*.svg")), ids=lambda path: path.stem
)
def test_every_icon_is_drawn(theme: Theme, path: object) -> None:
    name = getattr(path, "stem", "")
    image = icons.icon(name).pixmap(QSize(32, 32)).toImage()
    drawn = {image.pixelColor(x, y).alpha() > 0 for x in range(image.width()) for y in range(image.height())}
    assert drawn == {True, False}, "an icon has strokes, and room between them"


def test_a_button_is_dressed_again_in_the_colours_of_the_window(window: MainWindow) -> None:
    worn = button("Stop", icon="stop", kind="quiet")
    worn.setParent(window)
    assert _ink(worn.icon()) == LIGHT.accent
    window.theme.apply(appearance=Appearance.DARK, text_scale=1.0)
    assert _ink(worn.icon()) == DARK.accent


def test_an_icon_grows_with_the_text(window: MainWindow) -> None:
    worn = button("Stop", icon="stop")
    worn.setParent(window)
    before = worn.iconSize()
    window.theme.apply(appearance=Appearance.LIGHT, text_scale=2.0)
    assert worn.iconSize().height() > before.height()
    assert worn.icon().availableSizes() == [worn.iconSize()]


def _ink(icon: QIcon) -> str:
    """The colour of the densest point of an icon."""
    image = icon.pixmap(icon.availableSizes()[0]).toImage()
    points = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    densest = max(points, key=lambda point: point.alpha())
    return QColor(densest.rgb()).name()


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance of sRGB)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(hex_colour: str) -> float:
    colour_ = QColor(hex_colour)
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour_.redF(), colour_.greenF(), colour_.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
