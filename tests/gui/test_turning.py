"""Rows, columns and halves stand beside one another where there is room, and below where there is not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ranger_app.gui.look.theme import Theme
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.button_row import ButtonRow
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.flow import Flow
from ranger_app.gui.widgets.halves import Halves
from ranger_app.gui.widgets.text import plain

WORDS = ("Met (1)", "Partly met (2)", "Not met (3)", "Does not apply (4)", "Not yet assessed (0)")


@pytest.fixture
def buttons(theme: Theme) -> list[QPushButton]:
    return [button(words) for words in WORDS]


def _shown(qtbot: QtBot, widget: QWidget, width: int, height: int = 400) -> None:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: widget.width() == width)


def _overlap(parts: list[QPushButton]) -> bool:
    return any(
        one.geometry().intersects(other.geometry())
        for at, one in enumerate(parts)
        for other in parts[at + 1 :]
    )


def test_a_flow_goes_on_in_the_next_line_and_cuts_nothing(qtbot: QtBot, buttons: list[QPushButton]) -> None:
    flow = Flow(*buttons)
    width = flow.sizeHint().width() // 2
    _shown(qtbot, flow, width)
    assert not _overlap(buttons)
    assert len({one.y() for one in buttons}) > 1
    for one in buttons:
        assert one.width() >= one.sizeHint().width()
        assert one.geometry().right() <= width
        assert one.geometry().bottom() < flow.heightForWidth(width)


def test_a_flow_with_room_is_one_line(qtbot: QtBot, buttons: list[QPushButton]) -> None:
    flow = Flow(*buttons)
    _shown(qtbot, flow, flow.sizeHint().width() + 10)
    assert {one.y() for one in buttons} == {0}


def test_a_flow_leaves_no_gap_for_what_is_hidden(qtbot: QtBot, buttons: list[QPushButton]) -> None:
    flow = Flow(*buttons)
    buttons[0].hide()
    _shown(qtbot, flow, flow.sizeHint().width() + 10)
    assert buttons[1].x() == 0


def test_a_row_of_buttons_turns_when_it_does_not_fit(qtbot: QtBot, buttons: list[QPushButton]) -> None:
    holder, bar = QWidget(), ButtonRow(*buttons[:2], None, buttons[2])
    bar.setParent(holder)
    _shown(qtbot, holder, 900)
    bar.resize(900, 400)
    qtbot.waitUntil(lambda: len({one.y() for one in buttons[:3]}) == 1)
    bar.resize(bar.minimumSizeHint().width(), 400)
    qtbot.waitUntil(lambda: len({one.y() for one in buttons[:3]}) == 3)
    assert all(one.width() >= one.sizeHint().width() for one in buttons[:3])


def test_columns_become_one_when_they_are_too_narrow(qtbot: QtBot, theme: Theme) -> None:
    left, right = plain("left"), plain("right")
    both = Beside([left], [right], narrow_ems=30)
    _shown(qtbot, both, 900)
    assert right.mapTo(both, right.rect().topLeft()).x() > left.mapTo(both, left.rect().topRight()).x()
    both.resize(300, 400)
    qtbot.waitUntil(
        lambda: right.mapTo(both, right.rect().topLeft()).y() > left.mapTo(both, left.rect().topLeft()).y()
    )


def test_halves_share_the_room_as_told_and_turn(qtbot: QtBot, theme: Theme) -> None:
    one, other = QWidget(), QWidget()
    halves = Halves(one, other, shares=(1, 3), least_ems=60)
    _shown(qtbot, halves, 1000)
    assert halves.orientation() is Qt.Orientation.Horizontal
    assert one.width() * 2.5 < other.width() < one.width() * 3.5
    halves.resize(300, 800)
    qtbot.waitUntil(lambda: halves.orientation() is Qt.Orientation.Vertical)
    assert one.width() == other.width() == 300
