"""Records for a newer Ranger by way of the hub: long ones in pieces, and never to another site's laptops."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import cbor2
import pytest

from ranger_app.domain.sites import Site
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.storage import strays as strays_room
from ranger_app.storage.central import relays
from ranger_app.storage.strays import keep_strays, stray_hashes, strays
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.hub.hubs import Caller, Hub, add_people, laptop, new_site, site_path, sync
from tests.hub.lines import dropping_line
from tests.hub.test_directory import enrolled

LONG = 9 << 20  # bytes: more than a request may bring
TYPE = 99


def long_stray(seed: bytes = b"demo") -> tuple[bytes, int, bytes]:
    payload = hashlib.shake_256(seed).digest(LONG)
    return hashlib.sha256(payload).digest(), TYPE, payload


@pytest.mark.slow
def test_a_record_longer_than_a_request_comes_through_a_line_that_drops(hub: Hub, tmp_path: Path) -> None:
    site, stray = new_site(), long_stray()
    with (
        laptop(tmp_path / "a", site) as a,
        Workspace.create(tmp_path / "b", site=None, passphrase="demo") as b,
    ):
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        keep_strays(a, [stray])
        with dropping_line(hub.port, seed=3, least=600_000, most=2_000_000) as line:
            assert sync(a, line.url).complete
            there = line.cuts
            assert sync(b, line.url).complete
        assert min(there, line.cuts - there) > 2
        assert list(strays(b)) == [stray[1:]]
        assert not list((b.cache / "hub").glob("*.stray"))


def test_any_range_of_a_long_record_is_handed_out(known: Caller, site: Site) -> None:
    sha256, type_, payload = long_stray()
    path, whole = site_path(site.id, f"strays/{sha256.hex()}"), cbor2.dumps([type_, payload])
    for at in range(0, LONG, 4 << 20):
        headers = {"Upload-Offset": str(at), "Upload-Length": str(LONG)}
        upload = site_path(site.id, f"uploads/{sha256.hex()}")
        assert known.ask("PATCH", upload, payload[at : at + (4 << 20)], headers).status == 204
    for _again in range(2):  # the first answer may have been lost
        assert known.ask("PUT", f"{path}?type={type_}").status == 200
    assert known.ask("GET", path).body == whole
    for start, end in ((0, 1), (3, 9), (5, LONG), (LONG - 1, len(whole)), (len(whole) - 1, len(whole))):
        said = known.ask("GET", path, headers={"Range": f"bytes={start}-{end - 1}"})
        assert (said.status, said.body) == (206, whole[start:end])
    assert known.ask("GET", path, headers={"Range": f"bytes={len(whole)}-"}).status == 416


def test_a_long_record_that_was_not_uploaded_or_is_another_is_refused(known: Caller, site: Site) -> None:
    name = "ab" * 32
    path, upload = site_path(site.id, f"strays/{name}"), site_path(site.id, f"uploads/{name}")
    assert known.ask("PUT", f"{path}?type=1").status == 404
    known.ask("PATCH", upload, b"not this", {"Upload-Offset": "0", "Upload-Length": "8"})
    assert known.ask("PUT", f"{path}?type=1").status in {404, 422}
    assert known.ask("GET", path).status == 404
    for type_ in ("-1", "x", "9" * 30, str(1 << 31)):
        assert known.ask("PUT", f"{path}?type={type_}").status == 422


def test_no_more_records_are_kept_than_a_message_names(
    known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (strays_room, relays):
        monkeypatch.setattr(place, "MAX_STRAYS", 2)
    statuses = []
    for number in range(3):
        payload = b"demo %d" % number
        path = site_path(site.id, f"strays/{hashlib.sha256(payload).hexdigest()}")
        statuses.append(known.ask("PUT", path, [TYPE, payload]).status)
    assert statuses == [200, 200, 507]


@pytest.mark.slow
def test_a_laptop_of_two_sites_hands_each_its_own_and_neither_the_others(hub: Hub, tmp_path: Path) -> None:
    """One came from a site's place at the hub, the other in a bundle that was sealed for its site."""
    first, second = new_site("Demo north"), new_site("Demo south")
    north, south = (hashlib.sha256(b"north").digest(), TYPE, b"north"), long_stray(b"south")
    with (
        laptop(tmp_path / "a", first) as a,
        laptop(tmp_path / "b", second) as b,
        laptop(tmp_path / "office", None) as office,
        laptop(tmp_path / "mate", None) as mate,
    ):
        keep_strays(b, [south])
        enrolled(b, office)
        add_people(b, 1)
        write_bundle(b, tmp_path / "stick", Work())
        read_bundles(office, tmp_path / "stick", Work())
        for one in (a, office):
            hub.let_in(one.keys, first.id)
        keep_strays(a, [north])
        sync(a, hub.url)
        sync(office, hub.url)
        assert stray_hashes(office, first.id) == [north[0]]
        assert stray_hashes(office, second.id) == [south[0]]
        for one in (office, mate):
            hub.let_in(one.keys, second.id)
        assert sync(office, hub.url).complete
        sync(mate, hub.url)
        assert list(strays(mate)) == [south[1:]]
        sync(a, hub.url)
        assert list(strays(a)) == [north[1:]]


def test_a_sealed_bundle_takes_no_other_sites_records_along(tmp_path: Path) -> None:
    site, other = new_site(), os.urandom(16)
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        enrolled(a, b)
        keep_strays(a, [(hashlib.sha256(b"other").digest(), TYPE, b"other")], site=other)
        keep_strays(a, [(hashlib.sha256(b"ours").digest(), TYPE, b"ours")], site=site.id)
        add_people(a, 1)
        write_bundle(a, tmp_path / "stick", Work())
        read_bundles(b, tmp_path / "stick", Work())
        assert list(strays(b)) == [(TYPE, b"ours")]
