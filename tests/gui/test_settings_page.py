"""The Settings page: how Ranger looks, the site's details with their undo, packs and boundary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ranger_app.config import Appearance, read_settings
from ranger_app.domain.sites import Site
from ranger_app.gui import asking
from ranger_app.gui.look import theme
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.settings import SettingsPage
from tests.gui.conftest import SITE_NAME
from tests.gui.screen import click, press, settled


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> SettingsPage:
    assert opened.view is not None
    opened.view.go("settings")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, SettingsPage)
    return current


def _site(window: MainWindow) -> Site:
    assert window.ranger is not None
    site = window.ranger.site()
    assert site is not None
    return site


def test_the_site_is_shown_as_it_is_kept(page: SettingsPage) -> None:
    assert page.name.text() == SITE_NAME
    assert page.zone.currentText() == "Africa/Nairobi"
    assert not page.save.isEnabled(), "there is nothing to save yet"


def test_a_change_is_saved_and_can_be_taken_back(
    qtbot: QtBot, opened: MainWindow, page: SettingsPage
) -> None:
    page.name.setText("demo river park")
    click(page.save)
    settled(qtbot, opened)
    assert _site(opened).name == "demo river park"
    qtbot.waitUntil(lambda: not page.save.isEnabled())
    press(opened, "Ctrl+Z")
    settled(qtbot, opened)
    assert _site(opened).name == SITE_NAME
    qtbot.waitUntil(lambda: page.name.text() == SITE_NAME)


def test_only_what_was_changed_is_written(
    qtbot: QtBot, opened: MainWindow, page: SettingsPage, change_site: Callable[..., Site]
) -> None:
    page.name.setText("demo river park")
    before = {"local_name": "demo ya mto"}
    change_site(**before)  # somebody else's edit must not be overwritten by a field that nobody touched
    page.name.setText("demo river park")
    click(page.save)
    settled(qtbot, opened)
    assert _site(opened).local_name == "demo ya mto"


def test_what_is_being_typed_is_not_overwritten_by_a_bundle_or_a_change_of_colours(
    qtbot: QtBot, opened: MainWindow, page: SettingsPage, change_site: Callable[..., Site]
) -> None:
    page.local_name.setText("demo ya m")
    change_site(country="KEN")
    opened.theme.apply(appearance=Appearance.DARK, text_scale=1.0)
    settled(qtbot, opened)
    assert page.local_name.text() == "demo ya m"


@pytest.mark.parametrize(
    ("name", "country", "words"),
    [("", "", "A site needs a name."), ("demo", "Kenya", ""), ("demo", "KE", "three letters")],
)
def test_what_cannot_be_saved_is_said_in_place(
    page: SettingsPage, name: str, country: str, words: str
) -> None:
    page.name.setText(name)
    page.country.setText(country)  # the field takes three letters: "Kenya" becomes "Ken"
    click(page.save)
    assert words in page.fault.text()
    assert page.fault.isVisible() == bool(words)


def test_appearance_changes_at_once_and_is_kept(page: SettingsPage) -> None:
    page.appearance.activated.emit(page.appearance.findText("Dark"))
    assert theme.is_dark()
    assert read_settings().settings.appearance is Appearance.DARK


def test_the_name_for_labels_is_kept(page: SettingsPage) -> None:
    page.reviewer.setText("  demo reviewer ")
    page.reviewer.editingFinished.emit()
    assert read_settings().settings.reviewer == "demo reviewer"


def test_another_language_is_kept_for_the_next_start(opened: MainWindow, page: SettingsPage) -> None:
    page.language.activated.emit(page.language.currentIndex())
    assert opened.view is not None
    assert "started next" in opened.view.notices.words.text()


def test_a_boundary_is_read_and_its_area_shown(
    qtbot: QtBot, opened: MainWindow, page: SettingsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = [[36.0, -2.0], [36.2, -2.0], [36.2, -1.8], [36.0, -1.8], [36.0, -2.0]]
    file = tmp_path / "park.geojson"
    file.write_text(f'{{"type": "Polygon", "coordinates": [{ring}]}}', encoding="utf-8")
    monkeypatch.setattr(asking, "for_file", lambda *_arguments, **_more: file)
    click(page.find_boundary)
    qtbot.waitUntil(lambda: "park.geojson" in page.boundary.text())
    assert "km²" in page.boundary.text()
    settled(qtbot, opened)


def test_a_file_that_is_no_boundary_is_refused_on_the_page(
    qtbot: QtBot, opened: MainWindow, page: SettingsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranger_app.gui.page_frame import PageFrame

    file = tmp_path / "park.geojson"
    file.write_bytes(b"not a boundary")
    monkeypatch.setattr(asking, "for_file", lambda *_arguments, **_more: file)
    click(page.find_boundary)
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    assert _site(opened).boundary is None


def test_the_form_packs_are_listed(qtbot: QtBot, page: SettingsPage) -> None:
    assert any("50 indicators" in label.text() for label in page.findChildren(QLabel))


def test_the_lock_waits_as_long_as_it_is_set_to(qtbot: QtBot, opened: MainWindow, page: SettingsPage) -> None:
    assert page.lock_after.currentText() == "after 10 quiet minutes"
    for words, minutes in (("after 1 quiet minute", 1), ("never by itself", 0)):
        at = page.lock_after.findText(words)
        page.lock_after.setCurrentIndex(at)
        page.lock_after.activated.emit(at)
        assert opened.settings.lock_after_min == minutes
    settled(qtbot, opened)
