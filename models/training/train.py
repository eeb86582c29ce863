"""Trains the bundled packs from a labelled folder, judges them, and writes them with their cards.

    uv run --group training python models/training/train.py --data FOLDER --parents FOLDER

FOLDER of data: `labels.csv` and its pictures (see frames.py); FOLDER of parents: the files named in build.py.
Seeds are fixed. One idle core takes about forty minutes; a GPU is used where torch finds one. Besides fold
`val`, the largest other source, and then all the rest of them, are left out of a training of their own: on
those the threshold and the temperature are set, so that `val` stays a test. What has been trained is kept in
`--kept` and not trained again: delete that folder to begin anew.
"""

from __future__ import annotations

import argparse
import math
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import torch
from build import Parents, opened, set_threads, trained, write_packs, write_parent_packs
from card import Made, card
from detector_parent import teacher_model
from frames import Frame, folder_digest, read_frames
from graph_net import GraphNet
from judge import Judged, group_rows, temperature, together, triage_rows
from learning_curve import Step, curve
from learning_curve import read_frames as read_crops
from manifests import CLASSIFIER, DETECTOR, PIPELINE, Thresholds
from marks import Marked, marked
from train_detector import DetectorPlan
from train_groups import GroupPlan

HERE = Path(__file__).resolve().parent
VERSION = "1.1.1"
THRESHOLDS = Thresholds(display=0.1, conservative=0.05)
KEPT = 0.95  # of the animals of each source left out that the threshold keeps
FEW_ANIMALS = 10  # sources with fewer say nothing of it
LEAST_DISPLAY = 0.02
JUDGED_THREADS = 1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="labelled folder")
    parser.add_argument("--parents", type=Path, required=True, help="folder with both parents")
    parser.add_argument("--out", type=Path, default=HERE.parent, help="where the packs go")
    parser.add_argument("--kept", type=Path, default=Path("build/training"), help="what is trained already")
    parser.add_argument(
        "--leave-out",
        metavar="SOURCE",
        nargs="*",
        help="leave these out instead; A+B leaves out both at once",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--steps", type=int, nargs=2, metavar="N", help="instead of the plan's: a trial in a minute"
    )
    asked = parser.parse_args()
    begun = time.monotonic()
    set_threads(asked.threads)
    detector, groups = _plans(asked.steps)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    parents = Parents.within(asked.parents)
    frames = read_frames(asked.data)

    @cache
    def items() -> list[Marked]:
        made = list(marked(frames, GraphNet(teacher_model(parents.detector)).eval()))
        print(f"{len(made)} frames marked", flush=True)
        return made

    runs = {"val": [frame.fold == "val" for frame in frames]}
    for sources in asked.leave_out or _left_out(frames):
        runs[sources] = [frame.source in sources.split("+") for frame in frames]
    judged = {}
    for name, out in runs.items():

        def rest(out: Sequence[bool] = out) -> list[Marked]:
            return [item for item, left in zip(items(), out, strict=True) if not left]

        nets = trained(rest, parents, asked.kept / name, detector=detector, groups=groups, device=device)
        packs = asked.kept / name / "packs"
        write_packs(packs, nets, version="0", thresholds=THRESHOLDS, temperature=1.0, cards={})
        judged[name] = _judge(packs, frames, out, name)
    others = [one for name, one in judged.items() if name != "val"]
    heat = temperature(together(others) if others else judged["val"])
    for one in judged.values():
        one.cool(heat)
    thresholds = _thresholds(others or [judged["val"]])
    print(f"temperature {heat:.2f}, {thresholds}", flush=True)
    write_parent_packs(asked.kept / "parents", parents, THRESHOLDS)
    before = {
        name: _judge(asked.kept / "parents", frames, out, f"parents, {name}") for name, out in runs.items()
    }
    curves = {name: _curve(asked.data, asked.kept / name / "packs", name) for name in runs}
    nets = trained(items, parents, asked.kept / "all", detector=detector, groups=groups, device=device)
    made = Made(
        command="python models/training/train.py --data FOLDER --parents FOLDER",
        parents=parents.digests(),
        data=folder_digest(frames),
        machine=_machine(device),
        plans=(repr(detector), repr(groups)),
        temperature=heat,
        display=thresholds.display,
        kept=KEPT,
        moved=nets.detector.doc_string,
        least_frames=groups.least_frames,
    )
    words = card(made, frames, before, judged, curves)
    cards = {PIPELINE: words, **dict.fromkeys((DETECTOR, CLASSIFIER), "See the card of ranger-animals.\n")}
    write_packs(asked.out, nets, version=VERSION, thresholds=thresholds, temperature=heat, cards=cards)
    print(f"packs written to {asked.out}; {time.monotonic() - begun:.0f} s in all")


def _left_out(frames: Sequence[Frame]) -> list[str]:
    """The largest source of fold `train`, and all others of it together; none where there is but one."""
    counted = Counter(frame.source for frame in frames if frame.fold != "val" and frame.source).most_common()
    largest, *others = [source for source, _count in counted] or [""]
    return [largest, "+".join(others)] if others else []


def _curve(data: Path, packs: Path, out: str) -> list[Step]:
    """How a head learned from a few labels of what was left out compares with these packs' groups."""
    fold, sources = ("val", []) if out == "val" else ("", out.split("+"))
    return curve(read_crops(data, opened(packs, threads=JUDGED_THREADS), fold, sources))


def _thresholds(judged: Sequence[Judged]) -> Thresholds:
    """The score that nearly all animals of each source left out reach: low, for a lost animal costs most."""
    animals: dict[str, list[float]] = {}
    for one in judged:
        for frame, scores in zip(one.frames, one.scores, strict=True):
            if frame.triage == "animal":
                animals.setdefault(frame.source, []).append(scores[0])
    lowest = [float(np.quantile(of, 1 - KEPT)) for of in animals.values() if len(of) >= FEW_ANIMALS]
    display = max(math.floor(100 * min(lowest, default=THRESHOLDS.display)) / 100, LEAST_DISPLAY)
    return replace(THRESHOLDS, display=display, conservative=display / 2)


def _plans(steps: Sequence[int] | None) -> tuple[DetectorPlan, GroupPlan]:
    if steps is None:
        return DetectorPlan(), GroupPlan()
    return DetectorPlan(steps=steps[0]), GroupPlan(steps=steps[1], copies=0)


def _judge(folder: Path, frames: Sequence[Frame], shown: Sequence[bool], name: str) -> Judged:
    kept = [frame for frame, wanted in zip(frames, shown, strict=True) if wanted]
    judged = Judged().show(opened(folder, threads=JUDGED_THREADS), kept)
    print(f"-- {name}")
    for row in triage_rows(judged, THRESHOLDS.display) + group_rows(judged):
        print(row, flush=True)
    return judged


def _machine(device: str) -> str:
    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, onnx {onnx.__version__} on {device},"
        f" {platform.machine()}; one core takes about forty minutes"
    )


if __name__ == "__main__":
    main()
