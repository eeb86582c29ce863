"""The form in which a workspace with a passphrase keeps a file: sealed in chunks, read from anywhere in it.

    header: magic, one byte for the cipher, 16 bytes of salt
    chunks: CHUNK bytes each, sealed, the last one shorter, empty only in an empty file

The cipher is ChaCha20-Poly1305 (1) or AES-256-GCM (2), whichever this computer is quicker at; either is read.
The key of a file comes from the store's key and the salt (HKDF-SHA-256). The chunks are a `security.stream`,
so that none can be cut off, moved or brought in from elsewhere. The last one is also bound to the file's
name, and is looked at whenever the file is opened: one that was cut, or put under another's name, does not
open.
"""

from __future__ import annotations

import errno
import io
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ranger_app.i18n import _
from ranger_app.security.stream import CHUNK, TAG, Cipher, SealedStream, Unproved, open_chunk
from ranger_app.storage.placed import Placed

_SALT = 16
MAGIC = b"RangerSealed"
HEADER = len(MAGIC) + 1 + _SALT  # bytes

CIPHERS: dict[int, type[Cipher]] = {1: ChaCha20Poly1305, 2: AESGCM}
"""By the byte that names them in the header; numbers are for ever."""
_AT_ONCE = 8
"""Chunks of a file that are read from the disk at once: most photos whole."""
_SPARE: list[bytearray] = []
"""Buffers of so many, left by files that were closed: fresh memory costs more than opening what is in it."""
_SPARES = 4
_WHOLE = _AT_ONCE * (CHUNK + TAG)


class NotAsWritten(OSError):
    """What lies on the disk is not what was sealed; one more way in which a disk fails to give a file."""

    def __init__(self) -> None:
        super().__init__(errno.EIO, _("it was changed or cut short after it was sealed"))


