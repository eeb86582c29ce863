"""The Green List page: answers keep themselves, evidence is cited, figures frozen, the packet written."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ranger_app.assessments.sheets import Sheet
from ranger_app.bootstrap import Ranger
from ranger_app.domain.errors import DiskTrouble
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.widgets import kept_text
from ranger_app.gui.widgets.assessments.board import OVERVIEW
from ranger_app.gui.widgets.assessments.figure_form import FigureForm
from ranger_app.gui.widgets.assessments.forms import ActionForm, AgainForm, EvidenceForm, StartForm
from ranger_app.gui.widgets.assessments.packet_form import PacketForm
from ranger_app.packets.dossier import Profile
from ranger_app.packets.verify import verify_packet
from tests.assessments.parks import PatrolDays, a_file
from tests.gui.screen import button, click, heard_name, press, settled, type_into


@pytest.fixture(autouse=True)
def measure(monkeypatch: pytest.MonkeyPatch) -> PatrolDays:
    """A workspace in which one number can be frozen."""
    days = PatrolDays()
    monkeypatch.setattr(Ranger, "measures", lambda _self: (days.measure(),))
    return days


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> GreenListPage:
    """The page of a workspace in which nothing has been assessed."""
    assert opened.view is not None
    opened.view.go("green_list")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, GreenListPage)
    return current


@pytest.fixture
def begun(qtbot: QtBot, opened: MainWindow, page: GreenListPage) -> GreenListPage:
    """The page with a fresh assessment, on its first indicator."""
    page.assessments.start(title="Demo round")
    qtbot.waitUntil(lambda: page.whole.currentWidget() is page.work)
    page.board.choose("1.1.1")
    settled(qtbot, opened)
    return page


def fill(monkeypatch: pytest.MonkeyPatch, form: type, how: Callable[..., object]) -> None:
    """Answer this dialog so, whenever it is asked; it goes on only when nothing is wrong with it."""

    def asked(self: object) -> bool:
        how(self)
        return self.find_fault() == ""  # type: ignore[attr-defined, no-any-return]

    monkeypatch.setattr(form, "asked", asked)


def sheet_of(page: GreenListPage, code: str = "1.1.1") -> Sheet:
    """What is stored, not what is shown."""
    sheet, _pack = page.assessments.sheet(code)
    return sheet


def leave(text: kept_text.KeptText) -> None:
    QApplication.sendEvent(text, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))


# ---- starting


def test_an_empty_page_says_what_to_do_first(
    qtbot: QtBot, opened: MainWindow, page: GreenListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.whole.currentWidget() is page.empty
    assert not page.steps.packet.isEnabled()
    fill(monkeypatch, StartForm, lambda form: form.title.setText("Demo round"))
    click(button(page.empty, "Start an assessment…"))
    qtbot.waitUntil(lambda: page.whole.currentWidget() is page.work)
    assert page.overview.name.text() == "Demo round"
    assert page.right.currentWidget() is page.overview
    settled(qtbot, opened)


def test_the_overview_gives_the_next_steps_and_each_leads_there(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage
) -> None:
    begun.board.choose(OVERVIEW)
    click(button(begun.overview, "Answer 2.1.2: In the world database.  (Not answered)"))
    assert begun.board.code == "2.1.2"
    assert begun.sheet.code == "2.1.2"
    assert "Still in the way: 1.1" in begun.overview.in_the_way.text()


def test_every_line_of_the_board_says_its_state_aloud(begun: GreenListPage) -> None:
    item = begun.board.currentItem()
    assert item is not None
    said = item.data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert said == "1.1.1 gate, Governance is written down and lawful: Not started"


def test_the_keys_walk_all_50_indicators(begun: GreenListPage, opened: MainWindow) -> None:
    seen = [begun.board.code]
    for _more in range(60):
        press(opened, "Ctrl+Down")
        if begun.board.code != seen[-1]:
            seen.append(begun.board.code)
    assert len(seen) == 50
    press(opened, "Ctrl+Up")
    assert begun.board.code == seen[-2]


# ---- rating and writing


def test_a_key_rates_and_another_takes_it_back(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage
) -> None:
    begun.board.setFocus()
    press(opened, "2")
    qtbot.waitUntil(lambda: sheet_of(begun).answer.rating == "partly")
    qtbot.waitUntil(lambda: begun.sheet.state.text() == "Partly met")
    chosen = [one for one in begun.sheet.ratings.buttons() if one.isChecked()]
    assert [heard_name(one) for one in chosen] == ["Partly met"]
    settled(qtbot, opened)
    press(opened, "Ctrl+Z")
    qtbot.waitUntil(lambda: sheet_of(begun).answer.rating == "not_yet_assessed")
    settled(qtbot, opened)


def test_a_digit_in_the_narrative_is_a_digit_and_no_rating(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage
) -> None:
    begun.sheet.narrative.setFocus()
    type_into(begun.sheet.narrative, "2 seats")
    assert begun.sheet.narrative.toPlainText() == "2 seats"
    leave(begun.sheet.narrative)
    qtbot.waitUntil(lambda: sheet_of(begun).answer.narrative == "2 seats")
    assert sheet_of(begun).answer.rating == "not_yet_assessed"
    settled(qtbot, opened)


def test_leaving_the_field_keeps_the_narrative_and_counts_its_words(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage
) -> None:
    type_into(begun.sheet.narrative, "By the demo act of 1998.")
    assert begun.sheet.words.text() == "6 words; 80 to 250 is usual"
    leave(begun.sheet.narrative)
    qtbot.waitUntil(lambda: sheet_of(begun).answer.narrative == "By the demo act of 1998.")
    qtbot.waitUntil(lambda: not begun.sheet.narrative.is_unkept)
    settled(qtbot, opened)


def test_going_to_another_indicator_keeps_what_was_typed_for_the_first(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage
) -> None:
    type_into(begun.sheet.narrative, "For the first.")
    begun.board.choose("1.1.2")
    assert begun.sheet.narrative.toPlainText() == ""
    qtbot.waitUntil(lambda: sheet_of(begun).answer.narrative == "For the first.")
    assert sheet_of(begun, "1.1.2").answer.narrative == ""
    settled(qtbot, opened)


def test_a_change_from_elsewhere_does_not_wipe_what_is_being_typed(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage
) -> None:
    type_into(begun.sheet.narrative, "Still typing")
    begun.assessments.answer("1.1.1", rating="met", narrative="From another window")
    qtbot.waitUntil(lambda: begun.sheet.state.text().startswith("Said to be met"))
    assert begun.sheet.narrative.toPlainText() == "Still typing"
    leave(begun.sheet.narrative)
    qtbot.waitUntil(lambda: sheet_of(begun).answer.narrative == "Still typing")
    settled(qtbot, opened)


def test_closing_the_window_in_mid_sentence_loses_nothing(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, workspace: Path
) -> None:
    begun.sheet.narrative.setFocus()  # which the field loses only as its page goes
    type_into(begun.sheet.narrative, "In mid-sen")
    with qtbot.captureExceptions() as broken:
        opened.close()
    assert broken == []
    with Ranger.open(workspace) as again:
        sheet, _pack = again.assessments.sheet("1.1.1")
        assert sheet.answer.narrative == "In mid-sen"


def test_what_could_not_be_kept_stays_in_the_field(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise DiskTrouble("The disk is full.", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(begun.assessments, "answer", full)
        type_into(begun.sheet.narrative, "Dear words")
        leave(begun.sheet.narrative)
        settled(qtbot, opened)
        assert begun.sheet.narrative.toPlainText() == "Dear words"
        assert begun.sheet.narrative.is_unkept
    leave(begun.sheet.narrative)
    qtbot.waitUntil(lambda: sheet_of(begun).answer.narrative == "Dear words")
    settled(qtbot, opened)


def test_what_does_not_apply_asks_why(qtbot: QtBot, opened: MainWindow, begun: GreenListPage) -> None:
    begun.board.choose("4.3.1")
    assert not begun.sheet.reason.isVisible()
    press(opened, "4")
    assert begun.sheet.reason.isVisible()
    type_into(begun.sheet.reason, "No custodians.")
    leave(begun.sheet.reason)
    qtbot.waitUntil(lambda: sheet_of(begun, "4.3.1").answer.not_applicable_reason == "No custodians.")
    settled(qtbot, opened)


def test_unverified_wording_is_marked(begun: GreenListPage) -> None:
    begun.board.choose("3.7.2")
    assert "check it against the Standard" in begun.sheet.wording.text()
    begun.board.choose("1.1.1")
    assert begun.sheet.wording.text() == "Own wording, written from a published source."


# ---- evidence, figures and the packet


def test_a_file_is_cited_with_its_page(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_file(tmp_path / "papers", "plan_2024.pdf")
    monkeypatch.setattr(asking, "for_file", lambda *_a, **_k: plan)

    def say(form: EvidenceForm) -> None:
        assert form.title.text() == "plan 2024"
        form.page.setText("12")
        form.dated.setText("2024-03-01")

    fill(monkeypatch, EvidenceForm, say)
    press(opened, "Ctrl+E")
    qtbot.waitUntil(lambda: len(begun.sheet.evidence.listing.model.rows) == 1)
    (cited,) = sheet_of(begun).cited
    assert (cited.link.page, cited.evidence.dated_on) == ("12", date(2024, 3, 1))
    settled(qtbot, opened)


def test_evidence_is_cited_again_described_and_taken_away_with_a_way_back(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.assessments.cite("2.1.1", a_file(tmp_path / "papers"), title="The plan")
    settled(qtbot, opened)
    fill(monkeypatch, AgainForm, lambda form: form.page.setText("7"))
    click(begun.sheet.evidence.add_again)
    qtbot.waitUntil(lambda: len(sheet_of(begun).cited) == 1)
    listing = begun.sheet.evidence.listing
    qtbot.waitUntil(lambda: len(listing.model.rows) == 1)
    listing.table.selectRow(0)
    fill(monkeypatch, EvidenceForm, lambda form: form.title.setText("The new plan"))
    click(begun.sheet.evidence.describe)
    qtbot.waitUntil(lambda: sheet_of(begun).cited[0].evidence.title == "The new plan")
    qtbot.waitUntil(lambda: listing.model.rows[0].evidence.title == "The new plan")
    listing.table.selectRow(0)
    click(begun.sheet.evidence.uncite)
    qtbot.waitUntil(lambda: sheet_of(begun).cited == ())
    assert opened.view is not None
    opened.view.undo()
    qtbot.waitUntil(lambda: len(sheet_of(begun).cited) == 1)
    assert sheet_of(begun).cited[0].link.page == "7"
    settled(qtbot, opened)


def test_a_figure_is_seen_before_it_is_frozen(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []

    def say(form: FigureForm) -> None:
        assert form.definition.text().startswith("Length of all tracks")
        form.look()
        qtbot.waitUntil(lambda: form.value.text() == "99.75 km")
        shown.append(form.facts.text())

    fill(monkeypatch, FigureForm, say)
    click(begun.sheet.evidence.add_figure)
    qtbot.waitUntil(lambda: len(sheet_of(begun).cited) == 1)
    assert "2 rows behind it" in shown[0]
    assert sheet_of(begun).cited[0].evidence.kind == "figure"
    settled(qtbot, opened)


def test_a_figure_that_too_few_checked_says_so_in_the_form(
    qtbot: QtBot,
    opened: MainWindow,
    begun: GreenListPage,
    measure: PatrolDays,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure.checked_share = 0.1
    told = []

    def say(form: FigureForm) -> None:
        form.look()
        qtbot.waitUntil(lambda: bool(form.fault.text()))
        told.append(form.fault.text())
        form.measure.clear()

    fill(monkeypatch, FigureForm, say)
    click(begun.sheet.evidence.add_figure)
    qtbot.waitUntil(lambda: bool(told))
    assert "10%" in told[0]
    settled(qtbot, opened)
    assert sheet_of(begun).cited == ()


def test_a_double_click_opens_a_copy_whose_name_runs_nothing(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranger_app.gui.pages import green_list

    shown: list[Path] = []
    monkeypatch.setattr(green_list, "open_outside", shown.append)
    begun.assessments.cite("1.1.1", a_file(tmp_path / "papers", "run me.html"), title="../../evil")
    qtbot.waitUntil(lambda: len(begun.sheet.evidence.listing.model.rows) == 1)
    begun.sheet.evidence.listing.table.selectRow(0)
    click(begun.sheet.evidence.open)
    qtbot.waitUntil(lambda: bool(shown))
    assert shown[0].name == "evidence__evil.html.txt"
    assert shown[0].is_file()
    settled(qtbot, opened)


def test_an_action_is_planned_and_done(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(monkeypatch, ActionForm, lambda form: form.what.setText("Keep a register"))
    click(begun.sheet.action_list.plan)
    listing = begun.sheet.action_list.listing
    qtbot.waitUntil(lambda: len(listing.model.rows) == 1)
    listing.table.selectRow(0)
    click(begun.sheet.action_list.turn)
    qtbot.waitUntil(lambda: sheet_of(begun).actions[0].status == "done")
    settled(qtbot, opened)


def test_the_packet_is_written_as_a_job_and_is_good(
    qtbot: QtBot, opened: MainWindow, begun: GreenListPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "packet.zip"
    monkeypatch.setattr(asking, "for_new_file", lambda *_a, **_k: out)
    gate = threading.Event()
    opened.background.run(lambda _work: gate.wait(20), "demo check", writes=True, quiet=True)
    type_into(begun.sheet.narrative, "Typed a moment ago.")
    missing = []

    def say(form: PacketForm) -> None:
        missing.extend(form.missing.model.rows)
        form.profiles[Profile.PUBLIC].setChecked(True)

    fill(monkeypatch, PacketForm, say)
    press(opened, "Ctrl+P")
    gate.set()
    qtbot.waitUntil(begun.steps.remark.isVisible)
    settled(qtbot, opened)
    assert len(missing) == 50
    assert verify_packet(out).good
    with zipfile.ZipFile(out) as archive:
        assert "Typed a moment ago." in archive.read("assessment/answers.json").decode()
    assert "It lacks 50 things." in begun.steps.remark._way_out.text()


def test_the_tab_key_walks_from_the_board_over_the_rating_to_the_narrative_and_on(
    opened: MainWindow, begun: GreenListPage
) -> None:
    begun.board.setFocus()
    met = next(one for one in begun.sheet.ratings.buttons() if heard_name(one) == "Met")
    stops = [met, begun.sheet.narrative, begun.sheet.evidence.add_file, begun.sheet.gap_type]
    walked = []
    for _more in range(20):
        focus = opened.focusWidget()
        assert focus is not None
        walked.append(focus)
        press(focus, "Tab")
    at = [walked.index(stop) for stop in stops]
    assert at == sorted(at)
