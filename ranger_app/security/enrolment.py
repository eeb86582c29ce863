"""The two files by which a laptop joins a site: its request, and the administrator's answer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.domain.people import MAX_NAME
from ranger_app.i18n import _
from ranger_app.security.entries import MAX_BATCH, Sign, SignedEntry, pack_entries, unpack_entries
from ranger_app.security.keys import genuine, replica_of
from ranger_app.security.sealing import is_recipient, seal, unseal
from ranger_app.security.spoken import compared_words
from ranger_app.security.untrusted import read_cbor

MAX_REQUEST = 4 << 10  # bytes
MAX_ANSWER = MAX_BATCH + (1 << 20)  # bytes
VERSION = 1
SPELLED = b"RANGER-REQUEST:"
_REQUEST_WORD, _ANSWER_WORD = "RANGER REQUEST", "RANGER ANSWER"
_WORDS_OF_REQUEST, _WORDS_OF_SITE = b"ranger request words v1", b"ranger site words v1"


@dataclass(frozen=True, slots=True)
class Request:
    """What a new laptop shows of itself: nothing in it is secret, and its six words stand for its keys."""

    name: str
    public_key: bytes
    recipient: str

    @property
    def replica(self) -> bytes:
        return replica_of(self.public_key)

    @property
    def words(self) -> tuple[str, ...]:
        """Six words to compare face to face: other keys have other words."""
        return compared_words(_WORDS_OF_REQUEST, self.public_key, self.recipient.encode())

    def device(self) -> dict[str, Any]:
        """The device as an entry of the directory names it."""
        return {"key": self.public_key, "recipient": self.recipient, "name": self.name}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the administrator's laptop gives back: the site and its whole directory."""

    site: bytes
    site_name: str
    root: bytes
    """Hash of the directory's first entry: whoever holds it cannot be given another directory."""
    entries: Sequence[SignedEntry]

    @property
    def words(self) -> tuple[str, ...]:
        return site_words(self.site, self.root)


def site_words(site: bytes, root: bytes) -> tuple[str, ...]:
    """Six words that both laptops show for the site, so that nobody joins somebody else's."""
    return compared_words(_WORDS_OF_SITE, site, root)


def request_bytes(request: Request, sign: Sign) -> bytes:
    """The request as a file, signed by the key that it names."""
    text = cbor2.dumps(
        [_REQUEST_WORD, VERSION, request.name, request.public_key, request.recipient], canonical=True
    )
    return cbor2.dumps([text, sign(text)], canonical=True)


def spelled(request_file: bytes) -> bytes:
    """A request in letters and digits alone, as a phone reads it from a QR code and sends it on as text."""
    return SPELLED + base64.urlsafe_b64encode(request_file)


def _unspelled(untrusted: bytes) -> bytes:
    stripped = untrusted.strip()
    if not stripped.startswith(SPELLED):
        return untrusted
    return base64.b64decode(stripped.removeprefix(SPELLED), altchars=b"-_", validate=True)


def read_request(untrusted: bytes) -> Request:
    """A request from bytes of any origin, spelled or not; `BadInput` unless whoever made it holds its key."""
    try:
        if len(untrusted) > MAX_REQUEST:
            raise _no_request()
        untrusted = _unspelled(untrusted)
        text, signature = read_cbor(untrusted, depth=2)
        word, version, name, public_key, recipient = _plain(text)[:5]
    except (ValueError, TypeError):
        raise _no_request() from None
    if word != _REQUEST_WORD or type(version) is not int:
        raise _no_request()
    if version != VERSION:
        raise _newer()
    if not isinstance(public_key, bytes) or len(public_key) != 32 or not isinstance(signature, bytes):
        raise _no_request()
    if not is_recipient(recipient) or not genuine(public_key, text, signature):
        raise _no_request()
    return Request(_name(name), public_key, recipient)


def answer_bytes(answer: Answer, recipient: str) -> bytes:
    """The answer as a file that only the new laptop opens."""
    content = cbor2.dumps(
        [_ANSWER_WORD, VERSION, answer.site, answer.site_name, answer.root, pack_entries(answer.entries)],
        canonical=True,
    )
    return seal(content, [recipient])


def read_answer(untrusted: bytes, secret: str) -> Answer:
    """An answer from bytes of any origin, opened with this laptop's key. Its entries are not yet believed."""
    if len(untrusted) > MAX_ANSWER:
        raise _no_answer()
    plain = unseal(untrusted, [secret])
    try:
        word, version, site, site_name, root, packed = _plain(plain)[:6]
    except (ValueError, TypeError):
        raise _no_answer() from None
    if word != _ANSWER_WORD or type(version) is not int:
        raise _no_answer()
    if version != VERSION:
        raise _newer()
    sound = (
        isinstance(site, bytes)
        and len(site) == 16
        and isinstance(root, bytes)
        and len(root) == 32
        and isinstance(packed, bytes)
    )
    if not sound:
        raise _no_answer()
    return Answer(site, _name(site_name), root, unpack_entries(packed))


def read_bounded(path: Path, most: int) -> bytes:
    """A file's bytes; `BadInput` when it is longer than any of its sort."""
    with open(path, "rb") as source:
        raw = source.read(most + 1)
    if len(raw) > most:
        raise BadInput(
            _("“{name}” is too long for what it should be.").format(name=path.name),
            _("Choose the file that the other laptop wrote."),
        )
    return raw


def _plain(untrusted: bytes) -> list[Any]:
    found = read_cbor(untrusted, depth=2)
    if not isinstance(found, list):
        raise ValueError("not a list")
    return found


def _name(untrusted: Any) -> str:
    """A name fit for a line of text: printable, of bounded length."""
    if not isinstance(untrusted, str):
        raise _no_request()
    return "".join(c for c in untrusted[:MAX_NAME] if c.isprintable()).strip()


def _no_request() -> BadInput:
    return BadInput(
        _("This is not a request of a laptop that wants to join, or it was changed on the way."),
        _("Make it again on the new laptop: ranger-app join DIR --request FILE."),
    )


def _no_answer() -> BadInput:
    return BadInput(
        _("This is not an answer to a laptop that wants to join, or it was changed on the way."),
        _("Make it again on the administrator's laptop: ranger-app device enrol FILE --role R --out FILE."),
    )


def _newer() -> BadInput:
    return BadInput(
        _("This file was written by a newer Ranger."), _("Install the newer version on this laptop.")
    )
