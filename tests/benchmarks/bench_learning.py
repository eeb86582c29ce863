"""Learning a head from twenty thousand embedded crops, with its judgement on cameras held out."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from ranger_app.domain.ids import Id
from ranger_app.inference.learning.learning import learn
from ranger_app.inference.learning.lessons import VECTOR_ONE, Lessons
from ranger_app.photos.learning.telling import Candidate, most_telling
from tests.benchmarks.report import Report

CROPS, DIM, CLASSES, CAMERAS = 20_000, 1280, 12, 40
BURST = 3
LEARNED_S = 60.0
FEW = 240
FEW_S = 10.0
TELLING_S = 10.0
MEMORY_MB = 1_000


def run(report: Report) -> None:
    """Learn from many crops and from few, and choose the photos that would teach most."""
    many = _lessons(CROPS)
    begun = time.perf_counter()
    taught = learn(many)
    report.budget(
        f"{CROPS:,} crops of {DIM} numbers, {CLASSES} species: learned and judged",
        measured=time.perf_counter() - begun,
        at_most=LEARNED_S,
        note=f"{(taught.held.said == many.classes).mean():.2f} recognised at cameras not seen",
    )
    few = _lessons(FEW)
    begun = time.perf_counter()
    learn(few)
    report.budget(f"{FEW} crops: learned and judged", measured=time.perf_counter() - begun, at_most=FEW_S)
    candidates = [
        Candidate(Id(row.to_bytes(16, "big")), row.to_bytes(16, "big"), 0.5, vector)
        for row, vector in enumerate(many.vectors[:10_000])
    ]
    begun = time.perf_counter()
    most_telling(candidates, list(many.vectors[10_000:]))
    report.budget(
        "the 100 most telling of 10,000 photos", measured=time.perf_counter() - begun, at_most=TELLING_S
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mb = peak / 2**20 if sys.platform == "darwin" else peak / 2**10
    report.budget("memory of learning", measured=peak_mb, at_most=MEMORY_MB, unit="MB", note="with the crops")


def _lessons(count: int) -> Lessons:
    """Crops of species whose clouds overlap, as embeddings of a network are: none negative, most small."""
    rng = np.random.default_rng(1)
    classes = rng.integers(0, CLASSES, count)
    middles = np.abs(rng.normal(size=(CLASSES, DIM))).astype(np.float32)
    vectors = np.abs(middles[classes] * 0.4 + rng.normal(size=(count, DIM)).astype(np.float32))
    lengths = np.sqrt((vectors * vectors).sum(1, keepdims=True))
    whole = np.rint(vectors * (VECTOR_ONE / lengths)).astype(np.int16)
    names = tuple(f"species {number:02}" for number in range(CLASSES))
    return Lessons(names, whole, classes, rng.integers(0, CAMERAS, count), np.arange(count) // BURST)
