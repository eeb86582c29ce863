"""Takes runs of plain fixes out of a piece of GPX before the parser sees it, which is many times as fast.

Nearly all of a long track is the same few tags over and over. A pattern cuts such fixes out and leaves one
empty element with a name that no file can know in their place. The parser then decides where that element
stands: inside a segment it is a run of fixes, inside a comment it is nothing, anywhere else the text is
put back. So the pattern never has to understand XML.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

from ranger_app.formats.gpx.columns import Run
from ranger_app.formats.gpx.shapes import Rest, Shapes

MAX_HELD_BACK = 1 << 16
"""Bytes of an unfinished fix that are kept for the next piece."""
_GROUPS = 5


class Runs:
    """Cuts the runs out of one file, piece by piece. `prefix` is what stands before its names, with colon."""

    def __init__(self, prefix: str) -> None:
        self.run_name = f"{prefix}run{secrets.token_hex(8)}"
        self.question_name = f"{prefix}ask{secrets.token_hex(8)}"
        self.shapes = Shapes()
        self._prefix = prefix.encode()
        p = re.escape(self._prefix)
        quoted = rb"""\s*=\s*["']([^"'<&]*)["']"""
        head = rb"<" + p + rb"trkpt\s+"
        tail = (
            rb"\s*>\s*(?:<" + p + rb"ele>([^<&]*)</" + p + rb"ele>\s*)?"
            rb"(?:<" + p + rb"time>\s*([^<&]*?)\s*</" + p + rb"time>\s*)?([^\0]*?)</" + p + rb"trkpt>\s*"
        )
        self._lat_first = re.compile(head + rb"lat" + quoted + rb"\s+lon" + quoted + tail)
        self._lon_first = re.compile(head + rb"lon" + quoted + rb"\s+lat" + quoted + tail)
        self._held = b""
        self._runs: list[Run] = []
        self._texts: list[tuple[Sequence[bytes | None], ...]] = []

    def cut(self, piece: bytes) -> bytes:
        """The piece with stand-ins for its runs. An unfinished fix at its end waits for the next piece."""
        piece = self._held + piece
        self._held = b""
        begins = piece.rfind(b"<" + self._prefix + b"trkpt")
        waits = begins >= 0 and b"</" + self._prefix + b"trkpt" not in piece[begins:]
        if waits and len(piece) - begins < MAX_HELD_BACK:
            piece, self._held = piece[:begins], piece[begins:]
        self._runs.clear()
        self._texts.clear()
        if b"<![CDATA[" in piece:
            return piece
        pattern = self._lat_first if self._lat_first.search(piece) else self._lon_first
        parts = pattern.split(piece)
        if len(parts) == 1:
            return piece
        columns = [parts[i :: _GROUPS + 1] for i in range(1, _GROUPS + 1)]
        if pattern is self._lon_first:
            columns[0], columns[1] = columns[1], columns[0]
        return self._with_stand_ins(parts[0], columns, parts[_GROUPS + 1 :: _GROUPS + 1])

    def _with_stand_ins(self, before: bytes, columns: list[list[Any]], after: list[bytes]) -> bytes:
        """`columns` are latitude, longitude, elevation, time and rest; `after` is what follows each fix."""
        rests: list[Rest | None] | None = None
        stops = [i for i, text in enumerate(after) if text]
        unknown: set[int] = set()
        if any(columns[4]):
            fill = self.shapes.fill
            rests = [fill(rest) if rest else None for rest in columns[4]]
            unknown = {i for i, rest in enumerate(rests) if rest is None and columns[4][i]}
            stops = sorted(unknown.union(stops))
        out, start = [before], 0

        def run_until(end: int) -> None:
            if end > start:
                out.append(b'<%s n="%d"/>' % (self.run_name.encode(), len(self._runs)))
                lats, lons, elevations, ats, own = (column[start:end] for column in columns)
                self._texts.append((lats, lons, elevations, ats, own))
                self._runs.append(Run(lats, lons, elevations, ats, rests[start:end] if rests else None))

        for stop in stops:
            if stop in unknown:
                run_until(stop)
                rest = columns[4][stop]
                if question := self.shapes.question(rest):
                    number, text = question
                    out.append(b'<%s n="%d"/>' % (self.question_name.encode(), number))
                    out.append(self._as_text(b"0", b"0", None, None, text))
                out.append(self._as_text(*(column[stop] for column in columns)))
            else:
                run_until(stop + 1)
            out.append(after[stop])
            start = stop + 1
        run_until(len(after))
        return b"".join(out)

    def held_back(self) -> bytes:
        """What waits, when no more is to be cut."""
        held, self._held = self._held, b""
        return held

    def run(self, number: str) -> Run:
        """The run that a stand-in of the piece that was cut last stands for."""
        return self._runs[int(number)]

    def text_of(self, number: str) -> str:
        """The same as the elements that it was cut from, less white space."""
        texts = b"".join(self._as_text(*row) for row in zip(*self._texts[int(number)], strict=True))
        return texts.decode("utf-8", "replace")

    def _as_text(
        self,
        lat: bytes | None,
        lon: bytes | None,
        elevation: bytes | None,
        time: bytes | None,
        rest: bytes | None,
    ) -> bytes:
        p = self._prefix
        ele = b"<%sele>%s</%sele>" % (p, elevation, p) if elevation is not None else b""
        at = b"<%stime>%s</%stime>" % (p, time, p) if time is not None else b""
        opening = b'<%strkpt lat="%s" lon="%s">' % (p, lat or b"", lon or b"")
        return opening + ele + at + (rest or b"") + b"</%strkpt>" % p
