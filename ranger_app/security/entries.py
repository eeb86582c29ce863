"""Entries of a site's directory as signed bytes, and the keys that are sealed in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from ranger_app.domain.directory import MAX_ENTRIES, MAX_SEALED, Directory, Entry, Followed, follow
from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.keys import genuine
from ranger_app.security.sealing import is_secret, seal, unseal
from ranger_app.security.untrusted import read_cbor

FORMAT = 1
MAX_ENTRY = 1 << 20  # bytes
MAX_BATCH = 32 << 20  # bytes of a whole directory as it travels
_DEPTH = 6
_MAX_SECRETS = 1_000

Sign = Callable[[bytes], bytes]
"""Makes an Ed25519 signature."""


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """An entry as it is kept and as it travels."""

    body: bytes
    signature: bytes


def sign_entry(
    directory: Directory | None,
    kind: str,
    content: Mapping[str, Any],
    *,
    site: bytes,
    signer: bytes,
    sign: Sign,
    at_ms: int,
) -> SignedEntry:
    """The next entry after the end of a directory; the first when there is none."""
    number = directory.version + 1 if directory else 1
    previous = directory.head if directory else b""
    body = cbor2.dumps([FORMAT, site, number, previous, signer, at_ms, kind, dict(content)], canonical=True)
    return SignedEntry(body, sign(body))


def read_entry(untrusted: bytes) -> Entry:
    """An entry from bytes of any origin, its signature not yet looked at."""
    try:
        if len(untrusted) > MAX_ENTRY:
            raise _bad()
        format_, site, number, previous, signer, at_ms, kind, content = read_cbor(untrusted, depth=_DEPTH)
    except (ValueError, TypeError):
        raise _bad() from None
    sound = (
        format_ == FORMAT
        and _sized(site, 16)
        and type(number) is int
        and 0 < number <= MAX_ENTRIES
        and (_sized(previous, 32) or (number == 1 and previous == b""))
        and _sized(signer, 16)
        and type(at_ms) is int
        and 0 <= at_ms < 1 << 48
        and isinstance(kind, str)
        and isinstance(content, dict)
        and all(isinstance(key, str) for key in content)
    )
    if not sound:
        raise _bad()
    return Entry(
        hash=hashlib.sha256(untrusted).digest(),
        site=site,
        number=number,
        previous=previous,
        signer=signer,
        at_ms=at_ms,
        kind=kind,
        content=content,
    )


@dataclass(frozen=True, slots=True)
class FollowedSigned:
    """A directory with the entries that it and its forks are made of, by their hash."""

    followed: Followed
    entries: Mapping[bytes, SignedEntry]


def follow_signed(untrusted: Iterable[SignedEntry], root: bytes) -> FollowedSigned | None:
    """The directory that begins with the entry `root`, every signature checked. Entries that do not read,
    are not signed as they should be or hang on nothing are passed over."""
    claimed: dict[bytes, dict[SignedEntry, None]] = {}
    entries: dict[bytes, Entry] = {}
    for signed in untrusted:
        try:
            entry = read_entry(signed.body)
        except BadInput:
            continue
        entries[entry.hash] = entry
        # The same body may also come under a false signature; the genuine one is not lost to it.
        claimed.setdefault(entry.hash, {})[signed] = None
    proved: dict[bytes, SignedEntry] = {}

    def signed_by(public_key: bytes, entry: Entry) -> bool:
        for signed in claimed[entry.hash]:
            if genuine(public_key, signed.body, signed.signature):
                proved[entry.hash] = signed
                return True
        return False

    followed = follow(list(entries.values()), root, signed_by)
    if followed is None:
        return None
    kept = {e.hash: proved[e.hash] for e in (*followed.chain, *followed.aside)}
    return FollowedSigned(followed, kept)


def pack_entries(entries: Iterable[SignedEntry]) -> bytes:
    """Entries as they travel together."""
    return cbor2.dumps([[e.body, e.signature] for e in entries], canonical=True)


def unpack_entries(untrusted: bytes) -> list[SignedEntry]:
    """Entries from bytes of any origin; `BadInput` when they are not entries at all."""
    try:
        if len(untrusted) > MAX_BATCH:
            raise _bad()
        found = read_cbor(untrusted, depth=3)
        if not isinstance(found, list) or len(found) > 2 * MAX_ENTRIES:
            raise _bad()
        return [_signed(body, signature) for body, signature in found]
    except (ValueError, TypeError):
        raise _bad() from None


def _signed(body: Any, signature: Any) -> SignedEntry:
    if not isinstance(body, bytes) or len(body) > MAX_ENTRY or not _sized(signature, 64):
        raise _bad()
    return SignedEntry(body, signature)


# -- the secret halves of the group keys, sealed in the entries


def seal_secrets(secrets: Iterable[str], recipient: str) -> bytes:
    """Group secrets for one device or for the recovery sheet."""
    return seal(cbor2.dumps(list(secrets)), [recipient])


def open_secrets(entries: Iterable[SignedEntry], recipient: str, secret: str) -> list[str]:
    """Every group secret that these genuine entries hold for the owner of `secret`, in their order; what
    travels beside them and is no entry is passed over."""
    found: dict[str, None] = {}
    for signed in entries:
        try:
            sealed = read_entry(signed.body).content.get("sealed")
        except BadInput:
            continue
        ours = sealed.get(recipient) if isinstance(sealed, dict) else None
        if isinstance(ours, bytes) and len(ours) <= MAX_SEALED:
            found.update(dict.fromkeys(_secrets_in(ours, secret)))
    return list(found)


def _secrets_in(sealed: bytes, secret: str) -> list[str]:
    try:
        secrets = read_cbor(unseal(sealed, [secret]), depth=2)
    except (BadInput, ValueError):
        return []
    if not isinstance(secrets, list):
        return []
    return [s for s in secrets[:_MAX_SECRETS] if is_secret(s)]


def _sized(untrusted: Any, size: int) -> bool:
    return isinstance(untrusted, bytes) and len(untrusted) == size


def _bad() -> BadInput:
    return BadInput(
        _("An entry of the list of devices does not read as it should."),
        _("Ask for it again; nothing was taken from it."),
    )
