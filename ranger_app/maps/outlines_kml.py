"""Reads polygons from KML (OGC 2.2 and 2.3) with a streaming parser that knows no entities."""

from __future__ import annotations

from typing import NoReturn
from xml.parsers import expat

import numpy as np

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.maps.mercator import Floats
from ranger_app.maps.outlines import POINTS_AT_MOST, Outlines, too_large

DEPTH_AT_MOST = 64
TEXT_AT_MOST = 48_000_000  # characters of one `coordinates` element


def read_kml(raw: bytes) -> Outlines:
    """The polygons of a KML document. Raises `BadInput` with a sentence for whatever is wrong."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise BadInput(
            _("The file is not whole, or not KML."), _("Export the boundary again and try that file.")
        ) from error
    return reading.outlines.finish()


class _Reading:
    """Where the parser is: the rings of the polygon under way and the text of its coordinates."""

    def __init__(self) -> None:
        self.outlines = Outlines()
        self._depth = 0
        self._outer: list[Floats] = []
        self._holes: list[Floats] = []
        self._in_polygon = self._in_hole = False
        self._words: list[str] | None = None
        self._length = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_AT_MOST:
            raise BadInput(_("The file is nested too deeply to be a boundary."))
        match _local(name):
            case "Polygon":
                self._outer, self._holes, self._in_polygon = [], [], True
            case "innerBoundaryIs":
                self._in_hole = True
            case "coordinates":
                if self._in_polygon:
                    self._words, self._length = [], 0
                else:
                    self.outlines.doubt("not-an-area", _("Points or lines in the file were left out."))

    def text(self, words: str) -> None:
        if self._words is not None:
            self._length += len(words)
            if self._length > TEXT_AT_MOST:
                raise too_large()
            self._words.append(words)

    def end(self, name: str) -> None:
        self._depth -= 1
        match _local(name):
            case "coordinates" if self._words is not None:
                ring = _ring("".join(self._words))
                (self._holes if self._in_hole else self._outer).append(ring)
                self._words = None
            case "innerBoundaryIs":
                self._in_hole = False
            case "Polygon":
                self._in_polygon = False
                if self._outer:
                    self.outlines.add_polygon(self._outer[:1] + self._holes)


def _ring(text: str) -> Floats:
    """Positions `lon,lat[,height]` apart by white space."""
    tuples = text.split()
    if len(tuples) > POINTS_AT_MOST:
        raise too_large()
    try:
        pairs = [tuple(map(float, position.split(",")[:2])) for position in tuples]
        return np.array(pairs, dtype=np.float64).reshape(len(pairs), 2)
    except ValueError as error:
        raise BadInput(_("The boundary holds a position that is not a number.")) from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_declaration: object) -> NoReturn:
    raise BadInput(_("The file declares a document type, which a boundary has no need of; it was not read."))
