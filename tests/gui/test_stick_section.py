"""The stick on the Exchange page: three clicks, seen before it is done, and said what moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Photo
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.stick_section import StickSection
from ranger_app.jobs import Work
from ranger_app.sync.bundles import writing
from ranger_app.sync.bundles.cargo import Originals
from tests.gui.conftest import SITE_NAME
from tests.gui.screen import click, settled
from tests.sync.sealed import sealed_park


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> ExchangePage:
    assert opened.view is not None
    opened.view.go("exchange")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, ExchangePage)
    return current


@pytest.fixture
def section(page: ExchangePage) -> StickSection:
    return page.stick


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


def ranger_of(window: MainWindow) -> Ranger:
    assert window.ranger is not None
    return window.ranger


def test_it_is_given_in_three_clicks_and_seen_before(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, section: StickSection, stick: Path, other: Ranger
) -> None:
    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    assert section.holds.text() == "There is no bundle on it yet."
    assert section.gives.text().startswith("To give:")
    assert not section.take.isEnabled()
    assert list(stick.iterdir()) == []
    click(section.both)
    qtbot.waitUntil(section.done.isVisible)
    assert "read back and checked" in section.done.text()
    assert "Nobody has it yet" in section.done.text()
    assert "synced" not in section.done.text().lower()
    settled(qtbot, opened)
    assert [entry.place for entry in page.diary.model.rows] == ["stick"]
    other.exchange.read(stick, Work())
    site = other.site()
    assert site is not None
    assert site.name == SITE_NAME


def test_an_open_workspace_is_told_that_its_bundle_is_not_sealed(
    qtbot: QtBot, opened: MainWindow, section: StickSection, stick: Path
) -> None:
    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    assert "NOT sealed" in section.gives.text()
    click(section.give)
    qtbot.waitUntil(section.done.isVisible)
    assert "NOT sealed" in section.done.text()
    settled(qtbot, opened)


def test_what_others_brought_is_taken_and_what_is_here_is_given(
    qtbot: QtBot, opened: MainWindow, section: StickSection, stick: Path, other: Ranger
) -> None:
    ranger_of(opened).exchange.write(stick, Work())
    other.exchange.read(stick, Work())
    with other.workspace.unit("a patrol") as unit:
        unit.add(Patrol(site_id=other.workspace.site_id, number="DEMO-7", starts_on=date(2026, 5, 1)))
    other.exchange.write(stick, Work())
    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    assert "Something in it is new here." in section.holds.text()
    click(section.both)
    qtbot.waitUntil(section.done.isVisible)
    assert "Taken:" in section.done.text()
    assert "Wrote" in section.done.text()
    settled(qtbot, opened)
    with ranger_of(opened).workspace.reading() as data:
        assert [patrol.number for patrol in data.find(Patrol)] == ["DEMO-7"]


def test_only_what_somebody_signed_for_can_be_cleared_away(
    qtbot: QtBot,
    opened: MainWindow,
    section: StickSection,
    stick: Path,
    other: Ranger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "whether", lambda *_arguments, **_more: True)
    ranger_of(opened).exchange.write(stick, Work())
    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    assert "nobody has signed for it yet" in section.holds.text()
    assert not section.clear.isVisible()
    other.exchange.read(stick, Work())
    click(section.choose)
    qtbot.waitUntil(section.clear.isVisible)
    click(section.clear)
    qtbot.waitUntil(lambda: not section.clear.isVisible())
    settled(qtbot, opened)
    assert list((stick / "RANGERSYNC").iterdir()) == []


def test_originals_that_do_not_fit_are_a_choice(
    qtbot: QtBot,
    opened: MainWindow,
    section: StickSection,
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace = ranger_of(opened).workspace
    with workspace.unit("a photo") as unit:
        file = workspace.files.add_bytes(bytes(5_000_000))
        unit.add(Photo(site_id=workspace.site_id, file=file.sha256, file_name="IMG.JPG"))
    monkeypatch.setattr(writing, "free_bytes", lambda _place: writing.RESERVE + 1_000_000)
    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    assert "Not all originals fit" in section.gives.text()
    assert section.originals.isVisible()
    assert section.originals.currentData() == Originals.FIT
    click(section.give)
    qtbot.waitUntil(section.done.isVisible)
    assert "1 original did not fit" in section.done.text()
    settled(qtbot, opened)


def test_a_stick_for_another_site_is_told_from_what_it_says(
    qtbot: QtBot, opened: MainWindow, section: StickSection, stick: Path
) -> None:
    with sealed_park() as park:
        writing.write_bundle(park["office"], stick, Work())
    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    assert "sealed for other laptops" in section.holds.text()
    assert not section.take.isEnabled()
    click(section.both)
    qtbot.waitUntil(section.done.isVisible)
    assert "Wrote" in section.done.text()
    settled(qtbot, opened)


def test_a_stick_that_went_away_is_told_on_the_page(
    qtbot: QtBot, opened: MainWindow, section: StickSection, stick: Path
) -> None:
    from ranger_app.gui.page_frame import PageFrame

    click(section.choose)
    qtbot.waitUntil(section.both.isVisible)
    stick.rename(stick.with_name("gone"))
    click(section.choose)
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    assert not section.done.isVisible()
    assert not section.both.isVisible()


def test_a_person_who_thinks_better_of_it_changes_nothing(
    page: ExchangePage, section: StickSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "for_folder", lambda *_arguments, **_more: None)
    click(section.choose)
    page.commands()["exchange.write"]()
    page.commands()["exchange.read"]()
    assert not section.both.isVisible()


def test_the_keys_go_to_what_was_asked_for(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, section: StickSection, stick: Path
) -> None:
    page.commands()["exchange.write"]()
    qtbot.waitUntil(section.both.isVisible)
    qtbot.waitUntil(section.give.hasFocus)
    settled(qtbot, opened)
