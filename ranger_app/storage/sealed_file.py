"""The form in which a workspace with a passphrase keeps a file: sealed in chunks, read from anywhere in it.

    header: magic, version, 16 bytes of salt
    chunks: CHUNK bytes each under ChaCha20-Poly1305, the last one shorter, empty only in an empty file

The key of a file comes from the store's key and the salt (HKDF-SHA-256). As in STREAM (Hoang, Reyhanitabar,
Rogaway and Vizár 2015) a chunk's nonce is its number and whether it is the last, so that chunks cannot be
cut off, moved or brought in from elsewhere. The last one is also bound to the file's name, and is looked at
whenever the file is opened: a file that was cut, or put under another's name, does not open.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ranger_app.i18n import _

CHUNK = 64 << 10  # bytes
TAG = 16  # bytes that sealing adds to a chunk
_SALT = 16
MAGIC = b"RangerSealed\x01"
HEADER = len(MAGIC) + _SALT  # bytes


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


class Sealing:
    """Seals what it is given, piece by piece, and hands it on; the name need be known only at the end."""

    def __init__(self, store_key: bytes, write: Callable[[bytes], object]) -> None:
        salt = os.urandom(_SALT)
        self._write = write
        self._aead = _aead(store_key, salt)
        self._number = 0
        self._held = bytearray()
        self._header = MAGIC + salt
        """Goes before the first that is written."""

    def add(self, piece: bytes) -> None:
        self._held += piece
        ready = max(0, len(self._held) - 1) // CHUNK * CHUNK  # the last chunk waits for its flag
        if ready:
            with memoryview(self._held) as view:
                sealed = [self._sealed(view[at : at + CHUNK]) for at in range(0, ready, CHUNK)]
            del self._held[:ready]
            self._put(b"".join(sealed))

    def end(self, name: bytes) -> None:
        self._put(self._aead.encrypt(_nonce(self._number, last=True), bytes(self._held), name))

    def _put(self, sealed: bytes) -> None:
        header, self._header = self._header, b""
        self._write(header + sealed)

    def _sealed(self, chunk: memoryview) -> bytes:
        self._number += 1
        return self._aead.encrypt(_nonce(self._number - 1, last=False), chunk, None)


def sealed(content: bytes, *, store_key: bytes, name: bytes) -> bytes:
    """All of a small file at once."""
    out = io.BytesIO()
    sealing = Sealing(store_key, out.write)
    sealing.add(content)
    sealing.end(name)
    return out.getvalue()


class _Opened(io.RawIOBase):
    """The plain content of a sealed file."""

    def __init__(self, source: io.BufferedReader, *, store_key: bytes, name: bytes) -> None:
        self._source = source
        self._name = name
        self._at = 0
        header = source.read(HEADER)
        if len(header) != HEADER or not header.startswith(MAGIC):
            raise NotAsWritten
        self._aead = _aead(store_key, header[len(MAGIC) :])
        self._size = plain_size(source.seek(0, os.SEEK_END))
        self._last = max(1, -(-self._size // CHUNK)) - 1
        self._number, self._chunk = self._last, b""
        self._chunk = self._read_chunk(self._last)

    def _read_chunk(self, number: int) -> bytes:
        last = number == self._last
        self._source.seek(HEADER + number * (CHUNK + TAG))
        raw = self._source.read(self._size - number * CHUNK + TAG if last else CHUNK + TAG)
        try:
            return self._aead.decrypt(_nonce(number, last=last), raw, self._name if last else None)
        except (InvalidTag, ValueError):
            raise NotAsWritten from None

    def readinto(self, target: object) -> int:
        given = 0
        with memoryview(target).cast("B") as view:  # type: ignore[arg-type]
            while given < len(view) and self._at < self._size:
                number, inside = divmod(self._at, CHUNK)
                if number != self._number:
                    self._chunk, self._number = self._read_chunk(number), number
                piece = self._chunk[inside : inside + len(view) - given]
                view[given : given + len(piece)] = piece
                given += len(piece)
                self._at += len(piece)
        return given

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if at < 0:
            raise ValueError("no place before the beginning")
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._source.close()
        super().close()


def open_sealed(path: Path, *, store_key: bytes, name: bytes) -> io.BufferedReader:
    """The plain content of a sealed file, seekable. Raises `OSError`, `NotAsWritten` also while reading."""
    source = open(path, "rb")  # noqa: SIM115 - closed with what is returned
    try:
        return io.BufferedReader(_Opened(source, store_key=store_key, name=name), CHUNK)
    except BaseException:
        source.close()
        raise


def _aead(store_key: bytes, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt, b"ranger sealed file v1").derive(store_key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
