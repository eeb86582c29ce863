"""Today says what needs doing, and leads there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.fields import Record
from ranger_app.domain.patrols import Patrol, Waypoint
from ranger_app.gui import to_do
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.to_do import ToDo, look
from ranger_app.jobs import Work
from tests.gui.conftest import SITE_NAME
from tests.gui.screen import button, click, settled

NOW = datetime.now(UTC)  # the parks of these tests are made now


@pytest.fixture
def ranger(tmp_path: Path) -> Iterator[Ranger]:
    made, _doubts = Ranger.create(tmp_path / "demo.ranger", site_name=SITE_NAME)
    with made:
        yield made


def _add(ranger: Ranger, *records: Record) -> None:
    with ranger.workspace.unit("for a test") as unit:
        unit.add_many(records)


def _patrol(ranger: Ranger, time_zone: str = "Africa/Nairobi") -> Patrol:
    return Patrol(
        site_id=ranger.workspace.site_id,
        number="DEMO-1",
        title="Along the river",
        starts_on=date(2026, 5, 1),
        time_zone=time_zone,
    )


def _said(ranger: Ranger, now: datetime = NOW) -> dict[str, ToDo]:
    return {one.words: one for one in look(ranger, now=now).to_do}


def test_a_new_site_is_told_its_first_steps(ranger: Ranger) -> None:
    today = look(ranger, now=NOW)
    assert today.is_new
    assert {one.page for one in today.to_do} == {"settings", "exchange"}


def test_a_patrol_without_observations_waits(ranger: Ranger) -> None:
    patrol = _patrol(ranger)
    _add(ranger, patrol)
    assert "1 patrol has no observation" in _said(ranger)
    _add(ranger, Waypoint(site_id=ranger.workspace.site_id, patrol_id=patrol.id, lon=36.0, lat=-2.0))
    assert "1 patrol has no observation" not in _said(ranger)


def test_a_patrol_without_a_time_zone_waits(ranger: Ranger) -> None:
    _add(ranger, _patrol(ranger, time_zone=""))
    assert "The time zone of 1 patrol is not set" in _said(ranger)


@pytest.mark.parametrize("year", [1970, 2001, 2099])
def test_a_clock_that_is_wrong_by_years_is_told_of(ranger: Ranger, year: int) -> None:
    words = "The clock of this laptop seems to be wrong"
    assert words not in _said(ranger)
    told = _said(ranger, NOW.replace(year=year, month=6, day=2))[words]
    assert f"It says 2 Jun {year};" in told.hint
    assert not told.button  # nothing in Ranger sets it


def test_who_sits_before_a_wrong_clock_sees_it_and_can_go_on(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = datetime(1970, 1, 2, 3, tzinfo=UTC)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Wrong:
            return cls.fromtimestamp(wall.timestamp(), tz)

    monkeypatch.setattr(to_do, "datetime", Wrong)
    monkeypatch.setattr(time, "time_ns", lambda: int(wall.timestamp() * 1e9))
    assert opened.view is not None
    assert opened.ranger is not None
    opened.view.go("today")
    settled(qtbot, opened)
    told = [one.text() for one in opened.view.findChildren(QLabel)]
    assert "The clock of this laptop seems to be wrong" in told
    before = opened.ranger.workspace.clock.last
    _add(opened.ranger, _patrol(opened.ranger))
    settled(qtbot, opened)
    assert opened.ranger.workspace.clock.last > before  # what is newer stays newer


def test_open_answers_are_counted(ranger: Ranger) -> None:
    ranger.assessments.start()
    waiting = [one for one in look(ranger, now=NOW).to_do if one.page == "green_list"]
    assert [one.words for one in waiting] == ["50 of 50 indicators have no answer yet"]


def test_a_backup_is_asked_for_when_there_is_none_or_it_is_old(ranger: Ranger) -> None:
    assert "There is no backup yet" in _said(ranger)
    ranger.workspace.back_up()
    now = datetime.now(UTC)
    assert not [words for words in _said(ranger, now) if "backup" in words]
    assert "The last backup is 9 days old" in _said(ranger, now + timedelta(days=9, hours=1))


def test_a_bundle_is_asked_for_when_none_has_left(ranger: Ranger, tmp_path: Path) -> None:
    assert "No bundle has left this laptop yet" in _said(ranger)
    (tmp_path / "stick").mkdir()
    ranger.exchange.write(tmp_path / "stick", Work())
    now = datetime.now(UTC)
    assert not [words for words in _said(ranger, now) if "bundle" in words]
    assert "The last bundle left 40 days ago" in _said(ranger, now + timedelta(days=40, hours=1))


def test_what_waits_leads_to_its_page(qtbot: QtBot, opened: MainWindow) -> None:
    assert opened.view is not None
    page = opened.view.current
    assert page is not None
    click(button(page, "Add the boundary"))
    assert opened.view.current is not None
    assert opened.view.current.page_id == "settings"
    settled(qtbot, opened)


def test_the_page_reads_again_when_a_patrol_comes(qtbot: QtBot, opened: MainWindow) -> None:
    assert opened.ranger is not None
    assert opened.view is not None
    page = opened.view.current
    assert page is not None
    _add(opened.ranger, _patrol(opened.ranger))

    def words() -> list[str]:
        return [label.text() for label in page.findChildren(QLabel)]

    qtbot.waitUntil(lambda: "1 patrol has no observation" in words())
    assert button(page, "Along the river").isVisible()
    settled(qtbot, opened)


def test_a_sealed_site_without_a_recovery_sheet_is_told_so_until_it_is_printed(tmp_path: Path) -> None:
    made, _doubts = Ranger.create(tmp_path / "sealed.ranger", site_name=SITE_NAME, passphrase="demo words")
    with made:
        todo = _said(made)["There is no recovery sheet yet"]
        assert (todo.page, todo.where) == ("people", {"do": "people.sheet"})
        made.devices.print_sheet(on=date(2026, 5, 1))
        assert "There is no recovery sheet yet" not in _said(made)


def test_an_open_workspace_without_a_list_needs_no_sheet(ranger: Ranger) -> None:
    assert "There is no recovery sheet yet" not in _said(ranger)


def test_a_laptop_that_has_no_site_yet_is_led_to_its_first_bundle_alone(tmp_path: Path) -> None:
    made, _doubts = Ranger.create(tmp_path / "post.ranger", site_name=None)
    with made:
        today = look(made, now=NOW)
        assert [one.words for one in today.to_do] == ["This workspace belongs to no site yet"]
        assert not today.is_new, "nothing can be brought in before there is a site"
