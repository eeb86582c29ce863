"""The passphrases of the people who share a laptop: each opens its workspace, beside the laptop's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
from argon2.exceptions import HashingError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ranger_app.domain.errors import BadInput, NotFound, WorkspaceDamaged, WrongPassphrase
from ranger_app.domain.ids import Id, id_text
from ranger_app.domain.people import MAX_NAME, MAX_PEOPLE, is_bytes, is_name
from ranger_app.durable import write_whole
from ranger_app.i18n import _
from ranger_app.security.keys import DeviceKeys, keys_under, stretched
from ranger_app.security.untrusted import read_cbor

FILE = "doors.cbor"
MAX_FILE = 2 << 20  # bytes
SHORTEST = 8
"""Characters of a passphrase, or digits of a PIN: of eight digits there are a hundred million, and each costs
whoever tries them a sixth of a second."""
_PURPOSE = b"ranger door v1"


@dataclass(frozen=True, slots=True)
class Door:
    """One person's way in. The name is for the screen that asks who is there, before anything is open."""

    person: bytes
    name: str
    salt: bytes
    nonce: bytes
    sealed: bytes
    """The database's key, under this person's passphrase."""


def doors(folder: Path) -> list[Door]:
    """The people who have a passphrase of their own on this laptop, by name."""
    try:
        with open(folder / FILE, "rb") as source:
            untrusted = read_cbor(source.read(MAX_FILE), depth=3)
        found = [_door(one) for one in untrusted[:MAX_PEOPLE]]
    except FileNotFoundError:
        return []
    except (KeyError, TypeError, ValueError):
        raise WorkspaceDamaged(
            _("The list of who signs in here does not read as it was written (device/{name}).").format(
                name=FILE
            ),
            _("Remove it, open with the laptop's own passphrase, and have everybody choose theirs anew."),
        ) from None
    return sorted(found, key=lambda one: (one.name.casefold(), one.person))


def door_of(folder: Path, named: str) -> Door | None:
    """The door of a person by their name or id; None when they have none here."""
    wanted = named.strip()
    found = [one for one in doors(folder) if wanted in (one.name, id_text(Id(one.person)))]
    return found[0] if len(found) == 1 else None


def set_door(folder: Path, keys: DeviceKeys, *, person: bytes, name: str, passphrase: str) -> None:
    """Let a person in by this passphrase from now on, in place of one that they had."""
    if keys.database_key is None:
        raise ValueError("a workspace without a key has no doors")
    check_passphrase(passphrase)
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = ChaCha20Poly1305(stretched(passphrase, salt)).encrypt(
        nonce, keys.database_key, _PURPOSE + person
    )
    others = [one for one in doors(folder) if one.person != person]
    _write(folder, [*others, Door(person, name[:MAX_NAME], salt, nonce, sealed)])


def shut_doors(folder: Path, people: set[bytes]) -> None:
    """These people's passphrases open nothing here any more."""
    present = doors(folder)
    kept = [one for one in present if one.person not in people]
    if len(kept) < len(present):
        _write(folder, kept)


def keys_of(folder: Path, *, person: bytes, passphrase: str) -> DeviceKeys:
    """The laptop's keys by a person's passphrase; `WrongPassphrase` when it is not theirs."""
    door = next((one for one in doors(folder) if one.person == person), None)
    if door is None:
        raise NotFound(
            _("This person has no passphrase of their own on this laptop yet."),
            _("Open it with the laptop's passphrase and choose one."),
        )
    try:
        opened = ChaCha20Poly1305(stretched(passphrase, door.salt)).decrypt(
            door.nonce, door.sealed, _PURPOSE + person
        )
    except (InvalidTag, HashingError, ValueError):
        raise WrongPassphrase(
            _("This is not the passphrase of “{name}”.").format(name=door.name),
            _("Check the keyboard's language and Caps Lock, and try again."),
        ) from None
    return keys_under(folder, opened)


def check_passphrase(passphrase: str) -> None:
    """`BadInput` for one that is too short to be worth anything."""
    if len(passphrase) < SHORTEST:
        raise BadInput(
            _("A passphrase or PIN needs at least {n} characters or digits.").format(n=SHORTEST),
            _("A few words are easy to remember."),
        )


def _door(untrusted: Mapping[str, Any]) -> Door:
    person, salt, nonce, sealed = (untrusted[part] for part in ("person", "salt", "nonce", "sealed"))
    if not is_bytes(person, 16) or not is_bytes(salt, 16) or not is_bytes(nonce, 12):
        raise ValueError("not a door")
    if not is_name(untrusted["name"]) or not isinstance(sealed, bytes):
        raise ValueError("not a door")
    return Door(person, untrusted["name"], salt, nonce, sealed)


def _write(folder: Path, those: list[Door]) -> None:
    write_whole(
        folder / FILE,
        cbor2.dumps(
            [
                {
                    "person": one.person,
                    "name": one.name,
                    "salt": one.salt,
                    "nonce": one.nonce,
                    "sealed": one.sealed,
                }
                for one in those
            ],
            canonical=True,
        ),
    )
