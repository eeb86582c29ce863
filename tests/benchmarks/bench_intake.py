"""Takes a card into a workspace, beside `cp -r` and `sha256sum` of the same folder in the same run.

The card has 1,000 pictures of 330 kB (noise behind the header of a real JPEG with its time) and lies in
memory, which is hardest for us: a slow card would hide our work. Ours ends with everything flushed to the
disk, read back, compared and recorded; `cp` flushes nothing. The page cache is written out between runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.benchmarks.report import Report
from tests.photos.pictures import TAKEN, jpeg

PHOTOS = 1_000
PHOTO_BYTES = 330_000
ROUNDS = 5
AT_MOST_TIMES = 1.5


def run(report: Report) -> None:
    """Measure the intake of one card; the quickest of a few rounds of each, as other work slows both."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        place = Path(name)
        card = _card(place / "card" / "DCIM" / "100DEMO")
        ours: dict[str, list[float]] = {"": [], "sealed": []}
        peer: list[float] = []
        for turn in range(ROUNDS):
            peer.append(_seconds(partial(_copy_and_hash, card, place / "copy")))
            shutil.rmtree(place / "copy")
            site_id = new_id()
            site = Site(id=site_id, site_id=site_id, name="Demo park")
            for how, seconds in ours.items():
                passphrase = "demo" if how else None
                with Workspace.create(
                    place / f"{turn}.ranger", site=site, passphrase=passphrase
                ) as workspace:
                    seconds.append(_seconds(partial(_take, Photos(workspace), card)))
                shutil.rmtree(place / f"{turn}.ranger")
        for how, seconds in ours.items():
            report.peer(
                f"card of {PHOTOS:,} photos ({PHOTOS * PHOTO_BYTES / 1e6:.0f} MB) taken in"
                + (", sealed" if how else ""),
                measured=min(seconds),
                peer=min(peer),
                name="cp -r + sha256sum",
                at_most_times=AT_MOST_TIMES,
                note="warm; ours flushed, read back and recorded",
            )


def _take(photos: Photos, card: Path) -> None:
    taken = photos.add(card, station="Demo 1")
    assert (taken.added, taken.failed) == (PHOTOS, ())


def _copy_and_hash(card: Path, copy: Path) -> None:
    subprocess.run(["cp", "-r", str(card), str(copy)], check=True)
    files = sorted(str(path) for path in card.iterdir())
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)


def _seconds(work: Callable[[], None]) -> float:
    os.sync()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _card(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for number in range(PHOTOS):
        head = jpeg(number, taken=TAKEN + number * timedelta(seconds=20)).removesuffix(b"\xff\xd9")
        noise = os.urandom(PHOTO_BYTES - len(head) - 2).replace(b"\xff", b"\xfe")
        (folder / f"IMG_{number:04}.JPG").write_bytes(head + noise + b"\xff\xd9")
    return folder
