"""The head of an age file: its key, wrapped for each X25519 recipient (C2SP age.md, version 1).

What follows a head is a nonce and a `security.stream` under the file's key. Both are written here rather than
by `pyrage`, which keeps the interpreter's lock and copies every byte several times.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INTRO = b"age-encryption.org/v1\n"
NONCE = 16  # bytes between the head and the first chunk
_FILE_KEY = 16
_KEY = 32
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # BIP 173
_MAC_LINE = b"--- "


class NotAHead(ValueError):
    """No head of an age file that we read, or one that was changed."""


def make_head(recipients: Collection[str]) -> tuple[bytes, bytes]:
    """A new file's head, and its key."""
    file_key = os.urandom(_FILE_KEY)
    head = INTRO + b"".join(_wrapped(file_key, one) for one in recipients) + b"---"
    return head + b" " + _text(_mac(file_key, head)) + b"\n", file_key


def read_head(untrusted: bytes, secrets: Collection[str]) -> tuple[int, bytes | None]:
    """How long the head is that these bytes begin with, and the file's key; None if no secret opens it.
    Raises `NotAHead`. Whoever calls has bounded the head."""
    end = untrusted.find(b"\n" + _MAC_LINE) + 1
    length = untrusted.find(b"\n", end) + 1
    if not untrusted.startswith(INTRO) or end <= 0 or length <= 0:
        raise NotAHead
    mac = _bytes(untrusted[end + len(_MAC_LINE) : length - 1])
    stanzas = list(_stanzas(untrusted[len(INTRO) : end].split(b"\n")[:-1]))
    for secret in secrets:
        private = X25519PrivateKey.from_private_bytes(_key_bytes(secret))
        for words, body in stanzas:
            file_key = _unwrapped(words, body, private)
            if file_key is not None:
                if not hmac.compare_digest(mac, _mac(file_key, untrusted[:end] + b"---")):
                    raise NotAHead
                return length, file_key
    return length, None


def payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    """What the chunks of the file are sealed with."""
    return ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))


def _wrapped(file_key: bytes, recipient: str) -> bytes:
    """The stanza for one recipient, `age1…`."""
    pyrage.x25519.Recipient.from_str(recipient)  # looks at the checksum, and raises
    to, once = _key_bytes(recipient), X25519PrivateKey.generate()
    share = once.public_key().public_bytes_raw()
    wrapping = _wrapping(once.exchange(X25519PublicKey.from_public_bytes(to)), share, to)
    body = wrapping.encrypt(bytes(12), file_key, None)
    return b"-> X25519 " + _text(share) + b"\n" + _text(body) + b"\n"


def _unwrapped(words: list[bytes], body: bytes, private: X25519PrivateKey) -> bytes | None:
    if words[0] != b"X25519":
        return None  # age lets there be recipients of other sorts
    if len(words) != 2 or len(body) != _FILE_KEY + 16 or len(share := _bytes(words[1])) != _KEY:
        raise NotAHead
    try:
        secret = private.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:  # a share that comes to nothing with any key
        raise NotAHead from None
    try:
        wrapping = _wrapping(secret, share, private.public_key().public_bytes_raw())
        return wrapping.decrypt(bytes(12), body, None)
    except InvalidTag:
        return None


def _stanzas(lines: list[bytes]) -> Iterator[tuple[list[bytes], bytes]]:
    """The words of each stanza, and its body: lines of 64 letters, and a shorter one at its end."""
    at = 0
    while at < len(lines):
        words = lines[at].split(b" ")
        if len(words) < 2 or words[0] != b"->" or not all(words):
            raise NotAHead
        begun = at = at + 1
        while at < len(lines) and len(lines[at]) == 64:
            at += 1
        if at == len(lines) or len(lines[at]) > 64:
            raise NotAHead
        at += 1
        yield words[1:], _bytes(b"".join(lines[begun:at]))


def _wrapping(secret: bytes, share: bytes, recipient: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_derived(secret, share + recipient, b"age-encryption.org/v1/X25519"))


def _mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), head, "sha256")


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, salt, info).derive(key)


def _text(plain: bytes) -> bytes:
    return b64encode(plain).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    """The inverse of `_text`. Raises `NotAHead` for what it would not write."""
    try:
        plain = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise NotAHead from None
    if _text(plain) != text:
        raise NotAHead
    return plain


def _key_bytes(text: str) -> bytes:
    """The 32 bytes of a recipient or an identity (Bech32), the checksum of which was looked at."""
    value = 0
    letters = text.lower().rpartition("1")[2][:-6]
    for letter in letters:
        value = value << 5 | _LETTERS.index(letter)
    return (value >> (5 * len(letters) - 8 * _KEY)).to_bytes(_KEY, "big")
