"""Whatever is sent to the hub: nothing is taken that should not be, nobody gets what is another site's."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
from pathlib import Path

import cbor2
import pytest
import zstandard

from ranger_app.domain.changes import Segment
from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.hub import bounds, uploads
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.storage import Workspace
from ranger_app.storage.carrying import reaches, run_above
from ranger_app.storage.receiving import SignedSegment
from ranger_app.storage.segments import encode
from ranger_app.sync.batches import MAX_BATCH, pack
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
    ("HEAD", f"files/{SHA}"),
    ("PATCH", f"files/{SHA}"),
    ("GET", f"files/{SHA}"),
    ("HEAD", f"uploads/{SHA}"),
    ("PATCH", f"uploads/{SHA}"),
    ("POST", "bundles"),
]


@pytest.fixture
def site() -> Site:
    return new_site()


@pytest.fixture
def known(hub: Hub, site: Site) -> Caller:
    """Somebody who is let in to the site, and has said hello."""
    caller = Caller(hub)
    hub.let_in(caller.keys, site.id)
    assert caller.hello(site.id).status == 200
    return caller


def a_segment(keys: DeviceKeys, stream: bytes, seq: int = 1, **fields: object) -> SignedSegment:
    made = Segment(stream=stream, replica=keys.replica, seq=seq, previous=b"", hlc=1, **fields)  # type: ignore[arg-type]
    body = encode(made)
    return SignedSegment(keys.public_key, body, keys.sign(body))


def one(segment: SignedSegment) -> list[bytes]:
    return [segment.public_key, segment.body, segment.signature]


# -- who is let in


@pytest.mark.parametrize(("method", "rest"), EVERYTHING)
def test_nobody_gets_anything_without_a_token(hub: Hub, site: Site, method: str, rest: str) -> None:
    assert Caller(hub).ask(method, site_path(site.id, rest)).status == 401
    assert not hub.site(site.id).exists()


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
    from ranger_app.sync.admission import Admissions

    assert known.ask("GET", site_path(site.id, "directory")).status == 200
    Admissions(hub.folder).forget(known.keys.public_key.hex())
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
    from ranger_app.sync.hub_wire import hello_text

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


# -- segments


def test_a_segment_comes_once_and_may_come_again(known: Caller, site: Site) -> None:
    keys = make_keys(keyed=False)
    path = site_path(site.id, f"segments/{keys.replica.hex()}/1")
    segment = a_segment(keys, site.id)
    assert known.ask("PUT", path, one(segment)).status == 201
    assert known.ask("PUT", path, one(segment)).status == 200


def test_another_segment_under_the_same_number_is_kept_aside_and_said_so(known: Caller, site: Site) -> None:
    keys = make_keys(keyed=False)
    path = site_path(site.id, f"segments/{keys.replica.hex()}/1")
    known.ask("PUT", path, one(a_segment(keys, site.id)))
    assert known.ask("PUT", path, one(a_segment(keys, site.id, action="demo"))).status == 409
    run = known.ask("GET", site_path(site.id, f"segments/{keys.replica.hex()}"))
    assert len(cbor2.loads(zstandard.decompress(run.body))) == 2


def test_a_segment_under_another_address_is_refused(known: Caller, site: Site) -> None:
    keys, other = make_keys(keyed=False), make_keys(keyed=False)
    body = one(a_segment(keys, site.id, seq=2))
    for place in (f"{other.replica.hex()}/2", f"{keys.replica.hex()}/1", f"{keys.replica.hex()}/3"):
        assert known.ask("PUT", site_path(site.id, f"segments/{place}"), body).status == 422
    foreign = one(a_segment(keys, new_id()))
    path = site_path(site.id, f"segments/{keys.replica.hex()}/1")
    assert known.ask("PUT", path, foreign).status == 422


def test_forged_segments_are_refused_and_the_others_taken(known: Caller, site: Site, hub: Hub) -> None:
    honest, forger = make_keys(keyed=False), make_keys(keyed=False)
    good = a_segment(honest, site.id)
    body = a_segment(honest, site.id, seq=2).body
    forged = [
        SignedSegment(honest.public_key, body, forger.sign(body)),
        SignedSegment(forger.public_key, body, forger.sign(body)),
        SignedSegment(honest.public_key, body[:-1] + b"\x81", honest.sign(body)),
        a_segment(honest, new_id()),
        SignedSegment(honest.public_key, b"", honest.sign(b"")),
    ]
    said = known.ask("POST", site_path(site.id, "segments"), pack([*forged, good])).message
    assert (said["new"], said["refused"]) == (1, len(forged))
    assert said["reaches"] == {honest.replica: [1, b""]}


def test_an_old_batch_sent_again_changes_nothing(hub: Hub, known: Caller, site: Site, tmp_path: Path) -> None:
    with laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)
        old = run_above(a, site.id, a.keys.replica, 0, at_most_bytes=1 << 20).segments
        with a.unit("later") as unit:
            unit.change((Site, site.id), name="Demo later")
        assert sync(a, hub.url).complete
        said = known.ask("POST", site_path(site.id, "segments"), pack(old)).message
        assert (said["new"], said["known"]) == (0, len(old))
        with Workspace.open(copy_of(hub, site, tmp_path)) as kept:
            assert kept.digest() == a.digest()


def copy_of(hub: Hub, site: Site, tmp_path: Path) -> Path:
    """The hub's workspace of a site, copied while the hub has it open and nobody writes."""
    import shutil

    target = tmp_path / "copy-of-hub"
    shutil.copytree(hub.site(site.id), target, ignore=shutil.ignore_patterns("lock", "*-shm"))
    return target


