"""What is sealed to somebody opens for nobody else, and a stranger's file costs nothing to refuse."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, WorkspaceDamaged
from ranger_app.security.keys import make_keys
from ranger_app.security.opening_key import FILE, opening_secret
from ranger_app.security.sealing import (
    MAX_RECIPIENTS,
    is_recipient,
    is_secret,
    new_secret,
    recipient_of,
    seal,
    unseal,
)

SECRET, OTHER = new_secret(), new_secret()
SEALED = seal(b"demo", [recipient_of(SECRET)])


@given(plain=st.binary(max_size=200))
def test_any_recipient_opens_what_was_sealed_and_nobody_else(plain: bytes) -> None:
    sealed = seal(plain, [recipient_of(SECRET), recipient_of(OTHER)])
    assert unseal(sealed, [SECRET]) == unseal(sealed, [new_secret(), OTHER]) == plain
    with pytest.raises(BadInput):
        unseal(sealed, [new_secret()])


@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(place: int, bit: int) -> None:
    flipped = bytearray(SEALED)
    flipped[place] ^= 1 << bit
    with pytest.raises(BadInput):
        unseal(bytes(flipped), [SECRET])


@given(length=st.integers(0, len(SEALED) - 1))
def test_a_cut_file_is_noticed(length: int) -> None:
    with pytest.raises(BadInput):
        unseal(SEALED[:length], [SECRET])


def test_a_file_with_thousands_of_recipients_is_refused_at_once() -> None:
    stanza = b"-> X25519 " + b"A" * 43 + b"\n" + b"B" * 43 + b"\n"
    bomb = b"age-encryption.org/v1\n" + stanza * 3_000 + b"--- " + b"C" * 43 + b"\n" + bytes(64)
    begun = time.perf_counter()
    with pytest.raises(BadInput):
        unseal(bomb, [SECRET])
    assert time.perf_counter() - begun < 1.0


def test_we_seal_to_as_many_as_a_file_may_name() -> None:
    many = [recipient_of(new_secret()) for _ in range(MAX_RECIPIENTS + 1)]
    assert unseal(seal(b"x", [*many[1:-1], recipient_of(SECRET)]), [SECRET]) == b"x"
    with pytest.raises(ValueError, match="recipients"):
        seal(b"x", many)
    with pytest.raises(ValueError, match="recipients"):
        seal(b"x", [])


@pytest.mark.parametrize(
    "odd",
    ["", "age1", "age1" + "q" * 58, SECRET, None, 7, b"age1", "AGE1" + "Q" * 58],
    ids=["empty", "prefix", "too-plain", "a-secret", "none", "number", "bytes", "capitals"],
)
def test_only_recipients_are_taken_for_recipients(odd: object) -> None:
    assert not is_recipient(odd)
    assert is_recipient(recipient_of(SECRET))


@pytest.mark.parametrize(
    "odd",
    ["", "AGE-SECRET-KEY-1", recipient_of(SECRET), SECRET.lower(), None, 7],
    ids=["empty", "prefix", "a-recipient", "small-letters", "none", "number"],
)
def test_only_secrets_are_taken_for_secrets(odd: object) -> None:
    assert not is_secret(odd)
    assert is_secret(SECRET)


@pytest.mark.parametrize("keyed", [True, False])
def test_a_laptop_keeps_its_opening_key_under_a_new_signing_key(tmp_path: Path, keyed: bool) -> None:
    keys = make_keys(keyed=keyed)
    secret = opening_secret(tmp_path, keys)
    renewed = type(keys)(make_keys(keyed=False).signing_seed, keys.database_key)
    assert opening_secret(tmp_path, renewed) == secret
    assert (secret.encode() in (tmp_path / FILE).read_bytes()) is not keyed


@pytest.mark.parametrize("content", [b"", b"\xa0", b"\xa1dopencabc", b"\xa1fsealed\x01", b"\xff" * 9000])
def test_a_damaged_opening_key_is_told_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    for keyed in (True, False):
        with pytest.raises(WorkspaceDamaged):
            opening_secret(tmp_path, make_keys(keyed=keyed))
    assert (tmp_path / FILE).read_bytes() == content
