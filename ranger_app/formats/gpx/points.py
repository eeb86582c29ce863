"""One waypoint or fix of a GPX file, and its children in the words of GPX 1.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ranger_app.domain.found import NO_TIME_MS, FoundWaypoint
from ranger_app.formats.gpx.columns import number, position
from ranger_app.formats.gpx.fragments import escape
from ranger_app.formats.gpx.said import Said
from ranger_app.formats.gpx.times import instant, one_time, time_in_comment

ORDER = (
    "ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type", "fix",
    "sat", "hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid", "extensions",
)  # fmt: skip
"""The children of a point in the order that the schema of GPX 1.1 demands."""
LINE_ORDER = ("name", "cmt", "desc", "src", "link", "number", "type", "extensions")
"""The same for a track or route."""
META_ORDER = ("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds", "extensions")

MOTION = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2"
"""Where GPX 1.1 has speed (m/s) and course (degrees from true north) of a fix."""
_NAME = re.compile(r"<([\w.:-]+)")
EXTENSION = "extensions"
"""The name of every child of an `extensions` element; the element itself is made again on writing."""
_SEPARATOR = "\x1f"


class Child(NamedTuple):
    """A child element as it stands in GPX 1.1. `text` is None when it has elements in it."""

    name: str
    xml: str
    text: str | None
    has_attributes: bool = False


def text_child(name: str, text: str) -> Child:
    return Child(name, f"<{name}>{escape(text)}</{name}>", text)


def modern(children: Sequence[Child], order: Sequence[str]) -> list[Child]:
    """The children in the schema's order, and what only GPX 1.0 has (url, urlname, email, a bare author,
    speed, course) said as in GPX 1.1."""
    texts = {c.name: c.text for c in children if c.text is not None and not c.has_attributes}
    out = []
    for child in children:
        if child.name == "url" and child.text is not None:
            label = f"<text>{escape(texts['urlname'])}</text>" if texts.get("urlname") else ""
            out.append(Child("link", f'<link href="{escape(child.text.strip())}">{label}</link>', None))
        elif child.name == "author" and child.text is not None:
            name = f"<name>{escape(child.text)}</name>"
            out.append(Child("author", f"<author>{name}{_email(texts.get('email'))}</author>", None))
        elif child.name == "email" and child.text is not None and texts.get("author") is None:
            out.append(Child("author", f"<author>{_email(child.text)}</author>", None))
        elif child.name in {"speed", "course"} and child.text is not None:
            out.append(Child(EXTENSION, _motion(child.name, child.text), None))
        elif not (child.name == "urlname" and "url" in texts) and child.name != "email":
            out.append(child)
    return sorted(out, key=lambda c: order.index(c.name) if c.name in order else len(order))


def _motion(name: str, text: str) -> str:
    value = f"<gpxtpx:{name}>{escape(text)}</gpxtpx:{name}>"
    return f'<gpxtpx:TrackPointExtension xmlns:gpxtpx="{MOTION}">{value}</gpxtpx:TrackPointExtension>'


def _email(text: str | None) -> str:
    name, at, domain = (text or "").strip().partition("@")
    return f'<email id="{escape(name)}" domain="{escape(domain)}"></email>' if at else ""


def in_order(children: Iterable[tuple[str, str]], order: Sequence[str]) -> list[str]:
    """The XML of the children in the schema's order. What the schema does not know goes into `extensions`."""
    known = sorted((order.index(name), xml) for name, xml in children if name in order[:-1])
    extensions = [xml for name, xml in children if name not in order[:-1]]
    out = [xml for _rank, xml in known]
    return [*out, "<extensions>", *extensions, "</extensions>"] if extensions else out


def with_child(note: str, child: Child) -> str:
    """A note with one more child."""
    return f"{note}{_SEPARATOR}{child.xml}" if note else child.xml


def children_of_note(note: str) -> list[tuple[str, str]]:
    """Name and XML of each child in a note."""
    out = []
    for piece in note.split(_SEPARATOR) if note else ():
        if piece.startswith("+"):
            out.append((EXTENSION, piece[1:]))
        elif name := _NAME.match(piece):
            out.append((name[1], piece))
    return out


def decimal(value: float) -> str:
    """The shortest decimal text that reads back as the same number, without an exponent; "" for NaN."""
    if value != value:
        return ""
    text = repr(value)
    if "e" in text or "inf" in text:
        text = f"{value:.12f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".") or "0"


class Point:
    """A waypoint, fix or point of a route while its children are read."""

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self.lat, self.lon = attributes.get("lat", ""), attributes.get("lon", "")
        self._children: list[Child] = []

    def add(self, child: Child) -> None:
        self._children.append(child)

    def take_text(self, name: str) -> str:
        """The text of the first child of that name that is text alone, which is then no longer a child."""
        for index, child in enumerate(self._children):
            if child.name == name and child.text is not None and not child.has_attributes:
                return self._children.pop(index).text or ""
        return ""

    def note(self) -> str:
        """All children as one text; `children_of_note` takes it apart."""
        if not self._children:
            return ""
        return _SEPARATOR.join(
            ("+" if child.name == EXTENSION else "") + child.xml for child in modern(self._children, ORDER)
        )

    def waypoint(self, said: Said) -> FoundWaypoint:
        raw: dict[str, Any] = {}
        place = position(self.lat, self.lon)
        if place is None:
            said.nowhere += 1
            raw["lat"], raw["lon"] = self.lat, self.lon
        self._children = modern(self._children, ORDER)
        time_text, elevation_text = self.take_text("time"), self.take_text("ele")
        elevation, at_ms = number(elevation_text), one_time(time_text, said.times)
        if elevation_text and elevation != elevation:
            self.add(text_child("ele", elevation_text))
        if time_text.strip() and at_ms == NO_TIME_MS:
            self.add(text_child("time", time_text))
        name, symbol = self.take_text("name"), self.take_text("sym")
        comment = self.take_text("cmt")
        if not comment and (comment := self.take_text("desc")):
            raw["comment"] = "desc"
        at_local = time_in_comment(comment) if at_ms == NO_TIME_MS else None
        if at_local is not None:
            said.times_in_comments += 1
        if self._children:
            raw["children"] = [[child.name, child.xml] for child in self._children]
        return FoundWaypoint(
            lat=place[0] if place else None,
            lon=place[1] if place else None,
            elevation_m=None if elevation != elevation else elevation,
            at=instant(at_ms),
            at_local=at_local,
            name=name,
            comment=comment,
            symbol=symbol,
            raw=raw,
        )
