"""Seals bytes to age keys, and opens what was sealed to us; any `age` program can do both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

import pyrage
from pyrage import x25519

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

MAX_RECIPIENTS = 10
MAX_STANZAS = 16
MAX_HEADER = 4 << 10  # bytes; pyrage 1.4 takes 109 s over 3 000 recipients, and a stranger may have put them
_INTRO = b"age-encryption.org/v1\n"
_RECIPIENT_LENGTH, _SECRET_LENGTH = 62, 74


class Seekable(Protocol):
    """An open file, or what reads like one."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, place: int, /) -> int: ...


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


class NotForUs(BadInput):
    """None of our keys opens it."""

    code = "not-for-us"


class BrokenSeal(BadInput):
    """A sealed file was cut or changed; what came before that is sound."""


def seal_stream(
    read: Callable[[int], bytes], write: Callable[[bytes], int], recipients: Collection[str]
) -> None:
    """Seal what `read` gives until it gives nothing, a little at a time. What either of the two raises
    leaves as it is."""
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise ValueError(f"an age file of ours has 1 to {MAX_RECIPIENTS} recipients")
    ends = _Ends(read, write)
    try:
        pyrage.encrypt_io(ends, ends, [x25519.Recipient.from_str(r) for r in recipients])
    except (OSError, pyrage.EncryptError):
        ends.tell()
        raise


def unseal_stream(source: Seekable, write: Callable[[bytes], int], secrets: Collection[str]) -> None:
    """Hand what is in an age file to `write`, a little at a time, each piece proved before it is handed out.

    `NotForUs` when none of our keys opens it; `BrokenSeal` when it ends early or was changed, after every
    piece before that was handed out. What reading and `write` raise leaves as it is.
    """
    check_header(source.read(MAX_HEADER + 1))
    source.seek(0)
    if not secrets:
        raise _not_for_us()
    ends = _Ends(source.read, write)
    try:
        pyrage.decrypt_io(ends, ends, [x25519.Identity.from_str(s) for s in secrets])
    except pyrage.DecryptError:
        ends.tell()
        raise _not_for_us() from None
    except OSError:
        ends.tell()
        raise BrokenSeal(
            _("A sealed file was damaged on the way."), _("Ask for it again; what came before was sound.")
        ) from None


class _Ends:
    """Both ends of a stream. Errors of ours would come back as the library sees them: they are kept."""

    def __init__(self, read: Callable[[int], bytes], write: Callable[[bytes], int]) -> None:
        self._read, self._write = read, write
        self._error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._read(size)
        except BaseException as error:
            self._error = error
            raise

    def write(self, piece: bytes) -> int:
        try:
            return self._write(piece)
        except BaseException as error:
            self._error = error
            raise

    def flush(self) -> None:
        """Whoever owns the other end flushes it."""

    def tell(self) -> None:
        """Raise what was raised at one of the ends."""
        if self._error is not None:
            raise self._error


def _not_for_us() -> NotForUs:
    return NotForUs(
        _("This is sealed for other laptops than this one."),
        _("Ask for one that is made for this laptop."),
    )


def is_sealed(untrusted: bytes) -> bool:
    """Whether an age file begins here, sound or not."""
    return untrusted.startswith(_INTRO)


def check_header(untrusted: bytes) -> None:
    """`BadInput` unless an age file begins here whose header is one that we would write ourselves."""
    end = untrusted.find(b"\n---", 0, MAX_HEADER)
    if not untrusted.startswith(_INTRO) or end < 0 or untrusted.count(b"\n-> ", 0, end) > MAX_STANZAS:
        raise BrokenSeal(
            _("This does not begin as a sealed file of Ranger's does."),
            _("Ask for it again; nothing was taken from it."),
        )
