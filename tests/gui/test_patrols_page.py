"""The Patrols page: files are looked at before they are kept, patrols found, read, written down by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.widgets.patrols.filter import INCIDENTS
from ranger_app.gui.widgets.patrols.forms import DayForm, PatrolForm
from ranger_app.gui.widgets.patrols.observation_form import ObservationForm
from ranger_app.gui.widgets.patrols.proposal_form import ProposalForm
from ranger_app.patrols.recording import ObservationEntry, PatrolEntry, WaypointEntry
from tests.formats.smart_files import patrol as smart_patrol
from tests.gui.screen import button, click, press, settled, type_into
from tests.patrols.walks import noted, walk, write_gpx

MAY_6 = date(2026, 5, 6)
SNARE = ObservationEntry(category="threat.hunting.snare.", values={"count": 3})


@pytest.fixture
def ranger(opened: MainWindow) -> Ranger:
    assert opened.ranger is not None
    return opened.ranger


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> PatrolsPage:
    """The page of a workspace without a patrol."""
    assert opened.view is not None
    opened.view.go("patrols")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, PatrolsPage)
    return current


@pytest.fixture
def with_patrols(qtbot: QtBot, opened: MainWindow, ranger: Ranger, page: PatrolsPage) -> PatrolsPage:
    """The page with two patrols and an incident."""
    for number, team in ((1, "Demo team A"), (2, "Demo team B")):
        made = ranger.patrols.start(
            PatrolEntry(number=f"DEM-2026-00{number}", team=team, starts_on=date(2026, 5, number))
        )
        ranger.patrols.note(WaypointEntry(patrol_id=made.id, lon=36.0, lat=-2.0, comment="ford"), [SNARE])
    ranger.patrols.note(WaypointEntry(lon=36.1, lat=-2.1, comment="smoke"))
    qtbot.waitUntil(lambda: len(page.listed.rows) == 2)
    settled(qtbot, opened)
    return page


def fill(monkeypatch: pytest.MonkeyPatch, form: type, how: Callable[..., object]) -> None:
    """Answer this dialog so, whenever it is asked; it goes on only when nothing is wrong with it."""

    def asked(self: object) -> bool:
        how(self)
        return self.find_fault() == ""  # type: ignore[attr-defined, no-any-return]

    monkeypatch.setattr(form, "asked", asked)


def choose(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> None:
    monkeypatch.setattr(asking, "for_files", lambda *_arguments, **_more: list(paths))


def turn_down(monkeypatch: pytest.MonkeyPatch) -> list[ProposalForm]:
    """Say no to every proposal; the list grows with those that were shown."""
    shown: list[ProposalForm] = []

    def asked(self: ProposalForm) -> bool:
        shown.append(self)
        return False

    monkeypatch.setattr(ProposalForm, "asked", asked)
    return shown


def stand_on(qtbot: QtBot, opened: MainWindow, page: PatrolsPage, number: str) -> None:
    row = next(one for one in page.listed.rows if one.number == number)
    page.list.choose(row.id)
    qtbot.waitUntil(lambda: page.report is not None and page.report.patrol.id == row.id)
    settled(qtbot, opened)


# ---- files


def test_an_empty_page_says_what_to_do_first(page: PatrolsPage) -> None:
    assert page.whole.currentWidget() is page.empty
    assert button(page.empty, "Take in files…").isVisible()


def test_files_are_shown_with_their_doubts_and_kept_when_accepted(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.gpx"
    bad.write_text("no gpx")
    (tmp_path / "p.xml").write_text(smart_patrol())
    choose(monkeypatch, write_gpx(tmp_path / "a.gpx", walk(), waypoints=[noted()]), tmp_path / "p.xml", bad)
    shown: list[ProposalForm] = []
    fill(monkeypatch, ProposalForm, shown.append)
    click(button(page.empty, "Take in files…"))
    qtbot.waitUntil(lambda: len(page.listed.rows) == 2)
    (form,) = shown
    assert [one.file for one in form.drafts.model.rows] == ["a.gpx", "p.xml"]
    assert any("data model" in one.text for one in form.doubts.model.rows)
    assert [Path(one.file).name for one in form.failed.model.rows] == ["bad.gpx"]
    assert form.go_on.isEnabled()
    settled(qtbot, opened)


def test_nothing_is_kept_before_a_person_has_said_so(
    qtbot: QtBot,
    opened: MainWindow,
    page: PatrolsPage,
    ranger: Ranger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(monkeypatch, write_gpx(tmp_path / "a.gpx", walk()))
    asked = turn_down(monkeypatch)
    page.take_in()
    qtbot.waitUntil(lambda: bool(asked))
    settled(qtbot, opened)
    assert page.patrols.rows() == []


def test_files_that_are_here_already_cannot_be_taken_in_again(
    qtbot: QtBot,
    opened: MainWindow,
    page: PatrolsPage,
    ranger: Ranger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write_gpx(tmp_path / "a.gpx", walk())
    ranger.patrols.accept(ranger.patrols.propose([path]))
    asked = turn_down(monkeypatch)
    choose(monkeypatch, path)
    page.take_in()
    qtbot.waitUntil(lambda: bool(asked))
    assert not asked[0].go_on.isEnabled()
    settled(qtbot, opened)


def test_dropped_files_are_read(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(monkeypatch, ProposalForm, lambda form: None)
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(write_gpx(tmp_path / "a.gpx", walk())))])
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    page.dropEvent(QDropEvent(QPoint(5, 5), action, dropped, left, Qt.KeyboardModifier.NoModifier))
    qtbot.waitUntil(lambda: len(page.listed.rows) == 1)
    settled(qtbot, opened)


def test_thinking_better_of_it_reads_nothing(page: PatrolsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch)
    page.take_in()
    assert not page.context.background.tasks


# ---- finding and looking


def test_patrols_are_found_by_a_few_letters(with_patrols: PatrolsPage) -> None:
    page = with_patrols
    page.commands()["patrols.find"]()
    type_into(page.list.filter.search, "team b")
    assert [one.number for one in page.list.listing.model.rows] == ["DEM-2026-002"]
    assert page.list.filter.count.text() == "1 of 2 patrols"
    page.list.filter.search.setText("nothing like it")
    assert page.list.listing.currentWidget() is page.list.listing.empty


def test_a_click_on_the_head_sorts_by_what_is_meant(with_patrols: PatrolsPage) -> None:
    table = with_patrols.list.listing.table
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [one.number for one in with_patrols.list.listing.model.rows] == ["DEM-2026-001", "DEM-2026-002"]
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [one.number for one in with_patrols.list.listing.model.rows] == ["DEM-2026-002", "DEM-2026-001"]


def test_a_patrol_is_shown_with_its_effort_and_what_was_seen(
    qtbot: QtBot, opened: MainWindow, with_patrols: PatrolsPage
) -> None:
    stand_on(qtbot, opened, with_patrols, "DEM-2026-001")
    sheet = with_patrols.sheet
    assert sheet.name.text() == "DEM-2026-001"
    assert "Demo team A" in sheet.about.text()
    (line,) = sheet.seen.listing.model.rows
    assert (line.what, line.details) == ("Snare or trap", "How many: 3 · ford")
    assert all(one.definition.text() for one in sheet.effort.model.rows)
    assert sheet.zone.text() == "Times by the clock of Africa/Nairobi."


def test_the_map_leads_to_a_patrol_and_to_a_place(
    qtbot: QtBot, opened: MainWindow, ranger: Ranger, with_patrols: PatrolsPage
) -> None:
    assert opened.view is not None
    second = next(one for one in ranger.patrols.rows() if one.number == "DEM-2026-002")
    opened.view.go("patrols", patrol_id=second.id)
    qtbot.waitUntil(lambda: with_patrols.report is not None and with_patrols.report.patrol.id == second.id)
    place = ranger.patrols.patrol(second.id).noted[0].waypoint
    opened.view.go("today")
    opened.view.go("patrols", waypoint_id=place.id)
    qtbot.waitUntil(lambda: with_patrols.sheet.place() == place.id)
    settled(qtbot, opened)


def test_a_place_without_a_patrol_is_found_too(
    qtbot: QtBot, opened: MainWindow, ranger: Ranger, with_patrols: PatrolsPage
) -> None:
    assert opened.view is not None
    (incident,) = ranger.patrols.incidents()
    opened.view.go("patrols", waypoint_id=incident.waypoint.id)
    qtbot.waitUntil(lambda: with_patrols.list.filter.shows_incidents)
    settled(qtbot, opened)
    line = with_patrols.incidents.listing.current
    assert line is not None
    assert line.what == "smoke"
    with_patrols.list.filter.show_kind("")
    assert with_patrols.list.listing.model.rows


# ---- by hand


def test_a_patrol_is_written_down(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def how(form: PatrolForm) -> None:
        assert form.number.text().startswith("DEM-")
        form.title.setText("Along the river")
        form.members.setText("Ann Demo, Ben Demo")
        form.starts.setText("2026-05-06")
        form.ends.setText("2026-05-06")

    fill(monkeypatch, PatrolForm, how)
    click(button(page.empty, "New patrol…"))
    qtbot.waitUntil(lambda: page.report is not None)
    assert page.sheet.name.text() == "Along the river"
    assert page.sheet.people.text() == "With Ann Demo, Ben Demo"
    settled(qtbot, opened)


def test_a_day_and_an_observation_are_added(
    qtbot: QtBot,
    opened: MainWindow,
    ranger: Ranger,
    with_patrols: PatrolsPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = with_patrols
    stand_on(qtbot, opened, page, "DEM-2026-001")

    def a_day(form: DayForm) -> None:
        form.day.setText("2026-05-06")
        form.starts.setText("7:30")
        form.ends.setText("15.30")
        form.rest.setText("30")
        form.distance.setText("12,5")

    fill(monkeypatch, DayForm, a_day)
    click(page.sheet.add_day)
    qtbot.waitUntil(lambda: page.report is not None and bool(page.report.days))
    (row,) = [one for one in page.patrols.rows() if one.number == "DEM-2026-001"]
    assert (row.distance_m, row.field_s / 3600) == (12_500, 7.5)

    def seen(form: ObservationForm) -> None:
        type_into(form.category.typed, "fire")
        assert form.category.key
        form.category.choose("threat.fire.")
        form.fields["area_ha"].setText("2,5")  # type: ignore[attr-defined]
        form.position.setText("-2.05, 36.05")
        form.day.setText("2026-05-06")
        form.clock.setText("9:15")

    fill(monkeypatch, ObservationForm, seen)
    page.commands()["patrols.observe"]()
    qtbot.waitUntil(lambda: page.report is not None and len(page.report.noted) == 2)
    new = page.report.noted[0] if page.report else None
    assert new is not None
    assert (new.waypoint.lat, new.waypoint.lon) == (-2.05, 36.05)
    assert new.at_local == datetime(2026, 5, 6, 9, 15)
    assert [(one.attribute, one.value) for one in new.seen[0].said] == [("Area (ha)", "2.5")]
    settled(qtbot, opened)


def test_more_is_said_of_a_place(
    qtbot: QtBot, opened: MainWindow, with_patrols: PatrolsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = with_patrols
    stand_on(qtbot, opened, page, "DEM-2026-001")
    fill(monkeypatch, ObservationForm, lambda form: form.category.choose("place.water."))
    page.sheet.seen.listing.table.selectRow(0)
    click(page.sheet.seen.more)
    qtbot.waitUntil(lambda: page.report is not None and len(page.report.noted[0].seen) == 2)
    settled(qtbot, opened)


def test_a_patrol_is_corrected_finished_and_removed(
    qtbot: QtBot,
    opened: MainWindow,
    ranger: Ranger,
    with_patrols: PatrolsPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = with_patrols
    stand_on(qtbot, opened, page, "DEM-2026-001")
    fill(monkeypatch, PatrolForm, lambda form: form.team.setText("Another demo team"))
    press(page, "Ctrl+E")
    qtbot.waitUntil(lambda: page.report is not None and page.report.patrol.team == "Another demo team")
    click(page.sheet.finish)
    qtbot.waitUntil(lambda: page.report is not None and page.report.patrol.status == "submitted")
    assert not page.sheet.finish.isVisible()
    monkeypatch.setattr(asking, "whether", lambda *_arguments, **_more: False)
    page.remove()
    monkeypatch.setattr(asking, "whether", lambda *_arguments, **_more: True)
    assert len(page.patrols.rows()) == 2
    page.remove()
    qtbot.waitUntil(lambda: len(page.listed.rows) == 1)
    settled(qtbot, opened)


# ---- the list


def test_arrow_keys_walk_through_what_fits_while_letters_are_typed(page: PatrolsPage) -> None:
    form = ObservationForm(page, page.patrols.vocabulary(), [], patrol_id=None)
    type_into(form.category.typed, "f")
    first = form.category.key
    press(form.category.typed, "Down")
    assert form.category.key not in {"", first}
    assert form.category.typed.text() == "f"
    form.deleteLater()


def test_the_kinds_listed_are_those_of_patrols_and_places(page: PatrolsPage) -> None:
    kind = page.list.filter.kind
    assert [kind.itemData(at) for at in range(kind.count())] == [
        "",
        "GROUND",
        "MARINE",
        "AIR",
        "MIXED",
        INCIDENTS,
    ]


def test_the_newest_patrol_is_shown_without_asking(with_patrols: PatrolsPage) -> None:
    assert with_patrols.list.current == with_patrols.listed.rows[0]
    assert with_patrols.report is not None
    assert with_patrols.report.patrol.id == with_patrols.listed.rows[0].id


@pytest.mark.parametrize("name", ["out.gpx", "out.zip", "out.geojson", "out.csv"])
def test_patrols_are_given_out_in_the_format_of_the_ending(
    qtbot: QtBot,
    opened: MainWindow,
    with_patrols: PatrolsPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setattr(asking, "for_new_file", lambda *_arguments, **_more: tmp_path / name)
    click(with_patrols.give)
    qtbot.waitUntil((tmp_path / name).exists)
    settled(qtbot, opened)
