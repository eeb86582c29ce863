"""Requests and answers come from a stick: nothing of them is believed unchecked."""

from __future__ import annotations

from datetime import date

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.directory import ENROL, FOUND, RECOVERY_KEY
from ranger_app.domain.errors import BadInput
from ranger_app.security.enrolment import (
    MAX_REQUEST,
    SPELLED,
    Answer,
    Request,
    answer_bytes,
    read_answer,
    read_request,
    request_bytes,
    site_words,
    spelled,
)
from ranger_app.security.entries import (
    SignedEntry,
    follow_signed,
    open_secrets,
    pack_entries,
    read_entry,
    seal_secrets,
    sign_entry,
    unpack_entries,
)
from ranger_app.security.keys import make_keys
from ranger_app.security.recovery import RecoveryKey, make_recovery_key, read_sheet, sheet_text
from ranger_app.security.sealing import is_secret, new_secret, recipient_of, seal, unseal
from ranger_app.security.spoken import SECRET_BYTES

KEYS, SECRET = make_keys(keyed=False), new_secret()
REQUEST = Request("Demo post", KEYS.public_key, recipient_of(SECRET))
FILE = request_bytes(REQUEST, KEYS.sign)
SITE = b"demo site 000001"
GROUP = new_secret()


def _founding() -> SignedEntry:
    content = {
        "device": REQUEST.device(),
        "accepted": {},
        "group": recipient_of(GROUP),
        "sealed": {REQUEST.recipient: seal_secrets([GROUP], REQUEST.recipient)},
    }
    return sign_entry(None, FOUND, content, site=SITE, signer=KEYS.replica, sign=KEYS.sign, at_ms=1)


FIRST = _founding()
ROOT = read_entry(FIRST.body).hash


def test_a_request_comes_back_as_it_was_made() -> None:
    assert read_request(FILE) == REQUEST
    assert read_request(FILE).words == REQUEST.words


def test_a_request_that_a_phone_read_as_text_is_one_too() -> None:
    assert read_request(spelled(FILE)) == REQUEST
    assert read_request(b"\n" + spelled(FILE) + b" \r\n") == REQUEST
    for odd in (spelled(FILE)[:-2], spelled(b""), spelled(spelled(FILE)), spelled(FILE) + b"!", SPELLED):
        with pytest.raises(BadInput):
            read_request(odd)


@given(place=st.integers(0, len(FILE) - 1), bit=st.integers(0, 7))
def test_a_request_that_was_changed_on_the_way_is_refused(place: int, bit: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= 1 << bit
    with pytest.raises(BadInput):
        read_request(bytes(changed))


@given(junk=st.binary(max_size=300))
def test_junk_is_no_request_and_no_answer(junk: bytes) -> None:
    with pytest.raises(BadInput):
        read_request(junk)
    with pytest.raises(BadInput):
        read_answer(junk, SECRET)
    with pytest.raises(BadInput):
        read_answer(seal(junk, [REQUEST.recipient]), SECRET)


def test_a_request_with_another_key_has_other_words() -> None:
    thief = make_keys(keyed=False)
    signing = Request("Demo post", thief.public_key, REQUEST.recipient)
    opening = Request("Demo post", KEYS.public_key, recipient_of(new_secret()))
    assert len({REQUEST.words, signing.words, opening.words}) == 3
    assert read_request(request_bytes(signing, thief.sign)).words == signing.words


def test_a_request_for_a_key_that_its_maker_does_not_hold_is_refused() -> None:
    with pytest.raises(BadInput):
        read_request(request_bytes(REQUEST, make_keys(keyed=False).sign))


def test_a_name_is_one_line_of_bounded_length() -> None:
    odd = Request("a\nb\x1b[2J\u202e" + "x" * 500, KEYS.public_key, REQUEST.recipient)
    found = read_request(request_bytes(odd, KEYS.sign))
    assert found.name.isprintable()
    assert len(found.name) <= 100


def test_a_request_larger_than_any_is_not_looked_at() -> None:
    with pytest.raises(BadInput):
        read_request(FILE + bytes(MAX_REQUEST))


def test_only_the_laptop_that_asked_opens_the_answer() -> None:
    answer = Answer(SITE, "Demo park", ROOT, [FIRST])
    sealed = answer_bytes(answer, REQUEST.recipient)
    assert read_answer(sealed, SECRET) == answer
    assert b"Demo park" not in sealed
    with pytest.raises(BadInput):
        read_answer(sealed, new_secret())


def test_another_directory_of_the_same_site_has_other_words() -> None:
    assert site_words(SITE, ROOT) != site_words(SITE, bytes(32))


def test_a_newer_form_of_either_file_asks_for_the_newer_program() -> None:
    newer = cbor2.dumps(["RANGER REQUEST", 2, "x", KEYS.public_key, REQUEST.recipient])
    with pytest.raises(BadInput, match="newer"):
        read_request(cbor2.dumps([newer, KEYS.sign(newer)]))
    with pytest.raises(BadInput, match="newer"):
        read_answer(seal(cbor2.dumps(["RANGER ANSWER", 2, 1, 2, 3, 4]), [REQUEST.recipient]), SECRET)


# -- entries


def _enrolment(sealed: bytes = b"") -> SignedEntry:
    begun = follow_signed([FIRST], ROOT)
    assert begun is not None
    other = Request("other", make_keys(keyed=False).public_key, recipient_of(new_secret()))
    content = {"device": other.device(), "role": "ranger", "sealed": {REQUEST.recipient: sealed}}
    return sign_entry(
        begun.followed.directory,
        ENROL,
        content,
        site=SITE,
        signer=KEYS.replica,
        sign=KEYS.sign,
        at_ms=2,
    )


def test_entries_that_are_not_signed_by_their_signer_are_passed_over() -> None:
    second = _enrolment()
    false = SignedEntry(second.body, make_keys(keyed=False).sign(second.body))
    without = follow_signed([FIRST, false], ROOT)
    assert without is not None
    assert without.followed.directory.version == 1
    for order in ([FIRST, false, second], [second, false, FIRST]):
        found = follow_signed(order, ROOT)
        assert found is not None
        assert found.followed.directory.version == 2
        assert set(found.entries.values()) == {FIRST, second}


@given(place=st.integers(0, len(FIRST.body) - 1), bit=st.integers(0, 7))
def test_a_changed_entry_is_another_and_not_signed(place: int, bit: int) -> None:
    changed = bytearray(FIRST.body)
    changed[place] ^= 1 << bit
    try:
        root = read_entry(bytes(changed)).hash
    except BadInput:
        return
    assert root != ROOT
    assert follow_signed([SignedEntry(bytes(changed), FIRST.signature)], root) is None


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\x80",
        cbor2.dumps([[5_000_000_000, bytes(64)]]),
        cbor2.dumps([[b"x", bytes(63)]]),
        cbor2.dumps({"a": 1}),
        cbor2.dumps([b"xy"]),
        b"\x9b" + b"\xff" * 8,
    ],
)
def test_what_is_no_run_of_entries_is_refused(junk: bytes) -> None:
    if junk == b"\x80":
        assert unpack_entries(junk) == []
        return
    with pytest.raises(BadInput):
        unpack_entries(junk)


