"""An assessment is made final and gone on with; what stands in the way is told, nothing changes unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.errors import DiskTrouble
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages.differences import DifferencesPage
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.widgets.assessments.final_form import FinalForm
from ranger_app.jobs import Work
from tests.gui.screen import button, click, heard_name, press, settled, type_into


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> GreenListPage:
    """The page with a fresh assessment, on its first indicator."""
    assert opened.view is not None
    opened.view.go("green_list")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, GreenListPage)
    current.assessments.start(title="Demo round")
    qtbot.waitUntil(lambda: current.whole.currentWidget() is current.work)
    current.board.choose("1.1.1")
    settled(qtbot, opened)
    return current


@pytest.fixture
def forms(monkeypatch: pytest.MonkeyPatch) -> list[FinalForm]:
    """Every form that was asked; each is answered with going on, where it can."""
    asked: list[FinalForm] = []

    def answer(form: FinalForm) -> bool:
        asked.append(form)
        return form.go_on.isEnabled()

    monkeypatch.setattr(FinalForm, "asked", answer)
    return asked


def status(page: GreenListPage) -> str:
    return page.assessments.current().status


def make_final(qtbot: QtBot, page: GreenListPage) -> None:
    click(page.steps.final)
    qtbot.waitUntil(page.steps.reopen.isVisible)


def test_the_form_says_what_is_missing_and_enter_changes_nothing(qtbot: QtBot, page: GreenListPage) -> None:
    form = FinalForm(page, page.assessments.standing())
    qtbot.addWidget(form)
    with qtbot.waitExposed(form):
        form.show()
    assert form.go_on.text() == "Make it final all the same"
    press(form, "Return")
    assert form.result() == 0
    assert not form.isVisible()


def test_made_final_it_says_so_and_only_reads(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, forms: list[FinalForm]
) -> None:
    make_final(qtbot, page)
    assert status(page) == "final"
    assert page.overview.state.text().startswith("Final")
    assert not page.steps.final.isVisible()
    qtbot.waitUntil(lambda: page.sheet.narrative.isReadOnly())
    settled(qtbot, opened)
    for shut in (page.sheet.rating_row, page.sheet.evidence.add_file, page.sheet.confidence):
        assert not shut.isEnabled()
        assert "Go on with it" in shut.toolTip()
    assert page.sheet.action_list.plan.isEnabled()
    assert page.steps.packet.isEnabled()


def test_a_key_that_rates_says_why_not(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, forms: list[FinalForm]
) -> None:
    make_final(qtbot, page)
    settled(qtbot, opened)
    page.board.setFocus()
    press(opened, "1")
    frame = opened.view.stack.currentWidget() if opened.view is not None else None
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    assert "It is final" in frame.banner.accessibleName()
    settled(qtbot, opened)


def test_it_is_gone_on_with_and_that_is_taken_back(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, forms: list[FinalForm]
) -> None:
    make_final(qtbot, page)
    settled(qtbot, opened)
    click(page.steps.reopen)
    qtbot.waitUntil(page.steps.final.isVisible)
    settled(qtbot, opened)
    assert status(page) == "draft"
    assert page.sheet.rating_row.isEnabled()
    assert not page.sheet.narrative.isReadOnly()
    press(opened, "Ctrl+Z")
    qtbot.waitUntil(page.steps.reopen.isVisible)
    assert status(page) == "final"
    settled(qtbot, opened)


def test_a_sentence_that_was_being_typed_is_in_it(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, forms: list[FinalForm]
) -> None:
    page.sheet.narrative.setFocus()
    type_into(page.sheet.narrative, "Typed to the last moment.")
    press(opened, "Ctrl+Shift+F")
    qtbot.waitUntil(page.steps.reopen.isVisible)
    settled(qtbot, opened)
    sheet, _pack = page.assessments.sheet("1.1.1")
    assert sheet.answer.narrative == "Typed to the last moment."
    assert status(page) == "final"


def test_what_was_written_apart_stands_in_the_way_and_leads_there(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_apart(page, tmp_path)
    qtbot.waitUntil(lambda: "written apart" in page.overview.state.text())

    def settle(form: FinalForm) -> bool:
        assert not form.go_on.isEnabled()
        click(button(form, "Settle them…"))
        return False

    monkeypatch.setattr(FinalForm, "asked", settle)
    click(page.steps.final)
    view = opened.view
    assert view is not None
    qtbot.waitUntil(lambda: isinstance(view.current, DifferencesPage))
    settled(qtbot, opened)
    assert status(page) == "draft"


def test_leaving_with_words_that_cannot_be_kept_is_asked_about_and_staying_keeps_them(
    opened: MainWindow, page: GreenListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise DiskTrouble("The disk is full.", "Free some space.")

    asked: list[str] = []

    def stay(_parent: object, question: str, **_said: str) -> bool:
        asked.append(question)
        return False

    type_into(page.sheet.narrative, "Dear words")
    with monkeypatch.context() as broken:
        broken.setattr(page.assessments, "answer", full)
        broken.setattr(asking, "whether", stay)
        opened.close_workspace()
        assert asked == ["What was typed last cannot be kept."]
        assert opened.view is not None
        assert page.sheet.narrative.is_unkept
    opened.close_workspace()
    assert opened.view is None


def test_a_rating_that_was_not_kept_is_not_shown_as_given(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise DiskTrouble("The disk is full.", "Free some space.")

    monkeypatch.setattr(page.assessments, "answer", full)
    press(opened, "1")
    settled(qtbot, opened)
    chosen = [heard_name(one) for one in page.sheet.ratings.buttons() if one.isChecked()]
    assert chosen == ["Not yet assessed"]


def written_apart(page: GreenListPage, folder: Path) -> None:
    """A second laptop rates the first indicator otherwise, and its bundle is read here."""
    stick = folder / "stick"
    stick.mkdir()
    first = page.context.ranger
    second, _doubts = Ranger.create(folder / "second.ranger", site_name=None)
    with second:
        first.assessments.answer("1.1.1", rating="partly")
        first.exchange.write(stick, Work())
        second.exchange.read(stick, Work())
        first.assessments.answer("1.1.1", rating="met")
        second.assessments.answer("1.1.1", rating="not_met")
        second.exchange.write(stick, Work())
        first.exchange.read(stick, Work())
