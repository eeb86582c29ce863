"""The laptops on the Exchange page: who they are, and how a new one is let in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QDialog, QLabel
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.roles import MANAGER
from ranger_app.gui import asking
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


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Ranger]:
    """A second laptop, that belongs to no site yet."""
    ranger, _doubts = Ranger.create(tmp_path / "post.ranger", site_name=None, device="Demo post")
    with ranger:
        yield ranger


@pytest.fixture
def request_file(tmp_path: Path, post: Ranger, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The request of that laptop, which is what the person chooses."""
    _request, content = post.devices.request()
    file = tmp_path / "demo post.request"
    file.write_bytes(content)
    monkeypatch.setattr(asking, "for_file", lambda *_arguments, **_more: file)
    monkeypatch.setattr(asking, "for_new_file", lambda *_arguments, name: tmp_path / name)
    return file


def when_asked(page: ExchangePage, act: Callable[[QDialog], None]) -> None:
    """Do this in the dialog that comes up."""

    def look() -> None:
        dialog = next((one for one in page.findChildren(QDialog) if one.isVisible()), None)
        if dialog is None:
            QTimer.singleShot(10, look)
        else:
            act(dialog)

    QTimer.singleShot(10, look)


def ask(page: ExchangePage) -> None:
    click(button(page, "Answer a laptop that asks to join…"))


def test_a_laptop_is_let_in_once_its_words_were_compared(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, post: Ranger, request_file: Path
) -> None:
    assert page.standing.text().startswith("Every laptop that has this site's bundles may write")
    words, _content = post.devices.request()

    def agree(dialog: QDialog) -> None:
        shown = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert " ".join(words.words) in shown
        assert "Demo post" in shown
        roles = dialog.findChild(QComboBox)
        assert roles is not None
        roles.setCurrentIndex(roles.findData(MANAGER))
        click(button(dialog, "They are the same"))

    when_asked(page, agree)
    ask(page)
    qtbot.waitUntil(page.answered.isVisible)
    settled(qtbot, opened)
    joined = post.devices.join(request_file.with_suffix(".answer").read_bytes())
    assert joined.role == MANAGER
    assert " ".join(joined.words) in page.answered.text()
    assert [(one.name, one.role) for one in page.devices.model.rows[1:]] == [("Demo post", MANAGER)]
    assert page.standing.text() == "This laptop's role: administrator."


def test_words_that_differ_let_nobody_in(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, request_file: Path
) -> None:
    closed: list[int] = []

    def differ(dialog: QDialog) -> None:
        dialog.finished.connect(closed.append)
        click(button(dialog, "They differ"))

    when_asked(page, differ)
    ask(page)
    qtbot.waitUntil(lambda: bool(closed))
    settled(qtbot, opened)
    assert not request_file.with_suffix(".answer").exists()
    assert opened.ranger is not None
    assert opened.ranger.devices.directory() is None


def test_a_file_that_is_no_request_is_told_on_the_page(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, request_file: Path
) -> None:
    from ranger_app.gui.page_frame import PageFrame

    request_file.write_bytes(b"something else")
    ask(page)
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    settled(qtbot, opened)
