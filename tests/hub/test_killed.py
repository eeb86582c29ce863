"""A hub that is killed in the middle of everything, and started again, has lost nothing and finishes."""

from __future__ import annotations

import select
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ranger_app.domain.errors import KnownError, Unfinished
from ranger_app.jobs import Progress, Work
from ranger_app.storage import Workspace
from ranger_app.sync.hub.exchange import Synced, sync_with_hub
from ranger_app.sync.hub.line import Patience
from tests.hub.conftest import LayOut
from tests.hub.hubs import (
    Hub,
    HubProcess,
    add_files,
    add_people,
    free_port,
    hub_here,
    laptop,
    new_site,
    sync,
)

# Long enough for a hub to be started again on a busy machine.
PATIENT = Patience(tries=400, tries_at_first=400, first_wait_s=0.02, longest_wait_s=0.25)
BEYOND_S = 600.0


class Killing:
    """Kills the hub after so many steps of the exchange, and starts it again, in a thread beside it."""

    def __init__(self, folder: Path, *, after: list[int]) -> None:
        self._folder, self._port = folder, free_port()
        self._after = after
        self._steps = 0
        self._thread: threading.Thread | None = None
        self.running = HubProcess(folder, self._port)
        self.kills = 0

    def step(self, _progress: Progress) -> None:
        """Called as the exchange moves."""
        self._steps += 1
        if self._steps in self._after:
            self.join()
            self._thread = threading.Thread(target=self._kill, name="killing", daemon=True)
            self._thread.start()

    def _kill(self) -> None:
        self.running.kill()
        self.kills += 1
        self.running = HubProcess(self._folder, self._port)

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(BEYOND_S)

    def exchange(self, workspace: Workspace) -> Synced:
        """Exchange, however often the hub is killed meanwhile."""
        done = sync_with_hub(workspace, Work(self.step), url=self.running.hub.url, patience=PATIENT)
        self.join()
        return done


def killed_all_the_way(
    folder: Path, tmp_path: Path, *, changes: int, at_once: int, files: int, kills: list[int]
) -> None:
    """Bring so much to a hub that is killed at these steps, and take it from there to another laptop."""
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        add_people(a, changes, at_once=at_once)
        stored = add_files(a, files)
        killing = Killing(folder, after=kills)
        try:
            for one in (a, b):
                killing.running.hub.let_in(one.keys, site.id)
            there = killing.exchange(a)
            assert there.complete
            assert there.files_confirmed == files
            back = killing.exchange(b)
            assert back.complete
            assert killing.kills == len(kills)
            assert b.digest() == a.digest()
            assert all(b.files.whole(one) for one in stored)
        finally:
            killing.join()
            killing.running.stop()
        if not killing.running.hub.has_database:
            with Workspace.open(killing.running.hub.site(site.id)) as kept:
                assert kept.digest() == a.digest()
                assert all(kept.files.whole(one) for one in stored)


@pytest.mark.slow
def test_a_hub_killed_during_an_exchange_loses_nothing(new_hub: LayOut, tmp_path: Path) -> None:
    killed_all_the_way(
        new_hub(tmp_path / "hub"), tmp_path, changes=8_000, at_once=500, files=40, kills=[1, 12, 60]
    )


@pytest.mark.soak
def test_a_hub_killed_during_a_large_exchange_loses_nothing(new_hub: LayOut, tmp_path: Path) -> None:
    kills = [1, 3, 10, 20, 60, 150, 300, 520, 560, 700, 900]
    hub = new_hub(tmp_path / "hub")
    killed_all_the_way(hub, tmp_path, changes=100_000, at_once=1_000, files=500, kills=kills)


@pytest.mark.slow
def test_a_receipt_outlives_the_hub_that_is_killed_right_after_it(new_hub: LayOut, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        files = add_files(a, 3)
        folder = new_hub(tmp_path / "hub")
        running = HubProcess(folder, free_port())
        running.hub.let_in(a.keys, site.id)
        done = sync(a, running.hub.url)
        running.kill()
        assert done.complete
        with hub_here(folder) as again:
            assert again.digest(site.id, tmp_path) == a.digest()
            assert len(again.stored(site.id)) == len(files)


@pytest.mark.slow
def test_a_laptop_killed_during_an_exchange_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a, laptop(tmp_path / "b", None) as b:
        add_people(a, 2_000, at_once=100)
        files = add_files(a, 30, size=100_000)
        for one in (a, b):
            hub.let_in(one.keys, site.id)
        assert sync(a, hub.url).complete
        b.close()
        words = ["sync", "--hub", hub.url, "--workspace", str(tmp_path / "b")]
        killed = subprocess.Popen([sys.executable, "-m", "ranger_app", *words], stderr=subprocess.DEVNULL)
        while killed.poll() is None and len(list((tmp_path / "b" / "files").glob("??/*"))) < 5:
            select.select([], [], [], 0.01)
        killed.kill()
        killed.wait(BEYOND_S)
        with Workspace.open(tmp_path / "b") as again:
            assert all(again.files.whole(sha256) for sha256, _path in again.files.stored())
            done = sync(again, hub.url)
            assert done.complete
            assert 0 < done.files_received < 30
            assert again.digest() == a.digest()
            assert all(again.files.whole(one) for one in files)


@pytest.mark.slow
def test_a_second_hub_on_the_same_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    running = HubProcess(tmp_path / "hub", free_port())
    try:
        with pytest.raises(AssertionError, match="is open in another window or command"):
            HubProcess(tmp_path / "hub", free_port())
    finally:
        said = running.stop()
    assert "has stopped" in said


def test_a_hub_whose_keys_are_gone_makes_no_new_ones(tmp_path: Path) -> None:
    from ranger_app.hub.house import open_keys

    (tmp_path / "sites").mkdir()
    with pytest.raises(KnownError, match="keys of this hub are missing"):
        open_keys(tmp_path)
    shutil.rmtree(tmp_path / "sites")
    assert open_keys(tmp_path) == open_keys(tmp_path)


def test_what_moved_until_the_line_broke_is_said(tmp_path: Path) -> None:
    site = new_site()
    with laptop(tmp_path / "a", site) as a:
        add_files(a, 3)
        running = HubProcess(tmp_path / "hub", free_port())
        running.hub.let_in(a.keys, site.id)

        def kill_at_the_second(_progress: Progress) -> None:
            steps.append(1)
            if len(steps) == 2:
                running.kill()

        steps: list[int] = []
        quick = Patience(tries=3, first_wait_s=0.01)
        with pytest.raises(Unfinished, match=r"Until then were sent: .*1 file[.;]"):
            sync_with_hub(a, Work(kill_at_the_second), url=running.hub.url, patience=quick)
