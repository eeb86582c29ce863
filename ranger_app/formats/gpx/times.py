"""Turns the times that receivers write into milliseconds since 1970, many at once."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ranger_app.domain.found import NO_TIME_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999
_SHAPES = {20: b"0000-00-00T00:00:00Z", 24: b"0000-00-00T00:00:00.000Z"}
_DAYS_BEFORE_MONTH = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_DAYS_OF_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_LEAP_SECOND = re.compile(r":60(?=\D|$)")

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_CLOCK = r"[ T](\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?"
_WORDED = re.compile(r"\s*(\d{1,2})-([A-Za-z]{3})-(\d{2}|\d{4})" + _CLOCK + r"\s*$")
_SLASHED = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})" + _CLOCK + r"\s*$")


@dataclass(slots=True)
class TimeNotes:
    """What had to be said about times on the way."""

    without_zone: int = 0
    unreadable: int = 0


def milliseconds(texts: Sequence[bytes | None], notes: TimeNotes) -> array[int]:
    """UTC milliseconds for each text of a GPX `time`; `NO_TIME_MS` for None, empty and unreadable ones.

    Times in one of the two common shapes are read as columns of digits, 20 times as fast as one by one.
    """
    out: array[int] = array("q")
    quick = _same_shape(texts)
    if quick is not None:
        out.frombytes(quick.tobytes())
        return out
    out.extend(one_time(text.decode("utf-8", "replace"), notes) if text else NO_TIME_MS for text in texts)
    return out


def _same_shape(texts: Sequence[bytes | None]) -> Any:
    """An int64 array when every text is a valid time of one shape, else None."""
    first = texts[0] if texts else None
    shape = _SHAPES.get(len(first)) if first else None
    if shape is None or None in texts:
        return None
    joined = b"".join(texts)  # type: ignore[arg-type]  # None was ruled out
    if len(joined) != len(shape) * len(texts):
        return None
    rows = np.frombuffer(joined, np.uint8).reshape(-1, len(shape))
    model = np.frombuffer(shape, np.uint8)
    fixed = model != ord("0")
    digits = rows[:, ~fixed]
    if not (rows[:, fixed] == model[fixed]).all() or ((digits < 48) | (digits > 57)).any():
        return None
    d = (digits - 48).astype(np.int64)
    year = d[:, 0] * 1000 + d[:, 1] * 100 + d[:, 2] * 10 + d[:, 3]
    month, day, hour, minute, second = (d[:, i] * 10 + d[:, i + 1] for i in range(4, 14, 2))
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    possible = (month >= 1) & (month <= 12) & (year >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    if not possible.all():
        return None
    if ((day < 1) | (day > _DAYS_OF_MONTH[month]) | ((month == 2) & (day == 29) & ~leap)).any():
        return None
    past = year - 1
    days = past * 365 + past // 4 - past // 100 + past // 400 - 719_162  # days to 1 January of that year
    days += _DAYS_BEFORE_MONTH[month] + (leap & (month > 2)) + day - 1
    ms = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000
    if len(shape) == 24:
        ms += d[:, 14] * 100 + d[:, 15] * 10 + d[:, 16]
    return ms


def one_time(text: str, notes: TimeNotes) -> int:
    """UTC milliseconds of one ISO 8601 time. GPX times are UTC, so one without a zone is taken as UTC."""
    text = text.strip()
    if not text:
        return NO_TIME_MS
    late = timedelta()
    if _LEAP_SECOND.search(text):
        text, late = _LEAP_SECOND.sub(":59", text), timedelta(seconds=1)
    try:
        read = datetime.fromisoformat(text) + late
    except (ValueError, OverflowError):
        notes.unreadable += 1
        return NO_TIME_MS
    if read.tzinfo is None:
        notes.without_zone += 1
        read = read.replace(tzinfo=UTC)
    ms = round((read - _EPOCH) / timedelta(milliseconds=1))
    if not _FIRST_MS <= ms <= _LAST_MS:  # a zone has moved it out of the years that can be written
        notes.unreadable += 1
        return NO_TIME_MS
    return ms


def instant(ms: int) -> datetime | None:
    """The moment in UTC, or None for `NO_TIME_MS`."""
    return None if ms == NO_TIME_MS else _EPOCH + timedelta(milliseconds=ms)


def time_in_comment(comment: str) -> datetime | None:
    """The wall clock that older receivers put into a waypoint's comment instead of a time, or None.

    The shapes are those that SMART knows: 06-MAY-26 7:12:33AM, the same without AM, and 06/05/2026 7:12:33.
    """
    worded, slashed = _WORDED.match(comment), _SLASHED.match(comment)
    found = worded or slashed
    if found is None:
        return None
    day, month_text, year_text, hour_text, minute, second, half = found.groups()
    month = _MONTHS.get(month_text.lower(), 0) if worded else int(month_text)
    year = int(year_text) + (2000 if len(year_text) == 2 and int(year_text) < 70 else 0)
    year += 1900 if year < 100 else 0
    hour = int(hour_text)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime(year, month, int(day), hour, int(minute), int(second or 0))
    except ValueError:
        return None
