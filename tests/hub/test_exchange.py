"""Laptops that never meet come to the same through the hub, and are told what is safe there."""

from __future__ import annotations

import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from ranger_app.domain.errors import Refused
from ranger_app.domain.sites import Person, Site
from ranger_app.hub import bounds
from ranger_app.hub.objects import FolderObjects
from ranger_app.jobs import Work
from ranger_app.security.keys import replica_of
from ranger_app.storage import Workspace
from ranger_app.storage.differences.differing import differences
from ranger_app.storage.exchange.carrying import reaches
from ranger_app.sync.hub.exchange import sync_with_hub
from ranger_app.sync.hub.memory import remembered
from ranger_app.sync.hub.receipts import Receipts
from tests.hub.hubs import Hub, add_files, add_people, hub_here, laptop, new_site, sync
from tests.storage.cloning import unnoticed_copies


def test_what_one_laptop_brings_another_one_takes(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        add_people(a, 30)
        files = add_files(a, 3)
        hub.let_in(a.keys, site.id)
        hub.let_in(b.keys, site.id)
        there = sync(a, hub.url)
        back = sync(b, hub.url)
        assert there.complete
        assert (there.files_sent, there.files_confirmed) == (3, 3)
        assert back.complete
        assert (back.segments_received, back.files_received) == (there.segments_sent, 3)
        assert back.joined == site.name
        assert b.digest() == a.digest()
        assert all(b.files.whole(one) for one in files)


def test_an_exchange_with_nothing_new_moves_nothing(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        add_files(a, 2)
        hub.let_in(a.keys, site.id)
        sync(a, hub.url)
        again = sync(a, hub.url)
        assert again.complete
        assert (again.segments_sent, again.segments_received, again.files_sent) == (0, 0, 0)
        assert again.files_confirmed == 2


def test_both_sides_of_a_difference_arrive_everywhere(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        person = Person(site_id=site.id, name="demo person")
        with a.unit("person") as unit:
            unit.add(person)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
            sync(one, hub.url)
        for one, name in ((a, "demo first"), (b, "demo second")):
            with one.unit("name") as unit:
                unit.change((Person, person.id), name=name)
        for one in (a, b, a):
            assert sync(one, hub.url).complete
        assert a.digest() == b.digest()
        (difference,) = differences(a)
        assert {value.value for value in difference.values} == {"demo first", "demo second"}


def test_a_copied_workspace_leaves_both_sides_everywhere_and_an_end_to_the_exchange(
    hub: Hub, tmp_path: Path
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        hub.let_in(a.keys, site.id)
        add_people(a, 1)
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    with (
        unnoticed_copies(),
        Workspace.open(tmp_path / "a") as a,
        Workspace.open(tmp_path / "copy") as copy,
    ):
        replica = a.keys.replica
        add_people(a, 3, at_once=1, name="demo of the first")
        add_people(copy, 2, at_once=1, name="demo of the copy")
        for one in (a, copy, a, copy):
            hub.let_in(one.keys, site.id)
            assert sync(one, hub.url).complete
        assert reaches(a, site.id)[replica] == reaches(copy, site.id)[replica]
        assert reaches(a, site.id)[replica].beyond
        quiet = sync(a, hub.url)
        assert (quiet.segments_sent, quiet.segments_received) == (0, 0)


def test_one_laptop_works_for_two_sites_and_each_gets_only_its_own(hub: Hub, tmp_path: Path) -> None:
    first, second = new_site("Demo north"), new_site("Demo south")
    with (
        laptop(tmp_path / "a", first) as a,
        laptop(tmp_path / "b", second) as b,
        laptop(tmp_path / "office", None) as office,
    ):
        for one, site in ((a, first), (b, second)):
            hub.let_in(one.keys, site.id)
            add_files(one, 1, seed=int.from_bytes(site.id[-4:], "big"))
            assert sync(one, hub.url).complete
        hub.let_in(office.keys, first.id, second.id)
        assert sync(office, hub.url).complete
        with office.unit("office") as unit:
            unit.add(Person(site_id=second.id, name="demo of the south"))
        assert sync(office, hub.url).complete
        assert sync(a, hub.url).complete
        with office.reading() as data, a.reading() as north:
            assert data.count(Site) == 2
            assert north.count(Site) == 1
            assert north.count(Person) == 0


def no_room(*_arguments: object) -> None:
    raise bounds.no_room()


def test_a_hub_that_takes_no_more_files_signs_for_none_and_the_laptop_says_so(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        add_files(a, 2)
        hub.let_in(a.keys, site.id)
        if hub.has_database:
            monkeypatch.setattr(FolderObjects, "put", no_room)
        else:
            monkeypatch.setattr(bounds, "KEPT_FREE", 1 << 60)
        full = sync(a, hub.url)
        assert not full.complete
        assert full.files_confirmed == 0
        assert any("full" in sentence for sentence in full.not_confirmed)
        monkeypatch.undo()
        assert sync(a, hub.url).files_confirmed == 2


def test_a_hub_put_back_from_a_backup_gets_everything_again(tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        with hub_here(tmp_path / "hub") as hub:
            hub.let_in(a.keys, site.id)
            assert sync(a, hub.url).complete
        shutil.copytree(tmp_path / "hub", tmp_path / "backup")
        with hub_here(tmp_path / "hub") as hub:
            add_people(a, 5)
            add_files(a, 2)
            assert sync(a, hub.url).complete
        shutil.rmtree(tmp_path / "hub")
        with hub_here(tmp_path / "backup") as hub:
            again = sync(a, hub.url)
            assert again.complete
            assert again.files_sent == 2
        with Workspace.open(hub.site(site.id)) as kept:
            assert kept.digest() == a.digest()


def test_another_hub_under_the_same_address_is_not_talked_to(tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        with hub_here(tmp_path / "hub") as hub:
            hub.let_in(a.keys, site.id)
            sync(a, hub.url)
            (tmp_path / "hub" / "device" / "keys.cbor").unlink()
        shutil.rmtree(tmp_path / "hub" / "sites")
        with hub_here(tmp_path / "hub", hub.port) as other:
            assert other.url == hub.url
            with pytest.raises(Refused, match="another key"):
                sync(a, other.url)
            assert sync(a, other.url, new_hub=True).complete


def test_receipts_are_kept_and_the_hub_is_remembered(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        files = add_files(a, 2)
        hub.let_in(a.keys, site.id)
        sync(a, hub.url)
        known = remembered(a.folder)
        assert known is not None
        receipts = Receipts(a.folder, replica_of(known.key))
        assert receipts.files(site.id) == set(files)
        last = receipts.changes(site.id)
        assert last is not None
        assert last.reaches == reaches(a, site.id)
        assert sync_with_hub(a, Work()).complete


def test_a_laptop_that_was_not_let_in_is_told_what_to_do(hub: Hub, tmp_path: Path) -> None:
    with laptop(tmp_path / "a", new_site()) as a, pytest.raises(Refused) as refused:
        sync(a, hub.url)
    assert "--card" in refused.value.what_to_do


def test_laptops_that_exchange_at_the_same_time_do_not_disturb_each_other(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with ExitStack() as stack:
        first = stack.enter_context(laptop(tmp_path / "0", site))
        others = [stack.enter_context(laptop(tmp_path / str(n), None)) for n in range(1, 4)]
        laptops = [first, *others]
        for one in laptops:
            hub.let_in(one.keys, site.id)
            sync(first, hub.url)
            sync(one, hub.url)
        for number, one in enumerate(laptops):
            add_people(one, 400, at_once=20)
            add_files(one, 5, seed=number)
        with ThreadPoolExecutor(len(laptops)) as pool:
            assert all(done.complete for done in pool.map(lambda one: sync(one, hub.url), laptops))
        assert all(sync(one, hub.url).complete for one in laptops)
        assert len({one.digest() for one in laptops}) == 1
        with first.reading() as data:
            assert data.count(Person) == 4 * 400


def test_a_change_larger_than_a_request_may_bring_comes_through(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        noise = random.Random(1).randbytes(6 << 20)
        with a.unit("boundary") as unit:
            unit.change((Site, site.id), boundary=noise)
        assert sync(a, hub.url).complete
        assert sync(b, hub.url).complete
        with b.reading() as data:
            assert data.need(Site, site.id).boundary == noise
