"""House rules of the screen, on every page: names to be read aloud, labels with fields, room for words."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from ranger_app.config import Appearance
from ranger_app.gui.actions import ACTIONS
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page import Page
from ranger_app.gui.pages import PAGES
from tests.gui.screen import FIELDS, heard_name, interactive, settled

PAGE_IDS = [spec.id for spec in PAGES]
SMALLEST_SCREEN = 1366, 768


@pytest.fixture(params=PAGE_IDS)
def page(request: pytest.FixtureRequest, qtbot: QtBot, opened: MainWindow) -> Page:
    """Each page in turn, in front, with all that it reads there."""
    assert opened.view is not None
    opened.view.go(request.param)
    settled(qtbot, opened)
    current = opened.view.current
    assert current is not None
    assert current.page_id == request.param
    return current


def test_everything_that_can_be_used_has_a_name_to_be_read_aloud(page: Page) -> None:
    nameless = [repr(one) for one in interactive(page.window()) if not heard_name(one).strip()]
    assert not nameless


def test_every_field_is_told_by_a_label_or_a_name_of_its_own(page: Page) -> None:
    buddies = {id(label.buddy()) for label in page.findChildren(QLabel) if label.buddy() is not None}
    untold = [
        repr(field)
        for field in interactive(page)
        if isinstance(field, FIELDS) and id(field) not in buddies and not field.accessibleName()
    ]
    assert not untold


def test_every_label_of_a_field_leads_to_it(page: Page) -> None:
    lost = [
        label.text()
        for label in page.findChildren(QLabel)
        if label.text().endswith(":") and label.buddy() is None
    ]
    assert not lost, "a label that ends in a colon belongs to a field: give it with field_label or Form"


def test_the_page_answers_to_its_actions_and_to_no_others(page: Page) -> None:
    listed = {action.id for action in ACTIONS if action.page == page.page_id}
    assert set(page.commands()) == listed


def test_text_of_people_is_never_taken_for_mark_up(page: Page) -> None:
    from PySide6.QtCore import Qt

    rich = [
        label.text()
        for label in page.findChildren(QLabel)
        if label.textFormat() is not Qt.TextFormat.PlainText and label.text()
    ]
    assert not rich, "make labels with widgets.text, or set their format to plain"


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_the_page_fits_a_small_screen_or_scrolls(
    qtbot: QtBot, opened: MainWindow, page: Page, text_scale: float
) -> None:
    opened.theme.apply(appearance=Appearance.LIGHT, text_scale=text_scale)
    opened.resize(*SMALLEST_SCREEN)
    qtbot.waitUntil(lambda: opened.width() == SMALLEST_SCREEN[0])
    assert opened.minimumSizeHint().width() <= SMALLEST_SCREEN[0]
    assert opened.minimumSizeHint().height() <= SMALLEST_SCREEN[1]
    frame = _scroll_area_of(page)
    assert page.minimumSizeHint().width() <= frame.viewport().width(), "sideways scrolling loses people"


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_no_words_are_cut_off(qtbot: QtBot, opened: MainWindow, page: Page, text_scale: float) -> None:
    opened.theme.apply(appearance=Appearance.LIGHT, text_scale=text_scale)
    opened.resize(*SMALLEST_SCREEN)
    qtbot.waitUntil(lambda: not _cut_off(page), timeout=2000)
    assert not _cut_off(page)


def _cut_off(page: Page) -> list[str]:
    """Labels that have been given less height than their words need at their width."""
    found = []
    for label in page.findChildren(QLabel):
        if not label.isVisible() or not label.text() or _scrolls_itself(label, page):
            continue
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        if label.height() < needed - 1:
            found.append(f"{label.text()[:60]!r} has {label.height()} of {needed} px")
        if not label.wordWrap() and label.width() < label.sizeHint().width() - 1:
            found.append(f"{label.text()[:60]!r} is cut at its end")
    return found


def _scrolls_itself(label: QWidget, page: Page) -> bool:
    parent = label.parentWidget()
    while parent is not None and parent is not page:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def _scroll_area_of(page: Page) -> QScrollArea:
    viewport = page.parentWidget()
    assert viewport is not None
    area = viewport.parentWidget()
    assert isinstance(area, QScrollArea)
    return area
