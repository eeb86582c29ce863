"""Seals bytes in chunks, each under its number and whether it is the last, so that none can be moved or lost.

This is STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015) as age has it, and as our own files have it. All
of it lets go of the interpreter's lock, so that hashing, reading and writing go on beside it.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

CHUNK = 64 << 10  # bytes
TAG = 16  # bytes that sealing adds to a chunk

Cipher = ChaCha20Poly1305 | AESGCM


class Unproved(Exception):
    """A chunk is not what was sealed as the one of this number."""


class SealedStream:
    """Seals what it is given, piece by piece, and hands it on.

    `write` is handed views of one buffer, of up to `gathered` chunks, and has to be done with each when it
    returns. `header` goes before the first.
    """

    def __init__(
        self, cipher: Cipher, write: Callable[[memoryview], object], *, header: bytes, gathered: int = 1
    ) -> None:
        self._cipher = cipher
        self._write = write
        self._number = 0
        self._held = bytearray()
        self._out = memoryview(bytearray(len(header) + gathered * (CHUNK + TAG)))
        self._out[: len(header)] = header
        self._end = len(header)

    def add(self, piece: bytes | memoryview) -> None:
        with memoryview(piece) as view:
            at = 0
            if self._held:
                at = min(len(view), CHUNK - len(self._held))
                self._held += view[:at]
                if at == len(view):
                    return
                self._seal(self._held, last=False)
                self._held.clear()
            while len(view) - at > CHUNK:  # the last chunk waits for its flag
                self._seal(view[at : at + CHUNK], last=False)
                at += CHUNK
            self._held += view[at:]

    def end(self, bound_to: bytes | None = None) -> None:
        """Nothing more comes; the last chunk is bound to a name, say, if there is one."""
        self._seal(self._held, last=True, bound_to=bound_to)
        self._hand_on()

    def _seal(self, chunk: bytearray | memoryview, *, last: bool, bound_to: bytes | None = None) -> None:
        end = self._end + len(chunk) + TAG
        if end > len(self._out):
            self._hand_on()
            end = len(chunk) + TAG
        sealed = self._out[self._end : end]
        self._cipher.encrypt_into(_nonce(self._number, last=last), chunk, bound_to, sealed)
        self._number, self._end = self._number + 1, end

    def _hand_on(self) -> None:
        self._write(self._out[: self._end])
        self._end = 0


def open_chunk(
    cipher: Cipher,
    number: int,
    sealed: bytes | memoryview,
    target: memoryview,
    *,
    last: bool,
    bound_to: bytes | None = None,
) -> None:
    """Open one chunk into `target`, which is TAG bytes shorter. Raises `Unproved`; nothing in `target` is to
    be believed then."""
    try:
        cipher.decrypt_into(_nonce(number, last=last), sealed, bound_to, target)
    except InvalidTag:
        raise Unproved from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
