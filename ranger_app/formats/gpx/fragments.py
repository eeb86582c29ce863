"""Keeps pieces of XML that Ranger has no field for, each able to stand on its own in another file.

A fragment is written as it will stand in GPX 1.1: elements of GPX carry no prefix, whatever the source
called them, and every other namespace is declared on the element that first needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

GPX_1_0 = "http://www.topografix.com/GPX/1/0"
GPX_1_1 = "http://www.topografix.com/GPX/1/1"
MAX_DEPTH = 64
MAX_FRAGMENT_CHARS = 1 << 18

_DECLARED = re.compile(r' xmlns:([\w.-]+)="([^"]*)"')


def escape(text: str) -> str:
    """Text for between tags or inside quotes. Quotes too: `hoist` relies on it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _attribute(text: str) -> str:
    # A parser turns bare line ends inside quotes into spaces.
    return escape(text).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def bindings(attributes: Mapping[str, str]) -> dict[str, str]:
    """The namespaces that an element declares, by prefix; "" is the default one."""
    return {
        name[6:]: value for name, value in attributes.items() if name == "xmlns" or name.startswith("xmlns:")
    }


class Fragment:
    """One element being copied from the events of a parser that does not know namespaces."""

    def __init__(self, scope: Mapping[str, str], gpx: frozenset[str]) -> None:
        self._gpx = gpx
        self._scopes: list[Mapping[str, str]] = [scope]
        self._declared: list[Mapping[str, str]] = [{"": GPX_1_1}]
        self._names: list[str] = []
        self._out: list[str] = []
        self._chars = 0
        self.has_elements = False
        self.has_attributes = False
        self.too_large = False

    @property
    def depth(self) -> int:
        return len(self._names)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        own = bindings(attributes)
        scope = {**self._scopes[-1], **own} if own else self._scopes[-1]
        declared, new = self._declared[-1], {}
        prefix, _, local = name.rpartition(":")
        space = self._space(scope, prefix)
        if space in self._gpx:
            prefix, name, space = "", local, GPX_1_1
        if declared.get(prefix, "") != space:
            new[prefix] = space
        kept = []
        for key, value in attributes.items():
            head, colon, _ = key.partition(":")
            if head == "xmlns":
                continue
            if colon and head != "xml":
                space = self._space(scope, head)
                if {**declared, **new}.get(head, "") != space:
                    new[head] = space
            kept.append(f' {key}="{_attribute(value)}"')
        spaces = [f' xmlns{":" + p if p else ""}="{_attribute(s)}"' for p, s in new.items()]
        self.has_elements = self.has_elements or bool(self._names)
        self.has_attributes = self.has_attributes or bool(kept) or bool(new)
        self._scopes.append(scope)
        self._declared.append({**declared, **new} if new else declared)
        self._names.append(name)
        self._write("<" + name + "".join(spaces) + "".join(kept) + ">")
        self.too_large = self.too_large or len(self._names) > MAX_DEPTH

    def text(self, text: str) -> None:
        # White space between elements is only for the eye.
        if text and (text.strip() or not self.has_elements):
            self._write(escape(text))

    def paste(self, xml: str) -> None:
        """Elements of GPX as text, without namespaces of their own."""
        self.has_elements = True
        self._write(xml)

    def end(self) -> None:
        self._scopes.pop()
        self._declared.pop()
        self._write(f"</{self._names.pop()}>")

    def xml(self) -> str:
        return "".join(self._out)

    def _space(self, scope: Mapping[str, str], prefix: str) -> str:
        # A prefix that nobody declared still has to be declared in what we write.
        return scope.get(prefix, f"urn:undeclared:{prefix}" if prefix else "")

    def _write(self, piece: str) -> None:
        self._chars += len(piece)
        if self._chars > MAX_FRAGMENT_CHARS:
            self.too_large = True
        if not self.too_large:
            self._out.append(piece)


def common_namespaces(fragments: Iterable[str]) -> dict[str, str]:
    """For each prefix the namespace that it has most often, so that it can be declared once for all."""
    seen: dict[str, dict[str, int]] = {}
    for fragment in fragments:
        for prefix, space in _DECLARED.findall(fragment):
            seen.setdefault(prefix, {}).setdefault(space, 0)
            seen[prefix][space] += 1
    return {prefix: max(spaces, key=lambda s: (spaces[s], s)) for prefix, spaces in seen.items()}


def hoist(fragment: str, root: Mapping[str, str]) -> str:
    """The fragment without the declarations that `root` makes already."""
    for prefix, space in root.items():
        declaration = f' xmlns:{prefix}="{space}"'
        if declaration in fragment and fragment.count(f" xmlns:{prefix}=") == fragment.count(declaration):
            fragment = fragment.replace(declaration, "")
    return fragment
