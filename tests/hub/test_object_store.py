"""The bytes of files in a store of their own: a folder, and two servers that speak S3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.hub.house import open_house
from ranger_app.hub.objects import FolderObjects, Objects, ObjectsAway, StoreObjects, open_objects
from ranger_app.jobs import Work
from tests.hub.hubs import add_files, free_port, hub_here, laptop, lay_out, new_site, sync
from tests.hub.moto import Moto
from tests.hub.postgres import Postgres
from tests.hub.swift import BUCKET, Swift, swift_here

PIECES = 20 << 20  # bytes: two whole pieces and a shorter one


@pytest.fixture(scope="module")
def swift() -> Iterator[Swift]:
    with swift_here() as store:
        yield store


@pytest.fixture(params=["folder", "swift", "moto", "moto without conditions"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    kind: str = request.param
    if kind == "folder":
        return FolderObjects(tmp_path / "objects")
    store: Swift | Moto = request.getfixturevalue(kind.split()[0])
    if isinstance(store, Moto):
        store = replace(store, careful=kind == "moto")
    return StoreObjects(f"s3://{BUCKET}/{tmp_path.name}", store.options)


def whole(objects: Objects, name: str, start: int = 0, end: int = 1 << 20) -> bytes:
    return b"".join(objects.read(name, start, end))


def test_what_is_kept_is_read_back_wholly_and_in_part(objects: Objects) -> None:
    content = bytes(range(256)) * 40
    objects.put("a/b/c", content)
    objects.put("a/b/c", content)
    assert whole(objects, "a/b/c", 0, len(content)) == content
    assert whole(objects, "a/b/c", 300, 400) == content[300:400]
    assert whole(objects, "a/b/c", 400, 400) == b""
    objects.well()


def test_what_is_removed_is_not_there(objects: Objects) -> None:
    objects.put("a/b", b"demo")
    objects.remove(["a/b", "a/never"])
    with pytest.raises(NotFound):
        whole(objects, "a/b")


def test_a_store_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from ranger_app.hub import objects

    monkeypatch.setattr(objects, "_RETRIES", 0)
    options = {"endpoint": f"http://127.0.0.1:{free_port()}", "region": "demo"}
    keys = {"access_key_id": "demo", "secret_access_key": "demo"}
    away = StoreObjects("s3://demo", options | keys)
    for deed in (away.well, lambda: away.put("a", b"b"), lambda: whole(away, "a")):
        with pytest.raises(ObjectsAway, match="does not answer as it should"):
            deed()


def test_a_wrong_secret_is_told(swift: Swift) -> None:
    wrong = StoreObjects(f"s3://{BUCKET}", swift.options | {"secret_access_key": "another"})
    with pytest.raises(ObjectsAway):
        wrong.put("a", b"b")


@pytest.mark.parametrize("place", ["ftp://demo", "relative/folder", "s3://"])
def test_a_store_that_is_none_is_told(place: str) -> None:
    with pytest.raises(BadInput):
        open_objects(place, {})
    with pytest.raises(BadInput):
        open_objects("s3://demo", {"no such thing": "demo"})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["swift", "moto"])
def test_files_go_through_a_hub_into_a_real_store_and_out_again(
    request: pytest.FixtureRequest, kind: str, postgres: Postgres, tmp_path: Path
) -> None:
    site, store = new_site(), request.getfixturevalue(kind)
    folder = lay_out(tmp_path / "hub", postgres.database(), more=store.toml)
    with hub_here(folder) as hub, laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        files = add_files(a, 4) + add_files(a, 1, size=PIECES, seed=2)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        there = sync(a, hub.url)
        assert (there.complete, there.files_confirmed) == (True, 5)
        back = sync(b, hub.url)
        assert (back.complete, back.files_received) == (True, 5)
        assert all(b.files.whole(one) for one in files)
        house = open_house(folder)
        try:
            (held,) = house.shelf.holdings()
            assert (held.files, held.files_bytes) == (5, 4 * 20_000 + PIECES)
            assert house.shelf.verify(site.id, Work()) == []
        finally:
            house.shelf.close()
