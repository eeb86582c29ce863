"""An error stays on its page as long as it holds: until the same goes well, or somebody puts it away."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.domain.errors import DiskTrouble, NotFound, Refused
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page import Page
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.widgets.banner import Banner
from ranger_app.jobs import Work
from tests.gui.screen import press, settled


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> Page:
    assert opened.view is not None
    opened.view.go("patrols")
    settled(qtbot, opened)
    assert opened.view.current is not None
    return opened.view.current


@pytest.fixture
def banner(opened: MainWindow, page: Page) -> Banner:
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    return frame.banner


def give(page: Page, *, there_is_room: bool) -> None:
    def job(_work: Work) -> None:
        if not there_is_room:
            raise DiskTrouble("The stick is full.")

    page.do(job, f"Giving to the stick, room: {there_is_room}")


def look(page: Page, *, fails: bool = False) -> None:
    def job(_work: Work) -> None:
        if fails:
            raise NotFound("Nothing is there.")

    page.fetch(job, lambda _nothing: None)


def test_a_later_success_of_the_same_takes_the_error_away(
    qtbot: QtBot, opened: MainWindow, page: Page, banner: Banner
) -> None:
    give(page, there_is_room=False)
    settled(qtbot, opened)
    assert banner.isVisible()
    look(page)
    settled(qtbot, opened)
    assert banner.isVisible(), "that something else went well says nothing of the stick"
    give(page, there_is_room=True)
    settled(qtbot, opened)
    assert not banner.isVisible()


def test_what_went_well_leaves_a_newer_error(
    qtbot: QtBot, opened: MainWindow, page: Page, banner: Banner
) -> None:
    give(page, there_is_room=False)
    settled(qtbot, opened)
    look(page, fails=True)
    settled(qtbot, opened)
    give(page, there_is_room=True)
    settled(qtbot, opened)
    assert banner.isVisible()
    assert "Nothing is there" in banner.accessibleName()


def test_a_doubt_that_a_success_brings_stays_until_the_next(
    qtbot: QtBot, opened: MainWindow, page: Page, banner: Banner
) -> None:
    def read(*, doubt: bool) -> None:
        def job(_work: Work) -> bool:
            return doubt

        page.fetch(job, lambda doubts: page.error(NotFound("One file is gone.")) if doubts else None)

    read(doubt=True)
    settled(qtbot, opened)
    assert banner.isVisible()
    read(doubt=False)
    settled(qtbot, opened)
    assert not banner.isVisible()


def test_what_was_refused_goes_when_something_else_was_done(
    opened: MainWindow, page: Page, banner: Banner
) -> None:
    page.error(Refused("Only a manager may do this."))
    assert banner.isVisible()
    opened.messages.say("The patrol is kept.")
    assert not banner.isVisible()


def test_esc_puts_an_error_away(qtbot: QtBot, opened: MainWindow, page: Page, banner: Banner) -> None:
    give(page, there_is_room=False)
    settled(qtbot, opened)
    press(opened, "Esc")
    assert not banner.isVisible()
