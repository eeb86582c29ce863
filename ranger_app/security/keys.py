"""The keys of one device: made once, kept beside the data, sealed under a passphrase or openly by choice."""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ranger_app.domain.errors import WorkspaceDamaged, WorkspaceTooNew, WrongPassphrase
from ranger_app.durable import make_folder, write_whole
from ranger_app.i18n import _
from ranger_app.security.untrusted import read_cbor

KEY_FILE = "keys.cbor"
MAX_KEY_FILE = 16 << 10  # bytes
ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES = 3, 64 << 10, 2
_VERSION = 1
_PURPOSE = b"ranger device keys v1"
_SEED_PURPOSE = b"ranger signing seed v1"


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """What one incarnation of a laptop signs with, and the key of its database when it has one."""

    signing_seed: bytes
    database_key: bytes | None
    """32 bytes for SQLCipher; None in a workspace that was made without a passphrase."""
    public_key: bytes = field(init=False, repr=False, compare=False)
    replica: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Worked out once: with every change both are asked for several times.
        public_key = self._private().public_key().public_bytes_raw()
        object.__setattr__(self, "public_key", public_key)
        object.__setattr__(self, "replica", replica_of(public_key))

    @property
    def files_key(self) -> bytes | None:
        """32 bytes that seal the files of the store and what is made of them; None without a passphrase.

        It comes from the database's key, so that it is there in every workspace that has one, and opens by
        every way that opens the database.
        """
        if self.database_key is None:
            return None
        return HKDF(SHA256(), 32, None, b"ranger file store v1").derive(self.database_key)

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


def is_sealed(folder: Path) -> bool:
    """Whether opening the keys in this folder asks for a passphrase."""
    return "salt" in _read(folder)


def write_keys(folder: Path, keys: DeviceKeys, passphrase: str | None) -> None:
    """Write the keys, readable by the owner alone. The passphrase seals the database's key, which in turn
    seals the signing seed, so that a new seed can be put in without asking for the passphrase again."""
    if (keys.database_key is None) != (passphrase is None):
        raise ValueError("a passphrase and a database key go together")
    content: dict[str, object] = {"version": _VERSION, "public": keys.public_key}
    if passphrase is not None and keys.database_key is not None:
        salt, nonce = os.urandom(16), os.urandom(12)
        sealed = ChaCha20Poly1305(stretched(passphrase, salt)).encrypt(nonce, keys.database_key, _PURPOSE)
        content |= {"salt": salt, "nonce": nonce, "sealed": sealed}
    _write(folder, content | _seed_entries(keys))


def renew(
    folder: Path, keys: DeviceKeys, *, first: Callable[[DeviceKeys], None] = lambda _renewed: None
) -> DeviceKeys:
    """Put new signing keys beside the same database key: a new incarnation, for a workspace that was copied
    or restored, so that no number of its feed is used twice. `first` is done before they are in place."""
    renewed = DeviceKeys(secrets.token_bytes(32), keys.database_key)
    first(renewed)
    content: dict[str, object] = {**_read(folder), "public": renewed.public_key}
    _write(folder, content | _seed_entries(renewed))
    return renewed


def read_keys(folder: Path, passphrase: str | None) -> DeviceKeys:
    """The keys in this folder; `WrongPassphrase` when they do not open."""
    content = _read(folder)
    try:
        if "salt" not in content:
            return DeviceKeys(_thirty_two(content["seed"]), None)
        if passphrase is None:
            raise WrongPassphrase(
                _("This workspace is protected by a passphrase."),
                _("Type it, or set RANGER_PASSPHRASE in a script."),
            )
        return _under(content, _unseal_with(passphrase, content))
    except (KeyError, TypeError, ValueError, InvalidTag, HashingError):
        raise _damaged() from None


def keys_under(folder: Path, database_key: bytes) -> DeviceKeys:
    """The keys in this folder by the database's key, however that was come by."""
    try:
        return _under(_read(folder), database_key)
    except (KeyError, TypeError, ValueError, InvalidTag):
        raise _damaged() from None


def public_key_in(folder: Path) -> bytes:
    """The public half of the signing key in this folder, which is not sealed."""
    try:
        return _thirty_two(_read(folder)["public"])
    except (KeyError, ValueError):
        raise _damaged() from None


def _under(content: dict[str, Any], database_key: bytes) -> DeviceKeys:
    key = _thirty_two(database_key)
    seed = ChaCha20Poly1305(key).decrypt(content["seed_nonce"], content["seed"], _SEED_PURPOSE)
    return DeviceKeys(_thirty_two(seed), key)


def _unseal_with(passphrase: str, content: dict[str, Any]) -> bytes:
    key = stretched(passphrase, content["salt"])
    try:
        return ChaCha20Poly1305(key).decrypt(content["nonce"], content["sealed"], _PURPOSE)
    except InvalidTag:
        raise WrongPassphrase(
            _("The passphrase does not open this workspace."),
            _("Check the keyboard's language and Caps Lock, and try again."),
        ) from None


def _seed_entries(keys: DeviceKeys) -> dict[str, object]:
    if keys.database_key is None:
        return {"seed": keys.signing_seed}
    nonce = os.urandom(12)
    sealed = ChaCha20Poly1305(keys.database_key).encrypt(nonce, keys.signing_seed, _SEED_PURPOSE)
    return {"seed_nonce": nonce, "seed": sealed}


def _write(folder: Path, content: dict[str, object]) -> None:
    make_folder(folder)
    write_whole(folder / KEY_FILE, cbor2.dumps(content, canonical=True))


def _thirty_two(key: object) -> bytes:
    if not isinstance(key, bytes) or len(key) != 32:
        raise ValueError("a key has thirty-two bytes")
    return key


def stretched(passphrase: str, salt: bytes) -> bytes:
    """A key of 32 bytes from a passphrase, dear to whoever tries many (Argon2id)."""
    # One spelling for all keyboards: an é may be typed as one character or as two.
    secret = unicodedata.normalize("NFC", passphrase).encode(errors="surrogateescape")
    return hash_secret_raw(secret, salt, ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES, 32, Type.ID)


def _read(folder: Path) -> dict[str, Any]:
    try:
        with open(folder / KEY_FILE, "rb") as source:
            raw = source.read(MAX_KEY_FILE + 1)
        content = read_cbor(raw[:MAX_KEY_FILE], depth=2)
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceDamaged(
            _("The keys of this workspace are missing (device/{name}).").format(name=KEY_FILE),
            _("Copy the device folder again from where this workspace came from, or restore a backup."),
        ) from None
    except ValueError:
        raise _damaged() from None
    version = content.get("version") if isinstance(content, dict) else None
    if type(version) is not int or len(raw) > MAX_KEY_FILE:
        raise _damaged()
    if version > _VERSION:
        raise WorkspaceTooNew(
            _("The keys of this workspace were written by a newer Ranger."),
            _("Install the newer version on this laptop; nothing was changed."),
        )
    return dict(content)


def _damaged() -> WorkspaceDamaged:
    return WorkspaceDamaged(
        _("The keys of this workspace do not read as they were written."),
        _("Copy the device folder again, or restore a backup."),
    )
