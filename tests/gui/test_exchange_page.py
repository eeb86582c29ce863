"""The Exchange page: backups, and a check of everything. Sticks have their claims in a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.exchange import ExchangePage
from tests.gui.screen import button, click, settled


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> ExchangePage:
    assert opened.view is not None
    opened.view.go("exchange")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, ExchangePage)
    return current


def test_a_backup_is_made_and_counted(qtbot: QtBot, opened: MainWindow, page: ExchangePage) -> None:
    assert "no backup yet" in page.backups.text()
    click(button(page, "Make a backup"))
    qtbot.waitUntil(lambda: page.backups.text().startswith("1 backup"))
    settled(qtbot, opened)


def test_checking_everything_says_what_was_found(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, workspace: Path
) -> None:
    click(button(page, "Check everything"))
    qtbot.waitUntil(page.checked.isVisible)
    assert page.checked.text().startswith("Everything is as it was written")
    settled(qtbot, opened)
