"""Records to values on the wire and in rows, and back; wire and row share one form.

Instants are UTC microseconds since 1970, local times and days ISO text, flags 0 or 1, words and data JSON
text, ids and files bytes, everything else itself. A value has one form only, so that laptops which got it
by different ways hold the same bytes: no NaN, no negative zero, no text where a number belongs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from operator import attrgetter, index
from typing import Any

from ranger_app.domain.changes import WITHHELD
from ranger_app.domain.errors import BadInput
from ranger_app.domain.fields import FieldSpec, Form, KindSpec, Merge, Record
from ranger_app.domain.lists import canonical_json
from ranger_app.domain.seeing import Unseen
from ranger_app.i18n import _

Wire = str | int | float | bytes | None
MAX_TEXT = 4 << 20  # characters
MAX_BYTES = 32 << 20
MAX_DEPTH = 64
"""Of JSON data. Python's own limit hangs on who asks, and would not be the same on every laptop."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_INSTANT = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST_INSTANT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_INTEGERS = (-(2**63), 2**63 - 1)
_NOTHING = object()
"""In the place of a default where there is none."""


# -- out: what a record holds to its one form; a fault of the world is `BadInput`, one of ours TypeError


def _text(value: Any) -> str:
    if type(value) is not str:
        if not isinstance(value, str):
            raise TypeError(f"text, not {type(value).__name__}")
        value = str.__str__(value)
    if len(value) > MAX_TEXT:
        raise _too_long()
    return value if value.isascii() else _encodable(value)


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput(
            _("A text has characters that cannot be written: “{text}”.").format(
                text=text[:60].encode(errors="replace").decode()
            ),
            _("Rename the file, or type the text again."),
        ) from None
    return text


def _integer(value: Any) -> int:
    whole = value if type(value) is int else index(value)
    if not _INTEGERS[0] <= whole <= _INTEGERS[1]:
        raise BadInput(_("The number {n} is too large to be kept.").format(n=f"{whole:.3e}"))
    return whole


def _real(value: Any) -> float | None:
    number = float(value)
    return number + 0.0 if math.isfinite(number) else None  # -0.0 becomes 0.0


def _flag(value: Any) -> int:
    return 1 if value else 0


def _bytes(value: Any) -> bytes:
    plain = value if type(value) is bytes else memoryview(value).tobytes()
    if len(plain) > MAX_BYTES:
        raise _too_long()
    return plain


def _sixteen(value: Any) -> bytes:
    if len(value) != 16:
        raise ValueError("an id has sixteen bytes")
    return bytes(value)


def _thirty_two(value: Any) -> bytes:
    if len(value) != 32:
        raise ValueError("a SHA-256 has thirty-two bytes")
    return bytes(value)


def _instant(value: datetime) -> int:
    if value.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return (value - _EPOCH) // _MICROSECOND


def _local(value: datetime) -> str:
    if value.tzinfo is not None:
        raise ValueError("a local time has no zone")
    return value.isoformat()


def _json(value: Any) -> str:
    text = canonical_json(value)
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _parsed(text)  # others would not read what is nested too deep
    return _text(text)


def _words(value: Any) -> str:
    return _json([_text(word) for word in value])


_OUT: dict[Form, Callable[[Any], Wire]] = {
    Form.TEXT: _text,
    Form.INTEGER: _integer,
    Form.REAL: _real,
    Form.FLAG: _flag,
    Form.BYTES: _bytes,
    Form.ID: _sixteen,
    Form.FILE: _thirty_two,
    Form.INSTANT: _instant,
    Form.LOCAL: _local,
    Form.DAY: date.isoformat,
    Form.WORDS: _words,
    Form.DATA: _json,
}

_IN: dict[Form, Callable[[Any], Any]] = {
    Form.FLAG: bool,
    Form.INSTANT: lambda us: _EPOCH + timedelta(microseconds=us),
    Form.LOCAL: datetime.fromisoformat,
    Form.DAY: date.fromisoformat,
    Form.WORDS: lambda text: tuple(json.loads(text)),
    Form.DATA: json.loads,
}


