"""The power fails on a real file system: what was called safe is there afterwards, and files are whole."""

from __future__ import annotations

import fcntl
import math
import os
import random
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_patrol, a_workspace, quiet
from tests.storage.doomed import RECORDS_IN_A_UNIT
from tests.storage.test_killed import doomed, killed_after
from tests.sync import soaking
from tests.sync.kept import KINDS, bodies, state_in
from tests.sync.model import state_of
from tests.sync.shop import shared_memory

SHUT_DOWN = 0x8004587D
"""What makes ext4 and XFS let nothing more through to the disk: EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN."""
NOT_EVEN_THE_LOG = 2
SYSTEMS = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}
DISK_BYTES = 400 << 20
CUTS, MANY_CUTS = 2, 25
MOMENT_S = 0.2

on_each_system = pytest.mark.parametrize("system", SYSTEMS)


class Disk:
    """A file system in a file, mounted."""

    def __init__(self, image: Path, place: Path) -> None:
        self._image, self.place = image, place

    def mount(self) -> bool:
        self.place.mkdir(exist_ok=True)
        asked: list[str | Path] = ["mount", "-o", "loop", self._image, self.place]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0

    def unmount(self) -> None:
        subprocess.run(["umount", self.place], check=True)

    def cut_power(self) -> None:
        """What was not synced is lost from this moment on."""
        root = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(root, SHUT_DOWN, struct.pack("I", NOT_EVEN_THE_LOG))
        finally:
            os.close(root)

    def power_again(self) -> None:
        self.unmount()
        assert self.mount()


@contextmanager
def a_disk(system: str, folder: Path) -> Iterator[Disk]:
    if shutil.which(SYSTEMS[system][0]) is None:
        pytest.skip(f"no {SYSTEMS[system][0]} here")
    image = folder / f"{system}.img"
    with open(image, "wb") as made:
        made.truncate(DISK_BYTES)
    subprocess.run([*SYSTEMS[system], image], check=True, capture_output=True)
    disk = Disk(image, folder / "disk")
    if not disk.mount():
        pytest.skip("no disk can be mounted here: it needs the administrator's rights and loop devices")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk.place], check=False, capture_output=True)
        image.unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    memory = shared_memory()
    made = tmp_path if memory is None else Path(memory) / f"power-{os.getpid()}"
    made.mkdir(exist_ok=True)
    yield made
    if memory is not None:
        shutil.rmtree(made, ignore_errors=True)


def write_until_cut(disk: Disk, chance: random.Random, safe: set[str]) -> None:
    """What was told after the cut had begun does not count: ext4 may let a sync that was under way return as
    if it had been done, when its journal was given up meanwhile. Without power nobody would have heard it."""
    folder, cut_at = disk.place / "demo.ranger", [math.inf]

    def cut() -> None:
        cut_at[0] = time.monotonic()
        disk.cut_power()

    with doomed("write", folder) as program:
        told = killed_after(program, 1 + chance.randrange(6), chance.random() * MOMENT_S, cut)
        safe.update(line for line, at in told.items() if at < cut_at[0])
    disk.power_again()
    with Workspace.open(folder) as workspace:
        assert verify(workspace, quiet()).problems == []
        assert state_in(workspace) == state_of(bodies(workspace).values(), KINDS)
        with workspace.reading() as data:
            units, photos = data.column(Patrol, "number"), data.columns(Photo, ("file", "folder"))
        assert safe <= set(units), "what was called safe is gone"
        assert len(units) == RECORDS_IN_A_UNIT * len(set(units)), "half of a unit was kept"
        assert {unit for _file, unit in photos} == set(units)
        assert all(workspace.files.whole(sha256) for sha256, _unit in photos), "a file is not whole"
        assert all(workspace.files.whole(sha256) for sha256, _path in workspace.files.stored())


def cut_often(system: str, folder: Path, seed: int, cuts: int) -> None:
    chance, safe = random.Random(seed), set[str]()
    with a_disk(system, folder) as disk:
        a_workspace(disk.place / "demo.ranger").close()
        os.sync()
        for _ in range(cuts):
            write_until_cut(disk, chance, safe)
        assert safe


@pytest.mark.slow
@on_each_system
def test_what_was_called_safe_is_there_after_a_power_cut(system: str, folder: Path) -> None:
    cut_often(system, folder, 2026, CUTS)


@pytest.mark.soak
@on_each_system
def test_the_power_fails_very_often(system: str, folder: Path, record_property: soaking.Tell) -> None:
    cut_often(system, folder, soaking.SEED, MANY_CUTS)
    record_property("soak", {f"power cuts on {system}": MANY_CUTS})


@on_each_system
def test_a_bundle_that_was_called_written_is_on_the_stick_after_a_power_cut(
    system: str, folder: Path
) -> None:
    with a_disk(system, folder) as disk, a_workspace(folder / "giver.ranger") as giver:
        with giver.unit("add") as unit:
            unit.add(a_patrol(giver.site_id))
        write_bundle(giver, disk.place, quiet())
        disk.cut_power()
        disk.power_again()
        with Workspace.create(folder / "reader.ranger", site=None) as reader:
            done = read_bundles(reader, disk.place, quiet())
            assert (done.damaged, done.missing_parts) == (0, [])
            assert reader.digest() == giver.digest()


@on_each_system
def test_a_power_cut_here_is_one(system: str, folder: Path) -> None:
    """The tests above are tried themselves: what nobody synced is gone."""
    with a_disk(system, folder) as disk:
        kept, lost = disk.place / "kept", disk.place / "lost"
        for path in (kept, lost):
            path.write_bytes(b"demo" * 1_000)
            if path == kept:
                os.sync()
        disk.cut_power()
        disk.power_again()
        assert kept.read_bytes() == b"demo" * 1_000
        assert not lost.exists() or lost.stat().st_size == 0
