"""Long files come in from any offset, whatever the pieces, and what nobody goes on with is thrown away."""

from __future__ import annotations

import hashlib
import os

import pytest

from ranger_app.domain.sites import Site
from ranger_app.hub import bounds
from ranger_app.sync.bundles.pieces import PIECE_BYTES
from tests.hub.hubs import Caller, Hub, site_path

ODD = 3_000_001  # bytes; no piece of the store ends where a request does


def bring(caller: Caller, site: Site, name: str, body: bytes, offset: int, length: int) -> tuple[int, int]:
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(length)}
    said = caller.ask("PATCH", site_path(site.id, f"files/{name}"), body, headers)
    return said.status, int(said.headers.get("upload-offset", -1))


@pytest.mark.parametrize("length", [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + ODD])
def test_a_long_file_comes_in_odd_pieces_and_is_whole(known: Caller, site: Site, length: int) -> None:
    whole = os.urandom(length)
    name = hashlib.sha256(whole).hexdigest()
    at = 0
    while at < length:
        status, at_now = bring(known, site, name, whole[at : at + ODD], at, length)
        assert status == 204
        assert at_now == min(at + ODD, length)
        at = at_now
    path = site_path(site.id, f"files/{name}")
    assert known.ask("HEAD", path).headers["upload-complete"] == "?1"
    assert known.ask("GET", path).body == whole
    last = known.ask("GET", path, headers={"Range": "bytes=-7"})
    assert (last.status, last.body) == (206, whole[-7:])
    beyond = known.ask("GET", path, headers={"Range": f"bytes={length}-"})
    assert beyond.status == 416


def test_a_long_file_with_another_hash_leaves_nothing(hub: Hub, known: Caller, site: Site) -> None:
    length = PIECE_BYTES + ODD
    name = "ab" * 32
    at = 0
    while at < length - ODD:
        at = bring(known, site, name, os.urandom(ODD), at, length)[1]
    assert bring(known, site, name, os.urandom(length - at), at, length)[0] == 422
    assert known.ask("HEAD", site_path(site.id, f"files/{name}")).headers["upload-offset"] == "0"
    assert not hub.stored(site.id)


def test_what_nobody_goes_on_with_makes_room(
    hub: Hub, known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        assert bring(known, site, f"{number:064x}", b"half", 0, 50) == (204, 4)
    monkeypatch.setattr(bounds, "MAX_UNDER_WAY", 2)
    assert bring(known, site, f"{2:064x}", b"half", 0, 50)[0] == 507
    monkeypatch.setattr(bounds, "UNDER_WAY_S", -1.0)
    assert bring(known, site, f"{2:064x}", b"half", 0, 50) == (204, 4)
    assert known.ask("HEAD", site_path(site.id, f"files/{0:064x}")).headers["upload-offset"] == "0"


def test_an_upload_that_was_begun_as_something_longer_still_becomes_whole(known: Caller, site: Site) -> None:
    whole = os.urandom(1_000)
    name = hashlib.sha256(whole).hexdigest()
    assert bring(known, site, name, whole[:400], 0, 5_000) == (204, 400)
    # What is there may be its beginning, and is gone on with; or it was thrown away.
    at = bring(known, site, name, whole[:500], 0, 1_000)[1]
    status, at = bring(known, site, name, whole[at:], at, 1_000)
    assert (status, at) == (204, 1_000)
    assert known.ask("GET", site_path(site.id, f"files/{name}")).body == whole