BOMB = zstandard.compress(bytes(MAX_BATCH + (64 << 20)), 3)
NESTED = zstandard.compress(b"\x81" * 100_000 + b"\x00")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        os.urandom(1_000),
        zstandard.compress(b"nonsense"),
        BOMB,
        NESTED,
        zstandard.compress(cbor2.dumps([[b"key", b"body", b"signature"]])),
        zstandard.compress(cbor2.dumps({"a": 1})),
        zstandard.compress(cbor2.dumps([1, 2, 3])),
    ],
    ids=["nothing", "zero", "noise", "text", "bomb", "nested", "short", "map", "numbers"],
)
def test_a_batch_that_is_none_is_refused(known: Caller, site: Site, body: bytes) -> None:
    assert known.ask("POST", site_path(site.id, "segments"), body).status == 422


@pytest.mark.parametrize(
    ("method", "rest"), [("POST", "files/missing"), ("POST", "receipts"), ("PUT", "directory")]
)
@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\x81" * 50_000,
        cbor2.dumps({"files": [b"short"]}),
        cbor2.dumps({"files": [b"x" * 32] * 10_001}),
        cbor2.dumps({"files": 7}),
        cbor2.dumps({1: 2}),
        cbor2.dumps(cbor2.CBORTag(35, "(a+)+$")),
    ],
    ids=["noise", "nested", "short", "many", "number", "keys", "tag"],
)
def test_a_message_that_is_none_is_refused(
    known: Caller, site: Site, method: str, rest: str, body: bytes
) -> None:
    assert known.ask(method, site_path(site.id, rest), body).status == 422


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
    monkeypatch.setattr(uploads, "MAX_UNDER_WAY", 3)
    statuses = []
    for number in range(5):
        headers = {"Upload-Offset": "0", "Upload-Length": "50"}
        path = site_path(site.id, f"files/{number:064x}")
        statuses.append(known.ask("PATCH", path, b"half", headers).status)
    assert statuses == [204, 204, 204, 507, 507]


# -- files


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
    kept = [path for path in (hub.site(site.id) / "files").rglob("*") if path.is_file()]
    assert not kept


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
    before = sorted(path.name for path in hub.folder.rglob("*.ranger"))
    assert known.ask("GET", f"/v1/streams/{site_name}/directory").status in {400, 401, 403, 404, 422}
    assert sorted(path.name for path in hub.folder.rglob("*.ranger")) == before


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
    from ranger_app.sync.hub_wire import read_receipt

    held = os.urandom(50)
    sha = hashlib.sha256(held).digest()
    patch(known, site, sha.hex(), held, 0, 50)
    raw = known.ask("POST", site_path(site.id, "receipts"), {"files": [sha, b"x" * 32]}).body
    receipt = read_receipt(raw)
    assert receipt.files == {sha}
    assert (receipt.device, receipt.stream) == (known.keys.replica, site.id)


def test_the_hub_still_answers_after_all_that(hub: Hub, known: Caller, site: Site, tmp_path: Path) -> None:
    assert Caller(hub).ask("GET", "/v1").status == 200
    with laptop(tmp_path / "a", new_site()) as a:
        hub.let_in(a.keys, a.site_id)
        assert sync(a, hub.url).complete
        assert reaches(a, a.site_id)
