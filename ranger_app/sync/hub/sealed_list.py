"""The list of a sealed bundle that lies at a hub: its files by name and hash, and who has signed for them.

A hub opens none of it. What it can see is what anybody sees who finds the stick: the plain head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import cbor2

from ranger_app.security.keys import DeviceKeys, genuine, replica_of
from ranger_app.security.untrusted import read_cbor
from ranger_app.sync.bundles.looking import head_in
from ranger_app.sync.bundles.manifest import KEYS_NAME, MANIFEST_NAME, MAX_HEAD, Head, is_part_name
from ranger_app.sync.bundles.reading import MAX_PART
from ranger_app.sync.hub.wire import sized, unreadable

MAX_LIST = 64 << 10
"""Bytes of a list: some thousand parts of 64 MiB."""
MAX_LISTS = 64
"""Of one site at a hub."""
MAX_SIGNED = 1 << 10  # bytes
_PURPOSE = "ranger sealed bundle receipt v1"


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a bundle: its name on the stick, and what it is."""

    name: str
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class SealedList:
    """A sealed bundle by its plain head, as it lies on the stick, and its sealed files."""

    raw_head: bytes
    head: Head
    files: tuple[ListedFile, ...]


def list_bytes(raw_head: bytes, files: Iterable[ListedFile]) -> bytes:
    """A list as it travels; its SHA-256 is its address."""
    rows = [[one.name, one.size_bytes, one.sha256] for one in sorted(files, key=lambda one: one.name)]
    return cbor2.dumps([raw_head, rows], canonical=True)


def read_list(untrusted: bytes) -> SealedList:
    """A list of any origin; `BadInput` unless it is one of a sealed bundle, with names that we write."""
    try:
        if len(untrusted) > MAX_LIST:
            raise ValueError("too long")
        raw_head, rows = read_cbor(untrusted, depth=4)
        if type(raw_head) is not bytes or len(raw_head) > MAX_HEAD or type(rows) is not list:
            raise ValueError("not a list")
        head = head_in(raw_head)
        files = tuple(_listed(*row) for row in rows)
    except (ValueError, TypeError):
        raise unreadable() from None
    if head is None or not head.sealed or not files or len({one.name for one in files}) != len(files):
        raise unreadable()
    return SealedList(raw_head, head, files)


def _listed(name: object, size_bytes: object, sha256: object) -> ListedFile:
    if type(name) is not str or not may_be_listed(name):
        raise ValueError(name)
    if type(size_bytes) is not int or not 0 < size_bytes <= MAX_PART:
        raise ValueError(size_bytes)
    return ListedFile(name, size_bytes, sized(sha256, 32))


def may_be_listed(name: str) -> bool:
    """Whether a bundle has a sealed file of this name that is to travel."""
    return name in (KEYS_NAME, MANIFEST_NAME) or is_part_name(name)


def sign_for_all(sha256: bytes, stream: bytes, keys: DeviceKeys) -> bytes:
    """A laptop's word that it holds all that is in this bundle: CBOR `[public key, text, signature]`."""
    text = _text(sha256, stream)
    return cbor2.dumps([keys.public_key, text, keys.sign(text)], canonical=True)


def signer_of(untrusted: bytes, sha256: bytes, stream: bytes) -> bytes:
    """The replica whose genuine word this is about this bundle; `BadInput` when it is none."""
    try:
        if len(untrusted) > MAX_SIGNED:
            raise ValueError("too long")
        public_key, text, signature = read_cbor(untrusted, depth=2)
        sound = text == _text(sha256, stream)
        if not sound or not genuine(sized(public_key, 32), text, sized(signature, 64)):
            raise ValueError("not signed")
    except (ValueError, TypeError):
        raise unreadable() from None
    return replica_of(public_key)


def _text(sha256: bytes, stream: bytes) -> bytes:
    return cbor2.dumps({"purpose": _PURPOSE, "site": stream, "list": sha256}, canonical=True)


def named(listed: bytes) -> bytes:
    """The address of a list."""
    return hashlib.sha256(listed).digest()


def shorter_ones(listed: SealedList, others: Iterable[tuple[bytes, SealedList]]) -> list[bytes]:
    """Of other lists, those of the same bundle before it had grown to this."""
    mine = set(listed.files)
    return [
        address
        for address, other in others
        if other.head.bundle == listed.head.bundle and set(other.files) < mine
    ]
