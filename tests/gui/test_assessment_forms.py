"""Texts that keep themselves, and forms that say what is wrong before anything is kept."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ranger_app.domain.assessments import Evidence
from ranger_app.domain.ids import new_id
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.widgets.assessments.forms import ActionForm, AgainForm, EvidenceForm
from ranger_app.gui.widgets.forms import DayField
from ranger_app.gui.widgets.kept_text import KeptText
from tests.gui.screen import type_into


@pytest.fixture
def text(qtbot: QtBot, theme: Theme) -> KeptText:
    made = KeptText(name="Narrative", lines=2)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def parent(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_a_pause_in_typing_asks_to_keep_it(qtbot: QtBot, text: KeptText) -> None:
    text.pause.setInterval(1)
    with qtbot.waitSignal(text.keep) as asked:
        type_into(text, "x")
    assert asked.args == ["x"]


def test_what_was_typed_while_it_was_being_kept_is_unkept_still(text: KeptText) -> None:
    type_into(text, "one")
    type_into(text, " two")
    text.kept("one")
    assert text.is_unkept
    text.kept("one two")
    assert not text.is_unkept


def test_what_is_stored_elsewhere_replaces_only_what_nobody_is_typing(text: KeptText) -> None:
    text.show_text("stored", afresh=True)
    text.show_text("stored anew", afresh=False)
    assert text.toPlainText() == "stored anew"
    type_into(text, "!")
    typed = text.toPlainText()
    text.show_text("from elsewhere", afresh=False)
    assert text.toPlainText() == typed
    text.show_text("another indicator", afresh=True)
    assert text.toPlainText() == "another indicator"


def test_nothing_is_asked_when_nothing_changed(qtbot: QtBot, text: KeptText) -> None:
    text.show_text("stored", afresh=True)
    with qtbot.assertNotEmitted(text.keep):
        text.ask()


@pytest.mark.parametrize(
    ("typed", "day", "is_fault"),
    [("2026-05-31", date(2026, 5, 31), False), (" ", None, False), ("31 May", None, True)],
)
def test_a_day_is_a_day_or_nothing_or_a_fault(
    parent: QWidget, typed: str, day: date | None, is_fault: bool
) -> None:
    field = DayField()
    field.setParent(parent)
    field.setText(typed)
    assert field.day == day
    assert bool(field.find_fault()) is is_fault


def test_evidence_needs_a_title_and_a_day_that_is_one(parent: QWidget) -> None:
    evidence = Evidence(site_id=new_id(), title="Demo plan")
    form = EvidenceForm(parent, title="Cite", yes="Cite", evidence=evidence)
    assert form.find_fault() == ""
    form.dated.setText("1 March")
    assert form.find_fault() == "Write the day as 2026-05-31."
    form.title.setText(" ")
    assert form.find_fault() == "Give it a title."
    form.go_on.click()
    assert form.fault.text() == "Give it a title."
    assert form.result() == 0


def test_an_action_needs_words_and_citing_again_needs_evidence(parent: QWidget) -> None:
    assert ActionForm(parent).find_fault() == "Say what is to be done."
    assert AgainForm(parent, []).find_fault().startswith("There is no evidence yet")
