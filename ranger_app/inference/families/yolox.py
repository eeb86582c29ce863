"""YOLOX: one row a grid cell of x, y, w, h, objectness and classes, not yet decoded (Ge et al. 2021).

The graph gives 1 × N × (5 + classes) for the cells of all strides, row by row, finest stride first:
centre = (xy + cell) · stride, size = exp(wh) · stride, in pixels of the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from ranger_app.i18n import _
from ranger_app.inference.family import KIND_ROLES, Answers, Family, FloatArray, Found, misfit, must_be
from ranger_app.inference.finding import Places, detector_output, found, sees_nothing
from ranger_app.inference.graph import Tensor
from ranger_app.inference.looks import KINDS
from ranger_app.inference.packs.manifest import DETECTOR, DetectorOutput, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing

HEAD = 5  # x, y, w, h, objectness
LOG_SIZE_AT_MOST = 12.0  # exp of it times any stride is far larger than any picture
CELLS_AWAY_AT_MOST = 1e5


def _tensors(pack: Pack) -> tuple[str, ...]:
    return (detector_output(pack).tensor,)


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    said = detector_output(pack)
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
    if text := misfit(outputs[said.tensor].shape, wanted):
        yield text
    if text := sees_nothing(pack):
        yield text


def _read(answers: Answers, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    said = detector_output(pack)
    cells, strides = _grid(placing.input_h, placing.input_w, said.strides)
    raw = answers[said.tensor]
    must_be(raw, (1, len(strides), HEAD + len(pack.labels)), pack)
    rows = raw[0]
    # Cell by cell, so that of equal scores the upper left one is first.
    scores = _scores(rows, pack, said).T.ravel()
    kinds = np.tile(np.arange(len(KINDS)), len(rows))

    def corners(places: Places) -> FloatArray:
        cell = places // len(KINDS)
        return _corners(rows[cell, :4], cells[cell], strides[cell])

    return found(scores, kinds, kinds, corners, pack=pack, thresholds=thresholds, placing=placing)


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


FAMILY = Family(name="yolox", kind=DETECTOR, tensors=_tensors, faults=_faults, read=_read)
