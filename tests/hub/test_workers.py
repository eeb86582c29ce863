"""Several processes on one database are one hub, whichever of them answers."""

from __future__ import annotations

import json
import os
import select
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from ranger_app.jobs import Progress, Work
from ranger_app.sync.hub.exchange import sync_with_hub
from tests.hub.hubs import (
    Caller,
    HubProcess,
    add_files,
    add_people,
    free_port,
    laptop,
    lay_out,
    new_site,
    site_path,
    sync,
)
from tests.hub.postgres import Postgres, postgres_here
from tests.hub.test_killed import PATIENT


def children_of(process_id: int) -> list[int]:
    """The processes that a process started and that are there."""
    text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text(encoding="utf-8")
    return [child for child in map(int, text.split()) if b"spawn_main" in _words(child)]


def _words(process_id: int) -> bytes:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.slow
def test_two_hubs_of_two_workers_on_one_database_are_one_hub(postgres: Postgres, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "hub", postgres.database(), workers=2)
    site = new_site()
    with ExitStack() as stack:
        running = [HubProcess(folder, free_port()) for _n in range(2)]
        for process in running:
            stack.callback(process.stop)
        first = stack.enter_context(laptop(tmp_path / "0", site))
        laptops = [first, *(stack.enter_context(laptop(tmp_path / str(n), None)) for n in range(1, 4))]
        for one in laptops:
            running[0].hub.let_in(one.keys, site.id)
            assert sync(first, running[0].hub.url).complete
            assert sync(one, running[1].hub.url).complete
        for number, one in enumerate(laptops):
            add_people(one, 300, at_once=10)
            add_files(one, 5, seed=number)
        with ThreadPoolExecutor(len(laptops)) as pool:
            urls = [running[n % 2].hub.url for n in range(len(laptops))]
            assert all(done.complete for done in pool.map(sync, laptops, urls))
        assert all(sync(one, running[0].hub.url).complete for one in laptops)
        assert len({one.digest() for one in laptops}) == 1


@pytest.mark.slow
def test_a_worker_that_is_killed_is_followed_by_another(postgres: Postgres, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "hub", postgres.database(), workers=2)
    running = HubProcess(folder, free_port())
    before = children_of(running.process_id)
    assert len(before) == 2
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    with laptop(tmp_path / "a", new_site()) as a:
        running.hub.let_in(a.keys, a.site_id)
        add_people(a, 5)
        # What listens now is only what came after them.
        assert sync(a, running.hub.url, patience=PATIENT).complete
    assert not set(children_of(running.process_id)) & set(before)
    assert "has stopped" in running.stop()


@pytest.mark.slow
def test_workers_end_when_the_process_that_started_them_is_killed(postgres: Postgres, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "hub", postgres.database(), workers=2)
    running = HubProcess(folder, free_port())
    workers = children_of(running.process_id)
    running.kill()
    handles = [os.pidfd_open(worker) for worker in workers if Path(f"/proc/{worker}").exists()]
    try:
        for handle in handles:
            assert select.select([handle], [], [], 20)[0]
    finally:
        for handle in handles:
            os.close(handle)


def test_a_database_of_another_hub_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.database()
    first = HubProcess(lay_out(tmp_path / "first", database), free_port())
    first.stop()
    with pytest.raises(AssertionError, match="belongs to a hub with another key"):
        HubProcess(lay_out(tmp_path / "second", database), free_port())


def test_a_token_of_one_process_is_good_at_another(postgres: Postgres, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "hub", postgres.database())
    site = new_site()
    running = [HubProcess(folder, free_port()) for _n in range(2)]
    try:
        caller = Caller(running[0].hub)
        running[0].hub.let_in(caller.keys, site.id)
        assert caller.hello(site.id).status == 200
        other = Caller(running[1].hub, caller.keys, caller.token)
        assert other.ask("GET", site_path(site.id, "directory")).status == 200
    finally:
        for one in running:
            one.stop()


@pytest.mark.slow
def test_a_database_that_is_cut_off_meanwhile_costs_time_and_nothing_else(tmp_path: Path) -> None:
    """Its server is stopped as when the power goes, and started again, in the middle of an exchange."""
    site, steps = new_site(), []
    with postgres_here() as server:
        running = HubProcess(lay_out(tmp_path / "hub", server.database()), free_port())
        try:
            with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
                add_people(a, 3_000, at_once=100)
                files = add_files(a, 20)
                for one in (a, b):
                    running.hub.let_in(one.keys, site.id)

                def cut_off(_progress: Progress) -> None:
                    steps.append(1)
                    if len(steps) in (2, 10):
                        server.stop()
                        server.start()

                there = sync_with_hub(a, Work(cut_off), url=running.hub.url, patience=PATIENT)
                assert (there.complete, there.files_confirmed) == (True, 20)
                assert sync(b, running.hub.url).complete
                assert a.digest() == b.digest()
                assert all(b.files.whole(one) for one in files)
        finally:
            running.stop()


def test_a_hub_whose_database_is_gone_says_so(tmp_path: Path) -> None:
    with postgres_here() as server:
        running = HubProcess(lay_out(tmp_path / "hub", server.database()), free_port())
        try:
            caller = Caller(running.hub)
            assert caller.ask("GET", "/v1/health").status == 200
            server.stop()
            said = caller.ask("GET", "/v1/health")
            assert said.status == 503
            assert json.loads(said.body)["error"]["code"] == "database-away"
            server.start()
            assert caller.ask("GET", "/v1/health").status == 200
        finally:
            running.stop()
