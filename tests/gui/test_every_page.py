"""House rules of the screen, on every page: names to be read aloud, labels with fields, room for words."""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.exceptions import TimeoutError as QtBotTimeoutError
from pytestqt.qtbot import QtBot

from ranger_app.config import Appearance
from ranger_app.gui.actions import ACTIONS
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page import Page
from ranger_app.gui.pages import PAGES
from tests.gui.screen import FIELDS, heard_name, interactive, settled
from tests.rules.sources import report

PAGE_IDS = [spec.id for spec in PAGES]
SMALLEST_SCREEN = 1366, 768
WIDGETS_OF_CHOICES = 20  # what the start screen offers once a workspace has been closed


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


def test_a_page_can_be_used_without_seeing_it(page: Page) -> None:
    """Everything that can be used has a name to be read aloud, every label of a field leads to it, and
    what people have written is never taken for mark-up."""
    labels = page.findChildren(QLabel)
    buddies = {id(label.buddy()) for label in labels if label.buddy() is not None}
    faults = [f"no name: {one!r}" for one in interactive(page.window()) if not heard_name(one).strip()]
    faults += [
        f"no label and no name of its own: {one!r}"
        for one in interactive(page)
        if isinstance(one, FIELDS) and id(one) not in buddies and not one.accessibleName()
    ]
    faults += [
        f"names a field and does not lead to it (use field_label or Form): {label.text()!r}"
        for label in labels
        if label.text().endswith(":") and label.buddy() is None
    ]
    faults += [
        f"may be taken for mark-up (use widgets.text): {label.text()!r}"
        for label in labels
        if label.text() and label.textFormat() is not Qt.TextFormat.PlainText
    ]
    assert not faults, report(faults)


def test_a_page_answers_to_its_actions_and_to_no_others(page: Page) -> None:
    listed = {action.id for action in ACTIONS if action.page == page.page_id}
    assert set(page.commands()) == listed


def test_a_page_has_room_for_its_words_on_a_small_screen_at_any_text_size(
    qtbot: QtBot, opened: MainWindow, page: Page
) -> None:
    for text_scale in (1.0, 1.5, 2.0):
        opened.theme.apply(appearance=Appearance.LIGHT, text_scale=text_scale)
        opened.resize(*SMALLEST_SCREEN)
        qtbot.waitUntil(lambda: opened.width() == SMALLEST_SCREEN[0])
        with contextlib.suppress(QtBotTimeoutError):  # what is still wrong then is told below
            qtbot.waitUntil(lambda: not _faults_of_room(opened, page))
        faults = _faults_of_room(opened, page)
        assert not faults, f"at {text_scale:.0%}: {report(faults)}"


@pytest.mark.parametrize("page_id", PAGE_IDS)
def test_a_page_goes_with_its_workspace(
    qtbot: QtBot, window: MainWindow, workspace: Path, page_id: str
) -> None:
    """A widget without a parent, or a slot that holds what holds it, would stay for ever."""
    widgets_before = len(QApplication.allWidgets())
    window.begin(workspace)
    qtbot.waitUntil(lambda: window.view is not None)
    assert window.view is not None
    window.view.go(page_id)
    settled(qtbot, window)
    window.close_workspace()

    def left() -> list[str]:
        gc.collect()
        pages = [type(one).__name__ for one in gc.get_objects() if isinstance(one, Page)]
        windows = (one for one in QApplication.topLevelWidgets() if one.parent() is None)
        lost = [repr(one) for one in windows if one is not window]
        return pages + lost

    qtbot.waitUntil(lambda: not left())
    assert len(QApplication.allWidgets()) < widgets_before + WIDGETS_OF_CHOICES


def _faults_of_room(window: MainWindow, page: Page) -> list[str]:
    least, viewport = window.minimumSizeHint(), _scroll_area_of(page).viewport()
    faults = _cut_off(page) + _squeezed(page)
    if least.width() > SMALLEST_SCREEN[0] or least.height() > SMALLEST_SCREEN[1]:
        faults.append(f"the window needs {least.width()} × {least.height()}")
    if page.minimumSizeHint().width() > viewport.width():
        faults.append(f"the page needs {page.minimumSizeHint().width()} of {viewport.width()} px in width")
    return faults


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


def _squeezed(page: Page) -> list[str]:
    """Buttons that are narrower than their words."""
    return [
        f"{button.text()!r} has {button.width()} of {button.sizeHint().width()} px"
        for button in page.findChildren(QPushButton)
        if button.isVisible() and button.text() and button.width() < button.sizeHint().width() - 1
    ]


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
