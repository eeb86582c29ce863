"""One writer at a time, readers whenever they like."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ranger_app.domain.patrols import Patrol, Waypoint
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.query import equal
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, a_waypoint, quiet

WRITERS, READERS, UNITS = 3, 6, 25


def at_once(jobs: list[Callable[[], None]]) -> None:
    """Run each in a thread of its own, all beginning together; the first failure is raised."""
    gate = threading.Barrier(len(jobs))

    def begin(job: Callable[[], None]) -> None:
        gate.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(begin, job) for job in jobs]:
            done.result()


def test_writers_wait_for_each_other_and_readers_see_whole_units(workspace: Workspace) -> None:
    """A patrol and its waypoint come in one unit, so no reader ever sees one without the other."""
    site, done = workspace.site_id, threading.Event()
    heard: list[Touched] = []
    workspace.watch(heard.append)

    def write() -> None:
        for n in range(UNITS):
            with workspace.unit("pair") as unit:
                patrol = a_patrol(site, f"{n}")
                unit.add(patrol)
                unit.flush()
                unit.add(a_waypoint(site, patrol_id=patrol.id))

    def read() -> None:
        last = 0
        while True:
            was_done = done.is_set()
            with workspace.reading() as data:
                patrols, waypoints = data.count(Patrol), data.count(Waypoint)
                assert patrols == waypoints >= last
                last = patrols
                for patrol in data.find(Patrol, limit=3):
                    assert data.count(Waypoint, equal("patrol_id", patrol.id)) == 1
            if was_done:
                return

    left = threading.Semaphore(0)

    def write_all() -> None:
        write()
        left.release()

    def tell_when_done() -> None:
        for _ in range(WRITERS):
            left.acquire()
        done.set()

    at_once([write_all] * WRITERS + [read] * READERS + [tell_when_done])
    with workspace.reading() as data:
        assert data.count(Patrol) == WRITERS * UNITS
    assert len(heard) == WRITERS * UNITS
    assert verify(workspace, quiet()).problems == []


def test_as_many_readers_as_anybody_wants(workspace: Workspace) -> None:
    def read() -> None:
        with workspace.reading() as data:
            together.wait()
            assert data.count(Patrol) == 0

    together = threading.Barrier(40)
    at_once([read] * 40)


def test_files_may_be_added_from_many_threads(workspace: Workspace, tmp_path: Path) -> None:
    contents = [bytes([n]) * 10_000 for n in range(20)]

    def add(which: int) -> None:
        for content in contents[which::2] + contents[:4]:
            workspace.files.add_bytes(content, settle=False)
            workspace.files.settle()

    at_once([lambda: add(0), lambda: add(1), lambda: add(0), lambda: add(1)])
    assert len(list(workspace.files.stored())) == len(contents)
    assert not list((workspace.folder / "files" / "incoming").iterdir())
