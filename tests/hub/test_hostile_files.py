"""Whatever is sent as a file or as its name: the store holds what it says, and nothing leads out of it."""

from __future__ import annotations

import hashlib
import os

import pytest

from ranger_app.domain.sites import Site
from tests.hub.hubs import Caller, Hub, site_path

SHA = "ab" * 32


def patch(
    caller: Caller, site: Site, sha256: str, body: bytes, offset: object, length: object
) -> tuple[int, str]:
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(length)}
    said = caller.ask("PATCH", site_path(site.id, f"files/{sha256}"), body, headers)
    return said.status, said.headers.get("upload-offset", "")


def test_a_file_with_another_hash_is_refused_and_not_kept(known: Caller, site: Site, hub: Hub) -> None:
    assert patch(known, site, SHA, b"not this", 0, 8)[0] == 422
    assert patch(known, site, SHA, b"not ", 0, 8) == (204, "4")
    assert patch(known, site, SHA, b"this", 4, 8)[0] == 422
    assert known.ask("GET", site_path(site.id, f"files/{SHA}")).status == 404
    assert known.ask("HEAD", site_path(site.id, f"files/{SHA}")).headers["upload-offset"] == "0"
    assert not hub.stored(site.id)


def test_an_upload_goes_on_only_where_it_stands(known: Caller, site: Site) -> None:
    whole = os.urandom(1_000)
    sha = hashlib.sha256(whole).hexdigest()
    assert patch(known, site, sha, whole[:300], 0, 1_000) == (204, "300")
    assert patch(known, site, sha, whole[500:], 500, 1_000) == (409, "300")
    assert patch(known, site, sha, whole[:300], 0, 1_000) == (409, "300")
    assert patch(known, site, sha, whole[300:], 300, 1_000) == (204, "1000")
    assert known.ask("GET", site_path(site.id, f"files/{sha}")).body == whole
    assert patch(known, site, sha, b"", 0, 1_000) == (204, "1000")


@pytest.mark.parametrize(
    ("offset", "length", "status"),
    [
        (0, 1 << 50, 413),
        (9, 8, 413),
        (-1, 8, 422),
        ("0x0", 8, 422),
        ("٠", 8, 422),
        (0, "9" * 40, 422),
        ("", "", 422),
        (0, 2, 413),
    ],
)
def test_an_upload_that_lies_about_its_size_is_refused(
    known: Caller, site: Site, offset: object, length: object, status: int
) -> None:
    try:
        said = patch(known, site, SHA, b"some bytes", str(offset).encode().decode("latin-1"), length)
    except OSError:  # the hub hung up before it had all of it
        assert status == 413
        return
    assert said[0] == status


def test_nobody_spoils_what_another_laptop_is_sending(hub: Hub, known: Caller, site: Site) -> None:
    other = Caller(hub)
    hub.let_in(other.keys, site.id)
    other.hello(site.id)
    whole = os.urandom(1_000)
    sha = hashlib.sha256(whole).hexdigest()
    patch(known, site, sha, whole[:400], 0, 1_000)
    assert patch(other, site, sha, b"x" * 999, 0, 1_000) == (204, "999")
    assert patch(known, site, sha, whole[400:], 400, 1_000) == (204, "1000")


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "%2e%2e%2f%2e%2e%2fdevice%2fkeys.cbor",
        "..%5c..%5cdevice",
        "CON",
        SHA.upper(),
        SHA[:-1],
        SHA + "0",
        SHA[:-1] + "/",
        SHA[:-1] + "%00",
        "%EF%BC%A1" * 16,
        "%0a" * 64,
        "a" * 60_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH"])
def test_no_name_in_an_address_leads_out_of_the_store(
    known: Caller, site: Site, name: str, method: str
) -> None:
    headers = {"Upload-Offset": "0", "Upload-Length": "4"}
    for folder in ("files", "uploads"):
        said = known.ask(method, site_path(site.id, f"{folder}/{name}"), b"demo", headers)
        assert 400 <= said.status < 500


@pytest.mark.parametrize("site_name", ["..", "x" * 36, "%2e%2e%2f" * 4, "0" * 36, "{" + "0" * 34 + "}"])
def test_no_site_in_an_address_makes_a_folder(hub: Hub, known: Caller, site_name: str) -> None:
    before = hub.sites()
    assert known.ask("GET", f"/v1/streams/{site_name}/directory").status in {400, 401, 403, 404, 422}
    assert hub.sites() == before


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "bytes=" + ",".join(["0-"] * 500), "bytes=9-1", "bytes=x", "lines=1-"]
)
def test_an_odd_range_costs_nothing(known: Caller, site: Site, asked: str) -> None:
    whole = os.urandom(100)
    sha = hashlib.sha256(whole).hexdigest()
    patch(known, site, sha, whole, 0, 100)
    said = known.ask("GET", site_path(site.id, f"files/{sha}"), headers={"Range": asked})
    assert said.status in {200, 400, 416, 422}
    assert len(said.body) <= 1_000


def test_the_hub_holds_what_it_signs_for_and_signs_for_nothing_else(known: Caller, site: Site) -> None:
    from ranger_app.sync.hub.wire import read_receipt

    held = os.urandom(50)
    sha = hashlib.sha256(held).digest()
    patch(known, site, sha.hex(), held, 0, 50)
    raw = known.ask("POST", site_path(site.id, "receipts"), {"files": [sha, b"x" * 32]}).body
    receipt = read_receipt(raw)
    assert receipt.files == {sha}
    assert (receipt.device, receipt.stream) == (known.keys.replica, site.id)
