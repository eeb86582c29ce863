"""Trains the bundled packs from a labelled folder, judges them, and writes them with their cards.

    uv run --group training python models/training/train.py --data FOLDER --parents FOLDER

FOLDER of data: `labels.csv` and its pictures (see frames.py); FOLDER of parents: the files named in build.py.
Seeds are fixed. Two idle cores take about an hour; a GPU is used where torch finds one. What has been
trained is kept in `--kept` and not trained again: delete that folder to begin anew.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import onnx
import torch
from build import Parents, opened, set_threads, trained, write_packs, write_parent_packs
from card import Made, card
from detector_parent import teacher_model
from frames import Frame, folder_digest, read_frames
from graph_net import GraphNet
from judge import Judged, group_rows, temperature, triage_rows
from manifests import CLASSIFIER, DETECTOR, PIPELINE, Thresholds
from marks import Marked, marked
from train_detector import DetectorPlan
from train_groups import GroupPlan

HERE = Path(__file__).resolve().parent
VERSION = "1.0.0"
THRESHOLDS = Thresholds(display=0.1, conservative=0.05)
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
        "--leave-out", metavar="SOURCE", nargs="*", default=[], help="judge these sources as well"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--steps", type=int, nargs=3, metavar="N", help="instead of the plan's: a trial in a minute"
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
    runs |= {source: [frame.source == source for frame in frames] for source in asked.leave_out}
    judged = {}
    for name, out in runs.items():

        def rest(out: Sequence[bool] = out) -> list[Marked]:
            return [item for item, left in zip(items(), out, strict=True) if not left]

        nets = trained(rest, parents, asked.kept / name, detector=detector, groups=groups, device=device)
        write_packs(
            asked.kept / name / "packs", nets, version="0", thresholds=THRESHOLDS, temperature=1.0, cards={}
        )
        judged[name] = _judge(asked.kept / name / "packs", frames, out, name)
    heat = temperature(judged["val"])
    judged["val"].cool(heat)
    write_parent_packs(asked.kept / "parents", parents, THRESHOLDS)
    before = _judge(asked.kept / "parents", frames, runs["val"], "parents")
    nets = trained(items, parents, asked.kept / "all", detector=detector, groups=groups, device=device)
    made = Made(
        command="python models/training/train.py --data FOLDER --parents FOLDER",
        parents=parents.digests(),
        data=folder_digest(frames),
        machine=_machine(device),
        plans=(repr(detector), repr(groups)),
        temperature=heat,
        display=THRESHOLDS.display,
        least_frames=groups.least_frames,
    )
    words = card(made, frames, before, judged.pop("val"), judged)
    cards = {PIPELINE: words, **dict.fromkeys((DETECTOR, CLASSIFIER), "See the card of ranger-animals.\n")}
    write_packs(asked.out, nets, version=VERSION, thresholds=THRESHOLDS, temperature=heat, cards=cards)
    print(f"packs written to {asked.out}; {time.monotonic() - begun:.0f} s in all")


def _plans(steps: Sequence[int] | None) -> tuple[DetectorPlan, GroupPlan]:
    if steps is None:
        return DetectorPlan(), GroupPlan()
    return DetectorPlan(still_steps=steps[0], steps=steps[1]), GroupPlan(steps=steps[2], copies=0)


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
        f" {platform.machine()}; two cores take about an hour"
    )


if __name__ == "__main__":
    main()
