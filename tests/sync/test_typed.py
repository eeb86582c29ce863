"""What a person types becomes a value of the field, or a sentence that says what would be one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ranger_app.domain.errors import BadInput
from ranger_app.domain.kinds import BY_NAME
from ranger_app.storage.unsettled import fields_named
from ranger_app.sync.typed import typed, typed_together


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("value.number", "3.5", 3.5),
        ("value.number", "", None),
        ("value.ordinal", "-2", -2),
        ("value.flag", "Yes", True),
        ("waypoint.at", "2026-01-31T06:30+00:00", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("leg_day.day", "2026-01-31", date(2026, 1, 31)),
        ("value.items", "a | b|", ("a", "b")),
        ("patrol.title", " as it is ", " as it is "),
    ],
)
def test_a_value_is_read_from_its_text(place: str, text: str, value: Any) -> None:
    kind, name = place.split(".")
    assert typed(BY_NAME[kind].by_name[name], text) == value


@pytest.mark.parametrize(
    ("place", "text", "like"),
    [
        ("value.number", "many", "3.5"),
        ("value.number", "nan", "3.5"),
        ("value.number", "-inf", "3.5"),
        ("value.ordinal", "1" * 30, "7"),
        ("value.flag", "perhaps", "yes or no"),
        ("waypoint.at", "2026-01-31T06:30", "+02:00"),
        ("leg_day.day", "31.1.2026", "2026-01-31"),
        ("patrol.origin_raw", "{", "JSON"),
    ],
)
def test_what_does_not_fit_is_answered_with_what_would(place: str, text: str, like: str) -> None:
    kind, name = place.split(".")
    with pytest.raises(BadInput) as refused:
        typed(BY_NAME[kind].by_name[name], text)
    assert like in refused.value.what_to_do


@pytest.mark.parametrize("text", ["", "1", "1, 2, 3", "91, 0", "0, 181", "nan, 0", "north, east"])
def test_a_position_is_latitude_and_longitude(text: str) -> None:
    fields = fields_named(BY_NAME["waypoint"], "position")
    assert typed_together(fields, "-1.25,29.5") == {"lat": -1.25, "lon": 29.5}
    with pytest.raises(BadInput, match="is no position"):
        typed_together(fields, text)
