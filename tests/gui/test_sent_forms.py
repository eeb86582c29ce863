"""A form that was answered is let go of when what it asked for is done, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ranger_app.domain.ids import new_id
from ranger_app.domain.patrols import Patrol
from ranger_app.gui.drafts import Drafts
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.widgets.assessments.owed import Owed
from ranger_app.gui.widgets.patrols.forms import PatrolForm
from tests.gui.screen import button, click, settled, type_into
from tests.storage.test_full_disk import no_file_beyond

KIB = 1024


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> PatrolsPage:
    assert opened.view is not None
    opened.view.go("patrols")
    settled(qtbot, opened)
    assert isinstance(opened.view.current, PatrolsPage)
    return opened.view.current


@pytest.fixture
def green_list(qtbot: QtBot, opened: MainWindow) -> GreenListPage:
    assert opened.view is not None
    assert opened.ranger is not None
    opened.ranger.assessments.start(title="Demo round")
    opened.view.go("green_list")
    settled(qtbot, opened)
    assert isinstance(opened.view.current, GreenListPage)
    opened.view.current.board.choose("1.1.1")
    return opened.view.current


@contextmanager
def a_long_job(window: MainWindow) -> Iterator[None]:
    """All that writes waits behind it."""
    task = window.background.run(lambda work: work.rest(3600), "Checking", writes=True, quiet=True)
    yield
    task.cancel()


def new_patrol(qtbot: QtBot, page: PatrolsPage, how: Callable[[PatrolForm], object]) -> None:
    """Ask for a new patrol with the mouse, and do this to the form."""
    asked: list[bool] = []
    watch = QTimer(interval=5)

    def look() -> None:
        form = QApplication.activeModalWidget()
        if isinstance(form, PatrolForm) and form.isVisible():
            watch.stop()
            how(form)
            asked.append(True)

    watch.timeout.connect(look)
    watch.start()
    click(button(page.whole, "New patrol…") if page.empty.isVisible() else page.new)
    qtbot.waitUntil(lambda: bool(asked))


def send(words: str) -> Callable[[PatrolForm], None]:
    def how(form: PatrolForm) -> None:
        type_into(form.title, words)
        click(form.go_on)

    return how


def titles(window: MainWindow) -> set[str]:
    assert window.ranger is not None
    with window.ranger.workspace.reading() as data:
        return set(data.column(Patrol, "title"))


def test_a_form_is_kept_while_it_waits_and_forgotten_when_it_is_done(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage
) -> None:
    assert opened.ranger is not None
    people = opened.ranger.people
    with a_long_job(opened):
        for words in ("River", "Ridge"):  # the same form twice: the first is not in the second
            new_patrol(qtbot, page, send(words))
        opened.keeping.keep()
        qtbot.waitUntil(lambda: len(people.drafts()) == 2)
        assert opened.drafts.forms == []  # nothing that anybody has to look at
    settled(qtbot, opened)
    assert titles(opened) == {"River", "Ridge"}
    assert people.drafts() == []


def test_whoever_starts_a_patrol_stands_on_it_before_anything_is_noted(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage
) -> None:
    for words in ("River", "Ridge", "Ford"):
        new_patrol(qtbot, page, send(words))
        settled(qtbot, opened)
        assert page.list.current is not None
        assert page.list.current.title == words


def test_a_form_that_could_not_be_saved_is_still_filled(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage
) -> None:
    with no_file_beyond(4 * KIB):
        new_patrol(qtbot, page, send("River"))
        settled(qtbot, opened)
        opened.keeping.keep()
        settled(qtbot, opened)  # that the draft finds no room either does not take the place of what matters
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    assert frame.banner.isVisible()
    assert "stays in its form" in frame.banner.accessibleName()
    assert titles(opened) == set()

    def again(form: PatrolForm) -> None:
        assert form.title.text() == "River"
        click(form.go_on)

    new_patrol(qtbot, page, again)
    settled(qtbot, opened)
    assert titles(opened) == {"River"}
    assert not frame.banner.isVisible()


def test_a_narrative_for_which_there_was_no_room_is_there_when_one_comes_back(
    qtbot: QtBot, opened: MainWindow, green_list: GreenListPage
) -> None:
    with no_file_beyond(4 * KIB):
        click(green_list.sheet.narrative)
        type_into(green_list.sheet.narrative, "Both banks.")
        green_list.board.choose("1.1.2")
        settled(qtbot, opened)
        assert green_list.sheet.narrative.toPlainText() == ""
    green_list.board.choose("1.1.1")
    assert green_list.sheet.narrative.toPlainText() == "Both banks."
    green_list.board.choose("1.1.2")
    settled(qtbot, opened)
    assert green_list.assessments.sheet("1.1.1")[0].answer.narrative == "Both banks."
    assert green_list.half_written() == {}


def test_what_is_being_typed_now_is_not_told_of_as_back(
    qtbot: QtBot, opened: MainWindow, green_list: GreenListPage
) -> None:
    assert opened.view is not None
    opened.view.notices.hide()
    click(green_list.sheet.narrative)
    type_into(green_list.sheet.narrative, "Both ba")
    opened.keeping.keep()
    settled(qtbot, opened)
    green_list.reload()
    settled(qtbot, opened)
    assert not opened.view.notices.isVisible()
    assert green_list.sheet.narrative.is_unkept


def test_what_waits_when_the_window_is_closed_is_kept_too(
    qtbot: QtBot, opened: MainWindow, page: PatrolsPage, workspace: Path
) -> None:
    with a_long_job(opened):
        new_patrol(qtbot, page, send("River"))
        opened.close_workspace()
        opened.begin(workspace)
        qtbot.waitUntil(lambda: opened.view is not None and opened.view.current is not None)
        settled(qtbot, opened)
    assert titles(opened) == set()
    assert opened.view is not None
    assert "half written" in opened.view.notices.words.text()
    opened.view.go("patrols")
    settled(qtbot, opened)
    afresh = opened.view.current
    assert isinstance(afresh, PatrolsPage)

    def again(form: PatrolForm) -> None:
        assert form.title.text() == "River"
        assert "Look whether it is there" in form.fault.text()
        click(form.go_on)

    new_patrol(qtbot, afresh, again)
    settled(qtbot, opened)
    assert titles(opened) == {"River"}


# ---- by themselves


def test_an_answer_of_an_earlier_session_is_back_once() -> None:
    before = Drafts()
    before.send("form", {"title": "River"})
    before.take_sent()
    kept = {key: typed for key, typed in before.changes().items() if typed is not None}
    after = Drafts(kept)
    assert after.again("another form") == (None, False)
    assert after.again("form") == ({"title": "River"}, True)
    assert after.again("form") == ({"title": "River"}, False)
    after.forget("form")
    assert after.again("form") == (None, False)


def test_an_answer_that_asks_for_nothing_is_not_waited_for() -> None:
    drafts = Drafts()
    drafts.send("form", {"title": "River"})
    assert drafts.again("form") == (None, False)
    assert drafts.changes() == {"sent 1 form": None}
    assert drafts.forms == []


def test_words_that_came_meanwhile_stay_beside_those_that_were_cut_off() -> None:
    round_, owed = new_id(), Owed()
    for field, value in (("narrative", "Mine."), ("rating", "met")):
        owed.owe(round_, "1.1.1", field, value, before="")
    again = Owed()
    again.type_again({**owed.typed(None, "", {}, lambda *_: ""), "nonsense": 5, "a b c": ["x"]})
    assert again.again(round_, lambda _code, field: {"narrative": "Theirs.", "rating": "partly"}[field]) == [
        ("1.1.1", "narrative", "Theirs.\n\nMine."),
        ("1.1.1", "rating", "met"),
    ]
    assert again.again(round_, lambda _code, field: {"narrative": "Mine.", "rating": "met"}[field]) == []
