"""Records to values on the wire and in rows, and back; wire and row share one form.

Instants are UTC microseconds since 1970, local times and days ISO text, words and data canonical JSON
text, ids and files bytes, everything else itself. A value of None, or one equal to the field's default,
is left out of the op that makes a record.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any

from ranger_app.domain.fields import FieldSpec, Form, KindSpec, Record

Wire = str | int | float | bool | bytes | None
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
MAX_TEXT = 16 << 20
MAX_BYTES = 64 << 20


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _real(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _instant(value: datetime) -> int:
    if value.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return (value - _EPOCH) // _MICROSECOND


def _local(value: datetime) -> str:
    if value.tzinfo is not None:
        raise ValueError("a local time has no zone")
    return value.isoformat()


_TO_WIRE: dict[Form, Callable[[Any], Wire]] = {
    Form.REAL: _real,
    Form.INTEGER: int,
    Form.FLAG: bool,
    Form.INSTANT: _instant,
    Form.LOCAL: _local,
    Form.DAY: date.isoformat,
    Form.WORDS: lambda words: _json(list(words)),
    Form.DATA: _json,
}

_FROM_ROW: dict[Form, Callable[[Any], Any]] = {
    Form.FLAG: bool,
    Form.INSTANT: lambda us: _EPOCH + timedelta(microseconds=us),
    Form.LOCAL: datetime.fromisoformat,
    Form.DAY: date.fromisoformat,
    Form.WORDS: lambda text: tuple(json.loads(text)),
    Form.DATA: json.loads,
}

_WIRE_TYPES: dict[Form, tuple[type, ...]] = {
    Form.TEXT: (str,),
    Form.INTEGER: (int,),
    Form.REAL: (float, int),
    Form.FLAG: (bool, int),
    Form.BYTES: (bytes,),
    Form.ID: (bytes,),
    Form.FILE: (bytes,),
    Form.INSTANT: (int,),
    Form.LOCAL: (str,),
    Form.DAY: (str,),
    Form.WORDS: (str,),
    Form.DATA: (str,),
}


def wire_value(field: FieldSpec, value: Any) -> Wire:
    """One value as it goes on the wire and into a row."""
    if value is None:
        return None
    convert = _TO_WIRE.get(field.form)
    return convert(value) if convert else value


def record_value(field: FieldSpec, value: Wire) -> Any:
    """One value as a record holds it."""
    if value is None:
        return None
    convert = _FROM_ROW.get(field.form)
    return convert(value) if convert else value


def readable(field: FieldSpec, untrusted: Any) -> bool:
    """Whether a value from another laptop can be this field's; others stay raw in their segment."""
    if untrusted is None:
        return True
    if not isinstance(untrusted, _WIRE_TYPES[field.form]):
        return False
    return _bounded(field, untrusted) and _converts(field, untrusted)


def _bounded(field: FieldSpec, untrusted: Any) -> bool:
    if isinstance(untrusted, str) and len(untrusted) > MAX_TEXT:
        return False
    if isinstance(untrusted, bytes) and len(untrusted) > MAX_BYTES:
        return False
    if isinstance(untrusted, int) and not -(2**63) <= untrusted < 2**63:
        return False
    if field.form is Form.ID and len(untrusted) != 16:
        return False
    return field.form is not Form.FILE or len(untrusted) == 32


def _converts(field: FieldSpec, untrusted: Any) -> bool:
    try:
        record_value(field, untrusted)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return False
    return True


class RowCodec:
    """Carries one kind of record to its row and back. Column order: id, site_id, then the fields."""

    def __init__(self, kind: KindSpec) -> None:
        self.kind = kind
        self.names = tuple(f.name for f in kind.fields)
        self._values = attrgetter("id", "site_id", *self.names)
        self._out = tuple((f.number, f.default, _TO_WIRE.get(f.form)) for f in kind.fields)
        self._in = tuple((f.name, _FROM_ROW.get(f.form)) for f in kind.fields)
        self._defaults = tuple((f.number, wire_value(f, f.default)) for f in kind.fields)

    def wire(self, record: Record) -> dict[int, Wire]:
        """Field number to value, without what is None or the default."""
        made: dict[int, Wire] = {}
        values = self._values(record)
        for (number, default, convert), value in zip(self._out, values[2:], strict=True):
            if value is None or value == default:
                if default is None or value is not None:
                    continue
                made[number] = None  # None where the default is something else
            else:
                made[number] = convert(value) if convert else value
        return made

    def row(self, wire: Mapping[int, Any]) -> list[Wire]:
        """The field columns of a row, with defaults where the wire says nothing."""
        get = wire.get
        return [get(number, default) for number, default in self._defaults]

    def readable(self, untrusted: Any) -> bool:
        """Whether a map from another laptop can be this kind's values; unknown numbers are passed over."""
        if not isinstance(untrusted, dict):
            return False
        fields = self.kind.by_number
        return all(readable(fields[number], value) for number, value in untrusted.items() if number in fields)

    def record(self, row: Sequence[Any]) -> Any:
        """A record from (id, site_id, *fields)."""
        values = {
            name: (convert(value) if convert and value is not None else value)
            for (name, convert), value in zip(self._in, row[2:], strict=True)
        }
        return self.kind.cls(id=row[0], site_id=row[1], **values)
