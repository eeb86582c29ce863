"""Trains the detector: its three rows on a still net, then every layer, with the parent as teacher."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from detector_loss import animal_loss, box_loss, kinds, taught_loss
from detector_parent import NECK, SIDE_PX
from graph_net import GraphNet
from lessons import Stock, lesson
from marks import Marked, grid
from torch import Tensor

BATCH = 8
REPORT_STEPS = 50
CLIPPED = 5.0
EARLY_TENSORS = 50  # the weights and biases of the first 25 convolutions


@dataclass(frozen=True, slots=True)
class DetectorPlan:
    """How long and how fast; the settings that were chosen on `val` and on left-out sources."""

    still_steps: int = 150  # the rows alone
    steps: int = 450  # every layer
    still_rate: float = 2e-3
    rate: float = 2.5e-4
    early_rate: float = 5e-5  # of the first layers, as a share of each tensor's own size
    taught_weight: float = 2.0  # of the teacher's persons and vehicles
    box_weight: float = 0.3
    neck_weight: float = 1.0  # of the neck's features
    average: float = 0.99  # of the weights, over steps: what is kept is steadier than the last step
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
    """The trained net. `seen` is told of the averaged net every 150 steps."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    stock = Stock.of(items)
    net = net.to(device, memory_format=torch.channels_last)
    teacher = teacher.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
    steady = copy.deepcopy(net)
    grids = [torch.from_numpy(one).to(device) for one in grid(SIDE_PX, SIDE_PX)]
    rows = [net.weights[place] for name, place in net.places.items() if "cls_preds" in name]
    net.requires_grad_(False)
    for row in rows:
        row.requires_grad_(True)
    still = [{"params": rows, "full_rate": plan.still_rate}]
    optimiser = torch.optim.AdamW(still, lr=plan.still_rate, weight_decay=0.0)
    losses, begun = [], time.monotonic()
    for step in range(plan.still_steps + plan.steps):
        if step == plan.still_steps:
            net.requires_grad_(True)
            optimiser = torch.optim.AdamW(_all_layers(net, plan), lr=plan.rate, weight_decay=1e-4)
        for group in optimiser.param_groups:
            group["lr"] = _share(plan, step) * group["full_rate"]
        lessons = [lesson(stock, rng) for _one in range(BATCH)]
        loss = _loss(net, teacher, lessons, grids, plan)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(optimiser.param_groups[0]["params"], CLIPPED)
        optimiser.step()
        with torch.no_grad():
            for kept, new in zip(steady.parameters(), net.parameters(), strict=True):
                kept.lerp_(new, 1 - min(plan.average, (step + 1) / (step + 10)))
        losses.append(loss.item())
        if (step + 1) % REPORT_STEPS == 0:
            taken = time.monotonic() - begun
            print(f"step {step + 1}: loss {np.mean(losses[-REPORT_STEPS:]):.3f}, {taken:.0f} s", flush=True)
        if (step + 1) % 150 == 0:
            seen(steady, step + 1)
    return steady


def _loss(
    net: GraphNet, teacher: GraphNet, lessons: Sequence, grids: Sequence[Tensor], plan: DetectorPlan
) -> Tensor:
    device = grids[0].device
    x = torch.from_numpy(np.stack([one.pixels for one in lessons])).to(device)
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
            boxes = torch.from_numpy(one.boxes).to(device)
            more, cells = animal_loss(scores[place, :, 0], raw[place], boxes, *grids)
            animal, count = animal + more, count + cells
        else:
            animal = animal + taught_loss(scores[place, :, 0], wanted[place, :, 0])
    others = taught_loss(scores[..., 1:], wanted[..., 1:]) / len(lessons)
    moved = box_loss(raw, taught["output"])
    away = sum(((said[name] - taught[name]) ** 2).mean() / taught[name].var() for name in NECK)
    return (
        animal / (count + 6) + plan.taught_weight * others + plan.box_weight * moved + plan.neck_weight * away
    )


def _all_layers(net: GraphNet, plan: DetectorPlan) -> list[dict[str, Any]]:
    """Every weight with its rate.

    The first layers take pixels from 0 to 255 with the normalisation folded into their weights: a step of one
    size for all tensors, as elsewhere, throws them off within a few steps.
    """
    weights = list(net.weights)
    early = [
        {
            "params": [one],
            "full_rate": plan.early_rate * max(float(one.detach().square().mean().sqrt()), 1e-3),
        }
        for one in weights[:EARLY_TENSORS]
    ]
    return [{"params": weights[EARLY_TENSORS:], "full_rate": plan.rate}, *early]


def _share(plan: DetectorPlan, step: int) -> float:
    """Of the full rate: up over the first steps, then down along half a cosine."""
    if step < plan.still_steps:
        return min(1, (step + 1) / 20)
    step -= plan.still_steps
    return min(1, (step + 1) / 50) * (0.03 + 0.97 * (1 + math.cos(math.pi * step / plan.steps)) / 2)
