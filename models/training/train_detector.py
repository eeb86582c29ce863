"""Trains the detector: every layer from its first step, with the parent as teacher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from descent import Descent, rising_and_falling
from detector_loss import animal_loss, box_loss, kinds, likeness_loss, taught_loss
from detector_parent import NECK, SIDE_PX
from graph_net import GraphNet
from lessons import Lesson, Stock, lesson
from marks import Marked, grid
from torch import Tensor

BATCH = 8
REPORT_STEPS, SEEN_STEPS, RISING_STEPS = 50, 150, 50
EARLY_TENSORS = 50  # the weights and biases of the first 25 convolutions


@dataclass(frozen=True, slots=True)
class DetectorPlan:
    """How long and how fast; the settings that were chosen on `val` and on left-out sources."""

    steps: int = 450
    rate: float = 2.5e-4
    early_rate: float = 5e-5  # of the first layers, as a share of each tensor's own size
    taught_weight: float = 4.0  # of the teacher's persons and vehicles
    likeness_weight: float = 2.0  # of how like the teacher's even faint persons and vehicles are
    box_weight: float = 0.3
    neck_weight: float = 1.0  # of the neck's features
    recent: int = 2  # the mean of the weights over steps, in which later ones count a little more
    away: float = 0.5  # how far from the parent's weights to there (Wortsman and others 2022)
    seed: int = 1


def train_detector(
    net: GraphNet,
    teacher: GraphNet,
    items: Sequence[Marked],
    plan: DetectorPlan,
    *,
    device: str = "cpu",
    seen: Callable[[GraphNet, int], None] = lambda net, step: None,
) -> GraphNet:
    """The trained net, part of the way back to where it began. `seen` is told of the net every 150 steps."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    stock = Stock.of(items)
    begun = [weight.detach().clone().to(device) for weight in net.parameters()]
    net = net.to(device, memory_format=torch.channels_last)
    teacher = teacher.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
    grids = [torch.from_numpy(one).to(device) for one in grid(SIDE_PX, SIDE_PX)]
    descent = Descent(
        net,
        list(net.weights),
        early=EARLY_TENSORS,
        rate=plan.rate,
        early_rate=plan.early_rate,
        recent=plan.recent,
    )
    for step in range(plan.steps):
        lessons = [lesson(stock, rng) for _one in range(BATCH)]
        loss = _loss(net, teacher, lessons, grids, plan)
        share = rising_and_falling(step, plan.steps, rising=RISING_STEPS)
        descent.step(loss, share=share)
        descent.report(REPORT_STEPS)
        if (step + 1) % SEEN_STEPS == 0:
            seen(descent.steady, step + 1)
    with torch.no_grad():
        for first, last in zip(begun, descent.steady.parameters(), strict=True):
            last.copy_(torch.lerp(first, last, plan.away))
    return descent.steady


def _loss(
    net: GraphNet, teacher: GraphNet, lessons: Sequence[Lesson], grids: Sequence[Tensor], plan: DetectorPlan
) -> Tensor:
    cells, strides = grids
    x = torch.from_numpy(np.stack([one.pixels for one in lessons])).to(cells.device)
    x = x.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        taught = teacher(x, keep=NECK)
        wanted = kinds(taught["output"])
    said = net(x, keep=NECK)
    raw = said["output"]
    scores = kinds(raw)
    animal, count = raw.sum() * 0, 0
    for place, one in enumerate(lessons):
        if one.told:
            boxes = torch.from_numpy(one.boxes).to(cells.device)
            more, hit = animal_loss(scores[place, :, 0], raw[place], boxes, cells, strides)
            animal, count = animal + more, count + hit
        else:
            animal = animal + taught_loss(scores[place, :, 0], wanted[place, :, 0])
    others = taught_loss(scores[..., 1:], wanted[..., 1:]) / len(lessons)
    alike = likeness_loss(scores[..., 1:], wanted[..., 1:])
    moved = box_loss(raw, taught["output"])
    away = torch.stack([((said[name] - taught[name]) ** 2).mean() / taught[name].var() for name in NECK])
    return (
        animal / (count + 6)
        + plan.taught_weight * others
        + plan.likeness_weight * alike
        + plan.box_weight * moved
        + plan.neck_weight * away.sum()
    )
