"""Reads what a person types for a field, whatever its form."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import FieldSpec, Form
from ranger_app.domain.ids import parse_id
from ranger_app.i18n import _

_YES, _NO = {"1", "true", "yes", "y"}, {"0", "false", "no", "n"}
_LOOKS_LIKE: Mapping[Form, Callable[[], str]] = {
    Form.TEXT: lambda: _("some words"),
    Form.INTEGER: lambda: _("a whole number, such as 7"),
    Form.REAL: lambda: _("a number, such as 3.5"),
    Form.FLAG: lambda: _("yes or no"),
    Form.ID: lambda: _("an id as a list shows it, 36 characters"),
    Form.BYTES: lambda: _("an even number of the digits 0-9 and a-f"),
    Form.FILE: lambda: _("the 64 digits of a file's hash"),
    Form.INSTANT: lambda: _("a moment with its zone, such as 2026-01-31T06:30+02:00"),
    Form.LOCAL: lambda: _("a moment, such as 2026-01-31T06:30"),
    Form.DAY: lambda: _("a day, such as 2026-01-31"),
    Form.WORDS: lambda: _("words with | between them"),
    Form.DATA: lambda: _("JSON"),
}
_MOST = 2**63 - 1
"""The largest whole number that a database holds."""
BY_HAND = frozenset((Form.TEXT, Form.INTEGER, Form.REAL, Form.FLAG, Form.INSTANT, Form.LOCAL, Form.DAY))
"""The forms that a person writes in a window."""


def looks_like(fields: Sequence[FieldSpec]) -> str:
    """What to write for a field, or for several that are one value, in a reader's words."""
    if len(fields) > 1:
        return _("latitude and longitude, such as -1.25, 29.5")
    return ", ".join(fields[0].steps) or _LOOKS_LIKE[fields[0].form]()


def typed(field: FieldSpec, text: str) -> Any:
    """A value from its text; the empty text clears a field that can be empty. `BadInput` when it is none."""
    if text == "" and field.form not in (Form.TEXT, Form.WORDS):
        return None
    try:
        return _value(field, text)
    except ValueError:
        raise BadInput(
            _("“{text}” does not fit the field {field}.").format(text=text[:60], field=field.name),
            _("Write {form}.").format(form=looks_like([field])),
        ) from None


def typed_together(fields: Sequence[FieldSpec], text: str) -> Any:
    """The same of a difference: a position is latitude and longitude, by the names of the fields."""
    if len(fields) == 1:
        return typed(fields[0], text.strip() if fields[0].form is not Form.TEXT else text)
    parts = [part.strip() for part in text.split(",")]
    try:
        lat, lon = map(float, parts)
        if not (math.fabs(lat) <= 90 and math.fabs(lon) <= 180):
            raise ValueError
    except ValueError:
        raise BadInput(
            _("“{text}” is no position.").format(text=text[:60]),
            _("Write {form}.").format(form=looks_like(fields)),
        ) from None
    return {"lat": lat, "lon": lon}


def _value(field: FieldSpec, text: str) -> Any:
    match field.form:
        case Form.TEXT:
            if field.steps and text not in field.steps:
                raise ValueError
            return text
        case Form.INTEGER:
            return _bounded(int(text))
        case Form.REAL:
            return _finite(float(text))
        case Form.FLAG:
            return _flag(text)
        case Form.ID:
            return parse_id(text)
        case Form.BYTES | Form.FILE:
            return bytes.fromhex(text)
        case Form.INSTANT:
            return _with_zone(datetime.fromisoformat(text))
        case Form.LOCAL:
            return datetime.fromisoformat(text).replace(tzinfo=None)
        case Form.DAY:
            return date.fromisoformat(text)
        case Form.WORDS:
            return tuple(w.strip() for w in text.split("|") if w.strip())
        case Form.DATA:
            return json.loads(text)


def _bounded(number: int) -> int:
    if not -_MOST <= number <= _MOST:
        raise ValueError
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):  # what is not equal to itself would be a difference for ever
        raise ValueError
    return number


def _flag(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueError


def _with_zone(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError
    return at
