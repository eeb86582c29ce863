"""Takes a card into a workspace, beside `cp -r` and `sha256sum` of the same folder in the same run.

The card has 1,000 pictures of 330 kB (noise behind the header of a real JPEG with its time) and lies in
memory, which is hardest for us: a slow card would hide our work. Ours ends with everything flushed to the
disk, read back, compared and recorded; `cp` flushes nothing. The page cache is written out between runs.

The limit is what no intake with these promises can be below on this machine: as many threads read each
picture, hash it, seal it where files are sealed, write it, flush it, read it back from the disk, open it and
compare, by bare calls, with nothing looked into, named or recorded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.photos.intake.intake import READERS
from ranger_app.photos.service import Photos
from ranger_app.security.stream import CHUNK, TAG
from ranger_app.storage import Workspace
from tests.benchmarks.report import Report
from tests.photos.pictures import TAKEN, jpeg

PHOTOS = 1_000
PHOTO_BYTES = 330_000
ROUNDS = 5
AT_MOST_TIMES = 1.5
OF_THE_LIMIT_TIMES = 1.5


def run(report: Report) -> None:
    """Measure the intake of one card; the quickest of a few rounds of each, as other work slows both."""
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        place = Path(name)
        card = _card(place / "card" / "DCIM" / "100DEMO")
        ours: dict[str, list[float]] = {"": [], "sealed": []}
        limits: dict[str, list[float]] = {"": [], "sealed": []}
        peer: list[float] = []
        for turn in range(ROUNDS):
            peer.append(_seconds(partial(_copy_and_hash, card, place / "copy")))
            shutil.rmtree(place / "copy")
            for how, seconds in limits.items():
                (place / "limit").mkdir()
                seconds.append(_seconds(partial(_barely, card, place / "limit", sealing=bool(how))))
                shutil.rmtree(place / "limit")
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
            what = f"card of {PHOTOS:,} photos ({PHOTOS * PHOTO_BYTES / 1e6:.0f} MB) taken in"
            what += ", sealed" if how else ""
            report.peer(
                what,
                measured=min(seconds),
                peer=min(peer),
                name="cp -r + sha256sum",
                at_most_times=AT_MOST_TIMES,
                note=f"warm; ours flushed, read back and recorded; "
                f"the machine's own limit is {min(limits[how]) / min(peer):.2f} × the peer",
            )
            report.peer(
                what,
                measured=min(seconds),
                peer=min(limits[how]),
                name="the machine's own limit",
                at_most_times=OF_THE_LIMIT_TIMES,
            )


def _take(photos: Photos, card: Path) -> None:
    taken = photos.add(card, station="Demo 1")
    assert (taken.added, taken.failed) == (PHOTOS, ())


def _copy_and_hash(card: Path, copy: Path) -> None:
    subprocess.run(["cp", "-r", str(card), str(copy)], check=True)
    files = sorted(str(path) for path in card.iterdir())
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)


def _barely(card: Path, copies: Path, *, sealing: bool) -> None:
    with ThreadPoolExecutor(READERS) as pool:
        kept = list(pool.map(partial(_keep_barely, copies, sealing=sealing), sorted(card.iterdir())))
    assert all(kept)


def _keep_barely(copies: Path, picture: Path, *, sealing: bool) -> bool:
    content = memoryview(picture.read_bytes())
    hashlib.sha256(content).digest()
    starts = range(0, len(content), CHUNK)
    lies = memoryview(bytearray(len(content) + (TAG * len(starts) if sealing else 0)))
    cipher = AESGCM(os.urandom(32))
    if sealing:
        for n, start in enumerate(starts):
            piece = content[start : start + CHUNK]
            at = start + n * TAG
            cipher.encrypt_into(n.to_bytes(12, "big"), piece, None, lies[at : at + len(piece) + TAG])
    handle = os.open(copies / picture.name, os.O_RDWR | os.O_CREAT)
    try:
        os.write(handle, lies if sealing else content)
        os.fsync(handle)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.lseek(handle, 0, os.SEEK_SET)
        if os.readv(handle, [lies]) != len(lies):
            return False
    finally:
        os.close(handle)
    if not sealing:
        return bytes(lies) == content
    opened = bytearray(CHUNK)
    for n, start in enumerate(starts):
        at, length = start + n * TAG, len(content[start : start + CHUNK])
        chunk = lies[at : at + length + TAG]
        with memoryview(opened)[:length] as target:
            cipher.decrypt_into(n.to_bytes(12, "big"), chunk, None, target)
            if bytes(target) != content[start : start + CHUNK]:
                return False
    return True


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