def plain_value(field: FieldSpec, value: Any) -> Wire:
    """One value in its one form, for asking; `BadInput` when it is larger than a field may be."""
    return None if value is None else _OUT[field.form](value)


def wire_value(field: FieldSpec, value: Any) -> Wire:
    """One value as it goes on the wire and into a row; `BadInput` when the field cannot hold it."""
    made = plain_value(field, value)
    if made is None and not field.optional:
        raise BadInput(_("“{field}” cannot be empty.").format(field=field.name))
    return made


def record_value(field: FieldSpec, value: Wire) -> Any:
    """One value as a record holds it; `Unseen.WITHHELD` for one that did not come here."""
    if value is None:
        return None
    if value == WITHHELD:
        return Unseen.WITHHELD
    convert = _IN.get(field.form)
    return convert(value) if convert else value


def reader_of(field: FieldSpec) -> Callable[[Any], Any] | None:
    """What makes a record's value of one that is not None; None when it stays as it is."""
    return _IN.get(field.form)


def stand_in(field: FieldSpec) -> Wire:
    """What a row holds in the place of a value that is withheld: the default, or else nothing of its form."""
    if not field.required:
        return plain_value(field, field.default)
    return "" if field.form is Form.TEXT else b"" if field.form is Form.BYTES else None


def _too_long() -> BadInput:
    return BadInput(
        _("This is too large to be kept in a record."), _("Attach it as a file instead, or split it.")
    )


# -- in: whether a value from another laptop is in that one form


def _is_day(untrusted: str) -> bool:
    return date.fromisoformat(untrusted).isoformat() == untrusted


def _is_local(untrusted: str) -> bool:
    found = datetime.fromisoformat(untrusted)
    return found.tzinfo is None and found.isoformat() == untrusted


def _parsed(untrusted: str) -> Any:
    """JSON without NaN and not nested beyond `MAX_DEPTH`; ValueError otherwise."""
    found = json.loads(untrusted, parse_constant=_no_constant, parse_float=_finite)
    level, depth = [found], 0
    while level := [
        inner
        for outer in level
        if isinstance(outer, dict | list)
        for inner in (outer.values() if isinstance(outer, dict) else outer)
    ]:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deep")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _is_data(untrusted: str) -> bool:
    _parsed(untrusted)
    return True


def _is_words(untrusted: str) -> bool:
    found = json.loads(untrusted)
    return type(found) is list and all(type(word) is str for word in found)


_SOUND: dict[Form, tuple[type, Callable[[Any], bool]]] = {
    Form.TEXT: (str, lambda v: len(v) <= MAX_TEXT),
    Form.INTEGER: (int, lambda v: _INTEGERS[0] <= v <= _INTEGERS[1]),
    Form.REAL: (float, lambda v: math.isfinite(v) and (v != 0.0 or math.copysign(1.0, v) > 0)),
    Form.FLAG: (int, lambda v: v in (0, 1)),
    Form.BYTES: (bytes, lambda v: len(v) <= MAX_BYTES and v != WITHHELD),
    Form.ID: (bytes, lambda v: len(v) == 16),
    Form.FILE: (bytes, lambda v: len(v) == 32),
    Form.INSTANT: (int, lambda v: _FIRST_INSTANT <= v <= _LAST_INSTANT),
    Form.LOCAL: (str, lambda v: len(v) < 40 and _is_local(v)),
    Form.DAY: (str, lambda v: len(v) == 10 and _is_day(v)),
    Form.WORDS: (str, lambda v: len(v) <= MAX_TEXT and _is_words(v)),
    Form.DATA: (str, lambda v: len(v) <= MAX_TEXT and _is_data(v)),
}


Check = tuple[bool, type, Callable[[Any], bool]]
"""Whether nothing will do, the type, and the rest that has to hold."""


def check_of(field: FieldSpec) -> Check:
    """What `fits` needs to know of a field."""
    return (field.optional, *_SOUND[field.form])


def fits(check: Check, untrusted: Any) -> bool:
    """Whether a value from another laptop can be this field's; others stay raw in their segment."""
    optional, form, sound = check
    if untrusted is None:
        return optional
    if untrusted is WITHHELD:  # as `segments.decode` puts it there, never as somebody says it
        return True
    try:
        return type(untrusted) is form and sound(untrusted)
    except (ValueError, OverflowError, RecursionError):
        return False


