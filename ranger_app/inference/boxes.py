"""Picks, among overlapping boxes, the one that says it best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CANDIDATES_AT_MOST = 3000  # the best ones; the quadratic work below stays in milliseconds


def best_first(scores: NDArray[np.float32], least: float) -> NDArray[np.intp]:
    """The places of the scores of at least `least`, best first, equal ones in their order."""
    places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")][:CANDIDATES_AT_MOST]


def without_overlaps(
    corners: NDArray[np.float32], *, iou: float, at_most: int, kinds: NDArray[np.intp] | None = None
) -> list[int]:
    """The places of the boxes that stay, of N × 4 corners sorted best first (greedy suppression).

    A box goes when it overlaps a better one that stays by more than `iou` (intersection over union); with
    `kinds`, only one of its own kind.
    """
    x0, y0, x1, y1 = np.asarray(corners, np.float64).reshape(-1, 4).T
    areas = np.maximum(x1 - x0, 0) * np.maximum(y1 - y0, 0)
    left = np.arange(len(areas))
    kept: list[int] = []
    while len(left) and len(kept) < at_most:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        across = np.minimum(x1[best], x1[left]) - np.maximum(x0[best], x0[left])
        down = np.minimum(y1[best], y1[left]) - np.maximum(y0[best], y0[left])
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        clear = shared <= iou * (areas[best] + areas[left] - shared)
        if kinds is not None:
            clear |= kinds[left] != kinds[best]
        left = left[clear]
    return kept
