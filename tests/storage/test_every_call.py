"""Whatever call to the disk is the last, or fails: nothing is lost or wrong, and a sentence says why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ranger_app.storage import Workspace
from tests.builders import a_workspace
from tests.conftest import REPOSITORY
from tests.storage import every_call
from tests.storage.compiled import compiled
from tests.sync import soaking
from tests.sync.shop import shared_memory

SOME = 23  # every so many-th call in the short test
SHORT = [
    ("write", "killed in the middle of a write"),
    ("read", "killed"),
    ("give", "errors from then on"),
    ("rebuild", "a full disk"),
]
Tried = tuple[int, int, int, int]
"""The last call that was tried; how often a sentence told of it, it killed the program, or harmed nothing."""


@pytest.fixture(scope="session")
def failing_calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("failing_calls.c", tmp_path_factory.mktemp("library"))


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A laptop, another that knows nothing, and a stick from the first to the second."""
    memory = shared_memory()
    folder = tmp_path_factory.mktemp("calls") if memory is None else Path(memory) / f"calls-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    fresh = folder / "fresh"
    a_workspace(fresh / "laptop.ranger").close()
    Workspace.create(fresh / "other.ranger", site=None).close()
    every_call.prepare(fresh)
    return folder


def try_calls(work: str, fault: str, library: Path, place: Path, *, every: int) -> Tried:
    first = (every + 1) // 2
    done = subprocess.run(
        [sys.executable, "-m", "tests.storage.every_call", work, fault, str(every), str(first), place],
        cwd=REPOSITORY,
        env=os.environ | {"LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(place, ignore_errors=True)
    assert done.returncode == 0, done.stderr
    last, told, killed, harmless = map(int, done.stdout.split())
    return last, told, killed, harmless


@pytest.mark.slow
@pytest.mark.parametrize(("work", "fault"), SHORT)
def test_at_some_calls(work: str, fault: str, failing_calls: Path, place: Path) -> None:
    last, told, killed, _harmless = try_calls(work, fault, failing_calls, place, every=SOME)
    assert last > SOME
    assert told + killed


@pytest.mark.soak
@pytest.mark.parametrize("fault", every_call.FAULTS)
@pytest.mark.parametrize("work", every_call.WORKS)
def test_at_every_call(
    work: str, fault: str, failing_calls: Path, place: Path, record_property: soaking.Tell
) -> None:
    last, told, killed, harmless = try_calls(work, fault, failing_calls, place, every=1)
    assert told + killed > harmless
    counts = {f"disk calls that failed ({fault})": told + harmless, "kills at a call": killed}
    record_property("soak", {what: count for what, count in counts.items() if count})
    assert told + killed + harmless == last
