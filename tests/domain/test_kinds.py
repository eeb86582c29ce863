"""What every kind of record promises to the wire."""

from __future__ import annotations

import dataclasses

import pytest

from ranger_app.domain.fields import FIRST_FIELD, Form, Record, describe, record, stored
from ranger_app.domain.kinds import BY_NAME, BY_NUMBER, KINDS


def test_no_kind_takes_another_ones_number_or_name() -> None:
    assert len(BY_NUMBER) == len(BY_NAME) == len(KINDS)


@pytest.mark.parametrize("kind", BY_NUMBER.values(), ids=lambda kind: kind.name)
def test_a_field_that_cannot_be_empty_has_a_default_or_is_asked_for(kind) -> None:  # type: ignore[no-untyped-def]
    for field in kind.fields:
        assert field.optional or field.required or field.default is not None, field.name
        if field.steps:
            assert field.default in field.steps


@pytest.mark.parametrize("kind", BY_NUMBER.values(), ids=lambda kind: kind.name)
def test_every_field_is_kept(kind) -> None:  # type: ignore[no-untyped-def]
    """A field without a number would be lost on the way through the database."""
    named = {field.name for field in dataclasses.fields(kind.cls)} - {"id", "site_id"}
    assert named == kind.by_name.keys()


def test_a_number_given_twice_or_reserved_is_a_mistake() -> None:
    @record(900, "demo twice")
    class Twice(Record):
        one: str = stored(FIRST_FIELD, Form.TEXT)
        two: str = stored(FIRST_FIELD, Form.TEXT)

    @record(901, "demo reserved")
    class Reserved(Record):
        one: str = stored(FIRST_FIELD - 1, Form.TEXT)

    for cls in (Twice, Reserved):
        with pytest.raises(ValueError, match="number twice or a reserved one"):
            describe(cls)
