"""Reads a time out of a file name, for pictures whose own data was lost on the way."""

from __future__ import annotations

import re
from datetime import datetime

_STAMP = re.compile(
    r"(?<![0-9])"
    r"((?:19|20)[0-9]{2})([-_.]?)([0-9]{2})\2([0-9]{2})"  # the same mark, or none, between year, month, day
    r"[-_ .T]{0,3}"
    r"([0-9]{2})([-_.:h]?)([0-9]{2})\6([0-9]{2})"
    r"(?![0-9])"
)


def time_in_name(name: str) -> tuple[datetime, str] | None:
    """The time in a name and the text that says it, such as `20210531082538` or `2021-05-31_08-25-38`.

    Only a whole moment counts, year first and to the second: a day alone, or two figures for the year,
    can be read in more than one way.
    """
    for found in _STAMP.finditer(name):
        year, _, month, day, hour, _, minute, second = found.groups()
        try:
            moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))
        except ValueError:
            continue
        return moment, found[0]
    return None
