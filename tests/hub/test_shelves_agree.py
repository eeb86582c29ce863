"""Both shelves say the same of whatever comes, in any order: forks, gaps, forgeries, repeats, lost leaves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.feeds import MAX_AHEAD
from ranger_app.domain.fields import INSERT
from ranger_app.domain.ids import new_id
from ranger_app.domain.patrols import Waypoint
from ranger_app.hub.house import open_house
from ranger_app.hub.shelf import Place
from ranger_app.security.keys import DeviceKeys, make_keys
from ranger_app.storage.changes.leaves import signed_part
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.changes.segments import OpsWriter, encode, hash_of
from tests.hub.hubs import lay_out
from tests.hub.postgres import Postgres

LENGTH = 8
_COMMENT = 13


@contextmanager
def place(folder: Path, site: bytes) -> Iterator[Place]:
    shelf = open_house(folder).shelf
    try:
        with shelf.open(site) as opened:
            yield opened
    finally:
        shelf.close()


def signed(keys: DeviceKeys, body: bytes) -> SignedSegment:
    return SignedSegment(keys.public_key, body, keys.sign(signed_part(body)))


def a_feed(keys: DeviceKeys, site: bytes, chance: random.Random) -> list[SignedSegment]:
    """A feed that may fork: from some number on there are two of everything, each chain sound by itself."""
    fork = chance.choice([None, None, 1, 3, LENGTH])
    made: list[SignedSegment] = []
    for side in ("first", "second") if fork else ("first",):
        previous = b""
        for seq in range(1, LENGTH + 1):
            shared = fork is None or seq < fork
            segment = Segment(
                stream=site,
                replica=keys.replica,
                seq=seq,
                previous=previous,
                hlc=seq,
                action="" if shared else side,
            )
            body = _with_leaves(segment, chance) if seq == 2 and fork is None else encode(segment)
            previous = hash_of(body)
            if shared and side == "second":
                body = next(one.body for one in made if hash_of(one.body) == previous)
            made.append(signed(keys, body))
    return made


def _with_leaves(segment: Segment, chance: random.Random) -> bytes:
    writer = OpsWriter(segment.replica, seals=True)
    row = chance.randbytes(16)
    writer.put(Op(Waypoint.KIND, row, INSERT, [1, segment.stream, _COMMENT, "demo secret"]))
    return writer.body(segment)


def spoiled(some: list[SignedSegment], chance: random.Random, forger: DeviceKeys) -> list[SignedSegment]:
    """The same with what an enemy or a bad line would make of them among them."""
    found = [one for one in some if chance.random() < 0.9]
    found += chance.choices(some, k=3)
    for one in chance.sample(some, 4):
        signature = forger.sign(one.body)
        found += [
            SignedSegment(one.public_key, one.body, signature),
            SignedSegment(forger.public_key, one.body, signature),
            SignedSegment(one.public_key, one.body[:-1], one.signature),
            SignedSegment(one.public_key, signed_part(one.body), one.signature),
        ]
    chance.shuffle(found)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_both_shelves_say_the_same_of_whatever_comes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    tmp_path = tmp_path_factory.mktemp("agree")
    chance, site = random.Random(seed), new_id()
    writers = [make_keys(keyed=False) for _n in range(3)]
    every = [one for keys in writers for one in a_feed(keys, site, chance)]
    far = Segment(stream=site, replica=writers[0].replica, seq=MAX_AHEAD + 50, previous=b"", hlc=1)
    every.append(signed(writers[0], encode(far)))
    come = spoiled(every, chance, make_keys(keyed=False)) + every
    with (
        place(lay_out(tmp_path / "folder"), site) as first,
        place(lay_out(tmp_path / "database", postgres.database()), site) as second,
    ):
        while come:
            batch, come = come[: (size := chance.randint(1, 9))], come[size:]
            said = [one.take(batch) for one in (first, second)]
            counts = [(r.new, r.known, r.refused, r.filled, r.forks) for r in said]
            assert counts[0] == counts[1]
            assert first.reaches() == second.reaches()
        for keys in writers:
            runs = [one.run_above(keys.replica, 0, at_most_bytes=1 << 20) for one in (first, second)]
            assert runs[0] == runs[1]
            bare = [
                one.run_above(keys.replica, 0, at_most_bytes=1 << 20, whole=False) for one in (first, second)
            ]
            assert bare[0] == bare[1]
            assert not any(b"demo secret" in one.body for one in bare[0].segments)
