"""What a bundle says of itself: a plain head that anybody may read, and a signed list of what is in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.keys import genuine, replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.exchanging import Tip, Tips

VERSION = 1
HEAD_NAME, MANIFEST_NAME = "HEAD.RSB", "MANIF.RSB"
MAX_HEAD = 4 << 10  # bytes
MAX_PARTS = 9_999
MAGIC_WORD = "RANGER BUNDLE"
MAX_MANIFEST = 4 << 20  # bytes
_MOST = 2**63 - 1
_BUNDLE = re.compile(r"[A-Z2-7]{8}")
_PART = re.compile(r"P[0-9]{4}\.RSB")
MARK_BYTES = 8
"""Of a hash, as much as tells a person which site a stick is for without saying who it is."""


class NewerBundle(BadInput):
    """This version of the program cannot read the bundle."""


@dataclass(frozen=True, slots=True)
class Head:
    """The plain head of a bundle, in a record of its own. `sealed` is 0 in this first form: whoever has the
    stick reads it."""

    bundle: str
    parts: int
    site_mark: bytes
    sender_mark: bytes
    sealed: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One part by name, size and content."""

    name: str
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything in a bundle, signed by the laptop that wrote it."""

    bundle: str
    home: bytes
    """The site that the sender works for; a laptop without a site joins it."""
    sender: bytes
    parts: tuple[Part, ...]
    segments: int
    files: int
    file_bytes: int
    tips: Tips
    """How far the sender had each feed."""


def mark(value: bytes) -> bytes:
    """The short mark of a site or a key."""
    return hashlib.sha256(value).digest()[:MARK_BYTES]


def part_name(number: int) -> str:
    """An 8.3 upper-case name that every file system of a stick can hold."""
    return f"P{number:04d}.RSB"


def is_part_name(name: str) -> bool:
    """Whether this is a name that `part_name` gives."""
    return _PART.fullmatch(name) is not None


def head_bytes(head: Head) -> bytes:
    return cbor2.dumps(
        [MAGIC_WORD, VERSION, head.bundle, head.parts, head.site_mark, head.sender_mark, head.sealed],
        canonical=True,
    )


def read_head(untrusted: bytes) -> Head:
    """The head from bytes of any origin; `NewerBundle` when this version cannot read the bundle."""
    try:
        word, version, bundle, parts, site, sender, sealed = _list(read_cbor(untrusted, depth=3), 7)[:7]
        if word != MAGIC_WORD:
            raise ValueError(word)
        if version != VERSION or sealed != 0:
            raise NewerBundle(
                _("This bundle was written by a newer Ranger."),
                _("Install the newer version on this laptop."),
            )
        return Head(
            _word(bundle), _whole(parts, MAX_PARTS), _sized(site, MARK_BYTES), _sized(sender, MARK_BYTES)
        )
    except (ValueError, TypeError):
        raise _not_a_bundle() from None


def manifest_bytes(manifest: Manifest, public_key: bytes, sign: Any) -> bytes:
    """The signed manifest. `sign` takes bytes and gives an Ed25519 signature."""
    text = cbor2.dumps(
        {
            "bundle": manifest.bundle,
            "home": manifest.home,
            "sender": manifest.sender,
            "parts": [[p.name, p.size_bytes, p.sha256] for p in manifest.parts],
            "segments": manifest.segments,
            "files": manifest.files,
            "file_bytes": manifest.file_bytes,
            "tips": {s: {r: list(tip) for r, tip in feeds.items()} for s, feeds in manifest.tips.items()},
        },
        canonical=True,
    )
    return cbor2.dumps([public_key, text, sign(text)], canonical=True)


def read_manifest(untrusted: bytes) -> Manifest:
    """The manifest from bytes of any origin; `BadInput` unless its sender signed it."""
    try:
        public_key, text, signature = _list(read_cbor(untrusted, depth=3), 3)[:3]
        if not genuine(_sized(public_key, 32), text, _sized(signature, 64)):
            raise ValueError(signature)
        content = read_cbor(text, depth=6)
        parts = _list(content["parts"], 0)
        if content["sender"] != replica_of(public_key) or len(parts) > MAX_PARTS:
            raise ValueError(parts)
        return Manifest(
            bundle=_word(content["bundle"]),
            home=_sized(content["home"], 16),
            sender=content["sender"],
            parts=tuple(
                Part(_name(name), _whole(size, _MOST), _sized(sha256, 32)) for name, size, sha256 in parts
            ),
            segments=_whole(content["segments"], _MOST),
            files=_whole(content["files"], _MOST),
            file_bytes=_whole(content["file_bytes"], _MOST),
            tips={
                _sized(stream, 16): {_sized(r, 16): _tip(*tip) for r, tip in feeds.items()}
                for stream, feeds in content["tips"].items()
            },
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _not_a_bundle() from None


def _tip(upto: Any, hash_: Any) -> Tip:
    return Tip(_whole(upto, _MOST), _sized(hash_, 32) if upto else b"")


def _list(untrusted: Any, least: int) -> list[Any]:
    if type(untrusted) is not list or len(untrusted) < least:
        raise ValueError(untrusted)
    return untrusted


def _whole(untrusted: Any, most: int) -> int:
    if type(untrusted) is not int or not 0 <= untrusted <= most:
        raise ValueError(untrusted)
    return untrusted


def _sized(untrusted: Any, size: int) -> bytes:
    if type(untrusted) is not bytes or len(untrusted) != size:
        raise ValueError(untrusted)
    return untrusted


def _word(untrusted: Any) -> str:
    """A bundle's name as people see it: eight characters of base 32."""
    if type(untrusted) is not str or not _BUNDLE.fullmatch(untrusted):
        raise ValueError(untrusted)
    return untrusted


def _name(untrusted: Any) -> str:
    """Only names that we would write ourselves; nothing from a stick is used as a path otherwise."""
    if type(untrusted) is not str or not is_part_name(untrusted):
        raise ValueError(untrusted)
    return untrusted


def _not_a_bundle() -> BadInput:
    return BadInput(
        _("This is not a Ranger bundle, or its head is damaged."),
        _("Choose the folder that holds RANGERSYNC, and ask for the bundle again if it is the right one."),
    )
