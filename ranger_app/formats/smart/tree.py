"""Reads an XML document of bounded size into a plain tree, and keeps what nobody asked for.

Document types are refused, so no entity can be defined and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from ranger_app.domain.errors import BadInput
from ranger_app.domain.xml_text import Utf8
from ranger_app.i18n import _

MAX_BYTES = 1 << 28
MAX_ELEMENTS = 3_000_000
MAX_DEPTH = 64


@dataclass(slots=True)
class Node:
    """An element: local name, namespace, attributes by local name, children, and its text if it has none."""

    name: str
    space: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def as_raw(self) -> dict[str, Any]:
        """What JSON can say of it; `from_raw` takes it back."""
        return {
            "name": self.name,
            "space": self.space,
            "attributes": self.attributes,
            "children": [child.as_raw() for child in self.children],
            "text": self.text,
        }

    @classmethod
    def from_raw(cls, raw: Mapping[str, Any], depth: int = 0) -> Node:
        """The element again; what a foreign hand made of it too deep is cut off."""
        return cls(
            str(raw.get("name")),
            str(raw.get("space") or ""),
            {str(k): str(v) for k, v in (raw.get("attributes") or {}).items()},
            [cls.from_raw(c, depth + 1) for c in raw.get("children") or ()] if depth < MAX_DEPTH else [],
            str(raw.get("text") or ""),
        )


@dataclass(slots=True)
class Tree:
    root: Node
    guessed: bool
    """Whether the letters were not in the encoding that the file declares."""


def parse(file: BinaryIO) -> Tree:
    """The document; `BadInput` when it is too large, too deep, broken off or has a document type."""
    text = Utf8(file)
    builder = _Builder()
    read = 0
    try:
        for piece in text:
            read += len(piece)
            if read > MAX_BYTES:
                raise _refused(_("it is larger than {count} MB").format(count=MAX_BYTES >> 20))
            builder.parser.Parse(piece, False)
        builder.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BadInput(
            _("The file is damaged or breaks off at line {line}.").format(line=error.lineno),
            _("Export it from SMART again; nothing of it was taken."),
        ) from None
    assert builder.root is not None
    return Tree(builder.root, text.guessed)


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._texts: list[str] = []
        self._count = 0
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.EntityDeclHandler = self._document_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._texts.append

    def _document_type(self, *_parts: object) -> None:
        raise _refused(_("it defines a document type of its own, which can fill the memory"))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise _refused(_("it has more elements, or deeper ones, than any real one"))
        space, _blank, local = name.rpartition(" ")
        node = Node(local, space, {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._texts.clear()

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        if not node.children:
            node.text = "".join(self._texts)
        self._texts.clear()


def _refused(why: str) -> BadInput:
    return BadInput(
        _("This file was not read: {why}.").format(why=why),
        _("SMART writes no such file. Ask where it comes from."),
    )


class Taking:
    """One element being understood: what is taken from it is known, and `rest` is what is left."""

    def __init__(self, node: Node, unmapped: set[str]) -> None:
        self._node = node
        self._unmapped = unmapped
        self._attributes = dict(node.attributes)
        self._children = list(node.children)

    def attribute(self, name: str) -> str:
        return self._attributes.pop(name, "")

    def put_back(self, name: str, text: str) -> None:
        """An attribute that could not be understood after all."""
        if text:
            self._attributes[name] = text

    def every(self, *names: str) -> list[Node]:
        found = [child for child in self._children if child.name in names]
        self._children = [child for child in self._children if child.name not in names]
        return found

    def first(self, name: str) -> Node | None:
        for index, child in enumerate(self._children):
            if child.name == name:
                return self._children.pop(index)
        return None

    def text(self, name: str) -> str:
        """The text of a child that has nothing but text."""
        child = next((c for c in self._children if c.name == name), None)
        if child is None or child.attributes or child.children:
            return ""
        self._children.remove(child)
        return child.text.strip()

    def rest(self) -> dict[str, Any]:
        """What nobody took, for the way back; empty when all was understood."""
        out: dict[str, Any] = {}
        if self._attributes:
            out["attributes"] = self._attributes
            self._unmapped.update(f"{self._node.name}@{name}" for name in self._attributes)
        if self._children:
            out["elements"] = [child.as_raw() for child in self._children]
            self._unmapped.update(f"{self._node.name}/{child.name}" for child in self._children)
        return out


def put_back(node: Node, raw: Mapping[str, Any]) -> None:
    """Give an element the attributes and children that `Taking.rest` kept."""
    for name, value in (raw.get("attributes") or {}).items():
        node.attributes.setdefault(str(name), str(value))
    elements: Iterable[Mapping[str, Any]] = raw.get("elements") or ()
    node.children.extend(Node.from_raw(element) for element in elements)


def as_text(root: Node) -> str:
    """The document, in one namespace but for elements that carry another of their own."""
    out = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n']
    _write(root, None, "", out)
    return "".join(out)


def _write(node: Node, outer: str | None, indent: str, out: list[str]) -> None:
    space = node.space if node.space or outer is None else outer
    declared = f' xmlns="{_escape(space)}"' if space != outer and space else ""
    attributes = "".join(f' {name}="{_escape(value)}"' for name, value in node.attributes.items())
    out.append(f"{indent}<{node.name}{declared}{attributes}")
    if node.children:
        out.append(">\n")
        for child in node.children:
            _write(child, space, indent + "  ", out)
        out.append(f"{indent}</{node.name}>\n")
    elif node.text:
        out.append(f">{_escape(node.text)}</{node.name}>\n")
    else:
        out.append("/>\n")


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # A parser turns bare line ends inside quotes into spaces, and drops carriage returns everywhere.
    return text.replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")
