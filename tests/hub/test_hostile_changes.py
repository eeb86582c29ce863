"""Whatever changes are sent to the hub: nothing forged, foreign or unreadable is taken."""

from __future__ import annotations

import os
from pathlib import Path

import cbor2
import pytest
import zstandard

from ranger_app.domain.changes import Segment
from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.changes.segments import encode
from ranger_app.storage.exchange.carrying import run_above
from ranger_app.sync.bundles.batches import MAX_BATCH, pack
from tests.hub.hubs import Caller, Hub, laptop, site_path, sync


def a_segment(keys: DeviceKeys, stream: bytes, seq: int = 1, **fields: object) -> SignedSegment:
    made = Segment(stream=stream, replica=keys.replica, seq=seq, previous=b"", hlc=1, **fields)  # type: ignore[arg-type]
    body = encode(made)
    return SignedSegment(keys.public_key, body, keys.sign(body))


def one(segment: SignedSegment) -> list[bytes]:
    return [segment.public_key, segment.body, segment.signature]


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
        assert hub.digest(site.id, tmp_path) == a.digest()


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
