"""What a hub's keeper is told of it, on both shelves, and while it serves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ranger_app.domain.errors import BadInput, KnownError
from ranger_app.domain.ids import id_text
from ranger_app.domain.sites import Site
from ranger_app.hub.keeping import Keeper
from ranger_app.hub.settings import NAME, read_settings
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.sync.people.devices import Devices
from tests.hub.conftest import LayOut
from tests.hub.hubs import Caller, Hub, add_files, add_people, hub_here, laptop, new_site, sync


@pytest.fixture
def site() -> Site:
    return new_site("Demo park of the keeper")


def of(site: Site, found: list[dict[str, object]], key: str = "id") -> list[dict[str, object]]:
    return [one for one in found if one[key] == id_text(site.id)]


def test_sites_are_counted_and_named_while_the_hub_serves(hub: Hub, site: Site, tmp_path: Path) -> None:
    with laptop(tmp_path / "a", site) as a:
        add_people(a, 7)
        add_files(a, 3)
        hub.let_in(a.keys, site.id)
        done = sync(a, hub.url)
    keeper = Keeper(hub.folder)
    try:
        (found,) = of(site, keeper.sites())
    finally:
        keeper.close()
    assert (found["name"], found["laptops"]) == (site.name, 1)
    assert (found["segments"], found["files"], found["files_bytes"]) == (done.segments_sent, 3, 60_000)
    assert found["changes_bytes"]


def test_a_site_that_got_another_name_has_it_here_too(hub: Hub, site: Site, tmp_path: Path) -> None:
    with laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)
        sync(a, hub.url)
        with a.unit("name") as unit:
            unit.change((Site, site.id), name="Demo park under another name")
        sync(a, hub.url)
    keeper = Keeper(hub.folder)
    try:
        (found,) = of(site, keeper.sites())
    finally:
        keeper.close()
    assert found["name"] == "Demo park under another name"


def test_laptops_are_listed_with_when_they_came_and_got_a_receipt(
    hub: Hub, site: Site, tmp_path: Path
) -> None:
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        _request, file = Devices(b).request(name="demo ranger")
        Devices(b).join(Devices(a).enrol(file, role="ranger"))
        hub.let_in(a.keys, site.id, name="demo office")
        sync(a, hub.url)
        sync(b, hub.url)
        only_looks = Caller(hub)
        hub.let_in(only_looks.keys, site.id, name="demo visitor")
        only_looks.hello(site.id)
        Devices(a).revoke(b.keys.replica)
        sync(a, hub.url)
    keeper = Keeper(hub.folder)
    try:
        found = {one["device"]: one for one in of(site, keeper.devices(), "site")}
    finally:
        keeper.close()
    station = found[b.keys.replica.hex()]
    assert (station["name"], station["role"], station["revoked"]) == ("demo ranger", None, True)
    assert station["receipt_at"]
    visitor = found[only_looks.keys.replica.hex()]
    assert (visitor["name"], visitor["receipt_at"]) == ("demo visitor", None)
    assert found[a.keys.replica.hex()]["role"] == "administrator"


def test_what_is_damaged_is_found(new_hub: LayOut, site: Site, tmp_path: Path) -> None:
    with hub_here(new_hub(tmp_path / "hub")) as hub, laptop(tmp_path / "a", site) as a:
        add_files(a, 2)
        hub.let_in(a.keys, site.id)
        assert sync(a, hub.url).complete
    keeper = Keeper(hub.folder)
    assert keeper.verify(Work()) == [{"site": id_text(site.id), "problems": []}]
    hub.stored(site.id)[0].write_bytes(b"demo")
    ((problem,),) = [one["problems"] for one in keeper.verify(Work(), forget=True)]
    assert problem.startswith("1 file is")
    assert keeper.verify(Work()) == [{"site": id_text(site.id), "problems": []}]
    keeper.close()
    with hub_here(hub.folder) as again, Workspace.open(tmp_path / "a") as a:
        shutil.rmtree(a.folder / "hub")  # as when its receipts are too old to be trusted
        assert sync(a, again.url).files_sent == 1


def test_a_hub_that_serves_its_folder_is_not_looked_through(tmp_path: Path, site: Site) -> None:
    with hub_here(tmp_path / "hub") as hub, laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)
        sync(a, hub.url)
        keeper = Keeper(hub.folder)
        with pytest.raises(KnownError, match="has this folder open"):
            keeper.verify(Work())


def test_each_shelf_has_advice_of_its_own(new_hub: LayOut, tmp_path: Path) -> None:
    keeper = Keeper(new_hub(tmp_path / "hub"))
    advice = " ".join(keeper.backup())
    has_database = bool(read_settings(tmp_path / "hub").database)
    keeper.close()
    assert str(tmp_path / "hub" / "device") in advice
    assert ("write-ahead log" in advice) == has_database


def test_health_is_told_to_anybody(hub: Hub) -> None:
    assert Caller(hub).ask("GET", "/v1/health").status == 200


@pytest.mark.parametrize(
    "text",
    [
        "database = 7",
        "databse = 'postgresql:///demo'",
        "workers = 2",
        "database = 'postgresql:///demo'\nworkers = 0",
        "database = 'postgresql:///demo'\nworkers = true",
        "database = 'postgresql:///demo'\n[store]\nregion = 3",
        "objects = '/srv/demo'",
        "[",
        "\x00",
        "a = " + "[" * 100_000,
    ],
)
def test_settings_that_are_none_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="settings do not read"):
        read_settings(tmp_path)


@pytest.mark.parametrize("address", ["mysql://demo", "demo", "postgresql", ":"])
def test_a_database_that_is_none_is_told(tmp_path: Path, address: str) -> None:
    (tmp_path / NAME).write_text(f'database = "{address}"', encoding="utf-8")
    with pytest.raises(BadInput, match="not the address of a PostgreSQL"):
        Keeper(tmp_path)


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f'database = "postgresql:///demo?host={tmp_path}"', encoding="utf-8")
    with pytest.raises(KnownError, match="does not answer"):
        Keeper(tmp_path)
