"""What the stand-in's net should answer, how wrong an answer is, and in which direction to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from net import Array, sigmoid

KIND_COUNT = 3
CORE = 0.3  # cells in this middle share of a box answer for it
IGNORED = 0.5  # cells in this share and outside the core are neither right nor wrong
BOX_WEIGHT, KIND_WEIGHT = 4.0, 1.0
LEAST_SURE = 0.5  # how sure a cell that holds something is to be when it places the box quite wrongly


@dataclass(frozen=True, slots=True)
class Target:
    """For a batch, N × rows × columns: whether there is something, whether that counts, where and what."""

    something: Array
    counts: Array
    where: Array  # … × 4: x, y, w, h as the head gives them
    what: Array  # … × kinds


def targets(boxes: Sequence[Array], *, rows: int, columns: int, stride: int) -> Target:
    """The right answers for boxes of N × 5 (x0, y0, x1, y1, kind) in input pixels, larger ones first."""
    shape = (len(boxes), rows, columns)
    something, counts = np.zeros(shape, np.float32), np.ones(shape, np.float32)
    where, what = np.zeros((*shape, 4), np.float32), np.zeros((*shape, KIND_COUNT), np.float32)
    down, across = np.mgrid[:rows, :columns]
    middle_x, middle_y = (across + 0.5) * stride, (down + 0.5) * stride
    for place, found in enumerate(boxes):
        areas = (found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1])
        for x0, y0, x1, y1, kind in found[np.argsort(-areas)]:  # small ones last: they keep their few cells
            x, y, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
            off_x, off_y = np.abs(middle_x - x), np.abs(middle_y - y)
            near = (off_x <= IGNORED * w / 2) & (off_y <= IGNORED * h / 2)
            core = (off_x <= max(CORE * w, stride) / 2) & (off_y <= max(CORE * h, stride) / 2)
            counts[place][near & (something[place] == 0)] = 0
            something[place][core], counts[place][core] = 1, 1
            where[place][core] = np.stack(
                [
                    x / stride - across[core],
                    y / stride - down[core],
                    np.full(core.sum(), np.log(max(w, 1.0) / stride)),
                    np.full(core.sum(), np.log(max(h, 1.0) / stride)),
                ],
                1,
            )
            what[place][core] = np.eye(KIND_COUNT)[int(kind)]
    return Target(something, counts, where, what)


def loss_and_slope(raw: Array, target: Target) -> tuple[float, Array]:
    """How wrong `raw` (N × rows × columns × (4 + 1 + kinds)) is, and the slope of that by each number of it.

    Cross-entropy for whether there is something and what it is, smooth absolute difference for where. A cell
    is to be as sure as its box is well placed, so that of several boxes the best one is the surest.
    """
    count = max(float(target.something.sum()), 1.0)
    slope = np.zeros_like(raw)
    likely = sigmoid(raw[..., 4:])
    there = target.something[..., None]
    sure = LEAST_SURE + (1 - LEAST_SURE) * well_placed(raw[..., :4], target.where)
    right = np.concatenate([there * sure[..., None], target.what], -1)
    weight = np.concatenate([target.counts[..., None], KIND_WEIGHT * there.repeat(KIND_COUNT, -1)], -1)
    entropy = -(right * np.log(likely + 1e-7) + (1 - right) * np.log(1 - likely + 1e-7))
    slope[..., 4:] = weight * (likely - right) / count
    off = raw[..., :4] - target.where
    smooth = np.where(np.abs(off) < 1, off**2 / 2, np.abs(off) - 0.5)
    slope[..., :4] = BOX_WEIGHT * there * np.clip(off, -1, 1) / count
    loss = (weight * entropy).sum() + BOX_WEIGHT * (there * smooth).sum()
    return float(loss / count), slope


def well_placed(found: Array, right: Array) -> Array:
    """Intersection over union of boxes as the head gives them, … × 4 (x, y, log w, log h)."""
    half, right_half = np.exp(np.minimum(found[..., 2:], 8)) / 2, np.exp(right[..., 2:]) / 2
    low = np.maximum(found[..., :2] - half, right[..., :2] - right_half)
    high = np.minimum(found[..., :2] + half, right[..., :2] + right_half)
    shared = np.maximum(high - low, 0).prod(-1)
    whole = 4 * half.prod(-1) + 4 * right_half.prod(-1) - shared
    return np.asarray(shared / whole, np.float32)
