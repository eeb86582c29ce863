"""What was typed on a page and not saved is back when its workspace is opened again, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page import Page
from ranger_app.gui.pages.differences import DifferencesPage
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.settings import SettingsPage
from ranger_app.jobs import Work
from tests.gui.conftest import SITE_NAME
from tests.gui.screen import click, settled

P = TypeVar("P", bound=Page)
GoTo = Callable[[str, type[P]], P]


def on_page(qtbot: QtBot, window: MainWindow, page_id: str, kind: type[P]) -> P:
    assert window.view is not None
    window.view.go(page_id)
    settled(qtbot, window)
    assert isinstance(window.view.current, kind)
    return window.view.current


def close_and_open(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.close_workspace()
    window.begin(folder)
    qtbot.waitUntil(lambda: window.view is not None and window.view.current is not None)
    settled(qtbot, window)


def test_the_site_form_has_back_what_was_typed_and_saves_it_then(
    qtbot: QtBot, opened: MainWindow, workspace: Path
) -> None:
    page = on_page(qtbot, opened, "settings", SettingsPage)
    page.name.setText("Demo hills")
    page.country.setText("ke")
    close_and_open(qtbot, opened, workspace)
    page = on_page(qtbot, opened, "settings", SettingsPage)
    assert (page.name.text(), page.country.text()) == ("Demo hills", "KE")
    assert "is back" in page.fault.text()
    assert opened.ranger is not None
    site = opened.ranger.site()
    assert site is not None
    assert site.name == SITE_NAME
    page.country.setText("KEN")
    click(page.save)
    qtbot.waitUntil(lambda: not page.save.isEnabled())
    settled(qtbot, opened)
    close_and_open(qtbot, opened, workspace)
    page = on_page(qtbot, opened, "settings", SettingsPage)
    assert page.name.text() == "Demo hills"
    assert not page.fault.isVisible()


def test_the_address_of_a_hub_is_back_with_which_nothing_was_exchanged_yet(
    qtbot: QtBot, opened: MainWindow, workspace: Path
) -> None:
    def page() -> ExchangePage:
        return on_page(qtbot, opened, "exchange", ExchangePage)

    page().hub.address.setText("https://hub.example.or")
    close_and_open(qtbot, opened, workspace)
    assert page().hub.address.text() == "https://hub.example.or"
    page().hub.address.clear()
    close_and_open(qtbot, opened, workspace)
    assert page().hub.address.text() == ""


def test_a_page_that_was_not_opened_keeps_what_waits_for_it(
    qtbot: QtBot, opened: MainWindow, workspace: Path
) -> None:
    on_page(qtbot, opened, "settings", SettingsPage).name.setText("Demo hills")
    close_and_open(qtbot, opened, workspace)
    close_and_open(qtbot, opened, workspace)
    assert on_page(qtbot, opened, "settings", SettingsPage).name.text() == "Demo hills"


@pytest.fixture
def apart(opened: MainWindow, tmp_path: Path) -> None:
    """Two narratives that were written apart."""
    stick = tmp_path / "stick"
    stick.mkdir()
    first = opened.ranger
    assert first is not None
    second, _doubts = Ranger.create(tmp_path / "second.ranger", site_name=None)
    with second:
        first.assessments.start()
        for code in ("1.1.1", "1.1.2"):
            first.assessments.answer(code, narrative="Begun.")
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        for code in ("1.1.1", "1.1.2"):
            first.assessments.answer(code, narrative="Here.")
            second.assessments.answer(code, narrative="There.")
        second.exchange.write(stick, Work())
        first.exchange.read(stick, Work())


@pytest.mark.usefixtures("apart")
def test_words_begun_for_a_difference_stay_with_it(qtbot: QtBot, opened: MainWindow, workspace: Path) -> None:
    page = on_page(qtbot, opened, "differences", DifferencesPage)
    qtbot.waitUntil(lambda: len(page.every) == 2)
    first, second = (one.key for one in page.every)
    page.list.choose(first)
    page.sheet.new.setPlainText("Both, in other words.")
    page.list.choose(second)
    assert page.sheet.new.toPlainText() == ""
    page.list.choose(first)
    assert page.sheet.new.toPlainText() == "Both, in other words."
    close_and_open(qtbot, opened, workspace)
    page = on_page(qtbot, opened, "differences", DifferencesPage)
    qtbot.waitUntil(lambda: len(page.every) == 2)
    page.list.choose(first)
    assert page.sheet.new.toPlainText() == "Both, in other words."
    page.list.choose(second)
    assert page.sheet.new.toPlainText() == ""
    settled(qtbot, opened)
