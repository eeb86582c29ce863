"""Sees to it that our detector finds the persons and vehicles that the parent does, not more false ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from detector_parent import HEAD, KIND_CLASSES, SIDE_PX, kind_scores
from graph_net import GraphNet
from marks import Marked, canvas
from numpy.typing import NDArray

FOUND_FROM = 0.3
A_LITTLE = 0.005  # beyond it, so that rounding changes nothing
LOWERED_AT_MOST, RAISED_AT_MOST = 0.6, 0.3  # log odds; who needs more is not mended by a bias
STEP = 0.02
HIGHEST = 20  # frames without a kind, whose scores say how high false ones go
HALVINGS = 20
CELLS = 50  # of a frame, which may come to be its best
VIEWS = {"person": 1, "vehicle": 2}  # in which it is looked for: as it is, and mirrored (mirrored.py)
FloatArray = NDArray[np.float64]


@dataclass
class Level:
    """What is known of one kind: frames without it, and those that hold it and in which the parent sees it.

    Each frame is its best cells: objectness and the share of the kind (N × cells × 2).
    """

    without: list[FloatArray] = field(default_factory=list)
    of_parent: list[float] = field(default_factory=list)
    """The parent's scores of the frames without it."""
    holding: list[FloatArray] = field(default_factory=list)

    def best(self) -> float:
        """How far to move the log odds: first down, where there are more false alarms than the parent's.

        Then until the highest scores of frames without the kind are on the whole as high as the parent's: a
        count of alarms at one threshold changes with a hair. At last up as far as finds what the parent does.
        """
        few = int((np.array(self.of_parent) >= FOUND_FROM).sum())
        down = self._level() if self.false_at(0.0) > few else 0.0
        moves = np.arange(down, RAISED_AT_MOST + STEP / 2, STEP)
        return float(max(moves, key=lambda moved: (self.found_at(moved), -moved)))

    def false_at(self, moved: float) -> int:
        """How many frames without the kind would show it with its log odds moved so far."""
        return int((self._scores(self.without, moved) >= FOUND_FROM).sum())

    def found_at(self, moved: float) -> int:
        """How many of the frames in which the parent finds the kind would show it, and not by a hair."""
        return int((self._scores(self.holding, moved) >= FOUND_FROM + A_LITTLE).sum())

    def _level(self) -> float:
        wanted, low, high = _height(np.array(self.of_parent)), -LOWERED_AT_MOST, 0.0
        for _halving in range(HALVINGS):
            middle = (low + high) / 2
            much = _height(self._scores(self.without, middle)) > wanted
            low, high = (low, middle) if much else (middle, high)
        return high

    @staticmethod
    def _scores(frames: list[FloatArray], moved: float) -> FloatArray:
        if not frames:
            return np.zeros(0)
        things, shares = np.array(frames).transpose(2, 0, 1)
        kept = shares.clip(1e-9, 1 - 1e-9)
        return np.asarray((things / (1 + (1 - kept) / kept * np.exp(-moved))).max(1), np.float64)


@torch.no_grad()
def keep_finding(net: GraphNet, teacher: GraphNet, items: Iterable[Marked]) -> dict[str, float]:
    """Move the biases of the rows of persons and vehicles as these frames ask for; by how much.

    What is lost, or falsely found, by a hair at the threshold is put right; the order of pictures by score
    stays as it is.
    """
    levels = {kind: Level() for kind in VIEWS}
    for item in items:
        triage = item.frame.triage
        x = torch.from_numpy(canvas(item.picture, SIDE_PX, SIDE_PX)[0])[None]
        theirs = kind_scores(teacher(x)["output"][0].numpy()).max(0)
        both = net(torch.cat([x, x.flip(3)]))["output"].numpy().astype(np.float64)
        for kind, known in levels.items():
            place = list(KIND_CLASSES).index(kind)
            raw = both[: VIEWS[kind]].reshape(-1, both.shape[-1])
            best = np.argsort(-raw[:, HEAD - 1] * raw[:, HEAD + place])[:CELLS]
            cells = raw[best][:, [HEAD - 1, HEAD + place]]
            if triage in ("animal", "empty"):
                known.without.append(cells)
                known.of_parent.append(float(theirs[place]))
            elif triage == kind and theirs[place] >= FOUND_FROM:
                known.holding.append(cells)
    moved = {kind: known.best() for kind, known in levels.items()}
    _move_rows(net, moved)
    return moved


def _move_rows(net: GraphNet, moved: dict[str, float]) -> None:
    """Add to the log odds of all classes of each kind."""
    ends = np.cumsum([0, *(len(classes) for classes in KIND_CLASSES.values())])
    rows = dict(zip(KIND_CLASSES, pairwise(ends), strict=True))
    for name, place in net.places.items():
        if "cls_preds" in name and name.endswith("bias"):
            for kind, much in moved.items():
                net.weights[place][slice(*rows[kind])] += much


def _height(scores: FloatArray) -> float:
    """The mean log odds of the highest scores."""
    kept = np.sort(scores)[-HIGHEST:].clip(1e-6, 1 - 1e-6)
    return float(np.log(kept / (1 - kept)).mean())
