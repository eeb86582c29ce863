"""One table says who may do what."""

from __future__ import annotations

import pytest

from ranger_app.domain.fields import DELETED, FIRST_FIELD, INSERT
from ranger_app.domain.kinds import BY_NAME, KINDS
from ranger_app.domain.roles import (
    ADMINISTRATOR,
    ASSESSMENTS,
    DATA_CLERK,
    MANAGER,
    RANGER,
    ROLES,
    TABLE,
    Deed,
    allowed,
    deed,
    rights,
)

ONLY_AN_ADMINISTRATORS = {"device"}


def test_every_kind_has_its_line_in_the_table() -> None:
    """A new kind is nobody's but the administrators' until it is said whose it is."""
    told = {kind for _role, kinds, _deeds in TABLE for kind in kinds}
    assert {cls.NAME for cls in KINDS} - told == ONLY_AN_ADMINISTRATORS
    assert told <= BY_NAME.keys()


@pytest.mark.parametrize("kind", ASSESSMENTS)
@pytest.mark.parametrize("field", [INSERT, DELETED, FIRST_FIELD])
def test_a_ranger_touches_nothing_of_an_assessment(kind: str, field: int) -> None:
    assert not allowed(rights(RANGER), BY_NAME[kind].number, field)
    assert allowed(rights(MANAGER), BY_NAME[kind].number, field)


@pytest.mark.parametrize("role", [RANGER, DATA_CLERK, MANAGER])
def test_field_work_is_open_to_those_who_do_it(role: str) -> None:
    for kind in ("patrol", "observation", "photo", "label"):
        assert all(allowed(rights(role), BY_NAME[kind].number, f) for f in (INSERT, DELETED, 5))


def test_a_role_that_is_not_known_may_do_nothing() -> None:
    assert not any(allowed(rights("auditor"), spec.number, INSERT) for spec in BY_NAME.values())
    assert not any(allowed(rights(None), spec.number, INSERT) for spec in BY_NAME.values())


def test_an_administrator_may_do_what_this_version_does_not_know() -> None:
    assert allowed(rights(ADMINISTRATOR), 9_999, 77)
    assert not allowed(rights(MANAGER), 9_999, 77)


def test_every_device_may_introduce_itself_and_no_more() -> None:
    number = BY_NAME["device"].number
    for role in ROLES[:-1]:
        assert allowed(rights(role), number, INSERT)
        assert not allowed(rights(role), number, FIRST_FIELD)


def test_bringing_back_is_a_removal_too() -> None:
    assert deed(DELETED) is Deed.REMOVE
