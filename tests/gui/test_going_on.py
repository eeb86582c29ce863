"""A long job that came to no good end is offered on Today until somebody goes on with it, or says not to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ranger_app.domain.photos import Photo
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.photo_card import CardForm, CardWish
from ranger_app.gui.sticks import Stick
from ranger_app.jobs import Work
from ranger_app.sync.bundles import writing
from ranger_app.sync.bundles.stick import OnStick, StickFolder
from tests.gui.screen import button, click, settled
from tests.photos.pictures import card_of
from tests.storage.test_full_disk import no_file_beyond

PHOTOS = 40
KIB = 1024


class Pulled(StickFolder):
    """A stick that goes away before the first part is on it."""

    def name(self, aside: OnStick) -> OnStick:
        if self.stick.exists():
            self.stick.rename(self.stick.with_name("gone"))
        return super().name(aside)


def goes(qtbot: QtBot, window: MainWindow, page_id: str) -> Any:
    assert window.view is not None
    window.view.go(page_id)
    settled(qtbot, window)
    return window.view.current


def told(qtbot: QtBot, window: MainWindow) -> list[str]:
    """What Today says."""
    return [one.text() for one in goes(qtbot, window, "today").findChildren(QLabel)]


def begun(window: MainWindow) -> list[str]:
    assert window.ranger is not None
    return list(window.ranger.begun.all())


def banner(window: MainWindow) -> str:
    assert window.view is not None
    frame = window.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    return frame.banner.accessibleName() if frame.banner.isVisible() else ""


def count(window: MainWindow) -> int:
    assert window.ranger is not None
    with window.ranger.workspace.reading() as data:
        return data.count(Photo)


def fills(qtbot: QtBot, ask: Any, how: Callable[[CardForm], object]) -> None:
    """Click to add a card, and do this to its form."""
    watch, done = QTimer(interval=5), list[bool]()

    def look() -> None:
        form = QApplication.activeModalWidget()
        if isinstance(form, CardForm) and form.isVisible():
            watch.stop()
            how(form)
            done.append(True)

    watch.timeout.connect(look)
    watch.start()
    click(ask)
    qtbot.waitUntil(lambda: bool(done))


def test_a_stick_that_is_pulled_while_it_is_written(
    qtbot: QtBot, opened: MainWindow, plugged: list[Stick], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "DEMO STICK"
    stick.mkdir()
    plugged.append(Stick(stick, "DEMO STICK", 1 << 34, 1 << 35))
    page = goes(qtbot, opened, "exchange")
    assert isinstance(page, ExchangePage)
    with monkeypatch.context() as patch:
        patch.setattr(writing, "StickFolder", Pulled)
        click(page.stick.plugged.buttons[0])
        qtbot.waitUntil(page.stick.give.isVisible)
        click(page.stick.give)
        settled(qtbot, opened)
    assert "“DEMO STICK” is not there, or went away half way." in banner(opened)
    assert "The exchange with “DEMO STICK” is not finished" in told(qtbot, opened)
    stick.with_name("gone").rename(stick)
    click(button(goes(qtbot, opened, "today"), "Go on"))
    settled(qtbot, opened)
    assert begun(opened) == []
    assert list(stick.rglob("MANIF.RSB"))
    assert "The exchange with “DEMO STICK” is not finished" not in told(qtbot, opened)


def test_a_card_for_which_there_is_no_room_leaves_its_form_filled(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 3)
    page = goes(qtbot, opened, "photos")
    assert isinstance(page, PhotosPage)

    def fill(form: CardForm) -> None:
        form.folder.setText(str(card))
        form.station.setEditText("Demo ridge")
        click(form.go_on)

    with no_file_beyond(4 * KIB):
        fills(qtbot, page.add, fill)
        settled(qtbot, opened)
        assert "“demo park.ranger”" in banner(opened)
        assert "stays in its form" in banner(opened)

    def again(form: CardForm) -> None:
        assert form.station.currentText() == "Demo ridge"
        click(form.go_on)

    fills(qtbot, page.add, again)
    settled(qtbot, opened)
    assert count(opened) == 3
    assert begun(opened) == []


def test_nobody_has_to_go_on(qtbot: QtBot, opened: MainWindow) -> None:
    assert opened.ranger is not None
    card = CardWish(Path("away"), "Demo ridge", link=False, gap_s=60.0).begun
    opened.ranger.begun.note(card.key, card.asked)
    opened.ranger.begun.note("what a newer Ranger notes", {})
    assert "The card of “Demo ridge” is not wholly taken in" in told(qtbot, opened)
    click(button(goes(qtbot, opened, "today"), "Do not go on with it"))
    settled(qtbot, opened)
    assert begun(opened) == ["what a newer Ranger notes"]
    assert "The card of “Demo ridge” is not wholly taken in" not in told(qtbot, opened)


def test_a_card_that_is_not_there_is_told_of_and_stays_on_offer(qtbot: QtBot, opened: MainWindow) -> None:
    assert opened.ranger is not None
    card = CardWish(Path("away"), "Demo ridge", link=False, gap_s=60.0).begun
    opened.ranger.begun.note(card.key, card.asked)
    click(button(goes(qtbot, opened, "today"), "Go on"))
    settled(qtbot, opened)
    assert "away" in banner(opened)
    assert begun(opened) == [card.key]


def test_what_a_person_stops_is_not_offered(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = goes(qtbot, opened, "photos")
    assert isinstance(page, PhotosPage)
    plain = Work.tick

    def tick(self: Work, done: int, total: int | None = None, note: str = "") -> None:
        if done == PHOTOS // 2:
            self.cancel()
        plain(self, done, total, note)

    monkeypatch.setattr(Work, "tick", tick)
    page.take_card(CardWish(card_of(tmp_path / "card", PHOTOS), "Demo ridge", link=False, gap_s=60.0))
    assert begun(opened) in ([], ["card " + str(tmp_path / "card") + " Demo ridge"])
    settled(qtbot, opened)
    assert count(opened) < PHOTOS
    assert begun(opened) == []
