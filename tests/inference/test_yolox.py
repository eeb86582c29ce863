"""YOLOX answers are read as an independent reference reads them, number by number."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ranger_app.domain.errors import Refused
from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Box, Look
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import (
    CELLS,
    DETECTOR,
    HEIGHT_PX,
    STRIDES,
    WIDTH_PX,
    yolox_answer,
    yolox_pack,
)

PICTURE_W, PICTURE_H = 640, 360


def random_answer(seed: int, classes: int = 5) -> NDArray[np.float32]:
    """Some hundred boxes of all kinds, most of them weak, many overlapping."""
    rng = np.random.default_rng(seed)
    answer = yolox_answer(classes)
    answer[0, :, :2] = rng.uniform(-1, 2, (CELLS, 2))
    answer[0, :, 2:4] = rng.uniform(-1.5, 1.5, (CELLS, 2))
    answer[0, :, 4:] = rng.random((CELLS, 1 + classes)) ** 2
    return answer


def reference(
    answer: NDArray[np.float32],
    *,
    scale: float,
    per_class: bool = False,
    iou: float = 0.5,
    store: float = 0.05,
) -> list[Box]:
    """The same by plain loops over the text of the paper: cells row by row, finest stride first."""
    places = [
        (stride, column, row)
        for stride in STRIDES
        for row in range(HEIGHT_PX // stride)
        for column in range(WIDTH_PX // stride)
    ]
    found: list[tuple[float, str, tuple[float, float, float, float]]] = []
    for (stride, column, row), numbers in zip(places, answer[0].tolist(), strict=True):
        x, y, w, h, thing, beast, ranger, jeep, fowl, _lamp = numbers
        middle_x, middle_y = (x + column) * stride, (y + row) * stride
        half_w, half_h = math.exp(w) * stride / 2, math.exp(h) * stride / 2
        corners = tuple(
            side / scale
            for side in (middle_x - half_w, middle_y - half_h, middle_x + half_w, middle_y + half_h)
        )
        for kind, score in (("animal", min(1, beast + fowl)), ("person", ranger), ("vehicle", jeep)):
            if thing * score >= store:
                found.append((thing * score, kind, corners))
    found.sort(key=lambda one: -one[0])
    kept: list[tuple[float, str, tuple[float, float, float, float]]] = []
    for one in found:
        if len(kept) == 20:
            break
        if all(_overlap(one[2], other[2]) <= iou or (per_class and one[1] != other[1]) for other in kept):
            kept.append(one)
    boxes = []
    for score, kind, (x0, y0, x1, y1) in kept:
        x0, x1 = (min(max(side / PICTURE_W, 0), 1) for side in (x0, x1))
        y0, y1 = (min(max(side / PICTURE_H, 0), 1) for side in (y0, y1))
        if x1 > x0 and y1 > y0:
            boxes.append(Box(x0, y0, x1 - x0, y1 - y0, kind, score))
    return boxes


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(across, 0) * max(down, 0)
    area = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return shared / (area - shared)


def look_with(folder: Path, answer: NDArray[np.float32], output: str = DETECTOR) -> Look:
    pack = yolox_pack(folder, answer, output=output)
    return Model.open(pack).look(encoded(noise_picture(PICTURE_W, PICTURE_H), "PNG"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("per_class", [False, True])
def test_boxes_are_those_of_the_reference_to_the_pixel(tmp_path: Path, seed: int, per_class: bool) -> None:
    output = DETECTOR.replace("per_class = false", f"per_class = {str(per_class).lower()}")
    answer = random_answer(seed)
    look = look_with(tmp_path / "pack", answer, output)
    wanted = reference(answer, scale=WIDTH_PX / PICTURE_W, per_class=per_class)
    assert len(look.boxes) == len(wanted) > 5
    for found, expected in zip(look.boxes, wanted, strict=True):
        assert found.kind == expected.kind
        assert found.score == pytest.approx(expected.score, abs=1e-5)
        off_px = [
            abs(getattr(found, side) - getattr(expected, side)) * size
            for side, size in zip("xywh", (PICTURE_W, PICTURE_H) * 2, strict=True)
        ]
        assert max(off_px) < 0.01


def test_a_single_cell_says_where_and_what(tmp_path: Path) -> None:
    answer = yolox_answer()
    cell = (HEIGHT_PX // 8) * (WIDTH_PX // 8) + 2 * (WIDTH_PX // 16) + 3  # stride 16, row 2, column 3
    answer[0, cell] = [0.5, 0.25, math.log(2), math.log(1.5), 0.8, 0, 0.5, 0, 0, 0]
    look = look_with(tmp_path / "pack", answer)
    (box,) = look.boxes
    # On the input: middle (3.5, 2.25) · 16 = (56, 36), size (32, 24); the picture is 640/96 times as large.
    assert box.kind == "person"
    assert [box.x, box.w] == pytest.approx([40 / 96, 32 / 96])
    assert [box.y, box.h] == pytest.approx([24 / 54, 24 / 54])
    assert [look.animal, look.person, look.vehicle, box.score] == pytest.approx([0, 0.4, 0, 0.4])


def test_kinds_of_animals_add_up_and_never_above_one(tmp_path: Path) -> None:
    answer = yolox_answer()
    answer[0, 0, 4:] = [1.0, 0.75, 0, 0, 0.75, 0]
    look = look_with(tmp_path / "pack", answer)
    assert look.animal == 1.0
    look = look_with(tmp_path / "other", answer, DETECTOR.replace('animal = "sum"', 'animal = "max"'))
    assert look.animal == 0.75


def test_the_picture_keeps_the_score_of_a_box_that_gave_way_to_a_better_one(tmp_path: Path) -> None:
    answer = yolox_answer()
    answer[0, 0] = [0, 0, 1, 1, 1.0, 0.9, 0, 0, 0, 0]
    answer[0, 1] = [-1, 0, 1, 1, 1.0, 0, 0.6, 0, 0, 0]  # a person at the very same place
    look = look_with(tmp_path / "pack", answer)
    assert [box.kind for box in look.boxes] == ["animal"]
    assert look.person == pytest.approx(0.6)


def test_groups_are_kinds_and_empty_best_first(tmp_path: Path) -> None:
    answer = yolox_answer()
    answer[0, 0] = [0, 0, 1, 1, 1.0, 0.2, 0.1, 0, 0, 0]
    look = look_with(tmp_path / "pack", answer)
    assert [name for name, _score in look.groups] == ["empty", "animal", "person", "vehicle"]
    assert dict(look.groups)["empty"] == pytest.approx(0.8)
    assert (look.kind(0.15), look.kind(0.3)) == ("animal", "empty")


def test_odds_become_probabilities_only_when_the_manifest_says_so(tmp_path: Path) -> None:
    answer = yolox_answer()
    answer[0, :, 4:] = -20
    answer[0, 0] = [0, 0, 0, 0, 2.0, -20, 1.0, -20, -20, -20]
    output = DETECTOR.replace('activation = "none"', 'activation = "sigmoid"')
    look = look_with(tmp_path / "pack", answer, output)
    assert look.person == pytest.approx(1 / (1 + math.exp(-2)) / (1 + math.exp(-1)), rel=1e-5)


def test_senseless_sizes_and_places_are_cut_off_at_the_picture(tmp_path: Path) -> None:
    answer = yolox_answer()
    answer[0, 0] = [3e38, -3e38, 80, 80, 1.0, 0.9, 0, 0, 0, 0]
    answer[0, 1] = [0, 0, 80, 80, 1.0, 0, 0.8, 0, 0, 0]
    look = look_with(tmp_path / "pack", answer)
    assert all(0 <= side <= 1 for box in look.boxes for side in (box.x, box.y, box.x + box.w, box.y + box.h))
    assert look.boxes[-1].kind == "person"
    assert (look.boxes[-1].w, look.boxes[-1].h) == (1, 1)


def test_a_graph_of_another_layout_is_never_read_as_this_one(tmp_path: Path) -> None:
    sideways = yolox_answer().transpose(0, 2, 1)
    with pytest.raises(Refused, match="1 × 10 × 126"):
        Model.open(yolox_pack(tmp_path / "pack", sideways))
