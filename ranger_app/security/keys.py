"""The keys of one device: made once, kept beside the data, sealed under a passphrase or openly by choice."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import cbor2
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ranger_app.domain.errors import WorkspaceDamaged, WrongPassphrase
from ranger_app.i18n import _

KEY_FILE = "keys.cbor"
MAX_KEY_FILE = 16 << 10  # bytes
ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES = 3, 64 << 10, 2
_PURPOSE = b"ranger device keys v1"


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """What one incarnation of a laptop signs with, and the key of its database when it has one."""

    signing_seed: bytes
    database_key: bytes | None
    """32 bytes for SQLCipher; None in a workspace that was made without a passphrase."""

    @property
    def public_key(self) -> bytes:
        return self._private().public_key().public_bytes_raw()

    @property
    def replica(self) -> bytes:
        return replica_of(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """Ed25519, 64 bytes."""
        return self._private().sign(message)

    def signer(self) -> Ed25519PrivateKey:
        """The private key ready for many signatures."""
        return self._private()

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.signing_seed)


def replica_of(public_key: bytes) -> bytes:
    """A replica's id is the first half of the SHA-256 of its key, so nobody can take another's."""
    return hashlib.sha256(public_key).digest()[:16]


def genuine(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_keys(*, keyed: bool) -> DeviceKeys:
    """Fresh keys; with a database key when the workspace is to be sealed."""
    return DeviceKeys(secrets.token_bytes(32), secrets.token_bytes(32) if keyed else None)


def new_incarnation(keys: DeviceKeys) -> DeviceKeys:
    """New signing keys over the same database, for a workspace that was copied or restored."""
    return DeviceKeys(secrets.token_bytes(32), keys.database_key)


def is_sealed(folder: Path) -> bool:
    """Whether opening the keys in this folder asks for a passphrase."""
    return "salt" in _read(folder)


def write_keys(folder: Path, keys: DeviceKeys, passphrase: str | None) -> None:
    """Write the keys aside, flush and rename; readable by the owner alone."""
    if (keys.database_key is None) != (passphrase is None):
        raise ValueError("a passphrase and a database key go together")
    plain = cbor2.dumps({"seed": keys.signing_seed, "database": keys.database_key}, canonical=True)
    content: dict[str, object] = {"version": 1, "public": keys.public_key}
    if passphrase is None:
        content["open"] = plain
    else:
        salt, nonce = os.urandom(16), os.urandom(12)
        sealed = ChaCha20Poly1305(_stretch(passphrase, salt)).encrypt(nonce, plain, _PURPOSE)
        content |= {"salt": salt, "nonce": nonce, "sealed": sealed}
    folder.mkdir(parents=True, exist_ok=True)
    target, aside = folder / KEY_FILE, folder / (KEY_FILE + ".new")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(cbor2.dumps(content, canonical=True))
        out.flush()
        os.fsync(out.fileno())
    os.replace(aside, target)


def read_keys(folder: Path, passphrase: str | None) -> DeviceKeys:
    """The keys in this folder; `WrongPassphrase` when they do not open."""
    content = _read(folder)
    try:
        if "open" in content:
            plain = content["open"]
        elif passphrase is None:
            raise WrongPassphrase(
                _("This workspace is protected by a passphrase."),
                _("Type it, or set RANGER_PASSPHRASE in a script."),
            )
        else:
            key = _stretch(passphrase, content["salt"])
            plain = ChaCha20Poly1305(key).decrypt(content["nonce"], content["sealed"], _PURPOSE)
        opened = cbor2.loads(plain)
        return DeviceKeys(bytes(opened["seed"]), opened["database"])
    except InvalidTag:
        raise WrongPassphrase(
            _("The passphrase does not open this workspace."),
            _("Check the keyboard's language and Caps Lock, and try again."),
        ) from None
    except (KeyError, TypeError, ValueError, cbor2.CBORDecodeError):
        raise _damaged() from None


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(passphrase.encode(), salt, ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES, 32, Type.ID)


def _read(folder: Path) -> dict[str, bytes]:
    try:
        with open(folder / KEY_FILE, "rb") as source:
            raw = source.read(MAX_KEY_FILE + 1)
        content = cbor2.loads(raw, max_depth=4)
    except FileNotFoundError:
        raise WorkspaceDamaged(
            _("The keys of this workspace are missing (device/{name}).").format(name=KEY_FILE),
            _("Copy the whole folder again, or restore a backup."),
        ) from None
    except (cbor2.CBORDecodeError, ValueError):
        raise _damaged() from None
    if not isinstance(content, dict) or len(raw) > MAX_KEY_FILE:
        raise _damaged()
    return content


def _damaged() -> WorkspaceDamaged:
    return WorkspaceDamaged(
        _("The keys of this workspace do not read as they were written."),
        _("Copy the device folder again, or restore a backup."),
    )
