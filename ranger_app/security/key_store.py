"""The system's own key store: by choice, the account at this computer opens a workspace without typing."""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ranger_app.domain.errors import KeyStoreTrouble
from ranger_app.durable import write_whole
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys, keys_under
from ranger_app.security.untrusted import read_cbor

FILE = "kept.cbor"
SERVICE = "Ranger"
MAX_FILE = 4 << 10  # bytes
LEAST_PRIORITY = 1
"""The library gives stores that keep secrets in a plain file, or nowhere, less."""
_PURPOSE = b"ranger kept key v1"


class Store(Protocol):
    """The part of a `keyring` backend that is used here."""

    priority: float

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """The laptop's keys as the key store gave them, and who opens by it; empty for the laptop itself."""

    keys: DeviceKeys
    person: bytes


def is_kept(folder: Path) -> bool:
    """Whether somebody chose to open this workspace by the system's key store."""
    return (folder / FILE).is_file()


def keep(folder: Path, keys: DeviceKeys, *, person: bytes = b"", store: Store | None = None) -> None:
    """Have the system's key store open this workspace from now on, as this person."""
    if keys.database_key is None:
        raise ValueError("a workspace without a key needs none kept")
    name, key, nonce = os.urandom(16), os.urandom(32), os.urandom(12)
    there = store or _system_store()
    sealed = ChaCha20Poly1305(key).encrypt(nonce, keys.database_key, _PURPOSE + person)
    try:
        there.set_password(SERVICE, name.hex(), base64.b64encode(key).decode())
    except _faults() as error:
        raise _trouble() from error
    forget(folder, store=there)
    content = {"name": name, "person": person, "nonce": nonce, "sealed": sealed}
    write_whole(folder / FILE, cbor2.dumps(content, canonical=True))


def fetch(folder: Path, *, store: Store | None = None) -> Kept:
    """The keys by the system's key store. `KeyStoreTrouble` says why not; the passphrase still opens."""
    content = _read(folder)
    there = store or _system_store()
    try:
        found = there.get_password(SERVICE, content["name"].hex())
    except _faults() as error:
        raise _trouble() from error
    try:
        key = base64.b64decode(found or "", validate=True)
        opened = ChaCha20Poly1305(key).decrypt(
            content["nonce"], content["sealed"], _PURPOSE + content["person"]
        )
    except (binascii.Error, ValueError, TypeError, InvalidTag):
        raise KeyStoreTrouble(
            _("The key store of this computer's account does not hold the key of this workspace."),
            _("Type the passphrase instead."),
        ) from None
    return Kept(keys_under(folder, opened), content["person"])


def forget(folder: Path, *, store: Store | None = None) -> None:
    """Ask for the passphrase again from now on."""
    try:
        name = _read(folder)["name"]
    except KeyStoreTrouble:
        name = None
    (folder / FILE).unlink(missing_ok=True)  # what is left in the store opens nothing without it
    if name is not None:
        with suppress(KeyStoreTrouble, *_faults()):
            (store or _system_store()).delete_password(SERVICE, name.hex())


def available(store: Store | None = None) -> str:
    """Why there is no key store to be used; empty when there is one."""
    if store is None:
        try:
            _system_store()
        except KeyStoreTrouble as error:
            return error.text
    return ""


def _system_store() -> Store:
    import keyring  # looks at every backend that is installed: not at start

    try:
        found: Any = keyring.get_keyring()
        if found.priority >= LEAST_PRIORITY:
            return found  # type: ignore[no-any-return]
    except _faults() as error:
        raise _trouble() from error
    raise _trouble()


def _faults() -> tuple[type[BaseException], ...]:
    """What backends raise when they cannot: their own errors, and those of the systems under them."""
    from keyring.errors import KeyringError

    found: list[type[BaseException]] = [KeyringError, OSError, RuntimeError, EOFError, ImportError]
    try:
        from secretstorage.exceptions import SecretStorageException
    except ImportError:
        pass
    else:
        found.append(SecretStorageException)
    return tuple(found)


def _trouble() -> KeyStoreTrouble:
    return KeyStoreTrouble(
        _("This computer's account has no key store that can be used now, or it is locked."),
        _("Type the passphrase instead; nothing else changes."),
    )


def _read(folder: Path) -> dict[str, bytes]:
    try:
        with open(folder / FILE, "rb") as source:
            content = read_cbor(source.read(MAX_FILE), depth=2)
        wanted = {name: content[name] for name in ("name", "person", "nonce", "sealed")}
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        wanted = {}
    if (
        not wanted
        or not all(isinstance(part, bytes) for part in wanted.values())
        or len(wanted["nonce"]) != 12
    ):
        raise KeyStoreTrouble(
            _("This workspace is not opened by the key store of this computer."), _("Type the passphrase.")
        )
    return wanted
