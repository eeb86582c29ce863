"""The Photos page: cards come in, the model and people are told apart, and everything goes by keys."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.config import Appearance
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages import photos as room
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.photo_card import CardForm, CardWish
from ranger_app.inference.looks import Look
from ranger_app.photos.review import Word
from ranger_app.photos.views import Order, Wanted
from tests.gui.photos.conftest import CAUTION, go, labels, shown
from tests.gui.screen import button, click, press, settled
from tests.photos.pictures import TAKEN, card_of, jpeg
from tests.photos.seers import DemoPacks, look

# ---- looking


def test_all_photos_are_there_and_the_first_is_shown(page: PhotosPage) -> None:
    assert len(page.desk.model.ids) == 8
    assert page.filter.count.text() == "8 photos"
    assert shown(page.desk) == 0
    assert not page.desk.view.image.isNull()
    assert "IMG_0000.JPG" in page.desk.panel.facts.text()


def test_another_page_can_ask_for_the_photos_of_one_station(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage, tmp_path: Path
) -> None:
    assert opened.ranger is not None
    opened.ranger.photos.add(card_of(tmp_path / "second", 2, first=40), station="Valley")
    settled(qtbot, opened)
    valley = opened.ranger.photos.station_named("Valley")
    page.context.go("photos", station_id=valley)
    settled(qtbot, opened)
    assert len(page.desk.model.ids) == 2
    assert page.filter.station.currentText() == "Valley (2)"


def test_the_order_that_is_chosen_is_the_order_that_is_asked_for(page: PhotosPage) -> None:
    page.filter.order.setCurrentIndex(1)
    assert page.filter.wanted().order is Order.SCORE


def test_the_model_and_people_are_told_apart(page: PhotosPage) -> None:
    panel = page.desk.panel
    assert panel.machine.text() == "Animal"
    assert "animal 90%" in panel.groups.text()
    assert panel.people.text() == "Nobody has said anything yet."
    assert [box.kind for box in page.desk.view.boxes] == ["animal"]


def test_a_pack_that_needs_a_word_of_caution_gets_it(page: PhotosPage) -> None:
    assert page.caution.isVisible()
    assert page.caution.words.text() == CAUTION


def test_arrows_go_on_and_back_and_stop_at_the_ends(page: PhotosPage) -> None:
    for _step in range(3):
        press(page, "Right")
    assert shown(page.desk) == 3
    for _step in range(5):
        press(page, "Left")
    assert shown(page.desk) == 0


def test_the_next_photo_is_there_at_once(page: PhotosPage) -> None:
    """Without waiting for anything: it was decoded while the one before was looked at."""
    press(page, "Right")
    assert "IMG_0001.JPG" in page.desk.panel.facts.text()
    assert page.desk.view.image.size().width() == 64


def test_sequences_are_walked_as_well(page: PhotosPage, qtbot: QtBot, opened: MainWindow) -> None:
    press(page, "Shift+Right")
    settled(qtbot, opened)
    assert shown(page.desk) == 3
    press(page, "Shift+Right")
    settled(qtbot, opened)
    assert shown(page.desk) == 6
    press(page, "Shift+Left")
    settled(qtbot, opened)
    press(page, "Shift+Left")
    assert shown(page.desk) == 3


def test_the_photo_is_zoomed_and_fitted_by_keys(page: PhotosPage) -> None:
    press(page, "+")
    press(page, "+")
    assert page.desk.view.zoom > 1.5
    press(page, "-")
    assert 1 < page.desk.view.zoom < 1.5
    press(page, "0")
    assert page.desk.view.zoom == 1
    press(page, "-")
    assert page.desk.view.zoom == 1


def test_boxes_can_be_put_away(page: PhotosPage) -> None:
    press(page, "B")
    assert not page.desk.view.boxes_shown
    press(page, "B")
    assert page.desk.view.boxes_shown


# ---- which photos


def test_photos_are_chosen_by_what_they_show(page: PhotosPage, qtbot: QtBot, opened: MainWindow) -> None:
    page.filter.shows.setCurrentIndex(page.filter.shows.findData("empty"))
    page.filter.changed.emit()
    settled(qtbot, opened)
    assert len(page.desk.model.ids) == 1
    assert page.filter.count.text() == "1 of 8 photos"


def test_photos_are_chosen_by_the_name_that_people_or_the_rules_give(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow
) -> None:
    assert page.filter.called.isHidden(), "where nothing has a name there is nothing to choose"
    assert opened.ranger is not None
    ids = opened.ranger.photos.ids(Wanted())
    opened.ranger.photos.label(ids[:3], Word(type="animal", name="wild boar"), by="Demo Ranger")
    opened.ranger.photos.label(ids[3:4], Word(type="animal", name="sable"), by="Demo Ranger")
    press(opened, "F5")
    settled(qtbot, opened)
    offered = page.filter.called
    assert [offered.itemText(at) for at in range(offered.count())] == [
        "All names",
        "wild boar (3)",
        "sable (1)",
    ]
    offered.setCurrentIndex(1)
    page.filter.changed.emit()
    settled(qtbot, opened)
    assert len(page.desk.model.ids) == 3
    assert offered.currentData() == "wild boar", "what is chosen stays chosen when the list is read again"
    page.filter.show_everything()
    settled(qtbot, opened)
    assert len(page.desk.model.ids) == 8


def test_when_nothing_fits_the_way_back_is_offered(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow
) -> None:
    page.filter.shows.setCurrentIndex(page.filter.shows.findData("vehicle"))
    page.filter.changed.emit()
    settled(qtbot, opened)
    assert page.nothing_fits.isVisible()
    click(button(page.nothing_fits, "Show everything"))
    settled(qtbot, opened)
    assert page.desk.isVisible()


def test_labelled_photos_leave_the_list_of_unlabelled_ones_only_when_it_is_read_again(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow
) -> None:
    click(page.filter.unlabelled)
    settled(qtbot, opened)
    press(page, "A")
    settled(qtbot, opened)
    assert len(page.desk.model.ids) == 8, "the list must not jump under the hands of whoever labels"
    press(opened, "F5")
    settled(qtbot, opened)
    assert len(page.desk.model.ids) == 7


# ---- cards and models


def test_a_card_is_added_from_the_page(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path / "second", 2, first=40)
    (card / "broken.jpg").write_bytes(b"x")
    wish = CardWish(card, "Valley", link=False, gap_s=60.0)
    monkeypatch.setattr(room, "for_card", lambda *_arguments, **_more: wish)
    click(page.add)
    settled(qtbot, opened)
    assert page.filter.count.text() == "10 photos"
    assert page.filter.station.findText("Valley (2)") > 0
    assert page.remark.isVisible()
    assert "broken.jpg" in page.remark.accessibleName()


def test_a_card_that_is_not_there_is_said_on_the_page(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    page.take_card(CardWish(tmp_path / "nowhere", "Valley", link=False, gap_s=60.0))
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    settled(qtbot, opened)


def test_the_form_asks_for_what_is_missing(qtbot: QtBot, page: PhotosPage) -> None:
    form = CardForm(page, stations=["Ridge"])
    qtbot.addWidget(form)
    form.show()
    click(form.go_on)
    assert form.fault.isVisible()
    form.folder.setText("card")
    form.station.setCurrentText("Ridge")
    click(form.go_on)
    assert form.wish == CardWish(Path("card"), "Ridge", link=False, gap_s=60.0)


def test_the_model_looks_at_new_photos_while_people_label(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow, tmp_path: Path, one_pack: DemoPacks
) -> None:
    assert opened.ranger is not None
    opened.ranger.photos.add(card_of(tmp_path / "more", 2, first=60), station="Ridge")
    labelled = threading.Event()

    def slow(_at: int) -> Look:
        assert labelled.wait(10)
        return look(person=0.8)

    one_pack.seer.say = slow
    click(page.run)
    assert not page.run.isEnabled()
    press(page, "A")
    qtbot.waitUntil(lambda: len(labels(opened)) == 1)
    labelled.set()
    settled(qtbot, opened)
    assert page.run.isEnabled()
    assert opened.ranger.photos.forecast().waiting == 0


def test_a_station_without_photos_is_told_what_to_do_first(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    Ranger.create(tmp_path / "new.ranger", site_name="demo park")[0].close()
    window.begin(tmp_path / "new.ranger")
    qtbot.waitUntil(lambda: window.view is not None and window.view.current is not None)
    page = go(qtbot, window)
    assert page.empty.isVisible()
    assert not page.run.isEnabled()


def test_a_picture_that_cannot_be_shown_says_why(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> None:
    assert opened.ranger is not None
    card = tmp_path / "odd"
    card.mkdir()
    (card / "X.JPG").write_bytes(jpeg(77, taken=TAKEN - timedelta(days=1)).replace(b"\xff\xdb", b"\xff\xfe"))
    opened.ranger.photos.add(card, station="Ridge")
    page = go(qtbot, opened)
    assert "damaged" in page.desk.view.words


# ---- room


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_the_desk_fits_a_small_screen_at_any_size_of_text(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage, text_scale: float
) -> None:
    opened.theme.apply(appearance=Appearance.DARK, text_scale=text_scale)
    opened.resize(1366, 768)
    qtbot.waitUntil(lambda: opened.width() == 1366)
    viewport = page.parentWidget()
    assert viewport is not None
    qtbot.waitUntil(lambda: page.minimumSizeHint().width() <= viewport.width())
    shown_labels = [label for label in page.findChildren(QLabel) if label.isVisible() and label.text()]
    assert shown_labels
    qtbot.waitUntil(
        lambda: all(
            label.height() >= label.heightForWidth(label.width()) - 1
            for label in shown_labels
            if label.wordWrap()
        ),
        timeout=2000,
    )
    settled(qtbot, opened)
