"""From a JPEG file to a stored result with the bundled packs, overlapped and each half alone; drawn pictures.

What "alone" means. While a run goes on, the thread that looks (the graphs) has one core, and the threads that
decode have the others. Decoding alone is those very threads with nobody taking from them; the graph alone is
that very thread with pictures ready and nobody decoding. A run that overlaps perfectly takes as long as the
slower of the two; ours may take less, because whoever waits lends a hand with decoding.

As each half could also use every core while the other rests, a second line holds the run against all the work
of both, spread evenly over the cores: no program with these steps can be faster than that. The note says what
each half takes with every core to itself, and how the run compares with that.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ranger_app.config import models_dir
from ranger_app.domain.ids import new_id
from ranger_app.domain.sites import Site
from ranger_app.inference.ahead import cores, threads_beside
from ranger_app.inference.detect import Model
from ranger_app.inference.measuring import measure
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.runtime import THREADS_AT_MOST
from ranger_app.jobs import Work
from ranger_app.photos.drawn.scenes import draw_scene
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.benchmarks.report import Report

PACK = "ranger-animals"
SIZE_PX = (4000, 3000)
DRAWN, PHOTOS = 6, 120  # a few pictures, each looked at many times
ROUNDS = 3
PHOTOS_A_SECOND = 12
MEMORY_MB = 600
START_S = 1.0
OVERLAP_AT_MOST_TIMES = 1.3
IDLE_AT_MOST_TIMES = 1.15
MEGADETECTOR_TIMES = 20
MEGADETECTOR_PHOTOS_S = 0.8
"""MegaDetector v5 on one core of an Intel Core i7-13700K, and 0.5 on one of an i7-12700: the only figures for
processors in its user guide ("Benchmark timings", github.com/agentmorris/MegaDetector, megadetector.md), over
13,226 pictures of Snapshot Karoo and Idaho Camera Traps. The faster one is taken."""


@dataclass(frozen=True, slots=True)
class Halves:
    """Seconds for all photos."""

    decoding: float
    """By the threads that a run has for it."""
    graph: float
    """By the thread that a run has for it."""
    decoding_one: float
    """By one thread."""
    decoding_all: float
    """By every core, as if there were no graph."""
    graph_all: float
    """By as many cores as a graph can use, as if there were no decoding."""

    @property
    def slower(self) -> float:
        return max(self.decoding, self.graph)

    @property
    def spread(self) -> float:
        """All the work over the cores that a run has, without a moment of waiting."""
        return (self.decoding_one + self.graph) / min(cores(), 1 + threads_beside())

    def words(self, taken: float) -> str:
        strict = max(self.decoding_all, self.graph_all)
        return (
            f"decoding alone {self.decoding:.2f} s on {threads_beside()} core(s),"
            f" graph alone {self.graph:.2f} s on one; with every core to itself decoding"
            f" {self.decoding_all:.2f} s, graph {self.graph_all:.2f} s: the run takes {taken / strict:.2f} ×"
            f" the slower of these, and would {self.spread / strict:.2f} × if no core ever rested"
        )


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
        halves = _halves(model, paths)
        whole = _median_s(lambda: list(model.looks(paths, Work())))
        stored, cpu = _stored_s(Path(name), paths)
        peak_mb = measure(model.pack, paths, (models_dir(),)).peak_mb
    report.rate(
        "photos of 12 MP, from file to stored result",
        measured=PHOTOS / stored,
        at_least=PHOTOS_A_SECOND,
        unit="photos/s",
        note=f"{PHOTOS / whole:.0f} to a result that is not stored;"
        f" decoding alone {PHOTOS / halves.decoding:.0f}, graph alone {PHOTOS / halves.graph:.0f}",
    )
    report.peer(
        f"{PHOTOS} photos, from file to stored result",
        measured=stored,
        peer=halves.slower,
        name="the slower of decoding and graph alone, each on its own cores",
        at_most_times=OVERLAP_AT_MOST_TIMES,
        note=halves.words(stored),
    )
    report.peer(
        f"{PHOTOS} photos, from file to stored result",
        measured=stored,
        peer=halves.spread,
        name="all the work of both, spread over the cores",
        at_most_times=IDLE_AT_MOST_TIMES,
        note="what waiting, recording and the program's own work cost",
    )
    report.rate(
        "CPU time of MegaDetector v5a for a photo, on one core, by that of ours",
        measured=PHOTOS / MEGADETECTOR_PHOTOS_S / cpu,
        at_least=MEGADETECTOR_TIMES,
        unit="×",
        note=f"ours {1000 * cpu / PHOTOS:.0f} ms here, from 12 MP file to stored result; theirs 1,250 ms as"
        " published for an i7-13700K (i7-12700: 2,000 ms): another processor, so good to a factor of two",
    )
    report.budget(
        "memory of a model run",
        measured=peak_mb or 0.0,
        at_most=MEMORY_MB,
        unit="MB",
        note="in a process of its own",
    )


def _halves(model: Model, paths: list[Path]) -> Halves:
    ready = [model.make_ready(path) for path in paths[:: PHOTOS // DRAWN]]  # a few: each holds its picture
    looked = ready * (PHOTOS // DRAWN)
    at_full = Model.open(model.pack, threads=THREADS_AT_MOST)
    at_full.infer(ready[0])

    def decoding(threads: int) -> float:
        with ThreadPoolExecutor(threads) as pool:
            return _median_s(lambda: sum(pool.map(lambda path: bool(model.make_ready(path)), paths)))

    one = decoding(1)
    return Halves(
        decoding=decoding(threads_beside()) if threads_beside() > 1 else one,
        graph=_median_s(lambda: [model.infer(each) for each in looked]),
        decoding_one=one,
        decoding_all=decoding(cores()),
        graph_all=_median_s(lambda: [at_full.infer(each) for each in looked]),
    )


def _stored_s(folder: Path, paths: list[Path]) -> tuple[float, float]:
    """Seconds, and seconds of CPU, of runs over photos of a workspace, each recorded; its copies on the card
    are one picture to it, so each is given a few bytes of its own at its end."""
    for number, path in enumerate(paths):
        with path.open("ab") as file:
            file.write(number.to_bytes(4, "big"))
    taken, cpu = [], []
    for turn in range(ROUNDS):
        site_id = new_id()
        site = Site(id=site_id, site_id=site_id, name="Benchmark")
        with Workspace.create(folder / f"bench{turn}.ranger", site=site) as workspace:
            photos = Photos(workspace)
            photos.add(paths[0].parent, station="S", mode=Mode.LINK)
            cpu_begun, begun = time.process_time(), time.perf_counter()
            photos.classify(pack=PACK)
            taken.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - cpu_begun)
    return statistics.median(taken), statistics.median(cpu)


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
