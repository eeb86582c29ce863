"""Every layout of a detector's output is read as an independent reference reads it, to the pixel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Box, Look
from ranger_app.inference.packs.pack import read_pack
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import HEIGHT_PX, WIDTH_PX, constant_graph, graph_bytes, write_pack

PICTURE_W, PICTURE_H = 640, 360
SCALE = WIDTH_PX / PICTURE_W
LINES = 60
CLASSES = ("animal", "person", "vehicle", "animal", "")  # what the five labels of tiny.py are
STORE = 0.05


def layout(name: str, **changes: object) -> str:
    said: dict[str, object] = {
        "box": "cxcywh",
        "normalised": False,
        "objectness": name == "yolov5",
        "activation": "none",
        "nms": "{ iou = 0.45, per_class = true, max_det = 300 }",
    }
    said |= changes
    text = f'layout = "{name}"\ntensor = "output"\n'
    for key, value in said.items():
        if value is None:
            continue
        bare = isinstance(value, bool) or str(value).startswith("{")
        text += f"{key} = {str(value).lower() if bare else repr(str(value))}\n"
    return text


def some_lines(seed: int, columns: int) -> NDArray[np.float32]:
    """Overlapping boxes in pixels of the input, with scores of all sizes."""
    rng = np.random.default_rng(seed)
    lines = rng.random((LINES, columns)).astype(np.float32)
    lines[:, 0] = rng.uniform(10, 86, LINES)
    lines[:, 1] = rng.uniform(10, 44, LINES)
    lines[:, 2:4] = rng.uniform(6, 30, (LINES, 2))
    lines[:, 4:] **= 2
    return lines


Candidate = tuple[float, int, tuple[float, float, float, float]]


def reference(
    candidates: Sequence[Candidate], *, iou: float | None = 0.45, per_class: bool = True
) -> list[Box]:
    """Greedy suppression by plain loops; corners in pixels of the picture."""
    ordered = sorted(
        (one for one in candidates if one[0] >= STORE and CLASSES[one[1]]), key=lambda one: -one[0]
    )
    kept: list[Candidate] = []
    for one in ordered:
        rivals = [other for other in kept if not per_class or other[1] == one[1]]
        if iou is None or all(overlap(one[2], other[2]) <= iou for other in rivals):
            kept.append(one)
    boxes = []
    for score, class_, corners in kept:
        x0, x1 = (min(max(side / PICTURE_W, 0), 1) for side in corners[0::2])
        y0, y1 = (min(max(side / PICTURE_H, 0), 1) for side in corners[1::2])
        if x1 > x0 and y1 > y0:
            boxes.append(Box(x0, y0, x1 - x0, y1 - y0, CLASSES[class_], score))
    return boxes


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = max(min(one[2], other[2]) - max(one[0], other[0]), 0)
    down = max(min(one[3], other[3]) - max(one[1], other[1]), 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return across * down / (sum(areas) - across * down)


def around(x: float, y: float, w: float, h: float) -> tuple[float, float, float, float]:
    """Corners in the picture of a box around a middle on the input."""
    return (x - w / 2) / SCALE, (y - h / 2) / SCALE, (x + w / 2) / SCALE, (y + h / 2) / SCALE


def same(found: Sequence[Box], wanted: Sequence[Box]) -> None:
    assert len(found) == len(wanted) > 5
    for one, other in zip(found, wanted, strict=True):
        assert one.kind == other.kind
        assert one.score == pytest.approx(other.score, abs=1e-5)
        for side, size in zip("xywh", (PICTURE_W, PICTURE_H) * 2, strict=True):
            assert abs(getattr(one, side) - getattr(other, side)) * size < 0.01


def look_with(folder: Path, graph: bytes, output: str, **more: Any) -> Look:
    pack = read_pack(write_pack(folder, graph, output=output, **more))
    assert check_pack(folder) == []
    return Model.open(pack).look(encoded(noise_picture(PICTURE_W, PICTURE_H), "PNG"))


# ---- lines of box and scores


@pytest.mark.parametrize("seed", range(4))
def test_yolov5_multiplies_objectness_and_the_likeliest_class(tmp_path: Path, seed: int) -> None:
    lines = some_lines(seed, 10)
    wanted = []
    for x, y, w, h, thing, *classes in lines.tolist():
        best = max(range(5), key=lambda place: classes[place])
        wanted.append((thing * classes[best], best, around(x, y, w, h)))
    look = look_with(tmp_path / "pack", constant_graph(lines[None]), layout("yolov5"))
    same(look.boxes, reference(wanted))


@pytest.mark.parametrize("per_class", [True, False])
def test_yolov8_is_the_same_sideways_and_without_objectness(tmp_path: Path, per_class: bool) -> None:
    lines = some_lines(7, 9)
    wanted = []
    for x, y, w, h, *classes in lines.tolist():
        best = max(range(5), key=lambda place: classes[place])
        wanted.append((classes[best], best, around(x, y, w, h)))
    nms = f"{{ iou = 0.6, per_class = {str(per_class).lower()}, max_det = 300 }}"
    look = look_with(tmp_path / "pack", constant_graph(lines.T[None].copy()), layout("yolov8", nms=nms))
    same(look.boxes, reference(wanted, iou=0.6, per_class=per_class))


def test_with_several_labels_a_line_is_a_box_of_each_class(tmp_path: Path) -> None:
    lines = some_lines(9, 9)
    wanted = [
        (score, place, around(*line[:4])) for line in lines.tolist() for place, score in enumerate(line[4:])
    ]
    output = layout("yolov8", multi_label=True)
    look = look_with(tmp_path / "pack", constant_graph(lines.T[None].copy()), output)
    same(look.boxes, reference(wanted))


def test_shares_corners_and_logits_are_read_when_the_manifest_says_so(tmp_path: Path) -> None:
    lines = some_lines(11, 9)
    wanted = []
    written = lines.copy()
    for place, (x, y, w, h, *classes) in enumerate(lines.tolist()):
        best = max(range(5), key=lambda at: classes[at])
        wanted.append((1 / (1 + np.exp(-classes[best])), best, around(x, y, w, h)))
        corners = np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
        written[place, :4] = corners / [WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX]
    output = layout("yolov8", box="xyxy", normalised=True, activation="sigmoid")
    look = look_with(tmp_path / "pack", constant_graph(written.T[None].copy()), output)
    same(look.boxes, reference(wanted))


# ---- boxes that are chosen already


def chosen(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Corners in pixels of the input, scores and classes."""
    lines = some_lines(seed, 5)
    corners = np.concatenate([lines[:, :2] - lines[:, 2:4] / 2, lines[:, :2] + lines[:, 2:4] / 2], 1)
    return corners, lines[:, 4], np.random.default_rng(seed).integers(0, 5, LINES)


