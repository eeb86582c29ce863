"""Whatever a store that speaks S3 does: what the hub says that it has is there, and is what it was."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ranger_app.domain.errors import NotFound
from ranger_app.hub import objects as objects_room
from ranger_app.hub.house import open_house
from ranger_app.hub.objects import ObjectsAway, StoreObjects
from ranger_app.jobs import Progress, Work
from ranger_app.sync.hub.exchange import sync_with_hub
from tests.hub.faulty_store import Fault, FaultyStore, faulty_store
from tests.hub.hubs import QUICK, Caller, add_files, hub_here, laptop, lay_out, new_site, site_path, sync
from tests.hub.moto import BUCKET, Moto
from tests.hub.postgres import Postgres

CONTENT = bytes(range(256)) * 64
NAME = "site/files/demo"
TWO = 2
LONG = 9 << 20  # bytes: a whole piece and a shorter one


@pytest.fixture
def faulty(moto: Moto) -> Iterator[FaultyStore]:
    with faulty_store(moto.port) as store:
        yield store


@pytest.fixture(params=[True, False], ids=["conditional", "unconditional"])
def careful(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def store(moto: Moto, faulty: FaultyStore, careful: bool, tmp_path: Path) -> StoreObjects:
    described = replace(moto, port=faulty.port, careful=careful)
    return StoreObjects(f"s3://{BUCKET}/{tmp_path.name}-{tmp_path.parent.name}", described.options)


@pytest.fixture
def twice_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few tries, so that a store that never gets well is soon left."""
    monkeypatch.setattr(objects_room, "_RETRIES", 1)


def read(store: StoreObjects, size: int = len(CONTENT)) -> bytes:
    return b"".join(store.read(NAME, 0, size))


def test_a_store_that_can_is_asked_not_to_write_over_anything(
    store: StoreObjects, faulty: FaultyStore, careful: bool
) -> None:
    store.put(NAME, CONTENT)
    store.put(NAME, CONTENT)
    assert faulty.conditional == (TWO if careful else 0)
    assert faulty.statuses("PUT") == ([200, 412] if careful else [200, 200])
    assert read(store) == CONTENT


@pytest.mark.parametrize(
    "faults",
    [
        (Fault.BUSY, Fault.BUSY),
        (Fault.BROKEN,),
        (Fault.TOO_MANY,),
        (Fault.CUT_BEFORE,),
        (Fault.CUT_AFTER,),
        (Fault.BUSY, Fault.CUT_AFTER, Fault.BROKEN),
    ],
    ids=lambda faults: "+".join(one.name.lower() for one in faults),
)
def test_what_fails_for_a_moment_is_tried_again(
    store: StoreObjects, faulty: FaultyStore, faults: tuple[Fault, ...]
) -> None:
    faulty.fail("PUT", *faults)
    store.put(NAME, CONTENT)
    assert len(faulty.statuses("PUT")) > len(faults)
    faulty.fail("GET", *faults)
    assert read(store) == CONTENT


def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(
    store: StoreObjects, faulty: FaultyStore
) -> None:
    store.put(NAME, CONTENT)
    faulty.fail("GET", Fault.CUT_WITHIN)
    try:
        assert read(store) == CONTENT
    except ObjectsAway:
        assert read(store) == CONTENT


def test_a_write_refused_because_of_another_one_counts_only_when_it_is_there(
    store: StoreObjects, faulty: FaultyStore
) -> None:
    """S3 answers 409 while another write is under way, which may never come to anything."""
    faulty.fail("PUT", Fault.CONFLICT)
    try:
        store.put(NAME, CONTENT)
    except ObjectsAway:
        with pytest.raises(NotFound):
            read(store)
        store.put(NAME, CONTENT)
    assert read(store) == CONTENT


def test_something_else_under_the_name_is_written_over(store: StoreObjects) -> None:
    for other in (b"damaged", bytes(len(CONTENT)), b""):
        store.remove([NAME])
        store.put(NAME, other)
        store.put(NAME, CONTENT)
        assert read(store) == CONTENT


