"""A new site: the form, what it refuses, and the workspace that it makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.gui import asking
from ranger_app.gui.entering.new_site import NewSite, proposed_folder, zones
from ranger_app.gui.main_window import MainWindow
from tests.gui.screen import button, click, press, settled, type_into


@pytest.fixture
def form(window: MainWindow) -> NewSite:
    window.begin()
    click(button(window.start, "New site…"))
    assert window.start.new_site is not None
    return window.start.new_site


def test_a_site_is_made_from_a_name_and_a_folder(
    qtbot: QtBot, window: MainWindow, form: NewSite, tmp_path: Path
) -> None:
    type_into(form.name, "demo river park")
    form.folder.setText(str(tmp_path / "river.ranger"))
    form.zone.setCurrentText("Asia/Vladivostok")
    form.protection.leave_open.setChecked(True)
    click(form.make)
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)
    assert window.ranger is not None
    site = window.ranger.site()
    assert site is not None
    assert (site.name, site.time_zone) == ("demo river park", "Asia/Vladivostok")


def test_a_protected_site_cannot_be_opened_without_the_passphrase(
    qtbot: QtBot, window: MainWindow, form: NewSite, tmp_path: Path
) -> None:
    folder = tmp_path / "river.ranger"
    type_into(form.name, "demo river park")
    form.folder.setText(str(folder))
    type_into(form.protection.new.passphrase, "correct horse")
    type_into(form.protection.new.again, "correct horse")
    click(form.make)
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)
    assert Ranger.needs_passphrase(folder)


def test_a_folder_is_proposed_until_the_person_chooses_one(form: NewSite) -> None:
    type_into(form.name, "demo")
    assert Path(form.folder.text()).name == "demo.ranger"
    form.folder.setText("elsewhere")
    type_into(form.name, " park")
    assert form.folder.text() == "elsewhere"


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        ({}, "Give the site a name."),
        ({"name": "demo", "zone": "Mars/Olympus"}, "Choose a time zone from the list."),
        ({"name": "demo"}, "The passphrase needs at least 8 characters."),
        ({"name": "demo", "passphrase": "short"}, "The passphrase needs at least 8 characters."),
        (
            {"name": "demo", "passphrase": "long enough", "again": "longer still"},
            "The two passphrases are not the same.",
        ),
    ],
)
def test_what_is_missing_is_said_in_place(form: NewSite, fill: dict[str, str], words: str) -> None:
    form.name.setText(fill.get("name", ""))
    form.zone.setCurrentText(fill.get("zone", "UTC"))
    if "passphrase" in fill:
        form.protection.new.passphrase.setText(fill["passphrase"])
        form.protection.new.again.setText(fill.get("again", fill["passphrase"]))
    click(form.make)
    assert form.fault.isVisible()
    assert form.fault.text() == words


def test_what_was_typed_is_still_there_after_a_refusal(
    qtbot: QtBot, window: MainWindow, form: NewSite, workspace: Path
) -> None:
    type_into(form.name, "demo river park")
    form.folder.setText(str(workspace))  # there already
    form.protection.leave_open.setChecked(True)
    click(form.make)
    qtbot.waitUntil(window.start.banner.isVisible)
    assert form.isVisible()
    assert form.name.text() == "demo river park"


def test_a_boundary_is_read_as_the_site_is_made(
    qtbot: QtBot, window: MainWindow, form: NewSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boundary = tmp_path / "park.geojson"
    ring = [[36.0, -2.0], [36.2, -2.0], [36.2, -1.8], [36.0, -1.8], [36.0, -2.0]]
    boundary.write_text(f'{{"type": "Polygon", "coordinates": [{ring}]}}', encoding="utf-8")
    monkeypatch.setattr(asking, "for_file", lambda *_arguments, **_more: boundary)
    type_into(form.name, "demo river park")
    form.folder.setText(str(tmp_path / "river.ranger"))
    click(button(form, "Choose a boundary file"))
    form.protection.leave_open.setChecked(True)
    click(form.make)
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)
    assert window.ranger is not None
    site = window.ranger.site()
    assert site is not None
    assert site.area_km2 == pytest.approx(492, rel=0.01)


@pytest.mark.parametrize("name", ["../../etc", "a/b\\c:d", "..", "", "парк «Демо»"])
def test_a_name_never_leads_out_of_the_documents(name: str) -> None:
    folder = proposed_folder(name)
    assert folder.parent == proposed_folder("demo").parent
    assert folder.suffix == ".ranger"


def test_places_stand_before_technical_zones() -> None:
    found = zones()
    assert found.index("Africa/Nairobi") < found.index("Etc/GMT+3")
    assert "UTC" in found


def test_the_keys_begin_in_the_name_and_enter_makes_the_site(
    qtbot: QtBot, window: MainWindow, form: NewSite, tmp_path: Path
) -> None:
    assert form.name.hasFocus()
    type_into(form.name, "demo river park")
    form.folder.setText(str(tmp_path / "river.ranger"))
    type_into(form.protection.new.passphrase, "correct horse")
    press(form.protection.new.passphrase, "Return")
    assert "not the same" in form.fault.text()
    type_into(form.protection.new.again, "correct horse")
    press(form.protection.new.again, "Return")
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)


def test_the_keys_begin_in_the_name_of_the_laptop_that_joins(window: MainWindow) -> None:
    window.begin()
    click(button(window.start, "Join a site…"))
    assert window.start.join_site is not None
    assert window.start.join_site.device.hasFocus()
