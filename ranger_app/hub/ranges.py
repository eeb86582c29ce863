"""Which part of something a request asks for, so that a fetch goes on where a line broke."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """The bytes from `start` up to `end` of `size`, and how that is said."""

    status: int
    start: int
    end: int
    headers: Mapping[str, str]


def range_asked(request: Request, *, tag: str, size: int) -> Asked:
    """The range that a request asks for; all of it when it asks for none, for one that cannot be read, or
    for one of something that has changed since. `BadInput` for several ranges (RFC 9110, 14)."""
    told = {"ETag": tag, "Accept-Ranges": "bytes"}
    text = request.headers.get("range", "")
    if "," in text:
        raise BadInput(_("One range at a time."))
    found = _ONE.fullmatch(text)
    unchanged = request.headers.get("if-range", tag) == tag
    if found is None or found[0] == "bytes=-" or not unchanged:
        return _asked(200, 0, size, told)
    if not found[1]:
        start, end = max(size - int(found[2]), 0), size
    else:
        start, end = int(found[1]), min(int(found[2]) + 1 if found[2] else size, size)
        if found[2] and int(found[2]) < start:
            return _asked(200, 0, size, told)
    if start >= size:
        return _asked(416, 0, 0, told | {"Content-Range": f"bytes */{size}"})
    return _asked(206, start, end, told | {"Content-Range": f"bytes {start}-{end - 1}/{size}"})


def _asked(status: int, start: int, end: int, headers: Mapping[str, str]) -> Asked:
    return Asked(status, start, end, {**headers, "Content-Length": str(end - start)})
