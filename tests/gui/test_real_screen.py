"""The window on a real X server, as people have it: keys, dialogs and pictures go through the platform."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from ranger_app.gui.entering.locking import forget_copied
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages import PAGES
from tests.gui.screen import press, settled

pytestmark = pytest.mark.xvfb


def test_every_page_is_painted_and_comes_by_its_key(qtbot: QtBot, opened: MainWindow) -> None:
    assert QApplication.platformName() == "xcb"
    assert opened.view is not None
    for number, spec in enumerate(PAGES, start=1):
        press(opened, f"Ctrl+{number}")
        settled(qtbot, opened)
        assert opened.view.current is not None
        assert opened.view.current.page_id == spec.id
        picture = opened.grab().toImage()
        colours = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, 700, 7)}
        assert len(colours) > 10, f"{spec.id} shows next to nothing"


def test_palette_and_keys_open_over_the_window_and_go(qtbot: QtBot, opened: MainWindow) -> None:
    for keys in ("Ctrl+K", "F1", "Shift+F1"):
        press(opened, keys)
        qtbot.waitUntil(lambda: any(one.isVisible() for one in opened.findChildren(QDialog)))
        dialog = next(one for one in opened.findChildren(QDialog) if one.isVisible())
        assert opened.frameGeometry().intersects(dialog.frameGeometry())
        press(dialog, "Esc")
        qtbot.waitUntil(lambda: not any(one.isVisible() for one in opened.findChildren(QDialog)))


def test_what_was_copied_here_is_forgotten_when_the_window_is_locked(
    qtbot: QtBot, window: MainWindow
) -> None:
    clipboard = QApplication.clipboard()
    clipboard.setText("a demo name")
    qtbot.waitUntil(clipboard.ownsClipboard)
    forget_copied()
    assert clipboard.text() == ""
