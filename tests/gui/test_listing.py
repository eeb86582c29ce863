"""A table of records sorts, keeps its place, says what was chosen, and has an empty state."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from ranger_app.gui.look.theme import Theme
from ranger_app.gui.widgets.empty_state import EmptyState
from ranger_app.gui.widgets.layout import column
from ranger_app.gui.widgets.listing import Column, Listing, RowsModel
from tests.gui.screen import press


@dataclass(frozen=True)
class Row:
    """A patrol, as a table shows it."""

    number: str
    length_km: float | None


COLUMNS = [
    Column[Row]("Number", lambda row: row.number, stretch=True),
    Column[Row](
        "km",
        lambda row: "" if row.length_km is None else f"{row.length_km:.1f}",
        lambda row: row.length_km,
        numeric=True,
    ),
]
ROWS = [Row("P-1", 12.0), Row("P-2", 3.0), Row("P-3", None)]


@pytest.fixture
def listing(qtbot: QtBot, theme: Theme) -> Listing[Row]:
    made = Listing(
        COLUMNS, name="Patrols", empty=EmptyState("patrols", "No patrols"), key=lambda row: row.number
    )
    qtbot.addWidget(made)
    return made


def _numbers(listing: Listing[Row]) -> list[str]:
    return [row.number for row in listing.model.rows]


def test_rows_come_in_the_order_that_the_page_gives(listing: Listing[Row]) -> None:
    listing.show_rows(ROWS[::-1])
    assert _numbers(listing) == ["P-3", "P-2", "P-1"]


def test_numbers_sort_as_numbers_and_what_is_unknown_stays_last(listing: Listing[Row]) -> None:
    listing.show_rows(ROWS)
    listing.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert _numbers(listing) == ["P-2", "P-1", "P-3"]
    listing.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert _numbers(listing) == ["P-1", "P-2", "P-3"]


def test_new_rows_come_sorted_as_the_person_asked(listing: Listing[Row]) -> None:
    listing.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    listing.show_rows(ROWS)
    assert _numbers(listing) == ["P-2", "P-1", "P-3"]


def test_the_chosen_row_stays_chosen_when_the_rows_are_sorted(listing: Listing[Row]) -> None:
    listing.show_rows(ROWS)
    listing.choose("P-1")
    listing.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert listing.current == ROWS[0]


def test_the_same_thing_twice_stays_two_rows(listing: Listing[Row]) -> None:
    listing.show_rows([ROWS[1], ROWS[0], ROWS[1], ROWS[1]])
    listing.table.selectRow(3)
    listing.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert _numbers(listing) == ["P-1", "P-2", "P-2", "P-2"]
    assert listing.table.currentIndex().row() == 3
    listing.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert listing.table.currentIndex().row() == 2


def test_the_chosen_row_stays_chosen_when_the_rows_are_read_anew(listing: Listing[Row]) -> None:
    listing.show_rows(ROWS)
    listing.choose("P-2")
    listing.show_rows([Row("P-0", 1.0), *ROWS])
    assert listing.current == ROWS[1]


def test_a_chosen_row_that_is_gone_leaves_nothing_chosen(listing: Listing[Row]) -> None:
    listing.show_rows(ROWS)
    listing.choose("P-2")
    listing.show_rows([ROWS[0]])
    assert listing.current is None
    assert not listing.choose("P-2")


def test_without_rows_the_empty_state_stands_there(listing: Listing[Row]) -> None:
    listing.show_rows([])
    assert listing.currentWidget() is listing.empty
    listing.show_rows(ROWS)
    assert listing.currentWidget() is listing.table


def test_enter_opens_the_row_that_the_person_stands_on(qtbot: QtBot, listing: Listing[Row]) -> None:
    listing.show_rows(ROWS)
    listing.choose("P-2")
    with qtbot.waitSignal(listing.opened) as told:
        press(listing.table, "Return")
    assert told.args == [ROWS[1]]


def test_enter_is_for_the_dialog_where_no_row_can_be_opened(qtbot: QtBot, listing: Listing[Row]) -> None:
    """A dialog often opens with the focus in its table, and Enter must still go on."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    go_on = QPushButton("Go on", dialog)
    go_on.setDefault(True)
    dialog.setLayout(column(listing, go_on))
    listing.show_rows(ROWS)
    listing.choose("P-2")
    dialog.show()
    with qtbot.waitSignal(go_on.clicked):
        press(listing.table, "Return")
    listing.setParent(None)  # it belongs to the test


def test_walking_says_where_the_person_stands(qtbot: QtBot, listing: Listing[Row]) -> None:
    listing.show_rows(ROWS)
    listing.choose("P-1")
    with qtbot.waitSignal(listing.picked) as told:
        press(listing.table, "Down")
    assert told.args == [ROWS[1]]


@given(
    st.lists(st.builds(Row, st.text(max_size=4), st.none() | st.floats(0, 99)), max_size=30),
    st.integers(0, 1),
    st.booleans(),
)
def test_sorting_keeps_every_row(rows: list[Row], column: int, descending: bool) -> None:
    model = RowsModel(COLUMNS)
    model.show(rows)
    model.sort(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
    assert sorted(map(repr, model.rows)) == sorted(map(repr, rows))