def test_end_to_end_rows_are_taken_as_they_are(tmp_path: Path) -> None:
    corners, scores, classes = chosen(3)
    rows = np.concatenate([corners, scores[:, None], classes[:, None]], 1).astype(np.float32)
    output = layout("yolo_end2end", box="xyxy", nms=None)
    look = look_with(tmp_path / "pack", constant_graph(rows[None]), output)
    pixels = [tuple(side / SCALE for side in row) for row in corners.tolist()]
    wanted = zip(scores.tolist(), classes.tolist(), pixels, strict=True)
    same(look.boxes, reference(list(wanted), iou=None))


def rtdetr_graph(*, sized: bool) -> bytes:
    """Boxes, labels and scores; with `sized`, boxes in the pixels that the graph is told."""
    corners, scores, classes = chosen(5)
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "nought"], ["nothing"]),
        helper.make_node("Add", ["all_scores", "nothing"], ["scores"]),
        helper.make_node("Identity", ["all_labels"], ["labels"]),
    ]
    shares = (corners / [WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX]).astype(np.float32)
    weights: dict[str, NDArray[Any]] = {
        "nought": np.zeros((), np.float32),
        "all_scores": scores[None].astype(np.float32),
        "all_labels": classes[None].astype(np.int64),
        "all_boxes": shares[None] if sized else corners[None].astype(np.float32),
    }
    if sized:
        nodes += [
            helper.make_node("Cast", ["size"], ["real_size"], to=TensorProto.FLOAT),
            helper.make_node("Concat", ["real_size", "real_size"], ["sides"], axis=1),
            helper.make_node("Mul", ["all_boxes", "sides"], ["output"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["all_boxes"], ["output"]))
    return graph_bytes(
        nodes,
        out_shape=[1, LINES, 4],
        weights=weights,
        more_inputs={"size": (TensorProto.INT64, [1, 2])} if sized else None,
        more_outputs={
            "labels": (TensorProto.INT64, [1, LINES]),
            "scores": (TensorProto.FLOAT, [1, LINES]),
        },
    )


RTDETR = layout("rtdetr", box="xyxy", nms=None, labels_tensor="labels", scores_tensor="scores")
STRETCH = {'mode = "letterbox"': 'mode = "stretch"'}
SIZE = '[[io.extra_inputs]]\nname = "size"\nrole = "orig_size_wh"\ndtype = "int64"\n'
SIZED = STRETCH | {"[preprocess]\n": SIZE + "[preprocess]\n"}


@pytest.mark.parametrize("sized", [True, False])
def test_rtdetr_answers_in_pixels_of_the_input_or_of_the_size_that_it_is_told(
    tmp_path: Path, sized: bool
) -> None:
    look = look_with(
        tmp_path / "pack", rtdetr_graph(sized=sized), RTDETR, changes=SIZED if sized else STRETCH
    )
    corners, scores, classes = chosen(5)
    to_picture = np.array([PICTURE_W / WIDTH_PX, PICTURE_H / HEIGHT_PX] * 2)
    pixels = [tuple(row) for row in (corners * to_picture).tolist()]
    same(look.boxes, reference(list(zip(scores.tolist(), classes.tolist(), pixels, strict=True)), iou=None))


def test_width_and_height_are_told_in_the_order_that_is_declared(tmp_path: Path) -> None:
    swapped = {before: after.replace("_wh", "_hw") for before, after in SIZED.items()}
    right = look_with(tmp_path / "right", rtdetr_graph(sized=True), RTDETR, changes=SIZED)
    wrong = look_with(tmp_path / "wrong", rtdetr_graph(sized=True), RTDETR, changes=swapped)
    assert right.boxes != wrong.boxes


# ---- never guessed


def test_a_class_that_the_labels_do_not_have_is_the_sign_of_another_layout(tmp_path: Path) -> None:
    rows = np.array([[[10, 10, 20, 20, 0.9, 17.0]]], np.float32)
    output = layout("yolo_end2end", box="xyxy", nms=None)
    with pytest.raises(BadInput, match="a class that its labels do not have"):
        look_with(tmp_path / "pack", constant_graph(rows), output)


def test_what_is_hardly_there_may_have_any_class(tmp_path: Path) -> None:
    rows = np.array([[[10, 10, 20, 20, 0.9, 0.0], [0, 0, 0, 0, 0.0, -1.0]]], np.float32)
    output = layout("yolo_end2end", box="xyxy", nms=None)
    look = look_with(tmp_path / "pack", constant_graph(rows), output)
    assert [box.kind for box in look.boxes] == ["animal"]


@pytest.mark.parametrize(
    ("said", "shape", "words"),
    [
        (layout("yolov5"), (1, 9, 60), "1 × 9 × 60, and pack.toml and the labels ask for 1 × \\? × 10"),
        (layout("yolov8"), (1, 60, 10), "ask for 1 × 9 × \\?"),
        (layout("yolov8", objectness=True), (1, 10, 60), "which has no objectness"),
        (layout("yolo_end2end", nms=None), (1, 60, 7), "ask for 1 × \\? × 6"),
        (layout("yolov5") + "strides = [8]", (1, 60, 10), "decoded already"),
        (layout("yolov8", labels_tensor="a"), (1, 9, 60), "in one output"),
    ],
)
def test_a_layout_that_does_not_fit_the_graph_is_refused(
    tmp_path: Path, said: str, shape: tuple[int, ...], words: str
) -> None:
    folder = write_pack(tmp_path / "pack", constant_graph(np.zeros(shape, np.float32)), output=said)
    with pytest.raises(Refused, match=words):
        Model.open(read_pack(folder))


# ---- calibration


def test_a_table_of_calibration_puts_the_scores_of_boxes_right(tmp_path: Path) -> None:
    lines = some_lines(2, 9)
    points = [(0.0, 0.0), (0.5, 0.8), (1.0, 0.9)]
    rows = ", ".join(f"{{ raw = {raw}, true = {true} }}" for raw, true in points)
    table = f"[calibration]\nisotonic = [{rows}]"
    graph = constant_graph(lines.T[None].copy())
    plain = look_with(tmp_path / "plain", graph, layout("yolov8"))
    right = look_with(tmp_path / "right", graph, layout("yolov8"), more=table)
    wanted = 0.8 + (plain.animal - 0.5) / 5
    assert right.animal == pytest.approx(float(wanted), abs=1e-5)
    assert right.boxes[0].score > plain.boxes[0].score or plain.boxes[0].score > 0.9
