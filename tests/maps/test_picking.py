"""Picking takes the nearest thing that the pointer touches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.picking import REACH_PX, Mark, nearest_mark

MARKS = st.lists(
    st.builds(
        Mark, st.floats(0, 100), st.floats(0, 100), st.floats(1, 30), st.just("points"), st.integers(0, 99)
    ),
    max_size=20,
)


@given(MARKS, st.floats(0, 100), st.floats(0, 100))
def test_the_nearest_touched_mark_is_picked(marks: list[Mark], px: float, py: float) -> None:
    touched = [
        ((mark.x - px) ** 2 + (mark.y - py) ** 2) ** 0.5
        for mark in marks
        if (mark.x - px) ** 2 + (mark.y - py) ** 2 <= max(mark.radius_px, REACH_PX) ** 2
    ]
    found = nearest_mark(marks, px, py)
    assert (found is None) == (not touched)
    if found is not None:
        assert abs(found[1] - min(touched)) < 1e-9


def test_of_two_at_one_place_the_upper_one_is_picked() -> None:
    below, above = Mark(5, 5, 4, "points", 1), Mark(5, 5, 4, "points", 2)
    assert nearest_mark([below, above], 5, 5) == (above, 0.0)
