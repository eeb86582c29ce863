"""Which fields wait for a person, and what they are called."""

from __future__ import annotations

from typing import Any

from ranger_app.domain.fields import DELETED, FieldSpec, KindSpec
from ranger_app.domain.ids import Id
from ranger_app.domain.kinds import BY_NUMBER

GONE = "deleted"
"""What the list calls the field of a record that one removed and another worked on."""


def count_differences(database: Any) -> int:
    """How many there are."""
    return len(places(database))


def places(database: Any, of: Id | None = None) -> list[tuple[int, int, bytes, str]]:
    """Stream, kind, record and name; several fields that are one value are one. A hidden record asks for
    nothing until it is brought back."""
    where, values = (" and d.row = ?", (of,)) if of is not None else ("", ())
    found: dict[tuple[int, int, bytes, str], None] = {}
    for (number,) in database.execute("select distinct kind from difference order by kind").fetchall():
        kind = BY_NUMBER[number]
        for stream, row, field in database.execute(
            "select d.stream, d.row, d.field from difference d join stream s on s.no = d.stream "
            f'join "{kind.name}" r on r.id = d.row and r.site_id = s.id '
            f"where d.kind = ? and r._gone = 0{where} order by d.row, d.field",
            (number, *values),
        ):
            name = GONE if field == DELETED else name_of(kind.by_number[field])
            found[stream, number, row, name] = None
    return list(found)


def name_of(field: FieldSpec) -> str:
    """What the list calls a field."""
    return field.together or field.name


def fields_named(kind: KindSpec, name: str) -> tuple[FieldSpec, ...]:
    """The fields behind a name of the list; none for one that it does not use."""
    return tuple(f for f in kind.fields if name_of(f) == name)
