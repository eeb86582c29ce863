"""The power fails; what was not synced is there in part, in another order or torn: nothing safe is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.domain.errors import KnownError
from tests.conftest import REPOSITORY
from tests.storage.compiled import compiled
from tests.storage.recorded import Line, What, read_lines
from tests.storage.torn_disk import Disk, everything
from tests.storage.torn_faults import FAULTS
from tests.storage.torn_place import Place
from tests.storage.torn_ways import states
from tests.storage.torn_works import WORKS
from tests.sync import soaking
from tests.sync.shop import shared_memory

SOME, MANY, FOR_A_FAULT = 16, 1_000, 200
"""States of a disk for each piece of work."""
LAST_LINES = 15
KILLS, MANY_KILLS = 2, 12


class Trials:
    """A program that keeps book of what pieces of work do to the disk, and one folder for all of them."""

    def __init__(self, library: Path, folder: Path) -> None:
        self.folder, self._book = folder / "disk", folder / "book"
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.torn_works"],
            cwd=REPOSITORY,
            env=os.environ | {"LD_PRELOAD": str(library)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._program.communicate()

    def record(self, work: str, *, fault: str = "", killed: int = 0) -> list[Line]:
        """What a work does to an empty folder, and in the folder what it leaves."""
        self._fresh()
        self._book.unlink(missing_ok=True)
        assert self._program.stdin
        assert self._program.stdout
        print(work, fault, killed, self.folder, self._book, sep="\t", file=self._program.stdin, flush=True)
        assert self._program.stdout.readline().strip() == "0", "the work itself failed, see above"
        return read_lines(self._book)

    def _fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def fail_power(self, work: str, lines: list[Line], *, most: int, seed: int, begun: int = 0) -> int:
        """Look at up to so many states of the disk, from line `begun` on; returns how many there were."""
        place, found = Place(self.folder, WORKS[work].sealed), 0
        for state in states(lines, most=most, seed=seed, begun=begun or begin_of(lines)):
            self._fresh()
            state.lay_out(self.folder)
            try:
                WORKS[work].check(place, set(state.said))
            except (AssertionError, KnownError) as error:
                error.add_note(f"the power failed after {state.when}; said: {state.said}; seed {seed}")
                raise
            found += 1
        return found


def begin_of(lines: list[Line]) -> int:
    """The number of lines that tell of what was there before."""
    return 1 + next(n for n, line in enumerate(lines) if line.what is What.SYNC_ALL)


def kills_of(lines: list[Line], many: int) -> list[int]:
    """After how many calls to kill a program: first when the last file has got its name, which nobody made
    durable yet, then evenly."""
    begun = begin_of(lines)
    named = max(
        (n for n, line in enumerate(lines) if line.what is What.MOVE and line.one != line.two), default=0
    )
    evenly = (1 + (len(lines) - begun) * n // many for n in range(1, many))
    return [max(1, named + 1 - begun), *evenly]


@pytest.fixture(scope="module")
def module_trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    memory = shared_memory()
    folder = tmp_path_factory.mktemp("torn") if memory is None else Path(memory) / f"torn-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    made = Trials(compiled("recorded_calls.c", tmp_path_factory.mktemp("library")), folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def trials(module_trials: Trials, monkeypatch: pytest.MonkeyPatch) -> Trials:
    monkeypatch.setenv("RANGER_CONFIG_DIR", str(Place(module_trials.folder).config))
    return module_trials


def try_work(trials: Trials, work: str, *, most: int, seed: int, kills: int) -> int:
    lines = trials.record(work)
    if not WORKS[work].interrupted:
        return trials.fail_power(work, lines, most=most, seed=seed)
    found = 0
    for killed in kills_of(lines, kills):
        lines = trials.record(work, killed=killed)
        found += trials.fail_power(work, lines, most=most // kills, seed=seed)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_whatever_part_is_on_the_disk_nothing_safe_is_lost(work: str, trials: Trials) -> None:
    assert try_work(trials, work, most=SOME, seed=2026, kills=KILLS) >= SOME // 2


@pytest.mark.soak
@pytest.mark.parametrize("work", WORKS)
def test_of_very_many_states(work: str, trials: Trials, record_property: soaking.Tell) -> None:
    found = try_work(trials, work, most=MANY, seed=soaking.SEED, kills=MANY_KILLS)
    assert found > SOME
    record_property("soak", {"disks after a power cut, torn and reordered": found})


def look_for_harm(trials: Trials, work: str, lines: list[Line]) -> None:
    """First near the end, where most of it shows, then everywhere."""
    said = max(n for n, line in enumerate(lines) if line.what is What.SAY)
    near = max(begin_of(lines), said - LAST_LINES)
    trials.fail_power(work, lines, most=FOR_A_FAULT // 4, seed=2026, begun=near)
    trials.fail_power(work, lines, most=FOR_A_FAULT, seed=2026)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_synced_is_noticed(fault: str, trials: Trials) -> None:
    work = FAULTS[fault].work
    killed = kills_of(trials.record(work), 1)[0] if WORKS[work].interrupted else 0
    lines = trials.record(work, fault=fault, killed=killed)
    with pytest.raises((AssertionError, KnownError)):
        look_for_harm(trials, work, lines)


@pytest.mark.parametrize("work", ["units", "a card, after a kill"])
def test_the_book_tells_all_that_was_done(work: str, trials: Trials) -> None:
    """The trials are tried themselves: all lines together make the very disk that the work has left."""
    disk = Disk()
    for line in trials.record(work):
        disk.do(line)
    told = disk.tree(everything())
    there = {
        str(path.relative_to(trials.folder)): path.read_bytes() if path.is_file() else None
        for path in trials.folder.rglob("*")
    }
    assert told.keys() == there.keys()
    differ = [path for path in told if told[path] != there[path] and not path.endswith("-shm")]
    assert not differ
