"""What a bundle says of itself is believed as far as it is signed and makes sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cbor2
import pytest

from ranger_app.domain.errors import BadInput
from ranger_app.security.keys import make_keys
from ranger_app.storage.exchange.exchanging import Tip
from ranger_app.sync.bundles.manifest import (
    MAGIC_WORD,
    MAX_PARTS,
    VERSION,
    Head,
    Manifest,
    NewerBundle,
    Part,
    head_bytes,
    is_part_name,
    manifest_bytes,
    part_name,
    read_head,
    read_manifest,
)

KEYS = make_keys(keyed=False)
HEAD = Head("ABCDEFGH", 3, b"s" * 8, b"l" * 8)
MANIFEST = Manifest(
    bundle="ABCDEFGH",
    home=b"h" * 16,
    sender=KEYS.replica,
    parts=(Part("P0001.RSB", 100, bytes(32)), Part("P0002.RSB", 50, bytes(32))),
    segments=7,
    files=2,
    file_bytes=90,
    tips={b"h" * 16: {KEYS.replica: Tip(7, bytes(32)), b"r" * 16: Tip(0, b"")}},
)


def test_head_and_manifest_come_back_as_they_were() -> None:
    assert read_head(head_bytes(HEAD)) == HEAD
    assert read_manifest(manifest_bytes(MANIFEST, KEYS.public_key, KEYS.sign)) == MANIFEST


def test_names_are_upper_case_and_short_enough_for_any_stick() -> None:
    assert [part_name(n) for n in (1, 42, MAX_PARTS)] == ["P0001.RSB", "P0042.RSB", "P9999.RSB"]
    assert is_part_name("P0042.RSB")
    for name in ("p0042.rsb", "P42.RSB", "P0042.RSB\n", "P0042.TXT", "../P0042.RSB", "P٠٠٤٢.RSB", ""):
        assert not is_part_name(name)


def test_a_manifest_that_another_hand_signed_is_refused() -> None:
    other = make_keys(keyed=False)
    for key, sign in ((KEYS.public_key, other.sign), (other.public_key, other.sign)):
        with pytest.raises(BadInput):
            read_manifest(manifest_bytes(MANIFEST, key, sign))


def said(**changed: Any) -> bytes:
    """A manifest that its sender signed, with anything in it."""
    _key, text, _signature = cbor2.loads(manifest_bytes(MANIFEST, KEYS.public_key, KEYS.sign))
    content = {**cbor2.loads(text), **changed}
    raw = cbor2.dumps({name: value for name, value in content.items() if value is not ...})
    return cbor2.dumps([KEYS.public_key, raw, KEYS.sign(raw)])


HOSTILE: dict[str, bytes] = {
    "a size that is no number": said(parts=[["P0001.RSB", float("inf"), bytes(32)]]),
    "a hash that is a huge number": said(parts=[["P0001.RSB", 1, 10**12]]),
    "a home that is a huge number": said(home=10**12),
    "a path for a name": said(parts=[["../../etc/passwd", 1, bytes(32)]]),
    "a device for a name": said(parts=[["CON", 1, bytes(32)]]),
    "digits of another script": said(parts=[["P٠٠٠١.RSB", 1, bytes(32)]]),
    "a part with too little": said(parts=[["P0001.RSB", 1]]),
    "too many parts": said(parts=[["P0001.RSB", 1, bytes(32)]] * (MAX_PARTS + 1)),
    "less than nothing": said(file_bytes=-1),
    "a number of 80 bits": said(segments=2**80),
    "text for a number": said(files="2"),
    "true for a number": said(files=True),
    "a bundle with a long name": said(bundle="A" * 1_000),
    "a bundle with a path for a name": said(bundle="../../AB"),
    "no parts": said(parts=...),
    "a map of parts": said(parts={}),
    "tips in a list": said(tips=[]),
    "a tip of one": said(tips={b"h" * 16: {b"r" * 16: [1]}}),
    "a tip by a short name": said(tips={b"h" * 16: {b"r" * 15: [1, bytes(32)]}}),
    "a list": cbor2.dumps([]),
    "text": cbor2.dumps("RANGER BUNDLE"),
    "noise": b"\xff" * 100,
    "nothing": b"",
    "keys of the wrong kind": cbor2.dumps(["key", b"text", "signature"]),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_manifest_that_makes_no_sense_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        read_manifest(raw)


def head(**changed: Any) -> bytes:
    entries: dict[str, Any] = {
        "word": MAGIC_WORD,
        "version": VERSION,
        "bundle": "ABCDEFGH",
        "parts": 3,
        "site": bytes(8),
        "sender": bytes(8),
        "sealed": 0,
    }
    return cbor2.dumps(list({**entries, **changed}.values()))


@pytest.mark.parametrize(
    "raw",
    [
        head(word="ANOTHER BUNDLE"),
        head(parts=-1),
        head(parts=MAX_PARTS + 1),
        head(parts=1.0),
        head(bundle=7),
        head(site="short"),
        cbor2.dumps({}),
        cbor2.dumps("RANGERB"),
        cbor2.dumps([MAGIC_WORD]),
        b"",
        b"\x00" * 4_096,
    ],
)
def test_a_head_that_makes_no_sense_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput) as told:
        read_head(raw)
    assert not isinstance(told.value, NewerBundle)


def test_a_head_of_a_newer_version_says_so_in_any_language(monkeypatch: pytest.MonkeyPatch) -> None:
    from ranger_app import i18n

    i18n.set_language("fr")
    for raw in (head(version=VERSION + 1), head(sealed=7)):
        with pytest.raises(NewerBundle):
            read_head(raw)


def test_what_a_newer_version_adds_at_the_end_is_passed_over() -> None:
    assert read_head(cbor2.dumps([*cbor2.loads(head_bytes(HEAD)), "more"])) == HEAD
    assert read_manifest(said(more=1)) == MANIFEST
    assert replace(MANIFEST, segments=8) != MANIFEST
