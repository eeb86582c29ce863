"""The recovery sheet: 24 words on paper that may sign for the site when no administrator's laptop is left."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

import pyrage
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyrage import x25519

from ranger_app.i18n import _
from ranger_app.security.keys import replica_of
from ranger_app.security.spoken import SECRET_BYTES, read_secret, secret_words, words_on_sheet

_COLUMNS = 3
_WIDTH = 18  # characters of a column of words
_SIGNING, _OPENING = b"ranger recovery signing v1", b"ranger recovery opening v1"


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """Signs as the most senior administrator. It lives on paper alone; no laptop keeps it."""

    secret: bytes

    @property
    def public_key(self) -> bytes:
        return self._signer().public_key().public_bytes_raw()

    @property
    def replica(self) -> bytes:
        return replica_of(self.public_key)

    @property
    def opening_secret(self) -> str:
        """An age identity that opens the copies of the group keys that were sealed to the sheet."""
        return age_identity(_derived(self.secret, _OPENING))

    def sign(self, message: bytes) -> bytes:
        return self._signer().sign(message)

    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_derived(self.secret, _SIGNING))


def make_recovery_key() -> RecoveryKey:
    """A fresh one; the sheets that were printed before no longer hold once its entry is in the directory."""
    return RecoveryKey(secrets.token_bytes(SECRET_BYTES))


def sheet_text(key: RecoveryKey, *, site_name: str, printed_on: date, words_of_site: tuple[str, ...]) -> str:
    """The sheet as plain text, to be printed once and locked away."""
    numbered = [f"{n:>2} {word:<{_WIDTH - 3}}" for n, word in enumerate(secret_words(key.secret), start=1)]
    rows = len(numbered) // _COLUMNS
    lines = ["".join(numbered[row::rows]).rstrip() for row in range(rows)]
    return "\n".join(
        [
            _("Ranger recovery sheet"),
            f"{site_name}, {printed_on.isoformat()}",
            "",
            *lines,
            "",
            _("With these words anybody can become an administrator of this site."),
            _("Print this sheet, lock it away, and delete the file. A new sheet makes this one void."),
            _("To use it: ranger-app device recover FILE --workspace DIR"),
            _("The site's own words: {words}").format(words=" ".join(words_of_site)),
            "",
        ]
    )


def read_sheet(untrusted: str) -> RecoveryKey:
    """The key on a sheet, typed or in its file; `BadInput` says what is wrong with its words."""
    return RecoveryKey(read_secret(words_on_sheet(untrusted)))


def age_identity(key: bytes) -> str:
    """The age identity with this X25519 key (BIP 173 bech32, as the age format has it)."""
    values = _five_bits(key)
    text = _PREFIX + "1" + "".join(_LETTERS[v] for v in (*values, *_checksum(values)))
    try:
        return str(x25519.Identity.from_str(text.upper()))
    except pyrage.IdentityError as error:
        raise AssertionError("bech32 is wrong") from error


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret)


_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PREFIX = "age-secret-key-"
_POLYNOMIAL = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _five_bits(key: bytes) -> list[int]:
    number, bits = int.from_bytes(key, "big"), len(key) * 8
    padding = -bits % 5
    number <<= padding
    count = (bits + padding) // 5
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def _checksum(values: list[int]) -> list[int]:
    codes = [ord(c) for c in _PREFIX]
    check = 1
    for value in (*(c >> 5 for c in codes), 0, *(c & 31 for c in codes), *values, *([0] * 6)):
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, factor in enumerate(_POLYNOMIAL):
            if top >> bit & 1:
                check ^= factor
    return [(check ^ 1) >> 5 * place & 31 for place in reversed(range(6))]
