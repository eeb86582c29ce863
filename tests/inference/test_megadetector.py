"""MegaDetector's two ways of looking give the digits that its own program writes.

The reference below follows `pytorch_detector.py` of the MegaDetector project step by step, for one picture
and boxes in pixels of the input, in the plainest arithmetic.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model, Ready
from ranger_app.inference.megadetector import cut_off
from ranger_app.inference.packs.pack import read_pack
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import HEIGHT_PX, WIDTH_PX, constant_graph, write_pack

LONG_PX, STRIDE_PX = 256, 64
LABELS = "index,id,role\n0,animal,animal\n1,person,human\n2,vehicle,vehicle\n"
PLAIN = 'mode = "letterbox"', 'interp = "bilinear"', "antialias = true", 'rounding = "floor"'
CLASSIC = *PLAIN[:2], "antialias = false", 'rounding = "round"', "auto_stride = true"
MODERN = 'mode = "prescale_letterbox"', 'interp = "area"', *PLAIN[2:], "scaleup = false"

Row = tuple[str, float, tuple[float, ...]]


def pack_folder(folder: Path, lines: NDArray[np.float32], mode: str) -> Path:
    classic = mode == "md_classic"
    nms = f"{{ iou = {0.45 if classic else 0.6}, per_class = true, max_det = 300 }}"
    output = f"""layout = "yolov5"
tensor = "output"
box = "cxcywh"
normalised = false
objectness = true
activation = "none"
multi_label = {str(not classic).lower()}
finish = "{mode}"
nms = {nms}
"""
    resize = "\n".join(CLASSIC if classic else MODERN) + "\n"
    changes = {
        f"{{ h = {HEIGHT_PX}, w = {WIDTH_PX} }}": f"{{ long_side = {LONG_PX}, stride = {STRIDE_PX} }}",
        "\n".join(PLAIN) + "\n": resize,
        'pad_align = "topleft"': 'pad_align = "center"',
        "store = 0.05": "store = 0.005",
    }
    graph = constant_graph(lines[None], in_shape=[1, 3, "h", "w"])
    return write_pack(folder, graph, output=output, labels=LABELS, changes=changes)


def input_size(mode: str, width: int, height: int) -> tuple[int, int]:
    """Width and height of the network's input."""
    ratio = LONG_PX / max(width, height)
    if mode == "md_classic":  # letterbox(auto=True)
        new_w, new_h = round(width * ratio), round(height * ratio)
        return new_w + (LONG_PX - new_w) % STRIDE_PX, new_h + (LONG_PX - new_h) % STRIDE_PX
    small_w, small_h = int(width * ratio), int(height * ratio)
    steps = LONG_PX / max(small_w, small_h) / STRIDE_PX
    return math.ceil(small_w * steps + 0.5) * STRIDE_PX, math.ceil(small_h * steps + 0.5) * STRIDE_PX


def reference(lines: NDArray[np.float32], mode: str, width: int, height: int) -> list[Row]:
    """Kind, score and box (x, y, w, h) as they are written into a file of results."""
    in_w, in_h = input_size(mode, width, height)
    ratio = LONG_PX / max(width, height)
    if mode == "md_classic":  # scale_coords from the shapes alone
        gain = min(in_h / height, in_w / width)
        pad_x, pad_y = (in_w - width * gain) / 2, (in_h - height * gain) / 2
    else:  # scale_coords(…, ratio_pad)
        gain = int(height * ratio) / height
        pad_x, pad_y = (in_w - int(width * ratio)) / 2, (in_h - int(height * ratio)) / 2
    candidates = []
    for x, y, w, h, thing, *classes in lines.tolist():
        scores = [thing * one for one in classes]
        named = [scores.index(max(scores))] if mode == "md_classic" else range(3)
        box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        candidates += [(scores[at], at, box) for at in named if scores[at] >= 0.005]
    kept: list[tuple[float, int, tuple[float, ...]]] = []
    for one in sorted(candidates, key=lambda one: -one[0]):
        most = 0.45 if mode == "md_classic" else 0.6
        if all(one[1] != other[1] or _overlap(one[2], other[2]) <= most for other in kept):
            kept.append(one)
    rows = []
    for score, at, (x0, y0, x1, y1) in kept:
        x0, x1 = (round(min(max((side - pad_x) / gain, 0), width)) for side in (x0, x1))
        y0, y1 = (round(min(max((side - pad_y) / gain, 0), height)) for side in (y0, y1))
        sides = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
        cx, cy, w, h = (float(np.float32(side)) for side in sides)
        box = (cx - w / 2, cy - h / 2, w, h)
        if mode == "md_classic":
            rows.append((at, significant(score, 3), tuple(significant(side, 4) for side in box)))
        else:
            rows.append((at, round(score, 3), tuple(round(side, 4) for side in box)))
    return [(("animal", "person", "vehicle")[at], score, box) for at, score, box in rows if min(box[2:]) > 0]


