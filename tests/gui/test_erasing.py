"""A value is dropped for good from the line that shows it, after plain words and a tick."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.widgets.patrols.erasing import ErasureForm
from ranger_app.gui.widgets.patrols.filter import INCIDENTS
from ranger_app.patrols.recording import ObservationEntry, WaypointEntry
from tests.gui.screen import click, settled

MET = ObservationEntry(category="people.", comment="told by Quilladem", values={"nameornames": "Xavierdemo"})


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> PatrolsPage:
    """The page with one incident, which is stood on."""
    assert opened.ranger is not None
    assert opened.view is not None
    opened.ranger.patrols.note(WaypointEntry(lon=36.1, lat=-2.1, comment="at the ford"), [MET])
    opened.view.go("patrols")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, PatrolsPage)
    current.list.filter.show_kind(INCIDENTS)
    qtbot.waitUntil(lambda: bool(current.incidents.listing.model.rows))
    current.incidents.listing.choose(current.incidents.listing.model.rows[0].id)
    return current


def details(page: PatrolsPage) -> str:
    return page.incidents.listing.model.rows[0].details


def test_a_name_is_erased_where_it_is_shown(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ErasureForm] = []

    def answered(form: ErasureForm) -> bool:
        asked.append(form)
        assert form.find_fault() == "Tick the box first: this cannot be taken back."
        form.what.setCurrentIndex(0)
        form.sure.setChecked(True)
        assert form.find_fault() == ""
        assert "Xavierdemo" not in str(form.typed_in())  # a draft would outlive what it names
        assert True not in form.typed_in().values()
        return True

    monkeypatch.setattr(ErasureForm, "asked", answered)
    assert "Xavierdemo" in details(page)
    click(page.incidents.erase)
    qtbot.waitUntil(lambda: "erased for good" in details(page))
    settled(qtbot, opened)
    (form,) = asked
    choices = [form.what.itemText(at) for at in range(form.what.count())]
    assert choices[0] == "Name or names: Xavierdemo"
    assert len(choices) == 4  # the name, both remarks, the place
    assert "Xavierdemo" not in details(page)
    assert "told by Quilladem" in details(page)
    ranger: Ranger | None = opened.ranger
    assert ranger is not None
    assert b"Xavierdemo" not in ranger.workspace.database.read_bytes()


def test_who_thinks_better_of_it_loses_nothing(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ErasureForm, "asked", lambda _form: False)
    click(page.incidents.erase)
    settled(qtbot, opened)
    assert "Xavierdemo" in details(page)
