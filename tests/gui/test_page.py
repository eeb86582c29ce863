"""A page reads on a worker's thread, reads again when what it shows changed, and shows its own errors."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.config import Settings
from ranger_app.domain.errors import NotFound
from ranger_app.domain.ids import Id, new_id
from ranger_app.gui.background import Background
from ranger_app.gui.context import Context
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.messages import Messages
from ranger_app.gui.page import EVERYTHING, Page
from ranger_app.jobs import Work


@dataclass(frozen=True)
class Touched:
    """What a unit of work reports."""

    kinds: Mapping[str, tuple[Id, ...]]


class _PatrolsPage(Page):
    page_id = "patrols"
    watches = frozenset({"patrol"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.reads = 0

    def reload(self) -> None:
        self.reads += 1


@pytest.fixture
def context(theme: Theme, background: Background) -> Context:
    return Context(
        ranger=cast(Any, None),
        background=background,
        messages=Messages(),
        theme=theme,
        settings=Settings(),
        go=lambda page_id, **where: None,
        keep=lambda settings: None,
    )


@pytest.fixture
def page(qtbot: QtBot, context: Context) -> _PatrolsPage:
    made = _PatrolsPage(context)
    qtbot.addWidget(made)
    return made


def test_a_page_reads_when_it_first_comes_up_and_not_again(page: _PatrolsPage) -> None:
    page.came_up()
    page.came_up()
    assert page.reads == 1


def test_a_page_that_is_seen_reads_again_at_once(qtbot: QtBot, page: _PatrolsPage) -> None:
    page.came_up()
    with qtbot.waitExposed(page):
        page.show()
    page.data_changed(Touched({"patrol": (new_id(),)}))
    assert page.reads == 2


def test_a_page_that_is_not_seen_waits_until_it_comes_up(page: _PatrolsPage) -> None:
    page.came_up()
    page.data_changed(Touched({"patrol": (new_id(),)}))
    assert page.reads == 1
    page.came_up()
    assert page.reads == 2


def test_a_page_does_not_read_for_what_it_does_not_show(page: _PatrolsPage) -> None:
    page.came_up()
    page.data_changed(Touched({"photo": (new_id(),)}))
    page.came_up()
    assert page.reads == 1


def test_a_rebuild_concerns_every_page(page: _PatrolsPage) -> None:
    page.came_up()
    page.data_changed(Touched({EVERYTHING: ()}))
    page.came_up()
    assert page.reads == 2


def test_what_is_fetched_arrives(qtbot: QtBot, page: _PatrolsPage) -> None:
    arrived: list[str] = []
    page.fetch(lambda work: "patrols", arrived.append)
    page.fetch(lambda work: "tracks", arrived.append)
    qtbot.waitUntil(lambda: len(arrived) == 2)
    assert sorted(arrived) == ["patrols", "tracks"]


def test_only_the_last_answer_for_a_key_arrives(
    qtbot: QtBot, page: _PatrolsPage, background: Background
) -> None:
    second_is_asked = threading.Event()
    arrived: list[str] = []

    def slow(work: Work) -> str:
        second_is_asked.wait(5)
        return "first"

    page.fetch(slow, arrived.append, key="search")
    page.fetch(lambda work: "second", arrived.append, key="search")
    second_is_asked.set()
    qtbot.waitUntil(lambda: not background.tasks)
    assert arrived == ["second"]


def test_an_answer_for_a_page_that_is_gone_is_dropped(
    qtbot: QtBot, context: Context, background: Background
) -> None:
    page = _PatrolsPage(context)
    page_is_gone = threading.Event()
    arrived: list[str] = []

    def slow(work: Work) -> str:
        page_is_gone.wait(5)
        return "late"

    page.fetch(slow, arrived.append)
    page.deleteLater()
    with qtbot.waitSignal(page.destroyed):
        pass
    page_is_gone.set()
    qtbot.waitUntil(lambda: not background.tasks)
    assert arrived == []


def test_what_fails_is_shown_on_the_page_that_asked(
    qtbot: QtBot, page: _PatrolsPage, context: Context
) -> None:
    def job(work: Work) -> None:
        raise NotFound("There is no such patrol.")

    with qtbot.waitSignal(context.messages.erred) as told:
        page.do(job, "Opening")
    assert told.args is not None
    assert told.args[0] == "patrols"
    assert told.args[1].text == "There is no such patrol."


def test_a_fault_of_ours_is_told_as_one(qtbot: QtBot, page: _PatrolsPage, context: Context) -> None:
    def job(work: Work) -> None:
        raise ZeroDivisionError

    with qtbot.waitSignal(context.messages.broke):
        page.fetch(job, print)
