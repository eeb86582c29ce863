"""Seals bytes to age keys, and opens what was sealed to us; any `age` program can do both."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyrage
from pyrage import x25519

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

MAX_RECIPIENTS = 10
MAX_STANZAS = 16
MAX_HEADER = 4 << 10  # bytes; pyrage 1.4 takes 109 s over 3 000 recipients, and a stranger may have put them
_INTRO = b"age-encryption.org/v1\n"
_RECIPIENT_LENGTH, _SECRET_LENGTH = 62, 74


def new_secret() -> str:
    """A fresh age identity, `AGE-SECRET-KEY-1…`."""
    return str(x25519.Identity.generate())


def recipient_of(secret: str) -> str:
    """The public half of an age identity, `age1…`."""
    return str(x25519.Identity.from_str(secret).to_public())


def is_secret(untrusted: object) -> bool:
    """Whether this is an age identity of the one sort that we use."""
    if not isinstance(untrusted, str) or len(untrusted) != _SECRET_LENGTH:
        return False
    try:
        return str(x25519.Identity.from_str(untrusted)) == untrusted
    except pyrage.IdentityError:
        return False


def is_recipient(untrusted: object) -> bool:
    """Whether this is the public half of an age identity, written as age writes it."""
    if not isinstance(untrusted, str) or len(untrusted) != _RECIPIENT_LENGTH:
        return False
    try:
        return str(x25519.Recipient.from_str(untrusted)) == untrusted
    except pyrage.RecipientError:
        return False


def seal(plain: bytes, recipients: Collection[str]) -> bytes:
    """An age file that any of these recipients opens."""
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise ValueError(f"an age file of ours has 1 to {MAX_RECIPIENTS} recipients")
    return bytes(pyrage.encrypt(plain, [x25519.Recipient.from_str(r) for r in recipients]))


def unseal(untrusted: bytes, secrets: Iterable[str]) -> bytes:
    """What is in an age file of bounded size; `BadInput` when none of our keys opens it."""
    check_header(untrusted[: MAX_HEADER + 1])
    try:
        return bytes(pyrage.decrypt(untrusted, [x25519.Identity.from_str(s) for s in secrets]))
    except pyrage.DecryptError:
        raise BadInput(
            _("This is sealed for somebody else, or was damaged on the way."),
            _("Ask for it again, made for this laptop."),
        ) from None


def check_header(untrusted: bytes) -> None:
    """`BadInput` unless an age file begins here whose header is one that we would write ourselves."""
    end = untrusted.find(b"\n---", 0, MAX_HEADER)
    if not untrusted.startswith(_INTRO) or end < 0 or untrusted.count(b"\n-> ", 0, end) > MAX_STANZAS:
        raise BadInput(
            _("This does not begin as a sealed file of Ranger's does."),
            _("Ask for it again; nothing was taken from it."),
        )
