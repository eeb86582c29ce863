"""A sealed bundle by way of a hub that holds no key to it: left whole, fetched, read, then thrown away."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import cbor2
import pytest

from ranger_app.domain.sites import Site
from ranger_app.hub import bounds, sealed
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.frames import HEAD, frame
from ranger_app.sync.bundles.manifest import SEALED, Head, head_bytes, mark
from ranger_app.sync.bundles.writing import write_bundle
from ranger_app.sync.hub.sealed import SealedFetched, SealedSent, fetch_from_hub, send_to_hub
from ranger_app.sync.hub.sealed_list import ListedFile, list_bytes, named, read_list, sign_for_all
from tests.hub.hubs import QUICK, Caller, Hub, add_files, add_people, laptop, new_site, site_path, sync
from tests.hub.lines import dropping_line
from tests.hub.test_directory import enrolled

ODD_NAMES = ("../../x", "HEAD.RSB", "CON", "P1.RSB", 7)
AGE = b"age-encryption.org/v1\n-> X25519 demo\n"


def send(workspace: Workspace, stick: Path, url: str) -> SealedSent:
    return send_to_hub(workspace, stick, Work(), url=url, patience=QUICK)


def fetch(workspace: Workspace, url: str) -> SealedFetched:
    return fetch_from_hub(workspace, Work(), url=url, patience=QUICK)


def waiting(hub: Hub, site: Site) -> list[list[object]]:
    """What somebody who is let in sees of it."""
    caller = Caller(hub)
    hub.let_in(caller.keys, site.id)
    caller.hello(site.id)
    found: list[list[object]] = caller.ask("GET", site_path(site.id, "sealed")).message["sealed"]
    hub.guests.forget(caller.keys.public_key.hex())
    return found


@pytest.mark.slow
def test_a_sealed_bundle_goes_from_laptop_to_laptop_by_a_hub_that_cannot_open_it(
    hub: Hub, tmp_path: Path
) -> None:
    """The hub knows neither changes nor devices of the site; a courier without any key leaves the stick."""
    site, stick = new_site("Demo secret valley"), tmp_path / "stick"
    with (
        laptop(tmp_path / "a", site) as a,
        laptop(tmp_path / "b", None) as b,
        laptop(tmp_path / "courier", new_site()) as courier,
    ):
        add_people(a, 40, name="demo informant")
        files = add_files(a, 3, size=200_000)
        enrolled(a, b)
        write_bundle(a, stick, Work())
        for one in (b, courier):
            hub.let_in(one.keys, site.id)
        left = send(courier, stick, hub.url)
        assert (len(left.bundles), left.left_out) == (1, [])
        assert send(courier, stick, hub.url).files == 0
        assert not any(b"demo informant" in path.read_bytes() for path in everything(hub))
        assert len(waiting(hub, site)) == 1
        came = fetch(b, hub.url)
        assert came.bundles == left.bundles
        assert b.digest() == a.digest()
        assert all(b.files.whole(one) for one in files)
        assert fetch(b, hub.url).read == []
        assert waiting(hub, site) == []
        assert hub.stored(site.id) == []
        assert not list((b.cache / "hub").rglob("*.RSB"))


def everything(hub: Hub) -> list[Path]:
    return [path for path in hub.folder.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_an_ordinary_exchange_fetches_what_waits_and_a_broken_line_costs_nothing(
    hub: Hub, tmp_path: Path
) -> None:
    site, stick = new_site(), tmp_path / "stick"
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        files = add_files(a, 8, size=150_000)
        enrolled(a, b)
        write_bundle(a, stick, Work())
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        with dropping_line(hub.port, seed=4, least=100_000, most=400_000) as line:
            assert send(a, stick, line.url).left_out == []
            done = sync(b, line.url)
            assert line.cuts > 4
        assert (done.bundles_received, done.complete) == (1, True)
        assert all(b.files.whole(one) for one in files)
        assert b.digest() == a.digest()


@pytest.mark.slow
def test_a_bundle_stays_until_the_last_of_the_sites_laptops_has_signed(hub: Hub, tmp_path: Path) -> None:
    site, stick = new_site(), tmp_path / "stick"
    with (
        laptop(tmp_path / "a", site) as a,
        laptop(tmp_path / "b", None) as b,
        laptop(tmp_path / "c", None) as c,
        laptop(tmp_path / "stranger", None) as stranger,
    ):
        add_people(a, 5)
        enrolled(a, b)
        enrolled(a, c)
        for one in (a, stranger):
            hub.let_in(one.keys, site.id)
        sync(a, hub.url)  # now the hub has the site's list of devices
        write_bundle(a, stick, Work(), known={})
        send(a, stick, hub.url)
        assert fetch(stranger, hub.url).bundles == []
        assert len(fetch(stranger, hub.url).left_out) == 1
        fetch(a, hub.url)
        for one, still in ((b, 1), (c, 0)):
            assert len(waiting(hub, site)) == 1
            assert len(fetch(one, hub.url).bundles) == 1
            assert len(waiting(hub, site)) == still
        assert hub.stored(site.id) == []


def test_what_is_not_sealed_or_for_another_site_is_not_left(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", new_site()) as a, laptop(tmp_path / "b", None) as b:
        hub.let_in(a.keys, site.id)
        write_bundle(a, tmp_path / "plain", Work())
        assert "is not sealed" in send(a, tmp_path / "plain", hub.url).left_out[0]
        enrolled(a, b)
        write_bundle(a, tmp_path / "other", Work())
        assert "does not let this laptop in" in send(a, tmp_path / "other", hub.url).left_out[0]


# -- by hand


def a_list(site: Site, *files: bytes, name: str = "P0001.RSB", bundle: str = "DEMO2222") -> bytes:
    head = Head(bundle, 1, mark(site.id), mark(os.urandom(16)), SEALED)
    listed = [
        ListedFile(name.replace("1", str(number)), len(one), hashlib.sha256(one).digest())
        for number, one in enumerate(files, 1)
    ]
    return list_bytes(frame(HEAD, head_bytes(head)), listed)


def put(caller: Caller, site: Site, raw: bytes, address: bytes = b"") -> int:
    path = site_path(site.id, f"sealed/{(address or named(raw)).hex()}")
    return caller.ask("PUT", path, raw).status


def bring(caller: Caller, site: Site, content: bytes) -> None:
    path = site_path(site.id, f"files/{hashlib.sha256(content).hexdigest()}")
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(content))}
    assert caller.ask("PATCH", path, content, headers).status == 204


def test_a_list_that_is_none_is_refused(known: Caller, site: Site) -> None:
    part = AGE + os.urandom(100)
    bring(known, site, part)
    sound = a_list(site, part)
    head, rows = cbor2.loads(sound)
    assert put(known, new_site(), sound) == 403
    assert put(known, site, sound, os.urandom(32)) == 422
    assert put(known, site, a_list(new_site(), part)) == 422
    for bad in (
        b"",
        b"\x81" * 999,
        cbor2.dumps([head, []]),
        cbor2.dumps([head, rows * 2]),
        cbor2.dumps([b"", rows]),
        *(
            cbor2.dumps([head, [[name, *rows[0][1:]]]])
            for name in ("../../x", "HEAD.RSB", "CON", "P1.RSB", 7)
        ),
        *(cbor2.dumps([head, [["P0001.RSB", size, rows[0][2]]]]) for size in (0, -1, 1 << 40, "1")),
    ):
        assert put(known, site, bad) == 422
    assert put(known, site, bytes(100 << 10)) == 413
    assert put(known, site, sound) == 200
    assert put(known, site, sound) == 200
    (row,) = known.ask("GET", site_path(site.id, "sealed")).message["sealed"]
    assert row == [named(sound), sound, []]


def test_a_list_of_files_that_are_not_here_or_not_sealed_is_refused(known: Caller, site: Site) -> None:
    """So nobody gets a photo thrown away by naming it in a bundle."""
    photo = os.urandom(500)
    assert put(known, site, a_list(site, AGE)) == 404
    bring(known, site, photo)
    assert put(known, site, a_list(site, photo)) == 422


def test_nobody_signs_for_another_and_what_is_signed_twice_counts_once(
    hub: Hub, known: Caller, site: Site
) -> None:
    other = Caller(hub)
    hub.let_in(other.keys, site.id)
    other.hello(site.id)
    third = Caller(hub)
    hub.let_in(third.keys, site.id)
    part = AGE + os.urandom(10)
    bring(known, site, part)
    raw = a_list(site, part)
    put(known, site, raw)
    path = site_path(site.id, f"sealed/{named(raw).hex()}/receipt")
    mine = sign_for_all(named(raw), site.id, other.keys)
    for bad in (b"", mine[:-1], sign_for_all(os.urandom(32), site.id, other.keys), b"x" * 900):
        assert other.ask("PUT", path, bad).status == 422
    assert other.ask("PUT", path, sign_for_all(named(raw), site.id, third.keys)).status == 422
    for _again in range(2):
        assert other.ask("PUT", path, mine).message == {"kept": True}
    third.hello(site.id)
    last = sign_for_all(named(raw), site.id, third.keys)
    assert third.ask("PUT", path, last).message == {"kept": False}
    assert third.ask("PUT", path, last).message == {"kept": False}
    gone = site_path(site.id, f"files/{hashlib.sha256(part).hexdigest()}")
    assert known.ask("GET", gone).status == 404


def test_a_bundle_that_grew_takes_the_place_of_what_it_was(known: Caller, site: Site) -> None:
    first, second = AGE + b"first", AGE + b"second"
    for one in (first, second):
        bring(known, site, one)
    head, rows = cbor2.loads(a_list(site, first, second))
    short, grown = cbor2.dumps([head, rows[:1]], canonical=True), cbor2.dumps([head, rows], canonical=True)
    assert [put(known, site, one) for one in (short, grown)] == [200, 200]
    (row,) = known.ask("GET", site_path(site.id, "sealed")).message["sealed"]
    assert read_list(row[1]) == read_list(grown)
    path = site_path(site.id, f"files/{hashlib.sha256(first).hexdigest()}")
    assert known.ask("GET", path).body == first


def test_what_waits_is_bounded(known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [AGE + os.urandom(100) for _n in range(3)]
    for one in parts:
        bring(known, site, one)
    lists = [a_list(site, one, bundle=f"DEMO222{n}") for n, one in enumerate(parts, 2)]
    monkeypatch.setattr(sealed, "MAX_SEALED_BYTES", 2 * len(parts[0]))
    assert [put(known, site, one) for one in lists] == [200, 200, 507]
    monkeypatch.setattr(sealed, "MAX_SEALED_BYTES", bounds.MAX_SEALED_BYTES)
    monkeypatch.setattr(sealed, "MAX_LISTS", 2)
    assert put(known, site, lists[2]) == 507
