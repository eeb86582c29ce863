"""Puts photos on a stick and takes them off again, sealed, beside restic on the same files in the same run.

Pictures of 400 kB (noise, as JPEGs are to any packer) lie in a workspace. We write them to a folder in
sealed parts, each flushed and read back; restic backs the same files up, which it does not read back. Then
another laptop of the site reads, verifies and keeps them; restic restores, and verifies with `--verify`.
`RANGER_BENCH_MB` says how much; the budgets were set for 2,000. Peak memory is that of a process that does
nothing but write, or read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from ranger_app.sync.people.devices import Devices
from tests.benchmarks.report import Report
from tests.builders import a_photo, a_workspace

MEGABYTES = int(os.environ.get("RANGER_BENCH_MB", "400"))
PHOTO_BYTES = 400_000
ROUNDS = 2
MEMORY_MB = 300


def run(report: Report) -> None:
    """Measure one stick, there and back; the quicker of two rounds of each, as other work slows both."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        place = Path(name)
        many = _two_laptops(place)
        size = f"{many:,} photos ({many * PHOTO_BYTES / 1e6:,.0f} MB)"
        ours = [_ours(place, turn) for turn in range(ROUNDS)]
        memory = max(max(one[2:]) for one in ours)
        if shutil.which("restic"):
            peer = [_restic(place, turn) for turn in range(ROUNDS)]
            report.peer(
                f"{size} written to a stick, sealed",
                measured=min(one[0] for one in ours),
                peer=min(one[0] for one in peer),
                name="restic backup",
                note="ours flushed and read back",
            )
            report.peer(
                f"{size} read from a stick, verified",
                measured=min(one[1] for one in ours),
                peer=min(one[1] for one in peer),
                name="restic restore",
                note="ours flushed",
            )
        else:
            report.budget(f"{size} written, no restic here", measured=min(o[0] for o in ours), at_most=1e9)
            report.budget(f"{size} read, no restic here", measured=min(o[1] for o in ours), at_most=1e9)
        report.budget("memory to write or read them", measured=memory, at_most=MEMORY_MB, unit="MB")


def _two_laptops(place: Path) -> int:
    many = MEGABYTES * 1_000_000 // PHOTO_BYTES
    with a_workspace(place / "sender.ranger") as sender:
        with Workspace.create(place / "reader.ranger", site=None) as reader:
            _request, asked = Devices(reader).request()
            Devices(reader).join(Devices(sender).enrol(asked, role="ranger"))
        with sender.unit("photos") as unit:
            for n in range(many):
                file = sender.files.add_bytes(os.urandom(PHOTO_BYTES), settle=False)
                unit.add(a_photo(sender.site_id, file.sha256, file_name=f"IMG_{n:05}.JPG"))
            sender.files.settle()
    return many


def _ours(place: Path, turn: int) -> tuple[float, float, float, float]:
    """Seconds to write and to read, and the most memory of each in MB."""
    stick, reader = place / "stick", place / f"reader{turn}.ranger"
    shutil.copytree(place / "reader.ranger", reader)
    wrote, write_mb = _apart("write", place / "sender.ranger", stick)
    read, read_mb = _apart("read", reader, stick)
    shutil.rmtree(stick)
    shutil.rmtree(reader)
    return wrote, read, write_mb, read_mb


def _restic(place: Path, turn: int) -> tuple[float, float]:
    store, back = place / "restic", place / "restored"
    password = {**os.environ, "RESTIC_PASSWORD": "demo", "RESTIC_CACHE_DIR": str(place / "cache")}

    def restic(*words: object) -> None:
        asked = ["restic", "--quiet", "--repo", str(store), *map(str, words)]
        subprocess.run(asked, check=True, env=password, stdout=subprocess.DEVNULL)

    restic("init")
    wrote = _seconds(lambda: restic("backup", place / "sender.ranger" / "files"))
    read = _seconds(lambda: restic("restore", "latest", "--verify", "--target", back))
    for left in (store, back, place / "cache"):
        shutil.rmtree(left)
    return wrote, read


def _apart(verb: str, workspace: Path, stick: Path) -> tuple[float, float]:
    os.sync()
    asked = [sys.executable, "-m", "tests.benchmarks.bench_bundle", verb, str(workspace), str(stick)]
    told = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(told[0]), float(told[1])


def _seconds(work: Callable[[], None]) -> float:
    os.sync()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _do(verb: str, folder: Path, stick: Path) -> None:
    import resource

    with Workspace.open(folder) as workspace:
        if verb == "write":
            spent = _seconds(lambda: _written(workspace, stick))
        else:
            spent = _seconds(lambda: _read(workspace, stick))
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _written(workspace: Workspace, stick: Path) -> None:
    done = write_bundle(workspace, stick, Work())
    assert done.sealed
    assert not done.files_left_out + done.files_elsewhere


def _read(workspace: Workspace, stick: Path) -> None:
    found = read_bundles(workspace, stick, Work())
    assert found.files_new
    assert not found.missing_parts


if __name__ == "__main__":
    _do(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
