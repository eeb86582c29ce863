"""The list of species and the meanings of words are changed by keys alone, and photos show it at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ranger_app.gui import asking
from ranger_app.gui.area_form import AreaForm
from ranger_app.gui.pages.photos import PhotosPage


@pytest.fixture
def form(qtbot: QtBot, page: PhotosPage) -> AreaForm:
    made = AreaForm(page, page.photos.area, page.context.background)
    made.show()
    qtbot.waitUntil(lambda: "0" in made.tabs.tabText(0))
    return made


def rows(form: AreaForm) -> list[str]:
    return [one.name for one in form.species.model.rows]


def test_enter_puts_a_species_on_the_list_and_the_form_stays(qtbot: QtBot, form: AreaForm) -> None:
    form.scientific.setFocus()
    QTest.keyClicks(form.scientific, "Cervus nippon")
    QTest.keyClicks(form.name, "sika deer")
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows(form) == ["sika deer"])
    assert form.isVisible()
    assert form.changed
    assert (form.name.text(), form.scientific.text()) == ("", "")
    form.species.table.selectRow(0)
    form.strike_species()
    qtbot.waitUntil(lambda: rows(form) == [])


def test_without_a_name_it_says_so_and_keeps_what_is_written(qtbot: QtBot, form: AreaForm) -> None:
    form.add_species()
    assert "Write a name" in form.fault.text()
    form.tabs.setCurrentIndex(1)
    form.says.setText("European roe deer")
    form.add_meaning()
    qtbot.waitUntil(lambda: "needs the model's word" in form.fault.text())
    assert form.says.text() == "European roe deer"
    form.means.setText("Siberian roe deer")
    form.add_meaning()
    qtbot.waitUntil(lambda: len(form.meanings.model.rows) == 1)
    assert not form.fault.text()
    form.meanings.table.selectRow(0)
    form.strike_meaning()
    qtbot.waitUntil(lambda: form.meanings.model.rows == [])


def test_a_table_is_read_and_a_broken_one_refused(
    qtbot: QtBot, form: AreaForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    monkeypatch.setattr(asking, "for_file", lambda *_words, **_more: path)
    path.write_text("nothing\n")
    form.read_table()
    qtbot.waitUntil(lambda: "no column" in form.fault.text())
    path.write_text("scientific_name,name\nCervus nippon,sika\nPanthera tigris,tiger\n")
    form.read_table()
    qtbot.waitUntil(lambda: rows(form) == ["sika", "tiger"])
