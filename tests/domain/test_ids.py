"""Ids that need nobody's permission."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.domain.ids import derived_id, id_text, new_id, parse_id


def test_new_ids_only_grow_and_are_uuids_of_version_seven() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {uuid.UUID(bytes=bytes(one)).version for one in made} == {7}
    assert {uuid.UUID(bytes=bytes(one)).variant for one in made} == {uuid.RFC_4122}


@given(at_ms=st.integers(-(2**63), 2**63), parts=st.lists(st.text() | st.binary(), max_size=4))
def test_the_same_parts_make_the_same_id(at_ms: int, parts: list[str | bytes]) -> None:
    one = derived_id(at_ms, *parts)
    assert one == derived_id(at_ms, *parts)
    assert len(one) == 16
    assert uuid.UUID(bytes=bytes(one)).version == 7


def test_parts_are_told_apart_where_they_meet() -> None:
    assert derived_id(1, "ab", "c") != derived_id(1, "a", "bc")
    assert derived_id(1, "ab") != derived_id(1, "ab", "")


@given(st.binary(min_size=16, max_size=16))
def test_an_id_is_read_back_from_its_text(raw: bytes) -> None:
    text = id_text(derived_id(1, raw))
    assert id_text(parse_id(f" {text.upper()}\n")) == text


@pytest.mark.parametrize("text", ["", "not an id", "0190d3f2", "𝟘" * 36, "x" * 10_000])
def test_what_is_no_id_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadInput):
        parse_id(text)
