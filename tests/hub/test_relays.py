"""What the hub hands on without reading it: a newer Ranger's records, what laptops sign of themselves."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import cbor2
import pytest

from ranger_app.domain.sites import Site
from ranger_app.jobs import Work
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.storage import strays as strays_room
from ranger_app.storage.central import relays
from ranger_app.storage.exchange.elsewhere import last_heard
from ranger_app.storage.exchange.exchanging import tips
from ranger_app.storage.strays import keep_strays, strays
from ranger_app.sync.bundles.heard import lacking
from ranger_app.sync.service import Exchange
from tests.hub.hubs import Caller, Hub, add_people, laptop, new_site, site_path, sync
from tests.hub.test_directory import enrolled

NEWER = (99, b"demo of a newer Ranger")
NAME = hashlib.sha256(NEWER[1]).digest()


def a_word(keys: DeviceKeys, text: bytes) -> bytes:
    return cbor2.dumps([keys.public_key, text, keys.sign(text)])


def test_what_an_old_laptop_cannot_read_reaches_a_newer_one(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        keep_strays(a, [(NAME, *NEWER)])
        for one in (a, b, a):
            assert sync(one, hub.url).complete
        assert list(strays(b)) == [NEWER]


def test_a_laptop_of_two_sites_hands_none_on(hub: Hub, tmp_path: Path) -> None:
    first, second = new_site("Demo north"), new_site("Demo south")
    with laptop(tmp_path / "a", first) as a, laptop(tmp_path / "office", second) as office:
        hub.let_in(a.keys, first.id)
        sync(a, hub.url)
        hub.let_in(office.keys, first.id, second.id)
        sync(office, hub.url)
        keep_strays(office, [(NAME, *NEWER)])
        assert sync(office, hub.url).complete
        sync(a, hub.url)
        assert list(strays(a)) == []


def test_a_stray_belongs_under_its_own_name(known: Caller, site: Site) -> None:
    path = site_path(site.id, f"strays/{NAME.hex()}")
    assert known.ask("PUT", path, [99, b"another"]).status == 422
    assert known.ask("PUT", path, ["99", NEWER[1]]).status == 422
    assert known.ask("GET", path).status == 404
    assert known.ask("PUT", path, list(NEWER)).status == 200
    assert known.ask("PUT", path, list(NEWER)).status == 200
    assert known.ask("GET", path).message == list(NEWER)
    assert known.ask("GET", site_path(site.id, "strays")).message == {"strays": [NAME]}


def test_nobody_fills_the_hub_with_what_nobody_can_read(
    known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (strays_room, relays):
        monkeypatch.setattr(place, "MAX_STRAY_BYTES", 1_000)
    statuses = []
    for _n in range(4):
        noise = os.urandom(400)
        path = site_path(site.id, f"strays/{hashlib.sha256(noise).hexdigest()}")
        statuses.append(known.ask("PUT", path, [99, noise]).status)
    assert statuses == [200, 200, 507, 507]


def test_a_laptop_speaks_for_itself_and_the_last_word_counts(hub: Hub, known: Caller, site: Site) -> None:
    path = site_path(site.id, "words")
    other = Caller(hub)
    hub.let_in(other.keys, site.id)
    other.hello(site.id)
    for text in (b"first", b"second"):
        assert known.ask("PUT", path, a_word(known.keys, text)).status == 200
    assert other.ask("PUT", path, a_word(other.keys, b"other")).status == 200
    expected = {a_word(known.keys, b"second"), a_word(other.keys, b"other")}
    assert set(known.ask("GET", path).message["words"]) == expected


def test_nobody_speaks_for_another(known: Caller, site: Site) -> None:
    path, stranger = site_path(site.id, "words"), make_keys(keyed=False)
    forged = cbor2.dumps([known.keys.public_key, b"text", stranger.sign(b"text")])
    for word in (
        a_word(stranger, b"text"),
        forged,
        b"",
        cbor2.dumps([1, 2, 3]),
        cbor2.dumps({}),
        b"\x81" * 999,
    ):
        assert known.ask("PUT", path, word).status == 422
    assert known.ask("PUT", path, bytes(300 << 10)).status == 413
    assert known.ask("GET", path).message == {"words": []}


def test_laptops_hear_through_the_hub_what_the_others_hold(hub: Hub, tmp_path: Path) -> None:
    """So a stick for them does not carry it again."""
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        hub.let_in(a.keys, site.id)
        add_people(a, 20)
        enrolled(a, b)
        for one in (a, b, a):
            assert sync(one, hub.url).complete
        assert last_heard(a, [b.keys.replica]) is not None
        assert lacking(a).known[site.id][a.keys.replica] == tips(a)[site.id][a.keys.replica]
        stick = tmp_path / "stick"
        stick.mkdir()
        assert Exchange(a).write(stick, Work()).segments == 0
        add_people(a, 1)
        assert Exchange(a).write(stick, Work()).segments == 1


def test_an_exchange_with_nothing_new_leaves_no_new_word(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)
        sync(a, hub.url)
        caller = Caller(hub, a.keys)
        caller.hello(site.id)
        first = caller.ask("GET", site_path(site.id, "words")).message
        sync(a, hub.url)
        assert caller.ask("GET", site_path(site.id, "words")).message == first
        assert len(first["words"]) == 1


def test_words_of_strangers_and_words_that_are_none_say_nothing(
    hub: Hub, known: Caller, site: Site, tmp_path: Path
) -> None:
    known.ask("PUT", site_path(site.id, "words"), a_word(known.keys, b"no receipt at all"))
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", site) as stranger:
        for one in (a, stranger):
            hub.let_in(one.keys, site.id)
        sync(a, hub.url)
        with laptop(tmp_path / "mate", None) as mate:
            enrolled(a, mate)
        sync(stranger, hub.url)
        assert sync(a, hub.url).complete
        assert last_heard(a, [stranger.keys.replica]) is None
