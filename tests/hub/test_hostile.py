"""Whoever comes to the hub: nobody gets what is another site's, or more of the hub than he may have."""

from __future__ import annotations

import contextlib
import http.client
import socket
from pathlib import Path

import pytest

from ranger_app.domain.sites import Site
from ranger_app.hub import bounds
from ranger_app.storage.exchange.carrying import reaches
from tests.hub.hubs import LOOPBACK, Caller, Hub, add_files, laptop, new_site, site_path, sync

SHA = "ab" * 32
EVERYTHING = [
    ("PUT", f"segments/{'0' * 32}/1"),
    ("GET", f"segments/{'0' * 32}"),
    ("POST", "segments"),
    ("GET", "directory"),
    ("PUT", "directory"),
    ("GET", "receipts"),
    ("POST", "receipts"),
    ("POST", "files/missing"),
    ("GET", "sealed"),
    ("PUT", f"sealed/{SHA}"),
    ("PUT", f"sealed/{SHA}/receipt"),
    ("HEAD", f"files/{SHA}"),
    ("PATCH", f"files/{SHA}"),
    ("GET", f"files/{SHA}"),
    ("HEAD", f"uploads/{SHA}"),
    ("PATCH", f"uploads/{SHA}"),
    ("POST", "bundles"),
    ("GET", "strays"),
    ("GET", f"strays/{SHA}"),
    ("PUT", f"strays/{SHA}"),
    ("GET", "words"),
    ("PUT", "words"),
]


# -- who is let in


@pytest.mark.parametrize(("method", "rest"), EVERYTHING)
def test_nobody_gets_anything_without_a_token(hub: Hub, site: Site, method: str, rest: str) -> None:
    assert Caller(hub).ask(method, site_path(site.id, rest)).status == 401
    assert site.id not in hub.sites()


@pytest.mark.parametrize(("method", "rest"), EVERYTHING)
def test_nobody_gets_anything_of_another_site(
    hub: Hub, known: Caller, method: str, rest: str, tmp_path: Path
) -> None:
    other = new_site()
    with laptop(tmp_path / "a", other) as a:
        (file,) = add_files(a, 1, seed=len(rest))
        hub.let_in(a.keys, other.id)
        assert sync(a, hub.url).complete
        replica = a.keys.replica
    rest = rest.replace(SHA, file.hex()).replace("0" * 32, replica.hex())
    refused = known.ask(
        method, site_path(other.id, rest), headers={"Upload-Offset": "0", "Upload-Length": "9"}
    )
    assert refused.status == 403
    assert file not in refused.body


def test_a_file_of_another_site_is_not_even_said_to_be_there(
    hub: Hub, known: Caller, site: Site, tmp_path: Path
) -> None:
    other = new_site()
    with laptop(tmp_path / "a", other) as a:
        (file,) = add_files(a, 1, seed=77)
        hub.let_in(a.keys, other.id)
        assert sync(a, hub.url).complete
    assert known.ask("GET", site_path(site.id, f"files/{file.hex()}")).status == 404
    missing = known.ask("POST", site_path(site.id, "files/missing"), {"files": [file]})
    assert missing.message == {"missing": [[file, 0]]}


def test_who_is_let_in_no_more_is_out_at_the_next_request(hub: Hub, known: Caller, site: Site) -> None:
    assert known.ask("GET", site_path(site.id, "directory")).status == 200
    hub.guests.forget(known.keys.public_key.hex())
    assert known.ask("GET", site_path(site.id, "directory")).status == 403
    assert known.hello(site.id).status == 403


def test_a_stranger_who_signs_well_is_still_a_stranger(hub: Hub, site: Site) -> None:
    assert Caller(hub).hello(site.id).status == 403
    assert Caller(hub).hello().status == 403


def test_a_hello_signed_by_somebody_else_is_refused(hub: Hub, known: Caller, site: Site) -> None:
    thief = Caller(hub)
    first = thief.ask("POST", "/v1/hello", {"key": known.keys.public_key}).message
    signed = thief.keys.sign(first["challenge"])
    asks = {"key": known.keys.public_key, "challenge": first["challenge"], "signature": signed}
    assert thief.ask("POST", "/v1/hello", asks).status == 401


