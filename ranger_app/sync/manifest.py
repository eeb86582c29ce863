"""What a bundle says of itself: a plain head that anybody may read, and a signed list of what is in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.keys import genuine, replica_of

VERSION = 1
HEAD_NAME, MANIFEST_NAME = "HEAD.RSB", "MANIF.RSB"
MAX_HEAD = 4 << 10  # bytes
MAX_PARTS = 9_999
MAGIC_WORD = "RANGER BUNDLE"
MARK_BYTES = 8
"""Of a hash, as much as tells a person which site a stick is for without saying who it is."""


@dataclass(frozen=True, slots=True)
class Head:
    """The plain head of a bundle. `sealed` is 0 in this first form: whoever has the stick reads it."""

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
    vectors: dict[bytes, dict[bytes, int]]


def mark(value: bytes) -> bytes:
    """The short mark of a site or a key."""
    return hashlib.sha256(value).digest()[:MARK_BYTES]


def part_name(number: int) -> str:
    """An 8.3 upper-case name that every file system of a stick can hold."""
    return f"P{number:04d}.RSB"


def head_bytes(head: Head) -> bytes:
    return cbor2.dumps(
        [MAGIC_WORD, VERSION, head.bundle, head.parts, head.site_mark, head.sender_mark, head.sealed],
        canonical=True,
    )


def read_head(untrusted: bytes) -> Head:
    """The head from bytes of any origin."""
    try:
        word, version, bundle, parts, site, sender, sealed = cbor2.loads(untrusted, max_depth=3)[:7]
    except (cbor2.CBORDecodeError, ValueError, TypeError):
        raise _not_a_bundle() from None
    if word != MAGIC_WORD or type(parts) is not int or not 0 <= parts <= MAX_PARTS:
        raise _not_a_bundle()
    if version != VERSION or sealed != 0:
        raise BadInput(
            _("This bundle was written by a newer Ranger."), _("Install the newer version on this laptop.")
        )
    if not isinstance(bundle, str) or not isinstance(site, bytes) or not isinstance(sender, bytes):
        raise _not_a_bundle()
    return Head(bundle[:8], parts, site[:MARK_BYTES], sender[:MARK_BYTES])


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
            "vectors": manifest.vectors,
        },
        canonical=True,
    )
    return cbor2.dumps([public_key, text, sign(text)], canonical=True)


def read_manifest(untrusted: bytes) -> Manifest:
    """The manifest from bytes of any origin; `BadInput` unless its sender signed it."""
    try:
        public_key, text, signature = cbor2.loads(untrusted, max_depth=3)
        if not genuine(public_key, text, signature):
            raise _not_a_bundle()
        content = cbor2.loads(text, max_depth=6)
        if content["sender"] != replica_of(public_key) or len(content["parts"]) > MAX_PARTS:
            raise _not_a_bundle()
        return Manifest(
            bundle=str(content["bundle"])[:8],
            home=bytes(content["home"])[:16],
            sender=content["sender"],
            parts=tuple(Part(_name(n), int(size), bytes(sha)) for n, size, sha in content["parts"]),
            segments=int(content["segments"]),
            files=int(content["files"]),
            file_bytes=int(content["file_bytes"]),
            vectors={
                bytes(s): {bytes(r): int(n) for r, n in v.items()} for s, v in content["vectors"].items()
            },
        )
    except (cbor2.CBORDecodeError, ValueError, TypeError, KeyError, AttributeError):
        raise _not_a_bundle() from None


def _name(untrusted: Any) -> str:
    """Only names that we would write ourselves; nothing from a stick is used as a path otherwise."""
    if not (
        isinstance(untrusted, str)
        and len(untrusted) == 9
        and untrusted[0] == "P"
        and untrusted[1:5].isdecimal()
    ):
        raise ValueError(untrusted)
    return part_name(int(untrusted[1:5]))


def _not_a_bundle() -> BadInput:
    return BadInput(
        _("This is not a Ranger bundle, or its head is damaged."),
        _("Choose the folder that holds RANGERSYNC, and ask for the bundle again if it is the right one."),
    )
