"""Takes the steps of a training: rates that rise and fall, clipped gradients, the mean of the weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from graph_net import GraphNet
from torch import Tensor
from torch.nn import Parameter

CLIPPED = 5.0
DECAY = 1e-4
LEAST_SIZE = 1e-3
LAST_SHARE = 0.03  # of the full rate, at the last step


class Descent:
    """The way down of one net. `steady` is the mean of its weights over steps, which is what is kept.

    With `recent` 1 all steps count alike; with a larger one the later count more, about the last part of so
    many (Shamir and Zhang 2013).

    The first `early` weights carry their normalisation and, in a detector, take pixels from 0 to 255: they
    step by `early_rate` times their own size, the others by `rate`. One rate for all throws a net off within
    a few steps.
    """

    def __init__(
        self,
        net: GraphNet,
        weights: Sequence[Parameter],
        *,
        early: int,
        rate: float,
        early_rate: float,
        recent: int,
    ) -> None:
        self.net = net
        self._recent = recent
        self.steady = copy.deepcopy(net)
        groups: list[dict[str, Any]] = [{"params": list(weights[early:]), "full_rate": rate}]
        for one in weights[:early]:
            size = max(float(one.detach().square().mean().sqrt()), LEAST_SIZE)
            groups.append({"params": [one], "full_rate": early_rate * size})
        self._optimiser = torch.optim.AdamW(groups, lr=rate, weight_decay=DECAY)
        self._losses: list[float] = []
        self._begun = time.monotonic()

    def step(self, loss: Tensor, *, share: float) -> None:
        """Step down at that share of the full rates."""
        for group in self._optimiser.param_groups:
            group["lr"] = share * group["full_rate"]
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._optimiser.param_groups[0]["params"], CLIPPED)
        self._optimiser.step()
        self._losses.append(loss.item())
        taken = len(self._losses)
        with torch.no_grad():
            for kept, new in zip(self.steady.parameters(), self.net.parameters(), strict=True):
                kept.lerp_(new, self._recent / (taken + self._recent))

    def report(self, every: int) -> bool:
        """Print the mean loss of the last `every` steps when so many more have been taken."""
        taken = len(self._losses)
        if taken % every:
            return False
        mean, seconds = np.mean(self._losses[-every:]), time.monotonic() - self._begun
        print(f"step {taken}: loss {mean:.3f}, {seconds:.0f} s", flush=True)
        return True


def rising_and_falling(step: int, steps: int, *, rising: int) -> float:
    """The share of the full rate at a step: up over the first ones, then down along half a cosine."""
    fallen = (1 + math.cos(math.pi * step / steps)) / 2
    return min(1, (step + 1) / rising) * (LAST_SHARE + (1 - LAST_SHARE) * fallen)