def test_a_challenge_given_to_another_laptop_is_worth_nothing(hub: Hub, known: Caller, site: Site) -> None:
    from ranger_app.sync.hub.wire import hello_text

    other = Caller(hub)
    first = other.ask("POST", "/v1/hello", {"key": other.keys.public_key}).message
    key = known.keys.public_key
    signed = known.keys.sign(hello_text(first["hub"], first["challenge"], key))
    asks = {"key": key, "challenge": first["challenge"], "signature": signed, "streams": [site.id]}
    assert known.ask("POST", "/v1/hello", asks).status == 401


@pytest.mark.parametrize(
    "token", ["", "x", "Bearer", "é", "AAAA", "A" * 76, "A" * 100_000, "../../device/keys.cbor"]
)
def test_a_made_up_token_opens_nothing(hub: Hub, site: Site, token: str) -> None:
    caller = Caller(hub, token=token.encode().decode("latin-1"))
    assert caller.ask("GET", site_path(site.id, "directory")).status in {400, 401, 431}


def test_a_token_with_one_bit_changed_opens_nothing(hub: Hub, known: Caller, site: Site) -> None:
    import base64

    raw = bytearray(base64.urlsafe_b64decode(known.token))
    for place in (0, 8, 24, 55):
        raw[place] ^= 1
        forged = Caller(hub, token=base64.urlsafe_b64encode(raw).decode())
        assert forged.ask("GET", site_path(site.id, "directory")).status == 401
        raw[place] ^= 1


# -- more than may be


@pytest.mark.parametrize("rest", ["segments", "files/missing", "receipts", "bundles"])
def test_a_body_declared_larger_than_may_be_is_not_read(
    hub: Hub, known: Caller, site: Site, rest: str
) -> None:
    line = http.client.HTTPConnection(LOOPBACK, hub.port, timeout=20)
    line.putrequest("POST", site_path(site.id, rest))
    line.putheader("Authorization", f"Bearer {known.token}")
    line.putheader("Content-Length", str(1 << 40))
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()


def test_a_body_without_an_end_is_cut(hub: Hub, known: Caller, site: Site) -> None:
    sent = 0
    piece = b"%x\r\n" % (64 << 10) + bytes(64 << 10) + b"\r\n"
    with contextlib.closing(http.client.HTTPConnection(LOOPBACK, hub.port, timeout=20)) as line:
        line.putrequest("POST", site_path(site.id, "files/missing"))
        line.putheader("Authorization", f"Bearer {known.token}")
        line.putheader("Transfer-Encoding", "chunked")
        line.endheaders()
        with contextlib.suppress(OSError):  # it hangs up when it has had enough
            while sent < 64 << 20:
                line.send(piece)
                sent += len(piece)
    assert sent < 32 << 20


def test_a_body_that_stops_coming_is_let_go(
    hub: Hub, known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "IDLE_S", 0.2)
    line = http.client.HTTPConnection(LOOPBACK, hub.port, timeout=20)
    line.putrequest("POST", site_path(site.id, "files/missing"))
    line.putheader("Authorization", f"Bearer {known.token}")
    line.putheader("Content-Length", "1000")
    line.endheaders()
    line.send(b"a")
    assert line.getresponse().status == 408
    line.close()


def test_a_header_without_an_end_does_not_fill_the_memory(hub: Hub) -> None:
    with socket.create_connection((LOOPBACK, hub.port), timeout=20) as line:
        line.sendall(b"GET /v1 HTTP/1.1\r\nX: ")
        try:
            for _n in range(200):
                line.sendall(b"a" * 10_000)
            answer = line.recv(100)
        except OSError:
            return
        assert not answer or b" 4" in answer[:16]


def test_a_laptop_cannot_leave_more_unfinished_uploads_than_may_be(
    known: Caller, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_UNDER_WAY", 3)
    statuses = []
    for number in range(5):
        headers = {"Upload-Offset": "0", "Upload-Length": "50"}
        path = site_path(site.id, f"files/{number:064x}")
        statuses.append(known.ask("PATCH", path, b"half", headers).status)
    assert statuses == [204, 204, 204, 507, 507]


def test_the_hub_still_answers_after_all_that(hub: Hub, known: Caller, site: Site, tmp_path: Path) -> None:
    assert Caller(hub).ask("GET", "/v1").status == 200
    with laptop(tmp_path / "a", new_site()) as a:
        hub.let_in(a.keys, a.site_id)
        assert sync(a, hub.url).complete
        assert reaches(a, a.site_id)
