"""Whoever does the work, and whoever is killed meanwhile, the results are the same to the last letter."""

from __future__ import annotations

import os
import shutil
import signal
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.photos import Detection
from ranger_app.inference import parcels
from ranger_app.inference.cluster import Cluster
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.parcels import Packed, at_hand, look_at, wrapped
from ranger_app.inference.spread import Processes
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.photos.runs.runs import How
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.test_clips import GREY, RED, a_clip
from tests.inference.tiny import crop_pack, pipeline_pack, yolox_answer, yolox_pack

PHOTOS = 24
CLIP_BYTES = 200_000


def a_pack(folder: Path) -> ModelPacks:
    """A detector that sees one animal, and a classifier whose answer depends on every pixel of the crop."""
    answer = yolox_answer()
    answer[0, 30] = np.array([0.5, 0.5, 1, 1, 1.0, 0.9, 0, 0, 0, 0])
    parts = yolox_pack(folder / "finder", answer), crop_pack(folder / "namer")
    pipeline_pack(folder / "chain", *parts)
    return ModelPacks((folder,))


@pytest.fixture
def card(workspace: Workspace, tmp_path: Path) -> Photos:
    folder = tmp_path / "card"
    folder.mkdir()
    for at in range(PHOTOS):
        raw = encoded(noise_picture(160, 120, seed=at))
        if at == 7:  # what cannot be decoded is an answer, too
            raw = encoded(noise_picture(160, 120, seed=at), "PNG")
            raw = raw[:60] + bytes(40) + raw[100:]
        (folder / f"IMG_{at:04}.JPG").write_bytes(raw)
    film = a_clip([GREY] * 2 + [RED] * 2)
    rest = CLIP_BYTES - len(film)
    (folder / "IMG_9999.MP4").write_bytes(film + struct.pack(">I4s", rest, b"free") + bytes(rest - 8))
    photos = Photos(workspace, packs=a_pack(tmp_path / "packs"))
    photos.add(folder, station="Ridge")
    return photos


@pytest.fixture
def again(card: Photos, workspace: Workspace, tmp_path: Path) -> Iterator[Callable[[How, Work], str]]:
    """The same photos on another laptop; gives the digest of a run there."""
    folder = tmp_path / "again.ranger"
    shutil.copytree(workspace.folder, folder, ignore=shutil.ignore_patterns("*.lock", "lock*"))
    with closing(Workspace.open(folder)) as other:
        photos = Photos(other, packs=card.packs)

        def run(how: How, work: Work) -> str:
            photos.classify(how=how, work=work)
            with other.reading() as data:
                assert data.count(Detection) >= PHOTOS
            return photos.results_digest(card.packs.choose())

        yield run


def alone(card: Photos) -> str:
    card.classify()
    return card.results_digest(card.packs.choose())


def test_several_processes_say_what_one_says(card: Photos, again: Callable[[How, Work], str]) -> None:
    assert again(How(processes=2), Work()) == alone(card)


def children() -> list[int]:
    """The processes that this one has started, where /proc tells."""
    task = Path("/proc/self/task")
    if not task.is_dir():
        return []
    return [int(one) for place in task.iterdir() for one in (place / "children").read_text().split()]


def is_a_worker(pid: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the process in /proc")
def test_a_process_that_is_killed_changes_nothing(card: Photos, again: Callable[[How, Work], str]) -> None:
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.done >= PHOTOS // 2 and not killed:
            killed.append(next(pid for pid in children() if is_a_worker(pid)))
            os.kill(killed[0], signal.SIGKILL)

    assert again(How(processes=2), Work(kill_one)) == alone(card)
    assert killed


def test_a_run_on_processes_can_be_stopped_and_leaves_none(card: Photos) -> None:
    work = Work(lambda progress: work.cancel() if progress.done == 5 else None)
    with pytest.raises(Cancelled):
        card.classify(how=How(processes=2), work=work)
    left = card.forecast().waiting
    assert PHOTOS // 2 < left < PHOTOS
    card.classify()
    assert card.forecast().waiting == 0
    assert not [pid for pid in children() if is_a_worker(pid)]


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        silence_logs=60,
        memory_limit=0,
    ) as made:
        yield made


def test_two_workers_of_a_cluster_of_which_one_is_killed_say_what_one_process_says(
    card: Photos, again: Callable[[How, Work], str], cluster: Any
) -> None:
    pids = [worker.process.pid for worker in cluster.workers.values()]
    assert len(pids) == 2
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.done >= PHOTOS // 2 and not killed:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    assert again(How(cluster=cluster.scheduler_address), Work(kill_one)) == alone(card)
    assert killed


def test_when_all_workers_are_killed_those_that_take_their_places_have_the_pack_again(
    card: Photos, again: Callable[[How, Work], str], cluster: Any
) -> None:
    killed: list[int] = []

    def kill_all(progress: Progress) -> None:
        if progress.done >= PHOTOS // 4 and not killed:
            killed.extend(worker.process.pid for worker in cluster.workers.values())
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    assert again(How(cluster=cluster.scheduler_address), Work(kill_all)) == alone(card)
    assert len(killed) == 2


def test_a_clip_that_is_too_long_for_a_cluster_is_looked_at_here_meanwhile(
    card: Photos, again: Callable[[How, Work], str], cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranger_app.inference.pictures.FILE_BYTES_AT_MOST", CLIP_BYTES - 1)
    assert again(How(cluster=cluster.scheduler_address), Work()) == alone(card)


def test_an_address_without_a_cluster_says_so(card: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranger_app.inference.cluster.REACHED_WITHIN_S", 0.3)
    with pytest.raises(NotFound, match="no cluster"), Cluster(card.packs.choose(), "tcp://127.0.0.1:9"):
        pass
    with pytest.raises(NotFound), Cluster(card.packs.choose(), "nonsense://x"):
        pass


def test_a_pack_travels_with_all_its_parts(card: Photos) -> None:
    pack = card.packs.choose()
    picture = encoded(noise_picture(160, 120, seed=3))
    parcels._model.cache_clear()
    (far,) = look_at(wrapped(pack, card.packs.folders), [picture])
    (near,) = look_at(at_hand(pack, card.packs.folders), [picture])
    assert far == near
    assert far.look is not None
    assert far.look.crops[0].embedding


def test_a_pack_that_was_spoilt_on_the_way_is_refused(card: Photos) -> None:
    whole = wrapped(card.packs.choose(), card.packs.folders)
    spoilt = Packed(
        files=tuple((name, raw + b" ") if name.endswith("onnx") else (name, raw) for name, raw in whole.files)
    )
    with pytest.raises(Exception, match="bytes"):
        look_at(spoilt, [])
    leading_out = Packed(files=(("../out", b""), *whole.files))
    with pytest.raises(Exception, match="outside"):
        look_at(leading_out, [])


def test_a_worker_with_another_ranger_refuses() -> None:
    with pytest.raises(Refused, match=r"0\.0\.1") as refused:
        look_at(Packed(app_version="0.0.1"), [])
    assert "same version" in refused.value.what_to_do


def test_a_sensible_number_of_processes(card: Photos) -> None:
    for count in (0, 1000):
        with pytest.raises(Refused):
            Processes(read_pack(card.packs.choose().folder), count)
