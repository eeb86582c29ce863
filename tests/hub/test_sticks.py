"""A stick handed to the hub by somebody who has no laptop of the site's with him."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import cbor2

from ranger_app.domain.sites import Site
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.frames import FILE_PIECE, WHOLE_FILE, frame
from ranger_app.sync.bundles.pieces import PIECE_BYTES
from ranger_app.sync.bundles.writing import write_bundle
from tests.hub.hubs import Caller, Hub, add_files, add_people, laptop, new_site, site_path, sync


def parts_of(workspace: Workspace, stick: Path) -> list[bytes]:
    """The parts of a bundle that a laptop wrote."""
    written = write_bundle(workspace, stick, Work())
    return [(written.folder / name).read_bytes() for name in written.parts]


def let_in(hub: Hub, site: Site) -> Caller:
    courier = Caller(hub)
    hub.let_in(courier.keys, site.id)
    courier.hello(site.id)
    return courier


def test_the_hub_takes_a_stick_as_it_is(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    courier = let_in(hub, site)
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        add_people(a, 20)
        add_files(a, 2)
        for part in parts_of(a, tmp_path / "stick"):
            first = courier.ask("POST", site_path(site.id, "bundles"), part).message
            again = courier.ask("POST", site_path(site.id, "bundles"), part).message
        assert (first["new"], first["files"], first["damaged"]) == (2 + 1, 2, 0)
        assert (again["new"], again["known"]) == (0, first["new"])
        hub.let_in(b.keys, site.id)
        assert sync(b, hub.url).files_received == 2
        assert b.digest() == a.digest()


def test_what_is_not_of_this_site_stays_on_the_stick(hub: Hub, tmp_path: Path) -> None:
    courier = let_in(hub, new_site())
    mine = let_in(hub, site := new_site())
    with laptop(tmp_path / "a", new_site()) as a:
        (part,) = parts_of(a, tmp_path / "stick")
    taken = mine.ask("POST", site_path(site.id, "bundles"), part).message
    assert taken["new"] == 0
    assert taken["strange"] > 0
    assert courier.ask("POST", site_path(site.id, "bundles"), part).status == 403


def test_a_sealed_part_is_told_to_be_none_of_the_hubs(hub: Hub) -> None:
    site = new_site()
    courier = let_in(hub, site)
    said = courier.ask("POST", site_path(site.id, "bundles"), b"age-encryption.org/v1\n-> X25519 demo")
    assert said.status == 422
    assert b"ranger-app bundle send" in said.body


def test_a_damaged_stick_gives_what_is_whole(hub: Hub) -> None:
    site = new_site()
    courier = let_in(hub, site)
    part = frame(WHOLE_FILE, b"demo one") + os.urandom(500) + frame(WHOLE_FILE, b"demo two")
    taken = courier.ask("POST", site_path(site.id, "bundles"), part).message
    assert (taken["files"], taken["damaged"]) == (2, 1)
    assert courier.ask("POST", site_path(site.id, "bundles"), b"").message["files"] == 0


def test_long_files_come_in_pieces_in_any_order(hub: Hub) -> None:
    site = new_site()
    courier = let_in(hub, site)
    whole = os.urandom(2 * PIECE_BYTES + 1_000)
    sha256 = hashlib.sha256(whole).digest()
    pieces = [
        frame(FILE_PIECE, cbor2.dumps([sha256, len(whole), start, whole[start : start + PIECE_BYTES]]))
        for start in range(0, len(whole), PIECE_BYTES)
    ]
    taken = [
        courier.ask("POST", site_path(site.id, "bundles"), part).message["files"]
        for part in (pieces[2], pieces[0], pieces[2], pieces[1], pieces[1])
    ]
    assert taken == [0, 0, 0, 1, 0]
    path = site_path(site.id, f"files/{sha256.hex()}")
    assert courier.ask("GET", path).body == whole
    some = courier.ask("GET", path, headers={"Range": f"bytes={PIECE_BYTES - 5}-{PIECE_BYTES + 4}"})
    assert (some.status, some.body) == (206, whole[PIECE_BYTES - 5 : PIECE_BYTES + 5])


def test_pieces_that_do_not_make_the_file_leave_room_for_those_that_do(hub: Hub) -> None:
    site = new_site()
    courier = let_in(hub, site)
    whole = os.urandom(PIECE_BYTES + 10)
    sha256 = hashlib.sha256(whole).digest()

    def post(first: bytes, rest: bytes) -> list[int]:
        return [
            courier.ask(
                "POST",
                site_path(site.id, "bundles"),
                frame(FILE_PIECE, cbor2.dumps([sha256, len(whole), start, piece])),
            ).message["files"]
            for start, piece in ((0, first), (PIECE_BYTES, rest))
        ]

    assert post(whole[:PIECE_BYTES], b"demo lies.") == [0, 0]
    assert courier.ask("GET", site_path(site.id, f"files/{sha256.hex()}")).status == 404
    assert post(whole[:PIECE_BYTES], whole[PIECE_BYTES:]) == [0, 1]
    assert courier.ask("GET", site_path(site.id, f"files/{sha256.hex()}")).body == whole
