"""Draws the learning curve of a pack: its own groups against a head learned from few labels a class.

    python models/training/learning_curve.py --data FOLDER --pack models/PACK [--fold val] [--json OUT]

FOLDER holds `labels.csv` (path, group, triage, fold, source, site) and the pictures. In each of --rounds
rounds a fifth of the cameras is held out, so many labels of each class are drawn from the others, a head is
learned from them as `ranger-app models learn` does it, and both are judged on the held-out cameras, each
class counted the same. Where a source does not say which camera took a frame, each frame counts as a camera
of its own. Frames that the pack was trained on flatter the pack: name the fold that it was not trained on
with --fold.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ranger_app.analysis.judging import balanced_accuracy
from ranger_app.inference.detect import Model
from ranger_app.inference.learning.learning import LABELS_AT_LEAST, learn
from ranger_app.inference.learning.lessons import Lessons, whole_numbers
from ranger_app.inference.looks import WHOLE_PICTURE
from ranger_app.inference.packs.pack import read_pack
from ranger_app.jobs import Work

LABELS = (5, 10, 20, 50)
HEADER = "| labels a class | the pack's groups | learned head | difference |\n|---|---|---|---|"
ROUNDS = 20
HELD_OUT = 0.2
SEED = 20_160_805


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames with an animal: what it is, what the pack says of it, where it was taken."""

    lessons: Lessons
    said: NDArray[np.int64]
    """The pack's likeliest group as a class; −1 for one that no frame has."""


@dataclass(frozen=True, slots=True)
class Step:
    """Right answers at so many labels a class: the mean over the rounds and the middle 95 % of them."""

    labels: int
    learned: tuple[float, float, float]
    bundled: tuple[float, float, float]
    difference: tuple[float, float, float]
    rounds: int

    def row(self) -> str:
        cells = (self._words(one) for one in (self.bundled, self.learned, self.difference))
        return f"| {self.labels} | " + " | ".join(cells) + " |"

    @staticmethod
    def _words(found: tuple[float, float, float]) -> str:
        return f"{found[0]:.2f} [{found[1]:.2f}, {found[2]:.2f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--fold", default="", help="only frames of this fold")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    frames = read_frames(asked.data, Model.open(read_pack(asked.pack), dirs=[asked.pack.parent]), asked.fold)
    steps = curve(frames, rounds=asked.rounds)
    counts = frames.lessons.counts
    print(f"{len(frames.lessons.classes)} frames, {len(np.unique(frames.lessons.cameras))} cameras; classes:")
    print(", ".join(f"{name} {count}" for name, count in zip(frames.lessons.names, counts, strict=True)))
    print("\n".join(["", HEADER, *(step.row() for step in steps)]))
    if asked.json:
        asked.json.write_text(json.dumps([vars_of(step) for step in steps], indent=1), encoding="utf-8")
    return 0


def read_frames(data: Path, model: Model, fold: str = "", sources: Collection[str] = ()) -> Frames:
    """Let the pack look at every frame with an animal; those in which it finds none are looked at whole.

    Only frames of that fold and of these sources, where they are named.
    """
    with (data / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["triage"] == "animal"
            and fold in ("", row.get("fold"))
            and (not sources or row.get("source") in sources)
        ]
    names = tuple(sorted({row["group"] for row in rows}))
    vectors, classes, cameras, said = [], [], [], []
    places: dict[str, int] = {}
    looks = model.looks([data / row["path"] for row in rows], Work())
    for at, (row, looked) in enumerate(zip(rows, looks, strict=True)):
        if looked.look is None or not looked.look.crops or not looked.look.crops[0].embedding:
            continue
        crop = looked.look.crops[0]
        if crop.box == WHOLE_PICTURE and looked.look.boxes:
            continue  # a person or vehicle: nothing to name
        site, source = row.get("site"), row.get("source")
        camera = f"{source}/{site}" if site and site != source else f"frame {at}"
        vectors.append(whole_numbers(crop.vector()))
        classes.append(names.index(row["group"]))
        cameras.append(places.setdefault(camera, len(places)))
        top = crop.groups[0][0] if crop.groups else ""
        said.append(names.index(top) if top in names else -1)
    count = len(classes)
    lessons = Lessons(names, np.array(vectors), np.array(classes), np.array(cameras), np.arange(count))
    return Frames(lessons, np.array(said))


def curve(frames: Frames, *, rounds: int = ROUNDS, labels: Sequence[int] = LABELS) -> list[Step]:
    """A step for each number of labels at which at least two classes have enough frames elsewhere."""
    found = []
    for count in labels:
        pairs = []
        for number in range(rounds):
            pair = one_round(frames, count, np.random.default_rng([SEED, number]))
            if pair is not None:
                pairs.append(pair)
        if pairs:
            learned, bundled = np.array(pairs).T
            found.append(Step(count, middle(learned), middle(bundled), middle(learned - bundled), len(pairs)))
    return found


def one_round(frames: Frames, count: int, rng: np.random.Generator) -> tuple[float, float] | None:
    """Learn from so many labels a class and judge both on cameras held out; None when nothing can be judged.

    A class with fewer labels elsewhere is taught with those there are, and left out below LABELS_AT_LEAST.
    """
    lessons = frames.lessons
    every = rng.permutation(np.unique(lessons.cameras))
    out = np.isin(lessons.cameras, every[: max(1, round(len(every) * HELD_OUT))])
    rows = rng.permutation(np.flatnonzero(~out))
    drawn = np.concatenate(
        [rows[lessons.classes[rows] == class_][:count] for class_ in range(len(lessons.names))]
    )
    taught = np.flatnonzero(
        np.bincount(lessons.classes[drawn], minlength=len(lessons.names)) >= LABELS_AT_LEAST
    )
    judged = np.flatnonzero(out & np.isin(lessons.classes, taught))
    if len(taught) < 2 or not len(judged):
        return None
    head = learn(lessons.part(np.sort(drawn))).head
    place = np.array([lessons.names.index(name) for name in head.names])
    said = place[head.likely(lessons.vectors[judged]).argmax(1)]
    truth = lessons.classes[judged]
    return balanced_accuracy(said, truth), balanced_accuracy(frames.said[judged], truth)


def middle(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean, and the ends between which 95 % of the rounds lie."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def vars_of(step: Step) -> dict[str, object]:
    """A step for JSON."""
    return {name: getattr(step, name) for name in ("labels", "learned", "bundled", "difference", "rounds")}


if __name__ == "__main__":
    sys.exit(main())
