"""Reads GPX 1.0 and 1.1 as a stream: tracks, routes and waypoints, and everything else kept as it came.

The standard library's expat does the parsing, without namespaces: what carries the prefix of the root
element is GPX. Document types are refused, so no entity can be defined; texts, tags, depth and the number
of fixes are bounded. A file that breaks off gives every fix that is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from xml.parsers import expat

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found import Found
from ranger_app.domain.xml_text import Utf8
from ranger_app.formats.gpx.columns import NUMBERS
from ranger_app.formats.gpx.fragments import GPX_1_0, GPX_1_1, Fragment, bindings
from ranger_app.formats.gpx.gathering import Gathering, Place
from ranger_app.formats.gpx.points import EXTENSION
from ranger_app.formats.gpx.runs import Runs
from ranger_app.i18n import _
from ranger_app.jobs import Work

MAX_FIXES = 20_000_000
MAX_THINGS = 300_000
"""Tracks, routes and waypoints of one file."""
MAX_KEPT_CHARS = 1 << 28
MAX_TEXT_CHARS = 1 << 20
MAX_TAG_BYTES = 1 << 20
MAX_DEPTH_READ = 10_000
"""What is deeper than `fragments.MAX_DEPTH` is left out; what is deeper than this was made to do harm."""

_INSIDE: Mapping[tuple[Place, str], Place] = {
    (Place.FILE, "metadata"): Place.METADATA,
    (Place.FILE, "wpt"): Place.WAYPOINT,
    (Place.FILE, "trk"): Place.TRACK,
    (Place.FILE, "rte"): Place.ROUTE,
    (Place.TRACK, "trkseg"): Place.SEGMENT,
    (Place.TRACK, "trkpt"): Place.FIX,  # some programs leave the segment out
    (Place.SEGMENT, "trkpt"): Place.FIX,
    (Place.ROUTE, "rtept"): Place.ROUTE_POINT,
}
_HOLDS_FIXES = (Place.TRACK, Place.SEGMENT)
_PLAIN_OF_FIX = NUMBERS | {"ele", "time"}


def read(path: Path, *, work: Work) -> Found:
    """Everything in a GPX file. `BadInput` when it is none, `OSError` when it cannot be read."""
    with path.open("rb") as file:
        total = path.stat().st_size
        text, reader = Utf8(file), _Reader()
        said = reader.gathering.said
        try:
            for piece in text:
                reader.feed(piece)
                work.tick(text.read_bytes, total)
            reader.close()
        except expat.ExpatError as error:
            if not reader.begun:
                raise _not_gpx() from None
            said.broken_at_line = error.lineno
        said.encoding_guessed, said.characters_removed = text.guessed, text.cleaned
    return reader.gathering.found(path.name)


class _Reader:
    """The parser's handlers, and the bounds. What is read goes to `gathering`."""

    def __init__(self) -> None:
        self.gathering = Gathering()
        self.begun = False
        self._text: list[str] = []
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        parser.EntityDeclHandler = self._refuse_document_type
        parser.StartElementHandler = self._root
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartCdataSectionHandler = lambda: self._cdata(begins=True)
        parser.EndCdataSectionHandler = lambda: self._cdata(begins=False)
        self._fed_bytes = 0
        self._in_cdata = False
        self._prefix = ""
        self._gpx = frozenset((GPX_1_0, GPX_1_1))
        self._runs = Runs("")
        self._places: list[Place] = []
        self._scopes: list[Mapping[str, str]] = []
        self._plain = ""  # the child of a fix whose text is being read
        self._in_run = False
        self._in_extensions = False
        self._fragment: Fragment | None = None

    def feed(self, piece: bytes) -> None:
        if self.begun:
            piece = self._runs.held_back() + piece if self._in_cdata else self._runs.cut(piece)
        self._parse(piece)

    def close(self) -> None:
        self._parse(self._runs.held_back())
        self._parser.Parse(b"", True)

    def _parse(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)
        self._fed_bytes += len(piece)
        if self._fed_bytes - self._parser.CurrentByteIndex > len(piece) + MAX_TAG_BYTES:
            raise _hostile(_("one tag in it is more than a million letters long"))
        if sum(map(len, self._text)) > MAX_TEXT_CHARS:
            raise _hostile(_("one text in it is more than a million letters long"))
        if self.gathering.fix_count > MAX_FIXES:
            raise _hostile(_("it has more than {count} fixes").format(count=MAX_FIXES))
        if self.gathering.thing_count > MAX_THINGS or self.gathering.kept_chars > MAX_KEPT_CHARS:
            raise _hostile(_("it has more waypoints and extensions than any receiver holds"))

    def _cdata(self, *, begins: bool) -> None:
        self._in_cdata = begins

    def _refuse_document_type(self, *_parts: object) -> None:
        raise _hostile(_("it defines a document type of its own, which can fill the memory"))

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _colon, local = name.rpartition(":")
        if local != "gpx":
            raise _not_gpx()
        scope = bindings(attributes)
        self.begun = True
        self._prefix = prefix + ":" if prefix else ""
        self._gpx |= {scope.get(prefix, "")}
        self._runs = Runs(self._prefix)
        self._places.append(Place.FILE)
        self._scopes.append(scope)
        self.gathering.version = attributes.get("version", "")
        self.gathering.creator = attributes.get("creator", "")
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._fragment is not None:
            self._copy(name, attributes)
            return
        self._text.clear()
        place = self._places[-1]
        local = self._local(name, attributes)
        if place is Place.FIX and local in _PLAIN_OF_FIX and not self._in_extensions:
            self._plain = local
            return
        inner = None if self._in_extensions else _INSIDE.get((place, local))
        if inner is not None:
            self._enter(inner, attributes)
            self.gathering.begin(inner, within=place, attributes=attributes)
        elif name == self._runs.question_name:
            self._in_run = True
            if place in _HOLDS_FIXES and not self._in_extensions:
                self.gathering.answer = partial(self._runs.shapes.learn, int(attributes["n"]))
        elif name == self._runs.run_name:
            self._in_run = True
            if place in _HOLDS_FIXES and not self._in_extensions:
                self.gathering.add_run(self._runs.run(attributes["n"]), within=place)
        elif local == EXTENSION and not self._in_extensions:
            self._enter(place, attributes)
            self._in_extensions = True
        else:
            self._fragment = Fragment(self._scopes[-1], self._gpx)
            self._fragment.start(name, attributes)

    def _local(self, name: str, attributes: dict[str, str]) -> str:
        """The name of an element of GPX, or nothing: what counts is the namespace and not the prefix."""
        prefix, colon, local = name.rpartition(":")
        declares = len(attributes) > 2 or (attributes and "lat" not in attributes)
        if prefix + colon == self._prefix and not declares:
            return local
        space = {**self._scopes[-1], **bindings(attributes)}.get(prefix, "")
        return local if space in self._gpx else ""

    def _enter(self, place: Place, attributes: dict[str, str]) -> None:
        own = bindings(attributes) if len(attributes) != 2 else {}
        if own:
            self._runs.shapes.forget()
        self._scopes.append({**self._scopes[-1], **own} if own else self._scopes[-1])
        self._places.append(place)

    def _copy(self, name: str, attributes: dict[str, str]) -> None:
        """Within an element that is kept as it came."""
        assert self._fragment is not None
        if name == self._runs.run_name:  # what looked like fixes is something else here: put it back
            self._fragment.paste(self._runs.text_of(attributes["n"]))
            self._in_run = True
            return
        if self._fragment.depth > MAX_DEPTH_READ:
            raise _hostile(_("it is nested many thousand elements deep"))
        self._fragment.text("".join(self._text))
        self._text.clear()
        self._fragment.start(name, attributes)

    def _end(self, name: str) -> None:
        if self._in_run:
            self._in_run = False
        elif self._fragment is not None:
            text = "".join(self._text)
            self._text.clear()
            self._fragment.text(text)
            self._fragment.end()
            if not self._fragment.depth:
                fragment, self._fragment = self._fragment, None
                kept_as = EXTENSION if self._in_extensions else self._local(name, {}) or name
                self.gathering.child(self._places[-1], kept_as, fragment, text)
        elif self._plain:
            self.gathering.plain(self._plain, "".join(self._text))
            self._plain = ""
        else:
            self._scopes.pop()
            place = self._places.pop()
            if self._in_extensions:
                self._in_extensions = False
            else:
                self.gathering.finish(place)


def _not_gpx() -> BadInput:
    return BadInput(
        _("This is not a GPX file."),
        _("Save the track as GPX in the receiver's own program, and import that."),
    )


def _hostile(why: str) -> BadInput:
    return BadInput(
        _("This GPX file was not read: {why}.").format(why=why),
        _("No receiver writes such a file. Ask where it comes from."),
    )
