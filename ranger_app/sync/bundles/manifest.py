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
from ranger_app.security.sealing import MAX_RECIPIENTS, is_recipient
from ranger_app.security.untrusted import read_cbor
from ranger_app.storage.exchange.exchanging import Tip, Tips

VERSION = 1
FOLDER = "RANGERSYNC"
HEAD_NAME, MANIFEST_NAME = "HEAD.RSB", "MANIF.RSB"
MAX_HEAD = 4 << 10  # bytes
KEYS_NAME = "KEYS.RSB"
MAX_PARTS = 9_999
MAX_STREAMS, MAX_FEEDS = 1_000, 50_000
MAGIC_WORD = "RANGER BUNDLE"
MAX_MANIFEST = 4 << 20  # bytes
MAX_LISTING = 512 << 20
"""Bytes of the whole list of contents, which is read a record at a time."""
_MOST = 2**63 - 1
_BUNDLE = re.compile(r"[A-Z2-7]{8}")
_PART = re.compile(r"P[0-9]{4}\.RSB")
PLAIN, SEALED = 0, 1
_PURPOSE = "ranger bundle v1"
MARK_BYTES = 8
"""Of a hash, as much as tells a person which site a stick is for without saying who it is."""


class NewerBundle(BadInput):
    """This version of the program cannot read the bundle."""


@dataclass(frozen=True, slots=True)
class Head:
    """The plain head of a bundle, in a record of its own: all that a stick tells a stranger."""

    bundle: str
    parts: int
    """So many there are by now; all of them once the list of contents is there."""
    site_mark: bytes
    sender_mark: bytes
    sealed: int = PLAIN
    key_marks: tuple[bytes, ...] = ()
    """Of the keys that open it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part by name, size and content as it lies on the stick."""

    name: str
    size_bytes: int
    sha256: bytes
    contents: bytes = b""
    """SHA-256 of the record that lists what is in it; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything in a bundle, signed by the laptop that wrote it, and whom it is for."""

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
    recipients: tuple[str, ...] = ()
    """The age keys that it was sealed to by its sender; none for one that is not sealed. Who seals it anew
    for somebody else cannot change this."""
    directory_version: int = 0
    at: int = 0
    """The sender's hybrid stamp."""
    small_pictures: int = 0


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
    """The head as the payload of its record."""
    said = [MAGIC_WORD, VERSION, head.bundle, head.parts, head.site_mark, head.sender_mark, head.sealed]
    return cbor2.dumps([*said, list(head.key_marks)], canonical=True)


def read_head(untrusted: bytes) -> Head:
    """The head from bytes of any origin; `NewerBundle` when this version cannot read the bundle."""
    try:
        said = _list(read_cbor(untrusted, depth=3), 7)
        word, version, bundle, parts, site, sender, sealed = said[:7]
        if word != MAGIC_WORD:
            raise ValueError(word)
        if version != VERSION or sealed not in (PLAIN, SEALED):
            raise NewerBundle(
                _("This bundle was written by a newer Ranger."),
                _("Install the newer version on this laptop."),
            )
        marks = _list(said[7], 0) if len(said) > 7 else []
        if len(marks) > MAX_RECIPIENTS:
            raise ValueError(marks)
        return Head(
            _word(bundle),
            _whole(parts, MAX_PARTS),
            _sized(site, MARK_BYTES),
            _sized(sender, MARK_BYTES),
            sealed,
            tuple(_sized(one, MARK_BYTES) for one in marks),
        )
    except (ValueError, TypeError):
        raise _not_a_bundle() from None


def manifest_bytes(manifest: Manifest, public_key: bytes, sign: Any) -> bytes:
    """The signed manifest. `sign` takes bytes and gives an Ed25519 signature."""
    text = cbor2.dumps(
        {
            "purpose": _PURPOSE,
            "bundle": manifest.bundle,
            "home": manifest.home,
            "sender": manifest.sender,
            "parts": [[p.name, p.size_bytes, p.sha256, p.contents] for p in manifest.parts],
            "segments": manifest.segments,
            "files": manifest.files,
            "file_bytes": manifest.file_bytes,
            "tips": tips_out(manifest.tips),
            "recipients": list(manifest.recipients),
            "directory_version": manifest.directory_version,
            "at": manifest.at,
            "small_pictures": manifest.small_pictures,
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
        recipients = _list(content["recipients"], 0)
        if content["purpose"] != _PURPOSE or content["sender"] != replica_of(public_key):
            raise ValueError(content["sender"])
        if len(parts) > MAX_PARTS or len(recipients) > MAX_RECIPIENTS:
            raise ValueError(parts)
        return Manifest(
            bundle=_word(content["bundle"]),
            home=_sized(content["home"], 16),
            sender=content["sender"],
            parts=tuple(_part(*_list(part, 4)[:4]) for part in parts),
            segments=_whole(content["segments"], _MOST),
            files=_whole(content["files"], _MOST),
            file_bytes=_whole(content["file_bytes"], _MOST),
            tips=tips_in(content["tips"]),
            recipients=tuple(_recipient(one) for one in recipients),
            directory_version=_whole(content["directory_version"], _MOST),
            at=_whole(content["at"], _MOST),
            small_pictures=_whole(content["small_pictures"], _MOST),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _not_a_bundle() from None


def tips_out(tips: Tips) -> dict[bytes, dict[bytes, list[Any]]]:
    """Tips as they stand in what is signed."""
    return {stream: {r: list(tip) for r, tip in feeds.items()} for stream, feeds in tips.items()}


def tips_in(untrusted: Any) -> Tips:
    """Tips of any origin; `ValueError`, `TypeError` or `AttributeError` when they are none."""
    if len(untrusted) > MAX_STREAMS or sum(map(len, untrusted.values())) > MAX_FEEDS:
        raise ValueError("too many feeds")
    return {
        _sized(stream, 16): {_sized(r, 16): _tip(*tip) for r, tip in feeds.items()}
        for stream, feeds in untrusted.items()
    }


def _part(name: Any, size: Any, sha256: Any, contents: Any) -> Part:
    return Part(
        _name(name), _whole(size, _MOST), _sized(sha256, 32), _sized(contents, 32) if contents else b""
    )


def _recipient(untrusted: Any) -> str:
    if not is_recipient(untrusted):
        raise ValueError(untrusted)
    return str(untrusted)


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
