"""The few conditions that a room may put on a list of records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """`relation` is one of = in >= <= < contains missing present."""

    field: str
    relation: str
    value: Any = None


def equal(field: str, value: Any) -> Condition:
    """The field has this value; None means that it has none."""
    return Condition(field, "missing" if value is None else "=", value)


def one_of(field: str, values: Iterable[Any]) -> Condition:
    """The field has one of these values; none at all finds nothing."""
    return Condition(field, "in", tuple(values))


def at_least(field: str, value: Any) -> Condition:
    return Condition(field, ">=", value)


def at_most(field: str, value: Any) -> Condition:
    return Condition(field, "<=", value)


def below(field: str, value: Any) -> Condition:
    return Condition(field, "<", value)


def contains(field: str, text: str) -> Condition:
    """The field has this text somewhere, whatever the case."""
    return Condition(field, "contains", text)


def missing(field: str) -> Condition:
    return Condition(field, "missing")


def present(field: str) -> Condition:
    return Condition(field, "present")
