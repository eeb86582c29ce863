"""A question whose safe answer is the one that Enter and Esc give, and file names that are proposed well."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ranger_app.gui import asking
from ranger_app.gui.look.theme import Theme
from tests.gui.screen import button, click, press


@pytest.fixture
def parent(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def _answered(parent: QWidget, answer: Callable[[QDialog], None]) -> bool:
    """What `whether` returns when `answer` is what the person does."""

    def act() -> None:
        dialog = next((one for one in parent.findChildren(QDialog) if one.isVisible()), None)
        if dialog is None:
            QTimer.singleShot(10, act)
        else:
            answer(dialog)

    QTimer.singleShot(10, act)
    return asking.whether(
        parent, "Remove the demo patrol?", yes="Remove", no="Keep", hint="It can be undone."
    )


def test_the_button_that_says_so_goes_on(parent: QWidget) -> None:
    assert _answered(parent, lambda dialog: click(button(dialog, "Remove")))


@pytest.mark.parametrize("key", ["Return", "Esc"])
def test_enter_and_esc_change_nothing(parent: QWidget, key: str) -> None:
    assert not _answered(parent, lambda dialog: press(dialog, key))


def test_only_what_fits_is_shown_first_whatever_the_case(
    parent: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(_parent: QWidget, _words: str, _folder: str, kinds: str) -> tuple[str, str]:
        asked.append(kinds)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    assert asking.for_file(parent, "A track", endings=(".gpx",)) is None
    assert asked[0].startswith("What fits (*.gpx *.GPX);;")
