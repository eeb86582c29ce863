"""A hub over HTTP on loopback, in a process of its own: changes in and out, files in, and its memory.

The laptops' sides run in this process on the same two cores. Every batch is signed, checked, merged and
flushed to the disk before it is answered; an exchange ends with the hub's signed receipt.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ranger_app.domain.sites import Attachment
from ranger_app.storage import Workspace
from tests.benchmarks.report import Report
from tests.hub.hubs import HubProcess, add_files, add_people, free_port, laptop, lay_out, new_site, sync
from tests.hub.postgres import postgres_here

CHANGES = 100_000
T = TypeVar("T")
LAPTOPS, CHANGES_EACH = 4, 20_000
FILES, FILE_BYTES = 500, 400_000
OPS_A_SECOND = 15_000
FILES_AT_MOST_TIMES = 4
LARGE_BYTES = 500 << 20
MEMORY_MB = 300


def run(report: Report) -> None:
    """For each shelf: one laptop with much, four at once for four sites, a card's worth of photos, and a file
    that is larger than the memory that the hub may take."""
    with postgres_here(safe=True) as server:
        for name, database in (("a folder", ""), ("PostgreSQL", server.database())):
            _measure(report, name, database)


def _measure(report: Report, name: str, database: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as folder, ExitStack() as stack:
        place = Path(folder)
        running = HubProcess(lay_out(place / "hub", database), free_port())
        stack.callback(running.stop)
        hub = Measured(report, name, running)
        _one(hub, place, stack)
        _several(hub, place, stack)
        _large(hub, place, stack)
        report.budget(
            f"hub on {name}: memory at its highest",
            measured=_peak_mb(running.process_id),
            at_most=MEMORY_MB,
            unit="MB",
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A hub that is measured."""

    report: Report
    shelf: str
    running: HubProcess

    @property
    def url(self) -> str:
        return self.running.hub.url

    def changes(self, what: str, count: int, work: Callable[[], T]) -> T:
        """So many changes by this work. On a machine that is busy the clock says little; what they cost of
        its processor says what a quiet one would do."""
        hub_s, here_s = _cpu_s(self.running.process_id), time.process_time()
        done, seconds = _timed(work)
        hub_us = (_cpu_s(self.running.process_id) - hub_s) / count * 1e6
        here_us = (time.process_time() - here_s) / count * 1e6
        self.report.rate(
            f"hub on {self.shelf}: {what}",
            measured=count / seconds,
            at_least=OPS_A_SECOND,
            unit="ops/s",
            note=f"flushed before it is answered; of a core each took the hub {hub_us:.0f} µs, the laptops "
            f"beside it {here_us:.0f} µs",
        )
        return done


def _one(hub: Measured, place: Path, stack: ExitStack) -> None:
    site = new_site()
    a = stack.enter_context(laptop(place / "a", site))
    b = stack.enter_context(laptop(place / "b", None))
    for one in (a, b):
        hub.running.hub.let_in(one.keys, site.id)
    add_people(a, CHANGES)
    there = hub.changes("changes of one laptop in", CHANGES, lambda: sync(a, hub.url))
    assert there.complete
    back = hub.changes("the same out and merged at another laptop", CHANGES, lambda: sync(b, hub.url))
    assert back.complete
    assert a.digest() == b.digest()
    _kept, here = _timed(lambda: add_files(a, FILES, size=FILE_BYTES))
    there, seconds = _timed(lambda: sync(a, hub.url))
    assert there.files_confirmed == FILES
    speed = FILES * FILE_BYTES / 1e6 / seconds
    hub.report.peer(
        f"hub on {hub.shelf}: {FILES} files of {FILE_BYTES / 1e3:.0f} kB in ({speed:.0f} MB/s)",
        measured=seconds,
        peer=here,
        name="the same kept on the laptop",
        at_most_times=FILES_AT_MOST_TIMES,
        note="each hashed, flushed and its folder flushed before it is answered, then signed for",
    )


def _several(hub: Measured, place: Path, stack: ExitStack) -> None:
    laptops: list[Workspace] = []
    for number in range(LAPTOPS):
        site = new_site(f"Demo park {number}")
        laptops.append(stack.enter_context(laptop(place / f"several {number}", site)))
        hub.running.hub.let_in(laptops[-1].keys, site.id)
        add_people(laptops[-1], CHANGES_EACH)
    with ThreadPoolExecutor(LAPTOPS) as pool:
        done = hub.changes(
            f"changes of {LAPTOPS} laptops at once in",
            LAPTOPS * CHANGES_EACH,
            lambda: list(pool.map(lambda one: sync(one, hub.url), laptops)),
        )
    assert all(one.complete for one in done)


def _large(hub: Measured, place: Path, stack: ExitStack) -> None:
    one = stack.enter_context(laptop(place / "large", new_site()))
    hub.running.hub.let_in(one.keys, one.site_id)
    file = _add_large(one, place / "large.mp4")
    assert sync(one, hub.url).files_confirmed == 1
    other = stack.enter_context(laptop(place / "large back", None))
    hub.running.hub.let_in(other.keys, one.site_id)
    assert sync(other, hub.url).files_received == 1
    assert other.files.whole(file)


def _add_large(workspace: Workspace, path: Path) -> bytes:
    with open(path, "wb") as out:
        for _n in range(LARGE_BYTES >> 20):
            out.write(os.urandom(1 << 20))
    kept = workspace.files.add(path)
    path.unlink()
    site = workspace.site_id
    with workspace.unit("clip") as unit:
        unit.add(
            Attachment(
                site_id=site,
                owner_id=site,
                owner_kind="site",
                file=kept.sha256,
                file_name="demo.mp4",
                size_bytes=kept.size_bytes,
            )
        )
    return kept.sha256


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def _cpu_s(process_id: int) -> float:
    """Seconds of processor that a process has had."""
    said = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(process_id: int) -> float:
    text = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6
