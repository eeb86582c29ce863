"""The hub's addresses as they are described, spoken to by hand: nothing here is the laptop's own code."""

from __future__ import annotations

import hashlib
import os

import cbor2
import zstandard

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NUMBER
from ranger_app.domain.patrols import Waypoint
from ranger_app.domain.sites import Site
from ranger_app.security.keys import DeviceKeys, genuine, make_keys
from ranger_app.storage.changes.segments import encode, hash_of
from ranger_app.sync.hub.wire import proof_text
from tests.hub.hubs import Caller, Hub, Said, site_path

_COMMENT = next(f.number for f in BY_NUMBER[Waypoint.KIND].fields if f.name == "comment")


def a_feed(keys: DeviceKeys, stream: bytes, count: int, *, size: int = 10) -> list[list[bytes]]:
    """So many segments, each naming the one before: `[public key, body, signature]`."""
    found, previous = [], b""
    for seq in range(1, count + 1):
        value = [1, stream, _COMMENT, os.urandom(size // 2).hex()]
        ops = (Op(Waypoint.KIND, os.urandom(16), INSERT, value),)
        made = Segment(stream=stream, replica=keys.replica, seq=seq, previous=previous, hlc=seq, ops=ops)
        body = encode(made)
        previous = hash_of(body)
        found.append([keys.public_key, body, keys.sign(body)])
    return found


def opened(said: Said) -> list[list[bytes]]:
    found: list[list[bytes]] = cbor2.loads(zstandard.decompress(said.body))
    return found


def reach_of(hub: Hub, keys: DeviceKeys, site: Site, whose: DeviceKeys) -> list[object]:
    """How far the hub says at a hello that it has a feed."""
    caller = Caller(hub, keys)
    reach: list[object] = caller.hello(site.id).message["streams"][site.id]["reaches"][whose.replica]
    return reach


def test_a_hello_says_how_far_the_hub_has_every_feed(hub: Hub, known: Caller, site: Site) -> None:
    writer = make_keys(keyed=False)
    feed = a_feed(writer, site.id, 5)
    path = site_path(site.id, f"segments/{writer.replica.hex()}")
    for number in (1, 2, 4):
        assert known.ask("PUT", f"{path}/{number}", feed[number - 1]).status == 201
    beyond = hashlib.sha256(hash_of(feed[3][1])).digest()
    assert reach_of(hub, known.keys, site, writer) == [2, beyond]
    assert known.ask("PUT", f"{path}/3", feed[2]).status == 201
    assert reach_of(hub, known.keys, site, writer) == [4, b""]


def test_a_hub_proves_its_key_to_whoever_asks(hub: Hub) -> None:
    key, nonce = make_keys(keyed=False).public_key, os.urandom(32)
    said = Caller(hub).ask("POST", "/v1/hello", {"key": key, "nonce": nonce}).message
    assert genuine(said["hub"], proof_text(nonce, key), said["proof"])
    assert Caller(hub).ask("POST", "/v1/hello", {"key": key, "nonce": b"short"}).status == 422


def test_a_feed_is_handed_out_above_a_number_and_from_the_middle(known: Caller, site: Site) -> None:
    writer = make_keys(keyed=False)
    feed = a_feed(writer, site.id, 6, size=400_000)
    path = site_path(site.id, f"segments/{writer.replica.hex()}")
    for number, one in enumerate(feed, 1):
        assert known.ask("PUT", f"{path}/{number}", one).status == 201
    above, came = 2, []
    while True:
        said = known.ask("GET", f"{path}?above={above}")
        came += opened(said)
        above = int(said.headers["ranger-through"])
        if said.headers["ranger-more"] == "?0":
            break
    assert came == feed[2:]
    whole = known.ask("GET", f"{path}?above=5")
    asked = {"Range": "bytes=100-", "If-Range": whole.headers["etag"]}
    rest = known.ask("GET", f"{path}?above=5", headers=asked)
    assert (rest.status, rest.body) == (206, whole.body[100:])
    again = known.ask("GET", f"{path}?above=4", headers=asked)
    assert (again.status, opened(again)) == (200, feed[4:])
    assert opened(known.ask("GET", f"{path}?above=6")) == []
    for odd in ("-1", "x", str(1 << 64), ""):
        assert known.ask("GET", f"{path}?above={odd}").status == 422


def test_of_files_asked_about_those_that_are_missing_are_named_with_how_far_they_are(
    known: Caller, site: Site
) -> None:
    here, half, away = os.urandom(50), os.urandom(50), os.urandom(32)
    names = [hashlib.sha256(one).digest() for one in (here, half)]
    for name, content, sent in zip(names, (here, half), (50, 20), strict=True):
        headers = {"Upload-Offset": "0", "Upload-Length": "50"}
        path = site_path(site.id, f"files/{name.hex()}")
        assert known.ask("PATCH", path, content[:sent], headers).status == 204
    said = known.ask("POST", site_path(site.id, "files/missing"), {"files": [*names, away]})
    assert said.message == {"missing": [[names[1], 20], [away, 0]]}


def test_a_receipt_is_signed_by_the_hub_for_one_laptop_and_one_site(
    hub: Hub, known: Caller, site: Site
) -> None:
    writer = make_keys(keyed=False)
    (one,) = a_feed(writer, site.id, 1)
    known.ask("PUT", site_path(site.id, f"segments/{writer.replica.hex()}/1"), one)
    public_key, text, signature = known.ask("GET", site_path(site.id, "receipts")).message
    assert genuine(public_key, text, signature)
    assert public_key == known.ask("POST", "/v1/hello", {"key": known.keys.public_key}).message["hub"]
    said = cbor2.loads(text)
    assert (said["device"], said["stream"], said["files"]) == (known.keys.replica, site.id, [])
    assert said["reaches"] == {writer.replica: [1, b""]}
