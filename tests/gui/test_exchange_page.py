"""The Exchange page: bundles out and in with what they moved, backups, and a check of everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Patrol
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.jobs import Work
from tests.gui.conftest import SITE_NAME
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
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a stick, and is what the person chooses whenever asked."""
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.setattr(asking, "for_folder", lambda *_arguments, **_more: folder)
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Ranger]:
    """A second laptop, that belongs to no site yet."""
    ranger, _doubts = Ranger.create(tmp_path / "other.ranger", site_name=None)
    with ranger:
        yield ranger


def test_a_bundle_is_written_and_what_it_holds_is_said(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, stick: Path, other: Ranger
) -> None:
    click(page.write)
    qtbot.waitUntil(page.written.isVisible)
    assert "read back and checked" in page.written.text()
    settled(qtbot, opened)
    assert [entry.place for entry in page.diary.model.rows] == ["stick"]
    other.exchange.read(stick, Work())
    site = other.site()
    assert site is not None
    assert site.name == SITE_NAME


def test_a_bundle_is_read_and_shown_as_taken(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, stick: Path, other: Ranger
) -> None:
    assert opened.ranger is not None
    opened.ranger.exchange.write(stick, Work())
    other.exchange.read(stick, Work())
    with other.workspace.unit("a patrol") as unit:
        unit.add(Patrol(site_id=other.workspace.site_id, number="DEMO-7", starts_on=date(2026, 5, 1)))
    other.exchange.write(stick, Work())
    click(page.read)
    qtbot.waitUntil(page.taken.isVisible)
    assert page.taken.text().startswith("Taken:")
    settled(qtbot, opened)
    with opened.ranger.workspace.reading() as data:
        assert [patrol.number for patrol in data.find(Patrol)] == ["DEMO-7"]


def test_reading_the_same_bundle_again_says_that_nothing_is_new(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, stick: Path
) -> None:
    assert opened.ranger is not None
    opened.ranger.exchange.write(stick, Work())
    click(page.read)
    qtbot.waitUntil(page.taken.isVisible)
    assert "nothing new" in page.taken.text()
    settled(qtbot, opened)


def test_a_place_without_a_bundle_is_told_on_the_page(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, stick: Path
) -> None:
    from ranger_app.gui.page_frame import PageFrame

    click(page.read)
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    assert not page.taken.isVisible()


def test_a_backup_is_made_and_counted(qtbot: QtBot, opened: MainWindow, page: ExchangePage) -> None:
    assert "no backup yet" in page.backups.text()
    click(button(page, "Make a backup"))
    qtbot.waitUntil(lambda: page.backups.text().startswith("1 backup"))
    settled(qtbot, opened)


def test_checking_everything_says_what_was_found(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, workspace: Path
) -> None:
    click(button(page, "Check everything"))
    qtbot.waitUntil(page.checked.isVisible)
    assert page.checked.text().startswith("Everything is as it was written")
    settled(qtbot, opened)


def test_a_person_who_thinks_better_of_it_changes_nothing(
    page: ExchangePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "for_folder", lambda *_arguments, **_more: None)
    click(page.write)
    click(page.read)
    assert not page.context.background.tasks


def test_an_open_workspace_is_told_that_its_bundle_is_not_sealed(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, stick: Path
) -> None:
    click(page.write)
    qtbot.waitUntil(page.written.isVisible)
    assert "NOT sealed" in page.written.text()
    settled(qtbot, opened)
