"""What the forms of the Patrols page take, and what they say of what they do not."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ranger_app.gui.widgets.patrols.forms import DayForm, PatrolForm
from ranger_app.gui.widgets.patrols.observation_form import ObservationForm
from ranger_app.patrols.recording import PatrolEntry
from ranger_app.patrols.vocabulary import starter


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("43.5012, 134.4987", (43.5012, 134.4987)),
        ("-2.05 36.05", (-2.05, 36.05)),
        ("−2,05; 36,05", (-2.05, 36.05)),
        ("43.5° 134.5°", (43.5, 134.5)),
        ("143.5, 34.5", None),
        ("43.5", None),
        ("north", None),
    ],
)
def test_a_position_is_read_as_people_write_it(
    parent: QWidget, text: str, place: tuple[float, float] | None
) -> None:
    form = ObservationForm(parent, starter(), [], patrol_id=None)
    form.position.setText(text)
    assert form.lat_lon == place


def test_a_form_says_what_is_wrong(parent: QWidget) -> None:
    patrol = PatrolForm(parent, PatrolEntry(number=""), title="", yes="")
    assert "number" in patrol.find_fault()
    patrol.number.setText("1")
    patrol.starts.setText("6 May")
    assert "2026-05-31" in patrol.find_fault()
    day = DayForm(parent, None, propose=None)
    assert "Which day" in day.find_fault()
    day.starts.setText("25:00")
    assert "07:30" in day.find_fault()
    seen = ObservationForm(parent, starter(), [], patrol_id=None)
    assert "Choose" in seen.find_fault()
