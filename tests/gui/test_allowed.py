"""What a person may not do is shut on every page, with the reason, and its keys say it too."""

from __future__ import annotations

from operator import attrgetter

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.roles import Deed
from ranger_app.gui.actions import ACTIONS
from ranger_app.gui.allowed import GUARDED, release, shut
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page import Page
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.widgets.kept_text import KeptText
from tests.gui.screen import press, settled


def signed_in_as(opened: MainWindow, *roles: str) -> None:
    """Somebody with these roles sits before the window."""
    assert opened.ranger is not None
    people = opened.ranger.people
    people.enter(people.add("Boss demo", roles=["administrator"]))
    people.enter(people.add("Asha demo", roles=list(roles)))


def on_page(qtbot: QtBot, opened: MainWindow, page_id: str) -> Page:
    assert opened.view is not None
    opened.view.go(page_id)
    settled(qtbot, opened)
    assert opened.view.current is not None
    return opened.view.current


def is_shut(widget: QWidget) -> bool:
    return bool(widget.property("shut"))


@pytest.mark.parametrize("page_id", GUARDED)
def test_each_page_is_open_for_an_administrator_and_says_why_it_is_shut_for_another(
    qtbot: QtBot, opened: MainWindow, page_id: str
) -> None:
    page = on_page(qtbot, opened, page_id)
    widgets = {path: attrgetter(path)(page) for path, _kind, _deed in GUARDED[page_id]}
    assert not any(map(is_shut, widgets.values()))
    signed_in_as(opened, "assessor" if page_id != "green_list" else "ranger")
    on_page(qtbot, opened, page_id)
    shut_ones = {path: one for path, one in widgets.items() if is_shut(one)}
    assert shut_ones
    for one in shut_ones.values():
        assert "Ask a manager" in one.toolTip()
        assert one.accessibleDescription() == one.toolTip()
        assert (
            one.isReadOnly()
            if isinstance(one, KeptText)
            else not one.isEnabled() or hasattr(one, "isReadOnly")
        )
    assert opened.ranger is not None
    opened.ranger.people.enter(opened.ranger.people.find("Boss demo"))
    on_page(qtbot, opened, page_id)
    assert not any(map(is_shut, widgets.values()))


def test_keys_of_what_is_not_allowed_say_why(qtbot: QtBot, opened: MainWindow) -> None:
    signed_in_as(opened, "ranger")
    on_page(qtbot, opened, "green_list")
    press(opened, "Ctrl+N")
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    settled(qtbot, opened)
    assert opened.ranger is not None
    assert opened.ranger.assessments.all() == []


def test_every_need_names_a_kind_and_a_deed() -> None:
    for action in ACTIONS:
        if action.needs:
            kind, deed = action.needs.split(" ")
            assert kind in BY_NAME
            assert deed in {one.value for one in Deed}
    for guarded in GUARDED.values():
        assert all(kind in BY_NAME for _path, kind, _deed in guarded)


def test_what_is_shut_stays_so_when_its_page_opens_it(qtbot: QtBot) -> None:
    button = QPushButton("Demo")
    qtbot.addWidget(button)
    shut(button, "because")
    shut(button, "because of this")
    button.setEnabled(True)
    assert not button.isEnabled()
    assert button.toolTip() == "because of this"
    release(button)
    assert button.isEnabled()
    button.setEnabled(False)
    shut(button, "because")
    release(button)
    assert not button.isEnabled(), "it was of no use before either"
