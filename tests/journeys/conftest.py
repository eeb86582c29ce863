"""A window for a person to sit at, started as the program starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ranger_app.config import Appearance, read_settings
from ranger_app.gui import sticks
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.sticks import Stick
from tests.gui.screen import coming_in_front
from tests.journeys.person import Person

OpenWindow = Callable[[], Person]


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Stick]:
    """What is plugged in: nothing, whatever that is on the computer that runs the tests."""
    found: list[Stick] = []
    monkeypatch.setattr(sticks, "plugged_in", lambda: list(found))
    return found


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme(qapp)
    made.apply(appearance=Appearance.LIGHT, text_scale=1.0)
    yield made
    made.apply(appearance=Appearance.LIGHT, text_scale=1.0)


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme) -> Iterator[OpenWindow]:
    """Starts Ranger as `gui.app` does: the settings are read, and the window begins when it is painted."""
    windows: list[MainWindow] = []

    def start() -> Person:
        window = MainWindow(theme=theme, settings=read_settings().settings)
        windows.append(window)
        qtbot.addWidget(window)
        window.painted.connect(window.begin)
        with coming_in_front(qtbot, window), qtbot.waitSignal(window.painted):
            window.show()
        return Person(qtbot, window)

    yield start
    for window in windows:
        window.close()
