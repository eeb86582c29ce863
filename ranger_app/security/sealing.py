"""Seals bytes to age keys, and opens what was sealed to us; any `age` program can do both."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

import pyrage
from pyrage import x25519

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.security.age_header import INTRO, NONCE, NotAHead, make_head, payload_cipher, read_head
from ranger_app.security.stream import CHUNK, TAG, SealedStream, Unproved, open_chunk

MAX_RECIPIENTS = 10
MAX_STANZAS = 16
MAX_HEADER = 4 << 10  # bytes; pyrage 1.4 takes 109 s over 3 000 recipients, and a stranger may have put them
_GATHERED = 16
"""Chunks that are read or written at once."""
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
    pieces: Iterable[bytes], write: Callable[[memoryview], object], recipients: Collection[str]
) -> None:
    """Seal all pieces as one age file, a little at a time. `write` has to be done with what it is handed when
    it returns."""
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise ValueError(f"an age file of ours has 1 to {MAX_RECIPIENTS} recipients")
    head, file_key = make_head(recipients)
    nonce = os.urandom(NONCE)
    stream = SealedStream(payload_cipher(file_key, nonce), write, header=head + nonce, gathered=_GATHERED)
    for piece in pieces:
        stream.add(piece)
    stream.end()


def unseal_stream(source: Seekable, write: Callable[[memoryview], object], secrets: Collection[str]) -> None:
    """Hand what is in an age file to `write`, a little at a time, each piece proved before it is handed out
    and good until `write` returns.

    `NotForUs` when none of our keys opens it; `BrokenSeal` when it ends early or was changed, after every
    piece before that was handed out. What reading and `write` raise leaves as it is.
    """
    begin = source.read(MAX_HEADER + 1)
    check_header(begin)
    try:
        length, file_key = read_head(begin, secrets)
    except NotAHead:
        raise _broken() from None
    if file_key is None:
        raise _not_for_us()
    source.seek(length)
    cipher = payload_cipher(file_key, _all_of(source, NONCE))
    number, plain = 0, memoryview(bytearray(CHUNK))
    batch = _all_of(source, _GATHERED * (CHUNK + TAG))
    while True:
        following = _all_of(source, len(batch)) if len(batch) == _GATHERED * (CHUNK + TAG) else b""
        with memoryview(batch) as view:
            for at in range(0, max(1, len(batch)), CHUNK + TAG):
                chunk = view[at : at + CHUNK + TAG]
                last = not following and at + CHUNK + TAG >= len(batch)
                opened = plain[: len(chunk) - TAG]
                if len(chunk) < TAG or (last and number and not opened):
                    raise _broken()
                try:
                    open_chunk(cipher, number, chunk, opened, last=last)
                except Unproved:
                    raise _broken() from None
                write(opened)
                number += 1
        if not following:
            return
        batch = following


def _all_of(source: Seekable, size: int) -> bytes:
    """So many bytes, fewer only at the end."""
    got = source.read(size)
    while 0 < len(got) < size and (more := source.read(size - len(got))):
        got += more
    return got


def _broken() -> BrokenSeal:
    return BrokenSeal(
        _("A sealed file was damaged on the way."), _("Ask for it again; what came before was sound.")
    )


def _not_for_us() -> NotForUs:
    return NotForUs(
        _("This is sealed for other laptops than this one."),
        _("Ask for one that is made for this laptop."),
    )


def is_sealed(untrusted: bytes) -> bool:
    """Whether an age file begins here, sound or not."""
    return untrusted.startswith(INTRO)


def check_header(untrusted: bytes) -> None:
    """`BadInput` unless an age file begins here whose header is one that we would write ourselves."""
    end = untrusted.find(b"\n---", 0, MAX_HEADER)
    if not untrusted.startswith(INTRO) or end < 0 or untrusted.count(b"\n-> ", 0, end) > MAX_STANZAS:
        raise BrokenSeal(
            _("This does not begin as a sealed file of Ranger's does."),
            _("Ask for it again; nothing was taken from it."),
        )
