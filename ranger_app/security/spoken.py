"""Says bytes in words that two people can compare aloud or copy from paper, and reads them back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.word_list import WORDS

WORD_BITS = 11
COMPARED_WORDS = 6
"""66 bits: nobody makes a second pair of keys with the same six words."""
SECRET_BYTES = 32
_CHECK_BITS = 8
SECRET_WORDS = (SECRET_BYTES * 8 + _CHECK_BITS) // WORD_BITS
"""24: the 32 bytes of a secret and one byte of check."""
ENOUGH_LETTERS = 4
"""No two words of the list begin with the same four letters."""
MAX_TEXT = 64 << 10  # characters of a sheet

_BY_START = {word[:ENOUGH_LETTERS]: number for number, word in enumerate(WORDS)}


def compared_words(*parts: bytes) -> tuple[str, ...]:
    """Six words that stand for these bytes: another byte gives other words."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    number = int.from_bytes(digest.digest(), "big") >> (256 - COMPARED_WORDS * WORD_BITS)
    return _words_of(number, COMPARED_WORDS)


def secret_words(secret: bytes) -> tuple[str, ...]:
    """A secret of 32 bytes as 24 words, the last of which checks the others."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("a secret has 32 bytes")
    number = int.from_bytes(secret, "big") << _CHECK_BITS | hashlib.sha256(secret).digest()[0]
    return _words_of(number, SECRET_WORDS)


def read_secret(words: Sequence[str]) -> bytes:
    """The secret that 24 words say; four letters of each are enough. `BadInput` tells which word is wrong."""
    if len(words) != SECRET_WORDS:
        raise BadInput(
            _("The sheet has {n} words; these are {found}.").format(n=SECRET_WORDS, found=len(words)),
            _("Type every word, from the first to the last."),
        )
    number = 0
    for place, word in enumerate(words, start=1):
        known = _BY_START.get(word.lower()[:ENOUGH_LETTERS])
        if known is None:
            raise BadInput(
                _("Word {place}, “{word}”, is not on any sheet.").format(place=place, word=word[:20]),
                _("Look at its first four letters again."),
            )
        number = number << WORD_BITS | known
    secret = (number >> _CHECK_BITS).to_bytes(SECRET_BYTES, "big")
    if hashlib.sha256(secret).digest()[0] != number & 0xFF:
        raise BadInput(
            _("These words do not belong together."), _("One of them is wrong or in the wrong place.")
        )
    return secret


def words_on_sheet(text: str) -> list[str]:
    """The numbered words of a printed sheet (`3 gazelle`); without numbers, every word of the text."""
    numbered = re.findall(r"(?<![\w.])(\d{1,2})[.)]?\s+([A-Za-z]{3,})", text[:MAX_TEXT])
    found = {int(n): word for n, word in numbered if 1 <= int(n) <= SECRET_WORDS}
    if len(found) == SECRET_WORDS:
        return [found[n] for n in range(1, SECRET_WORDS + 1)]
    return re.findall(r"[A-Za-z]{3,}", text[:MAX_TEXT])


def _words_of(number: int, count: int) -> tuple[str, ...]:
    mask = (1 << WORD_BITS) - 1
    return tuple(WORDS[number >> WORD_BITS * place & mask] for place in reversed(range(count)))