def significant(value: float, digits: int) -> float:
    if abs(value) < 1e-8:
        return 0
    factor = math.pow(10, digits - 1 - math.floor(math.log10(abs(value))))
    return math.floor(value * factor) / factor


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = max(min(one[2], other[2]) - max(one[0], other[0]), 0)
    down = max(min(one[3], other[3]) - max(one[1], other[1]), 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return across * down / (sum(areas) - across * down)


@pytest.mark.parametrize("mode", ["md_classic", "md_modern"])
@pytest.mark.parametrize("size", [(640, 480), (1001, 563), (333, 500), (700, 100), (256, 256), (90, 61)])
def test_boxes_and_scores_have_the_digits_of_the_original(
    tmp_path: Path, mode: str, size: tuple[int, int]
) -> None:
    width, height = size
    rng = np.random.default_rng(width)
    in_w, in_h = input_size(mode, width, height)
    lines = np.concatenate(
        [rng.uniform(0, [in_w, in_h], (80, 2)), rng.uniform(8, 90, (80, 2)), rng.random((80, 4)) ** 2], 1
    ).astype(np.float32)
    folder = pack_folder(tmp_path / "pack", lines, mode)
    assert check_pack(folder) == []
    model = Model.open(read_pack(folder))
    ready = model.make_ready(encoded(noise_picture(width, height), "PNG"))
    assert isinstance(ready, Ready)
    assert ready.prepared.tensor.shape == (1, 3, in_h, in_w)
    look = model.infer(ready)
    wanted = reference(lines, mode, width, height)
    assert len(look.boxes) == len(wanted) > 20
    for box, (kind, score, sides) in zip(look.boxes, wanted, strict=True):
        assert box.kind == kind
        # A digit more or less where single precision decides.
        assert box.score == pytest.approx(score, abs=0.0011)
        assert (box.x, box.y, box.w, box.h) == pytest.approx(sides, abs=0.00011)
    exact = [
        (box.score, box.x, box.y, box.w, box.h) == (score, *sides)
        for box, (_kind, score, sides) in zip(look.boxes, wanted, strict=True)
    ]
    assert sum(exact) >= len(exact) - 2


def test_the_two_ways_differ_where_the_reference_says_that_they_do(tmp_path: Path) -> None:
    lines = np.array(
        [
            [100, 80, 60, 50, 1, 0.9, 0.5, 0.1],
            [108, 80, 60, 50, 1, 0.8, 0.1, 0.1],
            [130, 80, 60, 50, 1, 0, 0.7, 0],
        ],
        np.float32,
    )
    said = {}
    for mode in ("md_classic", "md_modern"):
        model = Model.open(read_pack(pack_folder(tmp_path / mode, lines, mode)))
        look = model.look(encoded(noise_picture(512, 384), "PNG"))
        said[mode] = [(box.kind, box.score) for box in look.boxes]
    assert said["md_classic"] == [("animal", 0.899), ("person", 0.699)]
    # Several labels a line; an overlap of 0.76 is too much in both, and so each person stays by itself.
    assert ("person", 0.5) in said["md_modern"]
    assert ("animal", 0.9) in said["md_modern"]


@pytest.mark.parametrize(
    ("value", "digits", "wanted"),
    [(0.92689, 3, 0.926), (0.0512999, 3, 0.0512), (0.00012348, 4, 0.0001234), (1.0, 3, 1.0), (0.0, 3, 0.0)],
)
def test_digits_are_cut_off_and_never_rounded_up(value: float, digits: int, wanted: float) -> None:
    assert cut_off(value, digits) == pytest.approx(wanted, rel=1e-9)


def test_without_the_whole_picture_the_digits_would_lie(tmp_path: Path) -> None:
    folder = pack_folder(tmp_path / "pack", np.zeros((4, 8), np.float32), "md_classic")
    text = (folder / "pack.toml").read_text()
    (folder / "pack.toml").write_text(text.replace('kind = "full"', 'kind = "full", strip_bottom = 0.05'))
    assert any("must be shown the whole picture" in problem for problem in check_pack(folder))
