"""A laptop that dies in the middle of a form: what was typed is there when Ranger is started again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.domain.errors import DiskTrouble
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.settings import SettingsPage
from tests.gui.demo_form import DemoForm
from tests.gui.screen import press, settled, type_into


def passes(qtbot: QtBot, window: MainWindow) -> None:
    """The few seconds after which Ranger looks what is new."""
    assert window.keeping.timer.isActive()
    window.keeping.timer.timeout.emit()
    settled(qtbot, window)


def died(window: MainWindow, at: Path) -> Path:
    """What stands on the disk of a laptop that died just now."""
    assert window.ranger is not None
    shutil.rmtree(at, ignore_errors=True)
    return shutil.copytree(window.ranger.workspace.folder, at)


def begins_again(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.close_workspace()
    window.begin(folder)
    qtbot.waitUntil(lambda: window.view is not None and window.view.current is not None)
    settled(qtbot, window)


def test_an_open_form_is_there_again_after_the_laptop_died(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    form = DemoForm(opened)
    form.open()
    type_into(form.title, "half a pat")
    type_into(form.secret, "not to be kept")
    passes(qtbot, opened)
    folder = died(opened, tmp_path / "died.ranger")
    form.reject()
    assert b"not to be kept" not in b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    begins_again(qtbot, opened, folder)
    assert opened.view is not None
    assert "half written" in opened.view.notices.words.text()
    again = DemoForm(opened)
    again.open()
    assert (again.title.text(), again.secret.text()) == ("half a pat", "")
    again.reject()


def test_a_form_that_was_answered_is_not_there_again(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    form = DemoForm(opened)
    form.open()
    type_into(form.title, "half a pat")
    passes(qtbot, opened)
    press(form, "Return")
    passes(qtbot, opened)
    begins_again(qtbot, opened, died(opened, tmp_path / "died.ranger"))
    assert opened.drafts.forms == []


def test_a_form_typed_back_to_what_it_was_is_no_draft(qtbot: QtBot, opened: MainWindow) -> None:
    form = DemoForm(opened)
    form.open()
    type_into(form.title, "x")
    passes(qtbot, opened)
    assert opened.drafts.forms
    press(form.title, "Backspace")
    passes(qtbot, opened)
    assert opened.drafts.forms == []
    form.reject()


def test_a_form_on_a_page_is_there_again_until_it_is_saved(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    def page() -> SettingsPage:
        assert opened.view is not None
        opened.view.go("settings")
        settled(qtbot, opened)
        assert isinstance(opened.view.current, SettingsPage)
        return opened.view.current

    page().name.setText("Demo hills")
    passes(qtbot, opened)
    begins_again(qtbot, opened, died(opened, tmp_path / "died.ranger"))
    assert page().name.text() == "Demo hills"
    page().save.click()
    settled(qtbot, opened)
    passes(qtbot, opened)
    begins_again(qtbot, opened, died(opened, tmp_path / "again.ranger"))
    assert opened.drafts.forms == []


def test_a_full_disk_is_told_of_once_and_what_was_typed_is_kept_when_there_is_room(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opened.ranger is not None
    people, told = opened.ranger.people, []
    opened.messages.erred.connect(lambda _page, error: told.append(error))

    def full(_forms: object) -> None:
        raise DiskTrouble("There is no room left.")

    form = DemoForm(opened)
    form.open()
    with monkeypatch.context() as patch:
        patch.setattr(people, "keep_drafts", full)
        for words in ("half ", "a pat"):
            type_into(form.title, words)
            passes(qtbot, opened)
    assert len(told) == 1
    passes(qtbot, opened)
    (kept,) = people.drafts()
    assert "half a pat" in str(people.draft(kept))
    form.reject()
