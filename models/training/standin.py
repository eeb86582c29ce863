"""Trains the stand-in model on drawn pictures and writes its pack, in a few minutes on two cores.

    uv run python models/training/standin.py

Seeds are fixed; the same command on the same machine gives the same weights. `--pictures 64 --rounds 1
--measured 40 --out DIR` tries the whole way in seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from draw import Lesson, draw_files, draw_lessons
from export import GRAPH, MEAN, STD, STRIDE_PX, GoldenFile, onnx_graph, planned_manifest, write_pack
from measure import card, choose_thresholds, figures, machine_words, photograph_figures
from net import Array, Net, Shape
from targets import loss_and_slope, targets

from ranger_app.inference.detect import Model
from ranger_app.inference.packs import read_pack
from ranger_app.photos.drawn import SCENES, draw_scene

HERE = Path(__file__).resolve().parent
SEED = 20_260
BATCH = 32
RATE = 3e-3
WARM_STEPS = 100
FIRST_ODDS = -4.0  # log odds that a cell holds something, before anything is learned
SHAPES = (
    Shape(3, 3, 12, 2),
    Shape(3, 12, 24, 2),
    Shape(3, 24, 32, 2),
    Shape(3, 32, 40, 2),
    Shape(3, 40, 40),
    Shape(3, 40, 40),
    Shape(3, 40, 40),
    Shape(1, 40, 8, rectified=False),
)
GOLDEN_SEEDS = {"animal": 10, "person": 12, "vehicle": 27, "empty": 14}
GOLDEN_PLACE = 900


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=HERE.parent / "standin-drawn")
    parser.add_argument("--pictures", type=int, default=6000, help="drawn for training")
    parser.add_argument(
        "--measured", type=int, default=1200, help="drawn for measuring, half as many for choosing"
    )
    parser.add_argument("--rounds", type=int, default=14, help="times each picture is seen")
    parser.add_argument("--processes", type=int, default=2, help="for drawing")
    parser.add_argument(
        "--photographs", type=Path, help="a labelled folder of photographs, to measure on as well"
    )
    parser.add_argument("--pack-version", default="1.0.0")
    asked = parser.parse_args()
    begun = time.monotonic()
    plan = planned_manifest()
    lessons = draw_lessons(
        "train", asked.pictures, graph_input=plan.input, preprocess=plan.preprocess, processes=asked.processes
    )
    drawn_s = time.monotonic() - begun
    print(f"{len(lessons)} pictures drawn in {drawn_s:.0f} s", flush=True)
    net = train(lessons, rounds=asked.rounds)
    trained_s = time.monotonic() - begun - drawn_s
    graph = onnx_graph(net)
    with tempfile.TemporaryDirectory() as place:
        model = _as_model(Path(place), graph)
        choosing = list(draw_files("choose", asked.measured // 2))
        display, careful = choose_thresholds([model.look(file.jpeg) for file in choosing], choosing)
        measuring = list(draw_files("measure", asked.measured))
        rows = figures([model.look(file.jpeg) for file in measuring], measuring, display)
        photographs = photograph_figures(model, asked.photographs) if asked.photographs else []
        goldens = [_golden(model, kind) for kind in SCENES]
    weights = sum(one.weight.size + one.bias.size for one in net.layers)
    facts = (
        f"Pictures drawn: {asked.pictures} for training, {asked.measured // 2} for choosing the thresholds,"
        f" {asked.measured} for the tables.",
        f"Training: {asked.rounds} rounds, seed {SEED}, {weights} weights.",
        f"Time on two cores, perhaps shared with other work: {drawn_s:.0f} s drawing, {trained_s:.0f} s"
        f" training. {machine_words()}",
        f"SHA-256 of the graph: `{hashlib.sha256(graph).hexdigest()}`.",
    )
    words = card(rows, photographs, command="python models/training/standin.py", facts=facts)
    asked.out.mkdir(parents=True, exist_ok=True)
    thresholds = {"display": display, "careful": careful}
    write_pack(asked.out, graph, goldens, **thresholds, version=asked.pack_version, card=words)
    for what, much in (*rows, *photographs):
        print(f"{what}: {much}")
    print(f"{asked.out / GRAPH}: {len(graph)} bytes; {time.monotonic() - begun:.0f} s in all")


def train(lessons: Sequence[Lesson], *, rounds: int) -> Net:
    """A net that has seen each lesson so many times, each time a little changed."""
    rng = np.random.default_rng(SEED)
    net = Net(SHAPES, SEED)
    net.layers[-1].bias[4] = FIRST_ODDS
    steps = max(1, rounds * (len(lessons) // BATCH))
    step = 0
    for turn in range(rounds):
        order = rng.permutation(len(lessons))
        losses = []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            x, boxes = _batch([lessons[place] for place in order[start : start + BATCH]], rng)
            raw = net.forward(x)
            right = targets(boxes, rows=raw.shape[1], columns=raw.shape[2], stride=STRIDE_PX)
            loss, slope = loss_and_slope(raw, right)
            net.backward(slope)
            # Up over the first steps, then down along half a cosine.
            net.step(
                RATE
                * min(1, (step + 1) / WARM_STEPS)
                * (0.02 + 0.98 * (1 + np.cos(np.pi * step / steps)) / 2)
            )
            losses.append(loss)
            step += 1
        print(f"round {turn + 1} of {rounds}: loss {np.mean(losses):.3f}", flush=True)
    return net


def _batch(lessons: Sequence[Lesson], rng: np.random.Generator) -> tuple[Array, list[Array]]:
    """Pixels as the manifest scales them, and boxes; some mirrored, all a little lighter or darker."""
    pixels = np.stack([lesson.pixels for lesson in lessons]).astype(np.float32) / 255
    pixels = pixels * rng.uniform(0.75, 1.25, (len(lessons), 1, 1, 1)).astype(np.float32)
    pixels += rng.uniform(-0.08, 0.08, (len(lessons), 1, 1, 1)).astype(np.float32)
    pixels = (np.clip(pixels, 0, 1) - np.float32(MEAN)) / np.float32(STD)
    boxes = []
    for place, lesson in enumerate(lessons):
        found = lesson.boxes
        if rng.random() < 0.5:
            pixels[place] = pixels[place, :, ::-1].copy()
            found = found.copy()
            found[:, [0, 2]] = pixels.shape[2] - found[:, [2, 0]]
        boxes.append(found)
    return np.ascontiguousarray(pixels), boxes


def _as_model(folder: Path, graph: bytes) -> Model:
    write_pack(folder, graph, (), display=0.3, careful=0.1, version="0", card="")
    return Model.open(read_pack(folder))


def _golden(model: Model, kind: str) -> GoldenFile:
    seed = GOLDEN_SEEDS[kind]
    picture, _boxes = draw_scene(seed, kind, width=320, height=240, place=GOLDEN_PLACE, night=False)
    store = io.BytesIO()
    picture.save(store, "JPEG", quality=90)
    recipe = f"draw_scene({seed}, '{kind}', width=320, height=240, place={GOLDEN_PLACE}, night=False)"
    return GoldenFile(f"golden/{kind}.jpg", store.getvalue(), recipe, model.look(store.getvalue()))


if __name__ == "__main__":
    main()
