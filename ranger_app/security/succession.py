"""New signing keys for a laptop whose workspace was restored or copied, vouched for by the keys before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cbor2

from ranger_app.domain.errors import BadInput
from ranger_app.durable import write_whole
from ranger_app.i18n import _
from ranger_app.security.entries import SignedEntry, pack_entries, unpack_entries
from ranger_app.security.keys import DeviceKeys, genuine, renew, replica_of
from ranger_app.security.untrusted import read_cbor

FILE = "continues.cbor"
MAX_FILE, MAX_STATEMENT = 64 << 10, 1 << 10  # bytes
_WORD = "RANGER SUCCESSION 1"


@dataclass(frozen=True, slots=True)
class Succession:
    """One laptop with two signing keys, one after the other. Both have signed that it is so."""

    site: bytes
    before: bytes
    """Replica of the key that was used until then."""
    after: bytes


def renew_vouched_for(folder: Path, before: DeviceKeys, site: bytes | None) -> DeviceKeys:
    """Put new signing keys in the place of the old ones, after these have given their word for them: the
    laptop stays the device of its site. The word comes first: one for keys that never came does no harm, but
    keys that nobody vouches for would be nobody's."""

    def give_word(after: DeviceKeys) -> None:
        if site is not None:
            write_whole(folder / FILE, pack_entries([*successions(folder), vouch(before, after, site=site)]))

    return renew(folder, before, first=give_word)


def vouch(before: DeviceKeys, after: DeviceKeys, *, site: bytes) -> SignedEntry:
    """The statement, as it is kept and as it travels beside the entries of directories."""
    text = cbor2.dumps([_WORD, site, before.public_key, after.public_key], canonical=True)
    body = cbor2.dumps([text, after.sign(text)], canonical=True)
    return SignedEntry(body, before.sign(body))


def successions(folder: Path) -> Sequence[SignedEntry]:
    """What this laptop's earlier keys have signed; nothing when there is none, or it does not read."""
    try:
        with open(folder / FILE, "rb") as source:
            return unpack_entries(source.read(MAX_FILE))
    except (FileNotFoundError, BadInput):
        return []


def read_succession(untrusted: SignedEntry) -> Succession:
    """A statement of any origin; `BadInput` unless both keys have signed it."""
    try:
        text, consent = read_cbor(untrusted.body[:MAX_STATEMENT], depth=2)
        word, site, before, after = read_cbor(text, depth=2)
    except (ValueError, TypeError):
        raise _bad() from None
    sound = (
        word == _WORD
        and isinstance(site, bytes)
        and len(site) == 16
        and all(isinstance(key, bytes) and len(key) == 32 for key in (before, after))
        and isinstance(consent, bytes)
        and before != after
        and genuine(after, text, consent)
        and genuine(before, untrusted.body, untrusted.signature)
    )
    if not sound:
        raise _bad()
    return Succession(site, replica_of(before), replica_of(after))


def _bad() -> BadInput:
    return BadInput(_("A laptop's new key is not vouched for as it should be."))
