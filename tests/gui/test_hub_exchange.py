"""Exchanges with the hub run beside the window, and may end after the workspace that they were begun for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ranger_app.gui.background import Background
from ranger_app.gui.hub_exchange import HubExchange
from ranger_app.gui.messages import Messages
from ranger_app.jobs import Work


class SlowHub:
    """Stands for the workspace: its exchange with the hub lasts until it is let go."""

    def __init__(self) -> None:
        self.exchange = self
        self.asked, self.let_go = threading.Event(), threading.Event()

    def sync(self, _work: Work, **_how: Any) -> None:
        self.asked.set()
        self.let_go.wait()


@pytest.fixture
def slow() -> Iterator[SlowHub]:
    made = SlowHub()
    yield made
    made.let_go.set()


def test_an_exchange_may_end_after_its_workspace_was_closed(
    qtbot: QtBot, background: Background, slow: SlowHub
) -> None:
    workspace = QObject()
    exchange = HubExchange(slow, background, Messages(), workspace)
    exchange.start()
    qtbot.waitUntil(slow.asked.is_set)
    exchange.end()
    shiboken6.delete(workspace)
    slow.let_go.set()
    # What a slot raises fails the test.
    qtbot.waitUntil(lambda: not background.tasks)


def test_only_one_exchange_runs_at_a_time(qtbot: QtBot, background: Background, slow: SlowHub) -> None:
    workspace = QObject()
    exchange = HubExchange(slow, background, Messages(), workspace)
    exchange.start()
    exchange.start()
    assert len(background.tasks) == 1
    slow.let_go.set()
    qtbot.waitUntil(lambda: not exchange.running)
