"""The window as a whole: opening, pages, keys, jobs, errors, undo and leaving."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.config import Settings, read_settings
from ranger_app.domain.errors import DiskTrouble, NotFound
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages import PAGES
from ranger_app.gui.workspace_view import WorkspaceView
from ranger_app.jobs import Work
from tests.gui.conftest import SITE_NAME
from tests.gui.screen import button, click, press, settled, type_into


def _view(window: MainWindow) -> WorkspaceView:
    assert window.view is not None
    return window.view


def _front(window: MainWindow) -> str:
    current = _view(window).current
    return current.page_id if current else ""


# ---- opening


def test_a_workspace_opens_on_today_and_is_named_on_the_rail(qtbot: QtBot, opened: MainWindow) -> None:
    assert _front(opened) == "today"
    qtbot.waitUntil(lambda: _view(opened).rail.site.text() == SITE_NAME)


def test_the_window_opens_the_workspace_that_was_open_last(
    qtbot: QtBot, window: MainWindow, workspace: Path
) -> None:
    window.settings = Settings(last_workspace=workspace)
    window.begin()
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)


def test_without_a_workspace_the_start_screen_offers_what_can_be_done(window: MainWindow) -> None:
    window.begin()
    for words in ("New site…", "Open a workspace…", "Try the demo"):
        assert button(window.start, words).isVisible()


def test_a_workspace_that_was_opened_is_offered_again(
    qtbot: QtBot, opened: MainWindow, workspace: Path
) -> None:
    opened.close_workspace()
    assert read_settings().settings.recent_workspaces == (workspace,)
    click(button(opened.start, workspace.stem))
    qtbot.waitUntil(lambda: opened.view is not None)
    settled(qtbot, opened)


def test_a_folder_that_is_no_workspace_is_refused_with_a_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.open(tmp_path)
    qtbot.waitUntil(window.start.banner.isVisible)
    assert "is not a Ranger workspace" in window.start.banner.accessibleName()
    assert button(window.start, "Open a workspace…").isVisible()


def test_a_workspace_open_elsewhere_is_refused_with_a_sentence(
    qtbot: QtBot, window: MainWindow, workspace: Path
) -> None:
    with Ranger.open(workspace):
        window.open(workspace)
        qtbot.waitUntil(window.start.banner.isVisible)
    assert window.view is None


def test_a_protected_workspace_asks_for_its_passphrase(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "locked.ranger"
    ranger, _doubts = Ranger.create(folder, site_name=SITE_NAME, passphrase="correct horse")
    ranger.close()
    window.open(folder)
    unlock = window.start.unlock
    qtbot.waitUntil(unlock.isVisible)
    assert not window.start.banner.isVisible(), "being asked is no failure"
    type_into(unlock.field, "wrong horse")
    press(unlock.field, "Return")
    qtbot.waitUntil(window.start.banner.isVisible)
    assert unlock.isVisible()
    type_into(unlock.field, "correct horse")
    press(unlock.field, "Return")
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)


# ---- pages and keys


@pytest.mark.parametrize("page_id", [spec.id for spec in PAGES])
def test_each_page_has_its_number(qtbot: QtBot, opened: MainWindow, page_id: str) -> None:
    number = 1 + [spec.id for spec in PAGES].index(page_id)
    press(opened, f"Ctrl+{number}")
    assert _front(opened) == page_id
    settled(qtbot, opened)


def test_tab_comes_to_the_page_that_is_shown_and_to_no_other_of_the_rail(
    qtbot: QtBot, opened: MainWindow
) -> None:
    rail = _view(opened).rail
    button(rail, "Today").setFocus()
    press(opened, "Ctrl+5")
    settled(qtbot, opened)
    stops = [button(rail, spec.words) for spec in PAGES]
    reached = [one.text() for one in stops if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert reached == ["Green List"]


def test_the_rail_is_walked_with_arrows(qtbot: QtBot, opened: MainWindow) -> None:
    rail = _view(opened).rail
    today = button(rail, "Today")
    today.setFocus()
    for _step in range(5):
        press(opened.focusWidget(), "Down")
    assert opened.focusWidget() is button(rail, "Exchange")
    press(button(rail, "Exchange"), "Return")
    assert _front(opened) == "exchange"
    assert opened.focusWidget() is button(rail, "Exchange"), "who walks along the rail stays on it"
    settled(qtbot, opened)


def test_a_page_that_comes_by_its_number_takes_the_keys(qtbot: QtBot, opened: MainWindow) -> None:
    for number, spec in enumerate(PAGES, start=1):
        press(opened, f"Ctrl+{number}")
        settled(qtbot, opened)
        press(opened, f"Ctrl+{number % len(PAGES) + 1}")  # the second time all that it shows is there
        settled(qtbot, opened)
        press(opened, f"Ctrl+{number}")
        page = _view(opened).current
        assert page is not None
        assert page.isAncestorOf(opened.focusWidget()), spec.id


def test_ctrl_z_takes_back_the_last_thing_that_was_said(opened: MainWindow) -> None:
    taken_back: list[str] = []
    opened.messages.say("One was done.", lambda: taken_back.append("one"))
    opened.messages.say("Two was done.", lambda: taken_back.append("two"))
    press(opened, "Ctrl+Z")
    press(opened, "Ctrl+Z")
    assert taken_back == ["two", "one"]


def test_undo_with_nothing_done_says_so(opened: MainWindow) -> None:
    press(opened, "Ctrl+Z")
    assert _view(opened).notices.words.text() == "There is nothing to take back."


def test_text_grows_with_a_key_and_that_is_kept(opened: MainWindow) -> None:
    press(opened, "Ctrl+=")
    assert read_settings().settings.text_scale == pytest.approx(1.1)
    press(opened, "Ctrl+-")
    assert read_settings().settings.text_scale == pytest.approx(1.0)


def test_keys_of_a_page_work_only_while_it_is_in_front(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(asking, "for_folder", lambda *_arguments, **_more: asked.append("folder"))
    press(opened, "Ctrl+Shift+W")
    assert asked == []
    press(opened, "Ctrl+6")
    press(opened, "Ctrl+Shift+W")
    assert asked == ["folder"]
    settled(qtbot, opened)


# ---- palette and cheat sheet


def _dialog(window: QWidget, qtbot: QtBot) -> QDialog:
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(QDialog)))
    return next(one for one in window.findChildren(QDialog) if one.isVisible())


def test_the_palette_finds_and_does(qtbot: QtBot, opened: MainWindow) -> None:
    from ranger_app.gui.palette import Palette

    press(opened, "Ctrl+K")
    palette = _dialog(opened, qtbot)
    assert isinstance(palette, Palette)
    type_into(palette.field, "go exch")
    assert palette.list.count() == 1
    press(palette.field, "Return")
    assert _front(opened) == "exchange"
    settled(qtbot, opened)


def test_the_palette_goes_to_the_page_of_what_is_asked(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranger_app.gui.palette import Palette

    monkeypatch.setattr(asking, "for_folder", lambda *_arguments, **_more: None)
    press(opened, "Ctrl+K")
    palette = _dialog(opened, qtbot)
    assert isinstance(palette, Palette)
    type_into(palette.field, "write bundle")
    press(palette.field, "Return")
    assert _front(opened) == "exchange"
    settled(qtbot, opened)


def test_without_a_workspace_the_palette_offers_only_what_works(window: MainWindow) -> None:
    offered = {action.id for action in window.commands.on_offer()}
    assert "workspace.open" in offered
    assert not offered & {"go.patrols", "undo", "exchange.write"}


def test_the_cheat_sheet_names_every_key(qtbot: QtBot, opened: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    from ranger_app.gui.actions import ACTIONS

    press(opened, "Shift+F1")
    sheet = _dialog(opened, qtbot)
    shown = {label.text() for label in sheet.findChildren(QLabel)}
    assert {action.keys for action in ACTIONS if action.keys} <= shown
    sheet.close()


# ---- errors


def test_an_error_stands_on_its_page_with_a_way_out_until_esc(qtbot: QtBot, opened: MainWindow) -> None:
    opened.messages.error(DiskTrouble("The disk is full.", "Free some space."), page_id="today")
    banner = _banner(opened)
    assert banner.isVisible()
    assert banner.accessibleName() == "The disk is full. Free some space."
    press(opened, "Esc")
    assert not banner.isVisible()


def test_an_error_of_another_page_does_not_stand_on_this_one(qtbot: QtBot, opened: MainWindow) -> None:
    press(opened, "Ctrl+6")
    settled(qtbot, opened)
    opened.messages.error(NotFound("There is no such patrol."), page_id="today")
    assert not _banner(opened).isVisible()
    press(opened, "Ctrl+1")
    assert _banner(opened).isVisible()
    settled(qtbot, opened)


def test_a_fault_that_nobody_foresaw_is_one_calm_dialog_with_a_report(
    qtbot: QtBot, opened: MainWindow, own_config: Path
) -> None:
    def job(work: Work) -> None:
        raise KeyError("Grace Wanjiru saw a snare")

    opened.background.run(job, "a job to which nobody listens")
    dialog = _dialog(opened, qtbot)
    opened.messages.error(ZeroDivisionError())
    assert len([one for one in opened.findChildren(QDialog) if one.isVisible()]) == 1
    reports = sorted((own_config / "data" / "reports").glob("*.txt"))
    assert len(reports) == 2
    told = reports[0].read_text(encoding="utf-8")
    assert "builtins.KeyError" in told
    assert "test_window.py" in told
    assert "Grace" not in told, "an error's words may hold what is in the workspace"
    click(button(dialog, "Carry on"))
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in opened.findChildren(QDialog)))
    assert _front(opened) == "today"


def _banner(window: MainWindow) -> QWidget:
    from ranger_app.gui.page_frame import PageFrame

    frame = _view(window).stack.currentWidget()
    assert isinstance(frame, PageFrame)
    return frame.banner


# ---- leaving


def test_leaving_while_a_job_runs_asks_and_staying_lets_it_run(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    opened.background.run(lambda work: go_on.wait(5), "a long job", writes=True)
    monkeypatch.setattr(asking, "whether", lambda *_arguments, **_more: False)
    assert not opened.close()
    assert opened.isVisible()
    go_on.set()
    settled(qtbot, opened)


def test_leaving_lets_go_of_the_workspace(opened: MainWindow, workspace: Path) -> None:
    assert opened.close()
    Ranger.open(workspace).close()  # not locked any more


def test_closing_a_workspace_and_opening_it_again_shows_it_afresh(
    qtbot: QtBot, opened: MainWindow, workspace: Path
) -> None:
    before = _view(opened)
    press(opened, "Ctrl+W")
    assert opened.view is None
    opened.open(workspace)
    qtbot.waitUntil(lambda: opened.view is not None)
    assert _view(opened) is not before
    settled(qtbot, opened)