def sealed_size(plain_bytes: int) -> int:
    """How long a file of so many bytes is when it is sealed."""
    return HEADER + plain_bytes + TAG * max(1, -(-plain_bytes // CHUNK))


def looks_sealed(path: Path) -> bool:
    """Whether the file begins as sealed ones do. Raises `OSError`."""
    with open(path, "rb") as source:
        return source.read(len(MAGIC)) == MAGIC


def plain_size(sealed_bytes: int) -> int:
    """The inverse of `sealed_size`. Raises `NotAsWritten` for a length that no sealed file has."""
    body = sealed_bytes - HEADER
    plain = body - TAG * max(1, -(-body // (CHUNK + TAG)))
    if plain < 0 or sealed_size(plain) != sealed_bytes:
        raise NotAsWritten
    return plain


class Sealing(SealedStream):
    """Seals what it is given, piece by piece, and hands it on (see `SealedStream`); the name, to which `end`
    binds it, need be known only at the end."""

    def __init__(
        self, store_key: bytes, write: Callable[[memoryview], object], *, cipher: int | None = None
    ) -> None:
        number, salt = quicker_cipher() if cipher is None else cipher, os.urandom(_SALT)
        header = MAGIC + bytes([number]) + salt
        super().__init__(_aead(number, store_key, salt), write, header=header)


def sealed(content: bytes, *, store_key: bytes, name: bytes) -> bytes:
    """All of a small file at once."""
    out = io.BytesIO()
    sealing = Sealing(store_key, out.write)
    sealing.add(content)
    sealing.end(name)
    return out.getvalue()


def open_whole(raw: bytes, *, store_key: bytes, name: bytes) -> bytes:
    """The plain content of a small sealed file that is in memory. Raises `NotAsWritten`."""
    with _Opened(io.BytesIO(raw), store_key=store_key, name=name) as opened:
        return opened.readall()


class _Opened(Placed):
    """The plain content of a sealed file."""

    def __init__(self, source: io.FileIO | io.BytesIO, *, store_key: bytes, name: bytes) -> None:
        self._source = source
        self._name = name
        self._at = 0
        self._buffer, self._raw = bytearray(), memoryview(b"")
        self._raw_from = self._raw_to = 0
        """The chunks that are in memory as they lie on the disk: from which, and up to which."""
        header = source.read(HEADER)
        if len(header) != HEADER or not header.startswith(MAGIC) or header[len(MAGIC)] not in CIPHERS:
            raise NotAsWritten
        self._aead = _aead(header[len(MAGIC)], store_key, header[len(MAGIC) + 1 :])
        self._plain_bytes = plain_size(source.seek(0, os.SEEK_END))
        self._last = max(1, -(-self._size // CHUNK)) - 1
        self._buffer = _buffer(self._last + 1)
        self._raw = memoryview(self._buffer)
        self._chunk = memoryview(bytearray(min(CHUNK, self._size)))
        """One chunk opened, for whoever wants less than all of it: the last one at first, which is proved."""
        self._number = self._last
        self._open_chunk(self._last, self._chunk[: self._length(self._last)])

    def _length(self, number: int) -> int:
        return min(CHUNK, self._size - number * CHUNK)

    @property
    def _size(self) -> int:
        return self._plain_bytes

    def _open_chunk(self, number: int, target: memoryview) -> None:
        if not self._raw_from <= number < self._raw_to:
            self._read_raw(0 if self._last < _AT_ONCE else number)
        start = (number - self._raw_from) * (CHUNK + TAG)
        last = number == self._last
        sealed_chunk = self._raw[start : start + len(target) + TAG]
        name = self._name if last else None
        try:
            open_chunk(self._aead, number, sealed_chunk, target, last=last, bound_to=name)
        except Unproved:
            raise NotAsWritten from None

    def _read_raw(self, number: int) -> None:
        self._raw_from = self._raw_to = number
        until = min(self._last + 1, number + _AT_ONCE)
        wanted = self._raw[: (until - number - 1) * (CHUNK + TAG) + self._length(until - 1) + TAG]
        self._source.seek(HEADER + number * (CHUNK + TAG))
        while wanted:
            got = self._source.readinto(wanted)
            if not got:
                raise NotAsWritten
            wanted = wanted[got:]
        self._raw_to = until

    def readinto(self, target: object) -> int:
        given = 0
        with memoryview(target).cast("B") as view:  # type: ignore[arg-type]
            while given < len(view) and self._at < self._size:
                number, inside = divmod(self._at, CHUNK)
                length = self._length(number)
                if inside == 0 and length <= len(view) - given and number != self._number:
                    self._open_chunk(number, view[given : given + length])
                    piece = length
                else:
                    if number != self._number:
                        self._number = -1  # what is in there is nothing until it has opened
                        self._open_chunk(number, self._chunk[:length])
                        self._number = number
                    piece = min(length - inside, len(view) - given)
                    view[given : given + piece] = self._chunk[inside : inside + piece]
                given += piece
                self._at += piece
        return given

    def close(self) -> None:
        if not self.closed and len(self._buffer) == _WHOLE and len(_SPARE) < _SPARES:
            _SPARE.append(self._buffer)
        self._buffer, self._raw = bytearray(), memoryview(b"")
        self._raw_from = self._raw_to = 0
        self._source.close()
        super().close()


def open_sealed(path: Path, *, store_key: bytes, name: bytes) -> io.BufferedReader:
    """The plain content of a sealed file, seekable. Raises `OSError`, `NotAsWritten` also while reading."""
    source = open(path, "rb", buffering=0)  # noqa: SIM115 - closed with what is returned
    try:
        return io.BufferedReader(_Opened(source, store_key=store_key, name=name), CHUNK)
    except BaseException:
        source.close()
        raise


@cache
def quicker_cipher() -> int:
    """The one that this computer seals with: AES where the processor has instructions for it, mostly."""
    chunk, out = bytes(CHUNK), bytearray(CHUNK + TAG)

    def seconds(number: int) -> float:
        aead, spent = CIPHERS[number](bytes(32)), []
        for _turn in range(3):
            begun = time.perf_counter()
            aead.encrypt_into(bytes(12), chunk, None, out)
            spent.append(time.perf_counter() - begun)
        return min(spent)

    return min(CIPHERS, key=seconds)


def _buffer(chunks: int) -> bytearray:
    if chunks < _AT_ONCE // 2:
        return bytearray(chunks * (CHUNK + TAG))
    try:
        return _SPARE.pop()
    except IndexError:
        return bytearray(_WHOLE)


def _aead(cipher: int, store_key: bytes, salt: bytes) -> Cipher:
    info = b"ranger sealed file v%d" % cipher
    return CIPHERS[cipher](HKDF(SHA256(), 32, salt, info).derive(store_key))
