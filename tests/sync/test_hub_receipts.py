"""What a hub signs for, what a laptop believes of it, and when it stops believing."""

from __future__ import annotations

from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.security.keys import make_keys
from ranger_app.storage.exchange.carrying import Reach, Reaches
from ranger_app.sync.hub.address import checked_url
from ranger_app.sync.hub.receipts import MAX_KEPT, TRUSTED_MS, Receipts, covers, went_back
from ranger_app.sync.hub.wire import (
    Receipt,
    holdings_in,
    reaches_in,
    reaches_out,
    read_message,
    read_receipt,
    sign_receipt,
)

HUB = make_keys(keyed=False)
SITE, ONE, TWO = b"s" * 16, b"1" * 16, b"2" * 16
REACH = st.builds(Reach, st.integers(0, 5), st.sampled_from([b"", b"x" * 32, b"y" * 32]))
REACHES = st.dictionaries(st.sampled_from([ONE, TWO]), REACH)


def a_receipt(
    *, files: frozenset[bytes] = frozenset(), at_ms: int = 1, reaches: Reaches | None = None
) -> Receipt:
    plain = Receipt(hub=HUB.replica, device=ONE, stream=SITE, at_ms=at_ms, reaches=reaches or {}, files=files)
    return read_receipt(sign_receipt(plain, HUB))


def test_a_receipt_says_what_was_signed() -> None:
    said = a_receipt(files=frozenset({b"f" * 32}), reaches={ONE: Reach(3), TWO: Reach(0, b"x" * 32)})
    assert said.files == {b"f" * 32}
    assert said.reaches == {ONE: Reach(3), TWO: Reach(0, b"x" * 32)}


def test_a_receipt_with_one_bit_changed_is_none() -> None:
    raw = a_receipt(files=frozenset({b"f" * 32})).raw
    for place in range(0, len(raw), 7):
        damaged = bytearray(raw)
        damaged[place] ^= 1
        with pytest.raises(BadInput):
            read_receipt(bytes(damaged))


def test_a_receipt_that_names_another_hub_is_none() -> None:
    plain = Receipt(hub=TWO, device=ONE, stream=SITE, at_ms=1, reaches={}, files=frozenset())
    with pytest.raises(BadInput):
        read_receipt(sign_receipt(plain, HUB))


@given(st.binary(max_size=300))
def test_noise_is_no_receipt_and_no_message(noise: bytes) -> None:
    with pytest.raises(BadInput):
        read_receipt(noise)
    try:
        read_message(noise)
    except BadInput:
        return
    assert type(cbor2.loads(noise)) is dict


@given(REACHES)
def test_reaches_come_back_as_they_went(reaches: Reaches) -> None:
    assert reaches_in(cbor2.loads(cbor2.dumps(reaches_out(reaches)))) == reaches


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {b"short": [1, b""]},
        {ONE: [1]},
        {ONE: [-1, b""]},
        {ONE: [1 << 63, b""]},
        {ONE: [True, b""]},
        {ONE: [1, b"short"]},
        {ONE: "1"},
    ],
)
def test_reaches_that_are_none_are_refused(said: object) -> None:
    with pytest.raises(BadInput):
        reaches_in(said)
    with pytest.raises(BadInput):
        holdings_in({SITE: {"reaches": said}})


@given(REACHES)
def test_a_hub_with_the_same_holds_everything(reaches: Reaches) -> None:
    assert covers(reaches, reaches)
    assert not went_back(reaches, reaches)


@given(REACHES, REACHES)
def test_a_hub_that_holds_less_of_any_feed_does_not_hold_everything(hub: Reaches, mine: Reaches) -> None:
    lacking = any(hub.get(replica, Reach(0)).upto < reach.upto for replica, reach in mine.items())
    assert not (lacking and covers(hub, mine))


def test_a_gap_or_a_fork_is_covered_only_by_the_very_same() -> None:
    assert not covers({ONE: Reach(9)}, {ONE: Reach(3, b"x" * 32)})
    assert not covers({ONE: Reach(3, b"y" * 32)}, {ONE: Reach(3, b"x" * 32)})


def test_receipts_for_files_add_up_and_are_found_again(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path, HUB.replica)
    receipts.keep_files(a_receipt(files=frozenset({b"a" * 32})))
    receipts.keep_files(a_receipt(files=frozenset({b"b" * 32})))
    assert Receipts(tmp_path, HUB.replica).files(SITE) == {b"a" * 32, b"b" * 32}
    assert Receipts(tmp_path, TWO).files(SITE) == set()


def test_a_receipt_that_somebody_wrote_into_the_folder_says_nothing(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path, HUB.replica)
    receipts.keep_files(a_receipt(files=frozenset({b"a" * 32})))
    (path,) = (tmp_path / "hub").rglob("*.cbor")
    path.write_bytes(path.read_bytes().replace(b"a" * 32, b"b" * 32))
    assert receipts.files(SITE) == set()


def test_files_are_asked_about_anew_when_the_hub_went_back_or_it_was_long_ago(tmp_path: Path) -> None:
    for reaches, now_ms, kept in (
        ({ONE: Reach(3)}, 2, True),
        ({ONE: Reach(4)}, TRUSTED_MS, True),
        ({ONE: Reach(2)}, 2, False),
        ({}, 2, False),
        ({ONE: Reach(3)}, TRUSTED_MS + 2, False),
    ):
        receipts = Receipts(tmp_path, HUB.replica)
        receipts.keep_changes(a_receipt(reaches={ONE: Reach(3)}))
        receipts.keep_files(a_receipt(files=frozenset({b"a" * 32})))
        receipts.review(SITE, reaches, now_ms)
        assert bool(receipts.files(SITE)) is kept, reaches


def test_very_many_receipts_are_made_anew(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path, HUB.replica)
    for number in range(MAX_KEPT + 1):
        receipts.keep_files(a_receipt(files=frozenset({number.to_bytes(32, "big")})))
    receipts.review(SITE, {})
    assert receipts.files(SITE) == set()


@pytest.mark.parametrize(
    "url", ["https://hub.example.org", "https://hub.example.org:8443/ranger/", "http://127.0.0.1:8470"]
)
def test_an_address_of_a_hub_is_kept_without_its_last_stroke(url: str) -> None:
    assert checked_url(f" {url} ") == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hub.example.org",
        "ftp://hub.example.org",
        "https://",
        "https://user:word@hub.example.org",
        "https://hub.example.org/?a=b",
        "https://hub.example.org/#a",
        "https://hub.example.org:port",
        "https://[::1",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_of_a_hub_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["http://hub.example.org", "http://192.168.1.7:8470", "http://localhost.example.org"]
)
def test_nothing_is_sent_where_anybody_could_read_it(url: str) -> None:
    with pytest.raises(Refused, match="not be encrypted"):
        checked_url(url)
