"""A laptop's own keys."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import Any

import cbor2
import pytest

from ranger_app.domain.errors import WorkspaceDamaged, WorkspaceTooNew, WrongPassphrase
from ranger_app.security.keys import (
    KEY_FILE,
    DeviceKeys,
    genuine,
    is_sealed,
    make_keys,
    read_keys,
    renew,
    replica_of,
    write_keys,
)

PASSPHRASE = "Größe 42"


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeviceKeys]:
    """Sealing takes a while on purpose, so it is done once."""
    folder, keys = tmp_path_factory.mktemp("sealed"), make_keys(keyed=True)
    write_keys(folder, keys, PASSPHRASE)
    return folder, keys


def test_keys_come_back_as_they_were(tmp_path: Path, sealed_once: tuple[Path, DeviceKeys]) -> None:
    plain = make_keys(keyed=False)
    write_keys(tmp_path, plain, None)
    assert read_keys(tmp_path, None) == plain
    assert read_keys(tmp_path, "not asked for") == plain
    assert not is_sealed(tmp_path)
    folder, keys = sealed_once
    assert read_keys(folder, PASSPHRASE) == keys
    assert is_sealed(folder)


def test_a_passphrase_is_the_same_however_the_keyboard_spells_it(
    sealed_once: tuple[Path, DeviceKeys],
) -> None:
    folder, keys = sealed_once
    assert read_keys(folder, unicodedata.normalize("NFD", PASSPHRASE)) == keys


@pytest.mark.parametrize("passphrase", [None, "", "größe 42", PASSPHRASE + " "])
def test_without_the_passphrase_nothing_opens(
    passphrase: str | None, sealed_once: tuple[Path, DeviceKeys]
) -> None:
    with pytest.raises(WrongPassphrase):
        read_keys(sealed_once[0], passphrase)


def test_no_secret_lies_open_beside_a_passphrase(sealed_once: tuple[Path, DeviceKeys]) -> None:
    folder, keys = sealed_once
    raw = (folder / KEY_FILE).read_bytes()
    assert keys.database_key is not None
    assert keys.signing_seed not in raw
    assert keys.database_key not in raw
    if os.name == "posix":
        assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("keyed", [False, True])
def test_a_new_incarnation_signs_as_another_and_opens_the_same_database(
    keyed: bool, tmp_path: Path, sealed_once: tuple[Path, DeviceKeys]
) -> None:
    if keyed:
        (tmp_path / KEY_FILE).write_bytes((sealed_once[0] / KEY_FILE).read_bytes())
        before = sealed_once[1]
    else:
        before = make_keys(keyed=False)
        write_keys(tmp_path, before, None)
    after = renew(tmp_path, before)
    assert after.database_key == before.database_key
    assert after.replica != before.replica
    assert read_keys(tmp_path, PASSPHRASE if keyed else None) == after


def test_a_signature_is_by_one_hand_over_one_text() -> None:
    mine, other = make_keys(keyed=False), make_keys(keyed=False)
    signature = mine.sign(b"text")
    assert genuine(mine.public_key, b"text", signature)
    assert mine.signer().sign(b"text") == signature
    assert not genuine(mine.public_key, b"another", signature)
    assert not genuine(other.public_key, b"text", signature)
    assert not genuine(b"short", b"text", signature)
    assert not genuine(mine.public_key, b"text", b"short")
    assert mine.replica == replica_of(mine.public_key)
    assert len(mine.replica) == 16


BAD: dict[str, bytes] = {
    "empty": b"",
    "noise": os.urandom(300),
    "long": bytes(20_000),
    "a list": cbor2.dumps([1]),
    "nothing in it": cbor2.dumps({}),
    "no version": cbor2.dumps({"seed": bytes(32)}),
    "no seed": cbor2.dumps({"version": 1}),
    "a short seed": cbor2.dumps({"version": 1, "seed": bytes(31)}),
    "a seed of text": cbor2.dumps({"version": 1, "seed": "x" * 32}),
    "salt of text": cbor2.dumps(
        {"version": 1, "salt": "x", "nonce": bytes(12), "sealed": bytes(48), "seed": b""}
    ),
    "no salt to speak of": cbor2.dumps({"version": 1, "salt": b"", "nonce": bytes(12), "sealed": bytes(48)}),
    "a short nonce": cbor2.dumps({"version": 1, "salt": bytes(16), "nonce": b"", "sealed": bytes(48)}),
    "sealed without a seed": cbor2.dumps({"version": 1, "salt": bytes(16), "nonce": bytes(12)}),
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD.keys())
def test_damaged_keys_are_a_sentence(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(raw)
    with pytest.raises(WorkspaceDamaged):
        read_keys(tmp_path, PASSPHRASE)


@pytest.mark.parametrize("entry", ["seed", "seed_nonce", "sealed", "salt", "nonce"])
def test_a_flipped_bit_is_a_sentence(
    entry: str, tmp_path: Path, sealed_once: tuple[Path, DeviceKeys]
) -> None:
    content: dict[str, Any] = cbor2.loads((sealed_once[0] / KEY_FILE).read_bytes())
    content[entry] = bytes([content[entry][0] ^ 1]) + content[entry][1:]
    (tmp_path / KEY_FILE).write_bytes(cbor2.dumps(content))
    with pytest.raises((WorkspaceDamaged, WrongPassphrase)):
        read_keys(tmp_path, PASSPHRASE)


def test_missing_and_newer_keys_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceDamaged, match="missing"):
        read_keys(tmp_path / "nowhere", None)
    (tmp_path / KEY_FILE).write_bytes(cbor2.dumps({"version": 2}))
    with pytest.raises(WorkspaceTooNew):
        read_keys(tmp_path, None)


def test_a_passphrase_and_a_sealed_database_go_together(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="go together"):
        write_keys(tmp_path, make_keys(keyed=True), None)
    with pytest.raises(ValueError, match="go together"):
        write_keys(tmp_path, make_keys(keyed=False), PASSPHRASE)
    assert list(tmp_path.iterdir()) == []
