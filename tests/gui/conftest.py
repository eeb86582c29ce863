"""A real workspace in a real window, off the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.config import Appearance, Settings
from ranger_app.domain.sites import Site
from ranger_app.gui import sticks
from ranger_app.gui.background import Background
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.sticks import Stick
from tests.gui.screen import coming_in_front, settled

SITE_NAME = "demo park"


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Stick]:
    """What is plugged in: nothing, whatever that is on the computer that runs the tests."""
    found: list[Stick] = []
    monkeypatch.setattr(sticks, "plugged_in", lambda: list(found))
    return found


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


@pytest.fixture(scope="session")
def one_theme(qapp: QApplication) -> Theme:
    """The one theme of the one application object that all tests share."""
    return Theme(qapp)


@pytest.fixture
def theme(one_theme: Theme) -> Iterator[Theme]:
    """The theme in the light, at the usual size, whatever the test before it showed."""
    one_theme.apply(appearance=Appearance.LIGHT, text_scale=1.0)
    yield one_theme
    one_theme.apply(appearance=Appearance.LIGHT, text_scale=1.0)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The folder of a workspace of a demo park, closed."""
    folder = tmp_path / "demo park.ranger"
    ranger, _doubts = Ranger.create(folder, site_name=SITE_NAME, time_zone="Africa/Nairobi")
    ranger.close()
    return folder


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Iterator[MainWindow]:
    """The window as it stands before a workspace is open."""
    made = MainWindow(theme=theme, settings=Settings(appearance=Appearance.LIGHT))
    qtbot.addWidget(made)
    with coming_in_front(qtbot, made):  # keys reach the window in front only
        made.show()
        made.activateWindow()
    yield made
    made.close()


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, workspace: Path) -> MainWindow:
    """The window with the workspace of a demo park open, on Today."""
    window.begin(workspace)
    qtbot.waitUntil(lambda: window.view is not None and window.view.current is not None)
    settled(qtbot, window)
    return window


@pytest.fixture
def change_site(opened: MainWindow) -> Callable[..., Site]:
    """Change the site behind the window's back, as a job of another page would."""

    def change(**fields: object) -> Site:
        assert opened.ranger is not None
        opened.ranger.change_site(**fields)
        site = opened.ranger.site()
        assert site is not None
        return site

    return change
