"""Labels are given by keys or buttons, one photo or a whole sequence at a time, and are taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ranger_app.config import read_settings
from ranger_app.domain.errors import Refused
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages.photos import PhotosPage
from tests.gui.photos.conftest import go, labels, shown
from tests.gui.screen import click, press, settled, type_into


def test_a_key_labels_and_goes_on(page: PhotosPage, qtbot: QtBot, opened: MainWindow) -> None:
    press(page, "A")
    assert shown(page.desk) == 1
    settled(qtbot, opened)
    (label,) = labels(opened)
    assert (label.type, label.by) == ("animal", "Demo Ranger")
    press(page, "Left")
    assert page.desk.panel.people.text() == "Animal — Demo Ranger"
    assert page.desk.panel.machine.text() == "Animal"


@pytest.mark.parametrize(
    ("key", "type_"), [("A", "animal"), ("H", "human"), ("V", "vehicle"), ("E", "blank"), ("U", "unknown")]
)
def test_each_kind_has_its_key_and_its_button(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow, key: str, type_: str
) -> None:
    press(page, key)
    click(page.desk.panel.buttons[type_])
    settled(qtbot, opened)
    assert [label.type for label in labels(opened)] == [type_, type_]


def test_shift_labels_the_whole_sequence_and_goes_past_it(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow
) -> None:
    press(page, "Shift+H")
    assert shown(page.desk) == 3
    settled(qtbot, opened)
    assert [label.type for label in labels(opened)] == ["human"] * 3


def test_a_figure_before_the_label_is_the_count(page: PhotosPage, qtbot: QtBot, opened: MainWindow) -> None:
    QTest.keyClick(page.desk.grid, Qt.Key.Key_3)
    press(page, "A")
    press(page, "A")
    settled(qtbot, opened)
    assert [label.count for label in labels(opened)] == [3, None]


def test_a_species_is_written_and_letters_in_it_label_nothing(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow
) -> None:
    press(page, "S")
    species = page.desk.panel.species
    assert opened.focusWidget() is species
    type_into(species, "have a vole")
    press(species, "Return")
    settled(qtbot, opened)
    (label,) = labels(opened)
    assert (label.type, label.name) == ("animal", "have a vole")
    assert opened.focusWidget() is page.desk.grid


def test_names_that_were_used_are_offered(page: PhotosPage, qtbot: QtBot, opened: MainWindow) -> None:
    press(page, "S")
    type_into(page.desk.panel.species, "roe deer")
    press(page.desk.panel.species, "Return")
    settled(qtbot, opened)
    page.reload()
    settled(qtbot, opened)
    completer = page.desk.panel.species.completer()
    completer.setCompletionPrefix("DEER")
    assert completer.currentCompletion() == "roe deer"


def test_escape_leaves_the_field_for_the_species(page: PhotosPage, opened: MainWindow) -> None:
    press(page, "S")
    press(page.desk.panel.species, "Esc")
    assert opened.focusWidget() is page.desk.grid


def test_escape_puts_an_error_away_once_the_field_is_left(page: PhotosPage, opened: MainWindow) -> None:
    page.error(Refused("Only a manager may do this."))
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    press(page, "S")
    press(page.desk.panel.species, "Esc")
    assert frame.banner.isVisible()
    press(page.desk.grid, "Esc")
    assert not frame.banner.isVisible()


def test_a_species_half_written_is_back_and_one_that_was_said_is_not(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage, workspace: Path
) -> None:
    def again() -> PhotosPage:
        opened.close_workspace()
        opened.begin(workspace)
        qtbot.waitUntil(lambda: opened.view is not None and opened.view.current is not None)
        settled(qtbot, opened)
        return go(qtbot, opened)

    type_into(page.desk.panel.species, "roe de")
    page = again()
    assert page.desk.panel.species.text() == "roe de"
    type_into(page.desk.panel.species, "er")
    press(page.desk.panel.species, "Return")
    settled(qtbot, opened)
    assert again().desk.panel.species.text() == ""


def test_undo_takes_back_a_whole_act_and_shows_where(
    page: PhotosPage, qtbot: QtBot, opened: MainWindow
) -> None:
    press(page, "Shift+V")
    settled(qtbot, opened)
    press(page, "Ctrl+Z")
    settled(qtbot, opened)
    assert shown(page.desk) == 0
    assert page.desk.panel.people.text() == "Nobody has said anything yet."
    assert len(labels(opened)) == 6
    press(page, "Ctrl+Z")
    settled(qtbot, opened)
    assert len(labels(opened)) == 6


def test_undo_works_after_the_window_was_closed(qtbot: QtBot, opened: MainWindow, workspace: Path) -> None:
    page = go(qtbot, opened)
    press(page, "E")
    settled(qtbot, opened)
    opened.close_workspace()
    opened.begin(workspace)
    qtbot.waitUntil(lambda: opened.view is not None and opened.view.current is not None)
    settled(qtbot, opened)
    page = go(qtbot, opened)
    press(page, "Ctrl+Z")
    settled(qtbot, opened)
    assert [label.type for label in labels(opened)] == ["blank", "withdrawn"]


def test_the_name_on_labels_is_kept_for_the_next_time(page: PhotosPage) -> None:
    page.desk.panel.reviewer.setText("Demo Warden")
    page.desk.panel.reviewer.editingFinished.emit()
    assert read_settings().settings.reviewer == "Demo Warden"