@given(junk=st.binary(max_size=200))
def test_junk_is_no_entry(junk: bytes) -> None:
    with pytest.raises(BadInput):
        read_entry(junk)


def test_entries_travel_as_they_are() -> None:
    assert unpack_entries(pack_entries([FIRST])) == [FIRST]


def test_group_keys_open_for_those_they_were_sealed_to() -> None:
    assert open_secrets([FIRST], REQUEST.recipient, SECRET) == [GROUP]
    assert open_secrets([FIRST], recipient_of(GROUP), GROUP) == []


@pytest.mark.parametrize("plain", [b"", cbor2.dumps(7), cbor2.dumps(["AGE-SECRET-KEY-1", 5]), b"\xff"])
def test_a_sealed_thing_that_holds_no_keys_gives_none(plain: bytes) -> None:
    odd = _enrolment(seal(plain, [REQUEST.recipient]))
    assert open_secrets([FIRST, odd], REQUEST.recipient, SECRET) == [GROUP]
    assert open_secrets([_enrolment(plain)], REQUEST.recipient, SECRET) == []


# -- the recovery sheet


@given(secret=st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_a_sheet_gives_back_the_key_that_it_was_printed_from(secret: bytes) -> None:
    key = RecoveryKey(secret)
    text = sheet_text(key, site_name="Park 7 demo", printed_on=date(2026, 5, 31), words_of_site=("a",) * 6)
    assert read_sheet(text) == key
    assert is_secret(key.opening_secret)


def test_what_is_sealed_to_a_sheet_opens_with_it() -> None:
    key = make_recovery_key()
    sealed = seal(b"demo", [recipient_of(key.opening_secret)])
    assert unseal(sealed, [RecoveryKey(key.secret).opening_secret]) == b"demo"
    with pytest.raises(BadInput):
        unseal(sealed, [make_recovery_key().opening_secret])


def test_a_sheet_signs_for_its_site() -> None:
    key = make_recovery_key()
    begun = follow_signed([FIRST], ROOT)
    assert begun is not None
    content = {"key": key.public_key, "recipient": recipient_of(key.opening_secret)}
    second = sign_entry(
        begun.followed.directory,
        RECOVERY_KEY,
        content,
        site=SITE,
        signer=KEYS.replica,
        sign=KEYS.sign,
        at_ms=2,
    )
    printed = follow_signed([FIRST, second], ROOT)
    assert printed is not None
    third = sign_entry(
        printed.followed.directory,
        "anything",
        {},
        site=SITE,
        signer=key.replica,
        sign=key.sign,
        at_ms=3,
    )
    found = follow_signed([third, second, FIRST], ROOT)
    assert found is not None
    assert found.followed.directory.version == 3
