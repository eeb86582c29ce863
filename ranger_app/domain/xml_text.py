"""What an XML file from outside says about itself: how its text is encoded, and its first element.

Old receivers and hurried programs declare one encoding and write another, leave control characters in
names, or fill the end of a file with zeros when the battery dies. `Utf8` turns all of that into clean
UTF-8, piece by piece, and remembers whether anything had to be guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

HEAD_BYTES = 8192
"""Read first and in one go: enough for the declaration and the first element."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_MARK = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")
_ONE_BYTE = re.compile(r"(iso8859|cp\d|koi8|mac|latin|hp-|ptcp|kz1048|tis-)")
_MANY_BYTES = {"shift_jis", "euc_jp", "gb2312", "gbk", "gb18030", "big5", "euc_kr", "cp932", "cp949", "cp950"}
_UNWANTED = bytes(b for b in range(32) if b not in b"\t\n\r")
_FIRST = re.compile(r"<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)")
_ASIDE = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What is not UTF-8 in a file that should be is nearly always Windows' western code page."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_windows(b) for b in bad), error.end


def _windows(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


codecs.register_error("as-windows", _as_windows)


class Utf8(Iterator[bytes]):
    """The file's text as UTF-8 in pieces, without a byte-order mark and without forbidden characters."""

    def __init__(self, file: BinaryIO, *, piece_bytes: int = 1 << 20) -> None:
        self._file = file
        self._piece_bytes = piece_bytes
        head = file.read(HEAD_BYTES)
        self.read_bytes = len(head)
        self.encoding, skip, self.guessed = _encoding(head)
        self._strict = self.encoding == "utf-8"
        self._decode = codecs.getincrementaldecoder(self.encoding)("strict" if self._strict else "replace")
        self._next: bytes | None = head[skip:]
        self.cleaned = False
        """Whether control characters, which XML forbids, were taken out."""

    def __next__(self) -> bytes:
        raw, self._next = self._next, None
        if raw is None:
            raw = self._file.read(self._piece_bytes)
            self.read_bytes += len(raw)
            if not raw:
                raise StopIteration
        clean = self._text(raw).encode("utf-8", "replace")
        kept = clean.translate(None, _UNWANTED)
        self.cleaned = self.cleaned or len(kept) != len(clean)
        return kept

    def _text(self, raw: bytes) -> str:
        if not self._strict:
            text = self._decode.decode(raw)
            self.guessed = self.guessed or "�" in text
            return text
        state = self._decode.getstate()
        try:
            return self._decode.decode(raw)
        except UnicodeDecodeError:
            self.guessed = True
            self._decode = codecs.getincrementaldecoder("utf-8")("as-windows")
            self._decode.setstate(state)
            self._strict = False
            return self._decode.decode(raw)


def _encoding(head: bytes) -> tuple[str, int, bool]:
    """Codec, length of the byte-order mark, and whether the declaration cannot be true."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, len(mark), False
    for start, codec in _NO_MARK:
        if head.startswith(start):
            return codec, 0, False
    declared = _DECLARED.search(head)
    if declared is None:
        return "utf-8", 0, False
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        return "utf-8", 0, True
    if name in {"iso8859-1", "ascii"}:  # what says Latin-1 is written by Windows as a rule
        return ("cp1252" if name == "iso8859-1" else "utf-8"), 0, False
    if name == "utf-8" or _ONE_BYTE.match(name) or name in _MANY_BYTES:
        return name, 0, False
    return "utf-8", 0, True  # says UTF-16 in letters of one byte: it cannot be


class Element(NamedTuple):
    """The first element of a file: its local name and its namespace ("" when it has none)."""

    name: str
    namespace: str


def first_element(head: bytes) -> Element | None:
    """The first element that begins in `head`, or None when this does not look like XML.

    Looked for by pattern and not parsed, so that nothing in a prolog can do anything.
    """
    codec, skip, _ = _encoding(head)
    text = head[skip:].decode(codec, "replace").lstrip("\ufeff \t\r\n\0")
    if not text.startswith("<"):
        return None
    found = _FIRST.search(_ASIDE.sub("", text))
    if found is None:
        return None
    prefix, name, attributes = found.groups()
    bound = "xmlns:" + re.escape(prefix) if prefix else "xmlns"
    namespace = re.search(rf"""(?:\s|^){bound}\s*=\s*["']([^"']*)""", attributes)
    return Element(name, namespace[1] if namespace else "")