def test_what_was_spoiled_on_its_way_is_not_said_to_be_kept(store: StoreObjects, faulty: FaultyStore) -> None:
    """This store looks at no checksum; one that does answers 400, which is a fault of the same kind."""
    faulty.fail("PUT", Fault.SPOILED)
    with pytest.raises(ObjectsAway, match="does not keep what it is given"):
        store.put(NAME, CONTENT)
    store.put(NAME, CONTENT)
    assert read(store) == CONTENT


@pytest.mark.usefixtures("twice_only")
@pytest.mark.parametrize(
    "fault", [Fault.TOO_LARGE, Fault.BUSY, Fault.CUT_BEFORE], ids=lambda f: f.name.lower()
)
def test_a_store_that_does_not_get_well_is_told(
    moto: Moto, faulty: FaultyStore, fault: Fault, tmp_path: Path
) -> None:
    store = StoreObjects(f"s3://{BUCKET}/{tmp_path.name}", moto.through(faulty.port).options)
    faulty.fail("PUT", *[fault] * 20)
    with pytest.raises(ObjectsAway):
        store.put(NAME, CONTENT)


def test_two_workers_that_race_for_one_name_both_have_it(store: StoreObjects, faulty: FaultyStore) -> None:
    faulty.meet(TWO)
    with ThreadPoolExecutor(TWO) as pool:
        list(pool.map(lambda _n: store.put(NAME, CONTENT), range(TWO)))
    assert read(store) == CONTENT


@pytest.mark.slow
def test_two_workers_that_are_given_the_same_file_at_once_hold_it_once(
    postgres: Postgres, moto: Moto, faulty: FaultyStore, careful: bool, tmp_path: Path
) -> None:
    described = replace(moto, port=faulty.port, careful=careful)
    folder = lay_out(tmp_path / "hub", postgres.database(), more=described.toml)
    site, sha256 = new_site(), hashlib.sha256(CONTENT).digest()
    with hub_here(folder) as one, hub_here(folder) as other:
        callers = [Caller(one), Caller(other)]
        for caller in callers:
            one.let_in(caller.keys, site.id)
            assert caller.hello(site.id).status == 200
        faulty.meet(TWO)
        headers = {"Upload-Offset": "0", "Upload-Length": str(len(CONTENT))}
        path = site_path(site.id, f"files/{sha256.hex()}")
        with ThreadPoolExecutor(TWO) as pool:
            said = list(pool.map(lambda caller: caller.ask("PATCH", path, CONTENT, headers), callers))
        assert [one.status for one in said] == [204, 204]
        assert all(caller.ask("GET", path).body == CONTENT for caller in callers)
        house = open_house(folder)
        try:
            with house.shelf.open(site.id) as place:
                assert place.held([sha256]) == {sha256}
            assert house.shelf.verify(site.id, Work()) == []
        finally:
            house.shelf.close()


@pytest.mark.slow
def test_a_store_that_goes_away_in_the_middle_costs_time_and_nothing_else(
    postgres: Postgres, moto: Moto, faulty: FaultyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_room, "_RETRIES", 0)
    folder = lay_out(tmp_path / "hub", postgres.database(), more=moto.through(faulty.port).toml)
    site, steps = new_site(), list[Progress]()
    with hub_here(folder) as hub, laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        files = add_files(a, 4) + add_files(a, 1, size=LONG, seed=2)
        for one in (a, b):
            hub.let_in(one.keys, site.id)

        def trouble(progress: Progress) -> None:
            steps.append(progress)
            if len(steps) == 2:
                faulty.down = True
                threading.Timer(0.2, lambda: setattr(faulty, "down", False)).start()
            elif len(steps) == 4:
                faulty.fail("PUT", Fault.BUSY, Fault.CUT_AFTER)

        there = sync_with_hub(a, Work(trouble), url=hub.url, patience=QUICK)
        assert (there.complete, there.files_confirmed) == (True, 5)
        assert 0 in faulty.statuses("PUT")
        faulty.fail("GET", Fault.BROKEN, Fault.CUT_WITHIN, Fault.BUSY)
        assert sync(b, hub.url).complete
        assert all(b.files.whole(one) for one in files)
        house = open_house(folder)
        try:
            assert house.shelf.verify(site.id, Work()) == []
        finally:
            house.shelf.close()
