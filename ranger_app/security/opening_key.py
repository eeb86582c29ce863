"""The key that opens what is sealed to this laptop: made when first asked for, kept like the signing key."""

from __future__ import annotations

import os
from pathlib import Path

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ranger_app.domain.errors import WorkspaceDamaged
from ranger_app.durable import make_folder, write_whole
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys
from ranger_app.security.sealing import is_secret, new_secret
from ranger_app.security.untrusted import read_cbor

FILE = "opening.cbor"
MAX_FILE = 4 << 10  # bytes
_PURPOSE = b"ranger opening key v1"


def opening_secret(folder: Path, keys: DeviceKeys) -> str:
    """The age identity of the laptop whose keys lie in `folder`. It outlives a new signing key, so that a
    restored workspace still reads what was sealed to it."""
    path = folder / FILE
    if path.exists():
        return _read(path, keys)
    secret = new_secret()
    _write(path, secret, keys)
    return secret


def _read(path: Path, keys: DeviceKeys) -> str:
    try:
        with open(path, "rb") as source:
            content = read_cbor(source.read(MAX_FILE), depth=2)
        plain = content["open"] if keys.database_key is None else _unsealed(content, keys.database_key)
        secret = plain.decode("ascii")
        if not is_secret(secret):
            raise ValueError("not an age identity")
        return str(secret)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidTag):
        raise WorkspaceDamaged(
            _("The key that opens bundles does not read as it was written (device/{name}).").format(
                name=FILE
            ),
            _("Copy the device folder again, or restore a backup."),
        ) from None


def _unsealed(content: dict[str, bytes], key: bytes) -> bytes:
    return ChaCha20Poly1305(key).decrypt(content["nonce"], content["sealed"], _PURPOSE)


def _write(path: Path, secret: str, keys: DeviceKeys) -> None:
    plain = secret.encode("ascii")
    content: dict[str, bytes] = {"open": plain}
    if keys.database_key is not None:
        nonce = os.urandom(12)
        content = {
            "nonce": nonce,
            "sealed": ChaCha20Poly1305(keys.database_key).encrypt(nonce, plain, _PURPOSE),
        }
    make_folder(path.parent)
    write_whole(path, cbor2.dumps(content, canonical=True))
