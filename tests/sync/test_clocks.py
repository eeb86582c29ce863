"""Clocks that say anything from 1970 to 2100: which values survive is the same as with right ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync import soaking
from tests.sync.kept import state_in
from tests.sync.stories import ANSWER, PATROL, Told, told
from tests.sync.things import record_id

YEARS = st.lists(st.integers(1970, 2100), min_size=12, max_size=12)
RIGHT = [2026] * 12


def surviving(years: list[int]) -> Mapping[Any, Any]:
    """A story of four laptops whose clocks are set before each of its steps; what stands at its end in which
    field, by the ops that said it, and what waits for a person. No clock is in it."""
    left = iter(years)

    def at(i: int) -> int:
        laptops.set_clock(i, next(left))
        return i

    with told() as laptops:
        laptops.make(at(0), rating="partly", narrative="a\nb\nc")
        laptops.make(at(0), PATROL)
        for i in (1, 2, 3):
            laptops.hand_over(0, i)
        laptops.edit(at(1), rating="met")
        laptops.edit(at(2), rating="not_met", narrative="A\nb\nc")
        laptops.edit(at(3), narrative="a\nb\nC")
        laptops.delete(at(0), PATROL)
        laptops.edit(at(1), PATROL, armed=True)
        laptops.hand_over(1, 2)
        laptops.edit(at(2), rating="partly")
        laptops.hand_over(2, 0)
        laptops.edit(at(0), narrative="A\nb\nC")
        laptops.edit(at(3), PATROL, status="verified")
        everybody_tells(laptops)
        state = state_in(laptops.laptops[at(0)])
        answer = [one for row, one in state.records.items() if row[2] == record_id(ANSWER)]
        assert len(answer) == 1
        return {
            "standing": {row: (shown.hidden, shown.standing) for row, shown in state.records.items()},
            "unsettled": state.differences,
        }


def everybody_tells(laptops: Told) -> None:
    for _round in range(2):
        for i in range(4):
            for j in range(4):
                if i != j:
                    laptops.hand_over(i, j)


@pytest.mark.slow
@settings(max_examples=6)
@given(years=YEARS)
def test_what_survives_hangs_on_no_clock(years: list[int]) -> None:
    assert surviving(years) == surviving(RIGHT)


@pytest.mark.soak
def test_what_survives_hangs_on_no_clock_whatever_it_says(record_property: soaking.Tell) -> None:
    soaking.told()
    right = surviving(RIGHT)

    @settings(max_examples=200)
    @given(years=YEARS)
    def any_years(years: list[int]) -> None:
        assert surviving(years) == right

    any_years()
    record_property("soak", soaking.told())