def readable(field: FieldSpec, untrusted: Any) -> bool:
    """The same for a field by itself."""
    return fits(check_of(field), untrusted)


def _values_of(names: tuple[str, ...]) -> Callable[[Record], tuple[Any, ...]]:
    if len(names) == 1:
        only = attrgetter(names[0])
        return lambda record: (only(record),)
    return attrgetter(*names)


class Reads(Enum):
    """How much of an op this version can read."""

    NOTHING = 0
    PARTLY = 1
    """A record with fields that only a newer version knows."""
    WHOLLY = 2


class RowCodec:
    """Carries one kind of record to its row and back. Column order: id, site_id, then the fields.

    On the wire a record is one flat list: number, value, number, value, …, without those that have their
    default.
    """

    def __init__(self, kind: KindSpec) -> None:
        self.kind = kind
        self.names = tuple(f.name for f in kind.fields)
        self._values = _values_of(self.names)
        self._out = tuple(
            (place, f.number, _NOTHING if f.required else f.default, _OUT[f.form])
            for place, f in enumerate(kind.fields)
        )
        self._in = tuple((f.name, _IN.get(f.form)) for f in kind.fields)
        self._empty: list[Wire] = [plain_value(f, f.default) for f in kind.fields]
        self._place = {f.number: place for place, f in enumerate(kind.fields)}
        self.checks = {f.number: check_of(f) for f in kind.fields}
        self.fixed = frozenset(f.number for f in kind.fields if f.merge is Merge.FIXED)
        self.stand_in = {f.number: stand_in(f) for f in kind.fields}
        """What a row holds where the value is withheld."""
        self._required = frozenset(f.number for f in kind.fields if f.required and not f.optional)

    def made(self, record: Record) -> tuple[list[Any], list[Wire]]:
        """What goes on the wire for a record, and the field columns of its row."""
        said: list[Any] = []
        row, empty = self._empty.copy(), False
        for (place, number, default, convert), value in zip(self._out, self._values(record), strict=True):
            if value is default or value == default:
                continue
            plain = None if value is None else convert(value)
            if plain is None:
                empty = True
            row[place] = plain
            said += (number, plain)
        if empty:
            self._refuse_empty(said)
        return said, row

    def wire(self, record: Record) -> list[Any]:
        """What goes on the wire for a record."""
        return self.made(record)[0]

    def _refuse_empty(self, said: Sequence[Any]) -> None:
        for number, value in zip(said[::2], said[1::2], strict=True):
            if value is None and not self.kind.by_number[number].optional:
                raise TypeError(f"{self.kind.name}.{self.kind.by_number[number].name} cannot be empty")

    def row(self, said: Sequence[Any], *, withheld: bytes | None = None) -> list[Wire]:
        """The field columns of a row, with defaults where the wire says nothing, and where a value did not
        come what stands in for it, or `withheld`."""
        row = self._empty.copy()
        place = self._place
        for number, value in zip(said[::2], said[1::2], strict=True):
            if number in place:
                row[place[number]] = value if value is not WITHHELD else withheld or self.stand_in[number]
        return row

    def reads(self, untrusted: Any) -> Reads:
        """How much of what another laptop says of a record this kind can take. Its numbers are checked."""
        numbers = untrusted[::2]
        if not self._required.issubset(numbers):
            return Reads.NOTHING
        checks, whole = self.checks, True
        for number, value in zip(numbers, untrusted[1::2], strict=True):
            check = checks.get(number)
            if check is None:
                whole = False
            elif not fits(check, value):
                return Reads.NOTHING
        return Reads.WHOLLY if whole else Reads.PARTLY

    def record(self, row: Sequence[Any]) -> Any:
        """A record from (id, site_id, *fields)."""
        values = {
            name: (convert(value) if convert and value is not None else value)
            for (name, convert), value in zip(self._in, row[2:], strict=True)
        }
        return self.kind.cls(id=row[0], site_id=row[1], **values)
