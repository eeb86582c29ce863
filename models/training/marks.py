"""Marks where the parent sees animals, persons and vehicles: boxes to learn from, crops to paste."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from detector_parent import KIND_CLASSES, STRIDES, kind_scores
from frames import Frame
from graph_net import GraphNet
from numpy.typing import NDArray
from PIL import Image

STRIP = 0.05  # of the height, below: the camera's strip of information
SIZES = ((416, 416, 1.0), (480, 640, 0.95), (640, 832, 0.85))  # height and width in pixels, trust
WEAK, FIRST, FURTHER = (
    0.03,
    0.15,
    0.25,
)  # scores of a box that may be one, of the best box, of each further one
BOXES_AT_MOST = 5
PASTED_FROM = 0.25  # how sure the parent must be of a person or vehicle that is cut out and pasted elsewhere
PASTED_SIDE_PX = 24
KINDS = tuple(KIND_CLASSES)
Corners = tuple[float, float, float, float]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cutting:
    """A person or vehicle cut out of its frame with a little around it, and its box in the cutting."""

    picture: Image.Image
    box: Corners


@dataclass(frozen=True, slots=True)
class Marked:
    """A frame without its strip: boxes of animals, what may be some, cuttings of persons and vehicles."""

    frame: Frame
    picture: Image.Image
    boxes: tuple[Corners, ...]
    weak: tuple[Corners, ...]
    cuttings: tuple[Cutting, ...]


def without_strip(picture: Image.Image) -> Image.Image:
    """The picture above the strip on which the camera writes."""
    return picture.crop((0, 0, picture.width, int(picture.height * (1 - STRIP))))


def canvas(picture: Image.Image, height: int, width: int) -> tuple[FloatArray, float]:
    """3 × H × W, BGR 0..255, the picture at the top left, the rest 114; and the scale."""
    scale = min(width / picture.width, height / picture.height)
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    made = np.full((height, width, 3), 114, np.float32)
    made[: size[1], : size[0]] = np.asarray(picture.resize(size, Image.Resampling.BILINEAR))[:, :, ::-1]
    return np.ascontiguousarray(made.transpose(2, 0, 1)), scale


def grid(height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """N × 2 cells (column, row) and N strides, in the order of the graph's rows."""
    cells, strides = [], []
    for stride in STRIDES:
        down, across = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack((across, down), 2).reshape(-1, 2))
        strides.append(np.full(across.size, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def corners_of(raw: FloatArray, height: int, width: int, scale: float) -> FloatArray:
    """N × 4 corners in pixels of the picture from the graph's N rows."""
    cells, strides = grid(height, width)
    middle = (raw[:, :2] + cells) * strides[:, None]
    half = np.exp(raw[:, 2:4]) * strides[:, None] / 2
    return np.asarray(np.concatenate([middle - half, middle + half], 1) / scale, np.float32)


@torch.no_grad()
def marked(frames: Iterable[Frame], teacher: GraphNet) -> Iterator[Marked]:
    """Each frame with what the teacher sees at three sizes; an animal that it does not see stays unmarked."""
    for frame in frames:
        picture = without_strip(frame.picture)
        seen: list[tuple[float, int, Corners]] = []
        for height, width, trust in SIZES:
            pixels, scale = canvas(picture, height, width)
            raw = teacher(torch.from_numpy(pixels)[None])["output"][0].numpy()
            scores, corners = kind_scores(raw) * trust, corners_of(raw, height, width, scale)
            for place, kind in np.argwhere(scores > WEAK):
                x0, y0, x1, y1 = (float(side) for side in corners[place])
                inside = max(x0, 0.0), max(y0, 0.0), min(x1, picture.width), min(y1, picture.height)
                seen.append((float(scores[place, kind]), int(kind), inside))
        seen.sort(key=lambda one: -one[0])
        animals = [(score, box) for score, kind, box in seen if KINDS[kind] == "animal"]
        things = [(score, box) for score, kind, box in seen if KINDS[kind] == frame.triage]
        sure = _apart(animals, FIRST, FURTHER) if frame.triage == "animal" else []
        cut = _apart(things, PASTED_FROM, PASTED_FROM) if frame.triage in ("person", "vehicle") else []
        weak = tuple(box for _score, box in animals)
        yield Marked(frame, picture, tuple(sure), weak, tuple(_cuttings(picture, cut)))


def overlap(one: Corners, other: Corners) -> tuple[float, float]:
    """Intersection over union, and over the smaller box."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(across, 0.0) * max(down, 0.0)
    first, second = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (first + second - shared + 1e-6), shared / (min(first, second) + 1e-6)


def _apart(found: list[tuple[float, Corners]], first: float, further: float) -> list[Corners]:
    kept: list[Corners] = []
    for score, box in found:
        if len(kept) == BOXES_AT_MOST or score < (further if kept else first):
            break
        if all(max(overlap(box, one)[0] / 0.4, overlap(box, one)[1] / 0.7) < 1 for one in kept):
            kept.append(box)
    return kept


def _cuttings(picture: Image.Image, boxes: list[Corners]) -> Iterator[Cutting]:
    for x0, y0, x1, y1 in boxes:
        if min(x1 - x0, y1 - y0) < PASTED_SIDE_PX:
            continue
        around_x, around_y = 0.15 * (x1 - x0), 0.1 * (y1 - y0)
        left, top = int(max(x0 - around_x, 0)), int(max(y0 - around_y, 0))
        right, bottom = int(min(x1 + around_x, picture.width)), int(min(y1 + around_y, picture.height))
        yield Cutting(picture.crop((left, top, right, bottom)), (x0 - left, y0 - top, x1 - left, y1 - top))
