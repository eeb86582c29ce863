"""A hub over HTTP on loopback, in a process of its own: changes in and out, files in, and its memory.

The laptops' sides run in this process on the same two cores. Every batch is signed, checked, merged and
flushed to the disk before it is answered; an exchange ends with the hub's signed receipt.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from ranger_app.storage import Workspace
from tests.benchmarks.report import Report
from tests.hub.hubs import HubProcess, add_files, add_people, free_port, laptop, new_site, sync

CHANGES = 100_000
T = TypeVar("T")
LAPTOPS, CHANGES_EACH = 4, 20_000
FILES, FILE_BYTES = 500, 400_000
OPS_A_SECOND = 15_000
FILES_AT_MOST_TIMES = 4
MEMORY_MB = 300


def run(report: Report) -> None:
    """One laptop with much, four at once for four sites, and a card's worth of photos."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name, ExitStack() as stack:
        place = Path(name)
        running = HubProcess(place / "hub", free_port())
        stack.callback(running.stop)
        _one(report, place, running, stack)
        _several(report, place, running, stack)
        report.budget(
            "hub: memory at its highest", measured=_peak_mb(running.process_id), at_most=MEMORY_MB, unit="MB"
        )


def _one(report: Report, place: Path, running: HubProcess, stack: ExitStack) -> None:
    site = new_site()
    a = stack.enter_context(laptop(place / "a", site))
    b = stack.enter_context(laptop(place / "b", None))
    for one in (a, b):
        running.hub.let_in(one.keys, site.id)
    add_people(a, CHANGES)
    there, seconds = _timed(lambda: sync(a, running.hub.url))
    assert there.complete
    _ops(report, "hub: changes of one laptop in", CHANGES / seconds)
    back, seconds = _timed(lambda: sync(b, running.hub.url))
    assert back.complete
    _ops(report, "hub: the same out and merged at another laptop", CHANGES / seconds)
    assert a.digest() == b.digest()
    _kept, here = _timed(lambda: add_files(a, FILES, size=FILE_BYTES))
    there, seconds = _timed(lambda: sync(a, running.hub.url))
    assert there.files_confirmed == FILES
    report.peer(
        f"hub: {FILES} files of {FILE_BYTES / 1e3:.0f} kB in ({FILES * FILE_BYTES / 1e6 / seconds:.0f} MB/s)",
        measured=seconds,
        peer=here,
        name="the same kept on the laptop",
        at_most_times=FILES_AT_MOST_TIMES,
        note="each hashed, flushed and its folder flushed before it is answered, then signed for",
    )


def _several(report: Report, place: Path, running: HubProcess, stack: ExitStack) -> None:
    laptops: list[Workspace] = []
    for number in range(LAPTOPS):
        site = new_site(f"Demo park {number}")
        laptops.append(stack.enter_context(laptop(place / f"several {number}", site)))
        running.hub.let_in(laptops[-1].keys, site.id)
        add_people(laptops[-1], CHANGES_EACH)
    with ThreadPoolExecutor(LAPTOPS) as pool:
        done, seconds = _timed(lambda: list(pool.map(lambda one: sync(one, running.hub.url), laptops)))
    assert all(one.complete for one in done)
    _ops(report, f"hub: changes of {LAPTOPS} laptops at once in", LAPTOPS * CHANGES_EACH / seconds)


def _ops(report: Report, what: str, measured: float) -> None:
    report.rate(
        what, measured=measured, at_least=OPS_A_SECOND, unit="ops/s", note="SQLite; client on the same cores"
    )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def _peak_mb(process_id: int) -> float:
    text = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6
