"""The Differences page: values side by side, settled by keys, alike for a trip, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.assessments import Answer
from ranger_app.domain.patrols import Patrol
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page import Page
from ranger_app.gui.pages.differences import DifferencesPage
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.widgets.marked_text import MarkedText, differing
from ranger_app.jobs import Work
from tests.builders import a_patrol
from tests.gui.screen import button, click, press, settled, type_into

P = TypeVar("P", bound=Page)
RED, BLUE = "two camps\nred tent", "two camps\nblue tent"


@pytest.fixture
def patrol(opened: MainWindow, tmp_path: Path) -> Patrol:
    """A patrol of which another laptop wrote title and comment apart from this one, and an indicator that
    both rated."""
    assert opened.ranger is not None
    here, stick = opened.ranger, tmp_path / "stick"
    stick.mkdir()
    made = a_patrol(here.workspace.site_id, "DEMO-1", comment="two camps")
    with here.workspace.unit("add") as unit:
        unit.add(made)
    here.assessments.start(title="Demo round")
    here.assessments.answer("1.1.1", rating="partly")
    here.exchange.write(stick, Work())
    other = Ranger.create(tmp_path / "other.ranger", site_name=None, device="demo post")[0]
    with other:
        other.exchange.read(stick, Work())
        write(other, made, title="by the post", comment=BLUE, rating="not_met")
        other.exchange.write(stick, Work())
    write(here, made, title="by the office", comment=RED, rating="met")
    here.exchange.read(stick, Work())
    return made


def write(ranger: Ranger, patrol: Patrol, *, rating: str, **fields: str) -> None:
    with ranger.workspace.unit("write") as unit:
        unit.change(patrol, **fields)
    ranger.assessments.answer("1.1.1", rating=rating)


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow, patrol: Patrol) -> DifferencesPage:
    return come_to(qtbot, opened, DifferencesPage)


def come_to(qtbot: QtBot, window: MainWindow, kind: type[P], **where: object) -> P:
    assert window.view is not None
    window.view.go(kind.page_id, **where)
    settled(qtbot, window)
    assert isinstance(window.view.current, kind)
    return window.view.current


def choose(page: DifferencesPage, field: str) -> None:
    page.list.choose(next(one.key for one in page.every if one.field == field))


def left(page: DifferencesPage) -> set[str]:
    return {one.field for one in page.every}


def now(window: MainWindow, patrol: Patrol) -> Patrol:
    assert window.ranger is not None
    with window.ranger.workspace.reading() as data:
        return data.need(Patrol, patrol.id)


def test_both_values_are_seen_with_their_laptops_and_the_words_that_differ(page: DifferencesPage) -> None:
    choose(page, "comment")
    shown = {type(card.text): card.text for card in page.sheet.cards}
    assert set(shown) == {MarkedText}
    texts = {card.text.toPlainText() for card in page.sheet.cards if isinstance(card.text, MarkedText)}
    assert texts == {RED, BLUE}
    assert [piece for piece, marked in differing(RED, BLUE) if marked] == ["red"]
    assert page.sheet.name.text().startswith("Patrol DEMO-1")


def test_keys_alone_settle_one_after_the_other_and_take_it_back(
    qtbot: QtBot, opened: MainWindow, page: DifferencesPage, patrol: Patrol
) -> None:
    assert page.list.table.hasFocus()
    choose(page, "title")
    wanted = page.sheet.shown.versions[1].value  # type: ignore[union-attr]
    press(opened, "2")
    settled(qtbot, opened)
    assert now(opened, patrol).title == wanted
    assert left(page) == {"comment", "rating"}
    assert page.list.current is not None, "the next one is stood on"
    press(opened, "1")
    settled(qtbot, opened)
    assert len(page.every) == 1
    press(opened, "Ctrl+Z")
    settled(qtbot, opened)
    press(opened, "Ctrl+Z")
    settled(qtbot, opened)
    assert left(page) == {"title", "comment", "rating"}
    press(opened, "Ctrl+Z")
    settled(qtbot, opened)  # a sentence says that there is nothing more


def test_something_new_is_written(
    qtbot: QtBot, opened: MainWindow, page: DifferencesPage, patrol: Patrol
) -> None:
    choose(page, "title")
    press(opened, "N")
    assert page.sheet.new.hasFocus()
    assert not page.sheet.write.isEnabled()
    type_into(page.sheet.new, "by 1 and 2")  # no key of these settles anything while one writes
    click(page.sheet.write)
    settled(qtbot, opened)
    assert now(opened, patrol).title == "by 1 and 2"
    assert left(page) == {"comment", "rating"}


def test_a_rating_is_written_anew_by_choosing_one(
    qtbot: QtBot, opened: MainWindow, page: DifferencesPage, patrol: Patrol
) -> None:
    choose(page, "rating")
    sheet = page.sheet
    press(opened, "N")
    assert sheet.choice.hasFocus()
    assert not sheet.new.isVisible()
    assert not any(start.isVisible() for start in sheet.begin)
    assert not sheet.write.isEnabled(), "nothing is chosen yet"
    sheet.choice.setCurrentIndex(sheet.choice.findText("Partly met"))
    click(sheet.write)
    settled(qtbot, opened)
    assert opened.ranger is not None
    assert opened.ranger.assessments.sheet("1.1.1")[0].answer.rating == "partly"
    assert left(page) == {"title", "comment"}
    assert sheet.new.isVisible(), "the next one is a text"


def test_all_of_one_trip_are_settled_alike(
    qtbot: QtBot, opened: MainWindow, page: DifferencesPage, patrol: Patrol
) -> None:
    choose(page, "comment")
    page.sheet.whose.setCurrentIndex(page.sheet.whose.findText("demo post"))
    assert page.sheet.alike.text() == "Settle 2 alike"
    press(opened, "Ctrl+Shift+A")
    settled(qtbot, opened)
    assert (now(opened, patrol).title, now(opened, patrol).comment) == ("by the post", BLUE)
    assert left(page) == {"rating"}


def test_the_list_is_filtered(page: DifferencesPage) -> None:
    page.kind.setCurrentIndex(page.kind.findData("answer"))
    assert [one.field for one in page.list.model.rows] == ["rating"]
    page.kind.setCurrentIndex(0)
    page.search.setText("blue tent")
    assert [one.field for one in page.list.model.rows] == ["comment"]
    page.search.setText("nobody wrote this")
    assert page.list.model.rows == []
    assert not page.sheet.isVisible()


def test_the_rail_counts_and_the_page_empties(
    qtbot: QtBot, opened: MainWindow, page: DifferencesPage
) -> None:
    assert opened.view is not None
    rail = button(opened.view.rail, "Differences (3)")
    for _one in range(3):
        press(opened, "1")
        settled(qtbot, opened)
    assert rail.text() == "Differences"
    assert page.nothing.isVisible()


def test_a_badge_at_the_record_leads_to_its_difference(
    qtbot: QtBot, opened: MainWindow, patrol: Patrol
) -> None:
    patrols = come_to(qtbot, opened, PatrolsPage, patrol_id=patrol.id)
    settled(qtbot, opened)
    badge = patrols.sheet.badge
    assert badge.isVisible()
    assert "title: 2 versions" in badge.button.text()
    click(badge.button)
    settled(qtbot, opened)
    assert opened.view is not None
    page = opened.view.current
    assert isinstance(page, DifferencesPage)
    assert page.list.current is not None
    assert page.list.current.id == patrol.id


def test_an_indicator_says_that_its_rating_has_two_versions(
    qtbot: QtBot, opened: MainWindow, patrol: Patrol
) -> None:
    green = come_to(qtbot, opened, GreenListPage, indicator="1.1.1")
    settled(qtbot, opened)
    of_rating, of_narrative, _of_gap = green.sheet.badges
    assert "rating: 2 versions" in of_rating.button.text()
    assert of_rating.isVisible()
    assert not of_narrative.isVisible()


def test_show_the_record_goes_to_its_page(qtbot: QtBot, opened: MainWindow, page: DifferencesPage) -> None:
    choose(page, "rating")
    click(page.sheet.open)
    settled(qtbot, opened)
    assert opened.view is not None
    assert isinstance(opened.view.current, GreenListPage)
    assert opened.view.current.sheet.code == "1.1.1"
    with opened.ranger.workspace.reading() as data:  # type: ignore[union-attr]
        assert data.count(Answer) == 1
