"""How wrong the detector's answer is: labels speak for animals, the parent for everything else."""

from __future__ import annotations

import torch
from detector_parent import HEAD, KIND_CLASSES
from torch import Tensor
from torch.nn import functional

NEAR_CELLS = 2.5  # a cell answers for a box whose middle is within so many cells
CELLS_A_BOX = 6
SCARCELY = 1e-6
FAINT = 0.05  # what the teacher must see at least for a cell to count fully
FAINT_WEIGHT = 0.25
TRACE = 1e-3
BACKGROUND_WEIGHT = 4.0
LOG_SIZE_AT_MOST = 6.0


def kinds(raw: Tensor) -> Tensor:
    """… × 3 scores of animal, person and vehicle, from rows of 8 or, of the parent, 85 numbers."""
    thing, classes = raw[..., HEAD - 1 : HEAD], raw[..., HEAD:]
    if classes.shape[-1] > len(KIND_CLASSES):
        animal, person, vehicle = (classes[..., list(columns)] for columns in KIND_CLASSES.values())
        likely = [animal.sum(-1).clamp(max=1), person[..., 0], vehicle.max(-1).values]
        classes = torch.stack(likely, -1)
    return (thing * classes).clamp(SCARCELY, 1 - SCARCELY)


def animal_loss(
    scores: Tensor, raw: Tensor, boxes: Tensor, cells: Tensor, strides: Tensor
) -> tuple[Tensor, int]:
    """How wrong the animal scores (N) of one picture are, and how many cells answer for its boxes (M × 4).

    Each box is given to the few cells near its middle that fit it best (a short form of YOLOX's assignment),
    and they are to be as sure as they fit; the rest of the picture is background and is to be unsure.
    """
    target, weight = torch.zeros_like(scores), torch.ones_like(scores)
    if len(boxes):
        middle = (raw[:, :2] + cells) * strides[:, None]
        half = torch.exp(raw[:, 2:4].clamp(max=LOG_SIZE_AT_MOST)) * strides[:, None] / 2
        fit = overlaps(torch.cat([middle - half, middle + half], -1).detach(), boxes)
        centre = (cells + 0.5) * strides[:, None]
        inside = ((centre[:, None] > boxes[None, :, :2]) & (centre[:, None] < boxes[None, :, 2:])).all(-1)
        goal = (boxes[:, :2] + boxes[:, 2:]) / 2
        near = ((centre[:, None] - goal[None]).abs() < NEAR_CELLS * strides[:, None, None]).all(-1)
        weight[inside.any(1)] = 0.1
        for place in range(len(boxes)):
            cost = -scores.detach().log() - 3 * (fit[:, place] + 1e-3).log()
            cost = cost + 1e4 * (~(near & inside)[:, place]).float()
            count = int(fit[:, place].topk(10).values.sum().clamp(1, CELLS_A_BOX))
            picked = cost.topk(count, largest=False).indices
            picked = picked[cost[picked] < 1e4]
            if not len(picked):
                picked = (centre - goal[place]).abs().sum(1).topk(1, largest=False).indices
            target[picked] = torch.maximum(target[picked], (0.5 + 0.5 * fit[picked, place]).clamp(0.6, 1))
            weight[picked] = 1
    hit = target > 0
    found = (
        functional.binary_cross_entropy(scores[hit], target[hit], reduction="sum")
        if hit.any()
        else scores.sum() * 0
    )
    calm = -(weight[~hit] * scores[~hit] ** 2 * torch.log(1 - scores[~hit])).sum()
    return found + BACKGROUND_WEIGHT * calm, int(hit.sum())


def taught_loss(scores: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy of scores against the teacher's (same shape), less what the teacher itself is unsure of.

    Unlike a squared difference it is strong where the teacher is sure and the student is not.
    """
    weight = FAINT_WEIGHT + (1 - FAINT_WEIGHT) * (taught > FAINT).float()
    entropy = functional.binary_cross_entropy(scores, taught, reduction="none")
    least = functional.binary_cross_entropy(taught, taught, reduction="none")
    return (weight * (entropy - least)).sum()


def likeness_loss(scores: Tensor, taught: Tensor) -> Tensor:
    """How far the logs of scores are from the teacher's (same shape), wherever either sees at least a trace.

    Few frames hold persons or vehicles, so what the net knows of them is held where they are faint as well:
    in what a little resembles them.
    """
    seen = torch.maximum(scores.detach(), taught) > TRACE
    away = functional.smooth_l1_loss(
        scores[seen].clamp(min=TRACE).log(), taught[seen].clamp(min=TRACE).log(), reduction="sum"
    )
    return away / (seen.sum() + 10)


def box_loss(raw: Tensor, taught: Tensor) -> Tensor:
    """How far boxes have moved from the teacher's where it sees something."""
    seen = taught[..., HEAD - 1] > FAINT
    moved = functional.smooth_l1_loss(raw[..., :4][seen], taught[..., :4][seen], reduction="sum")
    return moved / (seen.sum() + 10)


def overlaps(one: Tensor, other: Tensor) -> Tensor:
    """N × M intersections over unions of corners."""
    low, high = (
        torch.max(one[:, None, :2], other[None, :, :2]),
        torch.min(one[:, None, 2:], other[None, :, 2:]),
    )
    shared = (high - low).clamp(0).prod(-1)
    first, second = ((boxes[:, 2:] - boxes[:, :2]).prod(-1) for boxes in (one, other))
    return shared / (first[:, None] + second[None] - shared + 1e-6)
