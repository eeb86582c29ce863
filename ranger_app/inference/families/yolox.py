"""YOLOX: one row a grid cell of x, y, w, h, objectness and classes, not yet decoded (Ge et al. 2021).

The graph gives 1 × N × (5 + classes) for the cells of all strides, row by row, finest stride first:
centre = (xy + cell) · stride, size = exp(wh) · stride, in pixels of the input.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.boxes import best_first, without_overlaps
from ranger_app.inference.family import KIND_ROLES, Family, FloatArray, Found, agrees, shape_words
from ranger_app.inference.graph import Tensor
from ranger_app.inference.looks import EMPTY, KINDS, Box
from ranger_app.inference.manifest import DetectorOutput, Thresholds
from ranger_app.inference.pack import Pack
from ranger_app.inference.placing import Placing

HEAD = 5  # x, y, w, h, objectness
LOG_SIZE_AT_MOST = 12.0  # exp of it times any stride is far larger than any picture
CELLS_AWAY_AT_MOST = 1e5


def _tensor(pack: Pack) -> str:
    return _output(pack).tensor


def _faults(pack: Pack, output: Tensor) -> Iterator[str]:
    said = _output(pack)
    if not said.strides:
        yield _("is of the family yolox, and pack.toml does not say its strides")
    if not said.objectness or said.box != "cxcywh" or said.normalised:
        yield _('is of the family yolox: objectness = true, box = "cxcywh", normalised = false')
    if said.nms is None:
        yield _("is of the family yolox, which needs output.detector.nms")
    size = pack.manifest.input.size
    cells: int | None = None
    if not size.dynamic and said.strides:
        cells = sum((size.height_px // stride) * (size.width_px // stride) for stride in said.strides)
    wanted = (1, cells, HEAD + len(pack.labels))
    if output.shape is None or not agrees(output.shape, wanted):
        yield _("gives the shape {found}, and pack.toml and the labels ask for {said}").format(
            found=shape_words(output.shape), said=shape_words(wanted)
        )
    if not any(label.role in roles for label in pack.labels for roles in KIND_ROLES.values()):
        yield _("finds nothing that is an animal, a person or a vehicle: see the roles of the labels")


def _read(raw: FloatArray, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    said = _output(pack)
    cells, strides = _grid(placing.input_h, placing.input_w, said.strides)
    wanted = (1, len(strides), HEAD + len(pack.labels))
    if raw.shape != wanted or said.nms is None:
        raise BadInput(
            _("The model pack {pack} gave the shape {found} and should give {said}.").format(
                pack=pack.id, found=shape_words(raw.shape), said=shape_words(wanted)
            )
        )
    rows = raw[0]
    scores = _scores(rows, pack, said)
    flat = scores.T.ravel()  # cell by cell, so that of equal scores the upper left one is first
    order = best_first(flat, thresholds.store)
    cell, kind = order // len(KINDS), order % len(KINDS)
    corners = _corners(rows[cell, :4], cells[cell], strides[cell])
    kept = without_overlaps(
        corners,
        iou=said.nms.iou,
        at_most=said.nms.max_det,
        kinds=kind if said.nms.per_class else None,
    )
    shares = placing.relative(corners[kept])
    boxes = tuple(
        Box(x, y, w, h, kind=KINDS[kind[place]], score=float(flat[order[place]]))
        for (x, y, w, h), place in zip(shares.tolist(), kept, strict=True)
        if w > 0 and h > 0
    )
    animal, person, vehicle = best = scores.max(1).tolist()
    groups = [*zip(KINDS, best, strict=True), (EMPTY, 1.0 - max(best))]
    groups.sort(key=lambda group: -group[1])
    return Found(animal, person, vehicle, boxes, tuple(groups))


def _scores(rows: FloatArray, pack: Pack, said: DetectorOutput) -> FloatArray:
    """3 × N scores from 0 to 1 in the order of KINDS: objectness times the classes of that kind."""
    likely = rows[:, HEAD - 1 :]
    if said.activation == "sigmoid":
        likely = (1 / (1 + np.exp(-np.clip(likely, -50, 50)))).astype(np.float32)
    thing, classes = likely[:, 0], likely[:, 1:]
    scores = np.zeros((len(KINDS), len(rows)), np.float32)
    for place, kind in enumerate(KINDS):
        columns = [label.index for label in pack.labels if label.role in KIND_ROLES[kind]]
        if columns:
            ours = classes[:, columns]
            scores[place] = thing * (ours.sum(1) if said.combine[kind] == "sum" else ours.max(1)).clip(0, 1)
    return np.clip(scores, 0, 1)


def _corners(rows: FloatArray, cells: FloatArray, strides: FloatArray) -> FloatArray:
    """N × 4 corners in pixels of the input."""
    away = np.clip(rows[:, :2], -CELLS_AWAY_AT_MOST, CELLS_AWAY_AT_MOST)
    middle = (away + cells) * strides[:, None]
    half = np.exp(np.minimum(rows[:, 2:4], LOG_SIZE_AT_MOST)) * strides[:, None] / 2
    return np.concatenate([middle - half, middle + half], 1)


@lru_cache(maxsize=16)
def _grid(height: int, width: int, strides: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """N × 2 (column, row) of the cells and N strides, in the order of the output."""
    cells, sizes = [], []
    for stride in strides:
        down, across = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack((across, down), 2).reshape(-1, 2))
        sizes.append(np.full(across.size, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(sizes).astype(np.float32)


def _output(pack: Pack) -> DetectorOutput:
    if pack.manifest.detector is None:
        raise BadInput(_("The model pack {pack} is no detector.").format(pack=pack.id))
    return pack.manifest.detector


FAMILY = Family(name="yolox", tensor=_tensor, faults=_faults, read=_read)
