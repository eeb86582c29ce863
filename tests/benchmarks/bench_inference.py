"""From a JPEG file to a result with the bundled packs, overlapped and each half alone, on drawn pictures.

The peer is what the overlapped run would take at best: all decoding on every core that the run uses, or all
the graph's work, whichever is slower.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ranger_app.config import models_dir
from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.inference.detect import DECODERS, Model
from ranger_app.inference.measuring import measure
from ranger_app.inference.pack import read_pack
from ranger_app.jobs import Work
from ranger_app.photos.drawn import draw_scene
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.benchmarks.report import Report

PACK = "ranger-animals"
SIZE_PX = (4000, 3000)
DRAWN, PHOTOS = 6, 60  # a few pictures, each looked at several times
ROUNDS = 3
PHOTOS_A_SECOND = 12
MEMORY_MB = 600
START_S = 1.0
OVERLAP_AT_MOST_TIMES = 1.3


def run(report: Report) -> None:
    """Measure the whole way, its halves, the start and the memory."""
    begun = time.perf_counter()
    model = Model.open(read_pack(models_dir() / PACK))
    report.budget(
        "model pack opened",
        measured=time.perf_counter() - begun,
        at_most=START_S,
        note="detector and classifier",
    )
    with tempfile.TemporaryDirectory(prefix="ranger-bench-") as name:
        paths = _card(Path(name))
        model.look(paths[0])
        whole = _median_s(lambda: list(model.looks(paths, Work())))
        ready = [
            model.make_ready(path) for path in paths[:: PHOTOS // DRAWN]
        ]  # a few: each holds its picture
        with ThreadPoolExecutor(DECODERS) as pool:
            decoding = _median_s(lambda: sum(pool.map(lambda path: bool(model.make_ready(path)), paths)))
        graph = _median_s(lambda: [model.infer(one) for one in ready * (PHOTOS // DRAWN)])
        stored = _stored_s(Path(name), paths)
        peak_mb = measure(model.pack, paths, (models_dir(),)).peak_mb
    report.rate(
        "photos of 12 MP looked at",
        measured=PHOTOS / whole,
        at_least=PHOTOS_A_SECOND,
        unit="photos/s",
        note=f"file to result; decoding alone {PHOTOS / decoding:.0f}, graph alone {PHOTOS / graph:.0f}",
    )
    report.peer(
        f"{PHOTOS} photos, decoding and graph overlapped",
        measured=whole,
        peer=max(decoding, graph),
        name="the slower of decoding and graph alone",
        at_most_times=OVERLAP_AT_MOST_TIMES,
    )
    report.peer(
        f"{PHOTOS} photos, from file to stored result",
        measured=stored,
        peer=max(decoding, graph),
        name="the slower of decoding and graph alone",
        at_most_times=OVERLAP_AT_MOST_TIMES,
        note=f"decoding alone {decoding:.2f} s, graph alone {graph:.2f} s; recording beside them",
    )
    report.budget(
        "memory of a model run",
        measured=peak_mb or 0.0,
        at_most=MEMORY_MB,
        unit="MB",
        note="in a process of its own",
    )


def _stored_s(folder: Path, paths: list[Path]) -> float:
    """A run over photos of a workspace, each recorded; its copies on the card are one picture to it, so each
    is given a few bytes of its own at its end."""
    site_id = new_id()
    site = Site(id=site_id, site_id=site_id, name="Benchmark")
    for number, path in enumerate(paths):
        with path.open("ab") as file:
            file.write(number.to_bytes(4, "big"))
    with Workspace.create(folder / "bench.ranger", site=site) as workspace:
        photos = Photos(workspace)
        photos.add(paths[0].parent, station="S")
        begun = time.perf_counter()
        photos.classify(pack=PACK)
        return time.perf_counter() - begun


def _card(folder: Path) -> list[Path]:
    """The same few pictures again and again, each a file of its own as on a card."""
    paths = []
    folder = folder / "card"
    folder.mkdir()
    for place in range(DRAWN):
        picture, _boxes = draw_scene(place, "animal", width=SIZE_PX[0] // 2, height=SIZE_PX[1] // 2)
        picture = picture.resize(SIZE_PX)
        for copy in range(PHOTOS // DRAWN):
            path = folder / f"IMG_{place:02}{copy:02}.JPG"
            picture.save(path, "JPEG", quality=90)
            paths.append(path)
    return paths


def _median_s(work: Callable[[], object]) -> float:
    taken = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
