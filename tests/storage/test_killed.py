"""Killed at any moment: what was called safe is there, the rest is as if it had not been begun."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles import batches
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_patrol, a_workspace, quiet
from tests.conftest import REPOSITORY
from tests.storage.doomed import RECORDS_IN_A_UNIT

ROUNDS = 5
MANY_ROUNDS = 150
LINES_AT_MOST = 25
MOMENT_S = 0.02


@contextmanager
def doomed(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The program running, and killed at the end whatever happens."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.doomed", *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield program
    finally:
        program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()


def killed_after(
    program: subprocess.Popen[str], lines: int, then_s: float, before: Callable[[], None] = lambda: None
) -> dict[str, float]:
    """What it said until it was killed, with the moment when it was heard: that is a moment after so many
    lines, in the middle of what comes next. `before` is done just before."""
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    said = {program.stdout.readline().strip(): time.monotonic() for _ in range(lines)}

    def end() -> None:
        before()
        program.kill()

    threading.Timer(then_s, end).start()
    said |= {line.strip(): time.monotonic() for line in program.stdout}
    program.wait()
    return {line: at for line, at in said.items() if line}


def write_and_be_killed(folder: Path, chance: random.Random, known: set[str]) -> None:
    """`known` are the units that were there before; those that are there now are added."""
    with doomed("write", folder) as program:
        safe = killed_after(program, chance.randrange(LINES_AT_MOST), chance.random() * MOMENT_S)
    with Workspace.open(folder) as workspace:
        assert verify(workspace, quiet()).problems == []
        with workspace.reading() as data:
            units = Counter(data.column(Patrol, "number"))
            titled = [title for title in data.column(Patrol, "title") if not title]
            photos = data.columns(Photo, ("file", "folder"))
        assert set(safe) <= units.keys(), "what was called safe is gone"
        assert known <= units.keys(), "what was there before is gone"
        assert len(units.keys() - set(safe) - known) <= 1
        assert set(units.values()) == {RECORDS_IN_A_UNIT} or not units
        assert not titled, "half of a unit was kept"
        assert {unit for _file, unit in photos} == units.keys()
        assert all(workspace.files.whole(sha256) for sha256, _unit in photos)
        assert not list((folder / "files").glob("incoming/*"))
        known.update(units)


def read_and_be_killed(fresh: Path, stick: Path, whole: str, chance: random.Random) -> None:
    folder = fresh.with_name("reading.ranger")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(fresh, folder)
    with doomed("read", folder, stick) as program:
        killed_after(program, chance.randrange(LINES_AT_MOST), chance.random() * MOMENT_S)
    with Workspace.open(folder) as workspace:
        assert verify(workspace, quiet()).problems == []
        read_bundles(workspace, stick, quiet())
        assert workspace.digest() == whole
        assert verify(workspace, quiet()).problems == []


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str, Path]:
    """A bundle of many small segments, the digest of who has read it, and a workspace that has not."""
    monkeypatch.setattr(batches, "BATCH_BYTES", 2_000)
    with a_workspace(tmp_path / "sender.ranger") as sender:
        for n in range(120):
            with sender.unit("add") as unit:
                patrol = a_patrol(sender.site_id, f"DEM-{n}")
                unit.add(patrol)
                unit.change(patrol, title="words " * 10)
        write_bundle(sender, tmp_path / "stick", quiet())
        digest = sender.digest()
    Workspace.create(tmp_path / "fresh.ranger", site=None).close()
    return tmp_path / "stick", digest, tmp_path / "fresh.ranger"


def test_a_killed_program_loses_at_most_what_it_was_writing(tmp_path: Path) -> None:
    folder, chance, known = tmp_path / "demo.ranger", random.Random(2026), set[str]()
    a_workspace(folder).close()
    for _ in range(ROUNDS):
        write_and_be_killed(folder, chance, known)
    assert known


def test_a_killed_reading_can_be_done_again(stick: tuple[Path, str, Path]) -> None:
    bundle, digest, fresh = stick
    chance = random.Random(2026)
    for _ in range(ROUNDS):
        read_and_be_killed(fresh, bundle, digest, chance)


@pytest.mark.soak
def test_killed_very_often(tmp_path: Path, stick: tuple[Path, str, Path]) -> None:
    bundle, digest, fresh = stick
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    folder, known = tmp_path / "demo.ranger", set[str]()
    a_workspace(folder).close()
    for _ in range(MANY_ROUNDS):
        write_and_be_killed(folder, chance, known)
        read_and_be_killed(fresh, bundle, digest, chance)
