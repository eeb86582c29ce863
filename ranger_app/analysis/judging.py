"""How good a model's answers are: area under the curve, calibration, and right and wrong by class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same score: how sure the model was, and how often it was right."""

    score: float
    """The mean score of the answers."""
    right: float
    """The share of them that is right."""
    count: int


def area_under_curve(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """How often a positive scores above a negative, ties counted half (Mann and Whitney 1947; Hanley and
    McNeil 1982). NaN where one of the two is missing."""
    count, others = int(positive.sum()), int((~positive).sum())
    if not count or not others:
        return math.nan
    _values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][positive].sum() - count * (count + 1) / 2) / (count * others))


def reliability(
    scores: NDArray[np.float64], right: NDArray[np.bool_], *, bins: int = BINS
) -> tuple[Bin, ...]:
    """The answers by score in `bins` equal steps from 0 to 1; steps without answers are left out."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    return tuple(
        Bin(float(scores[places == place].mean()), float(right[places == place].mean()), int(count))
        for place, count in enumerate(np.bincount(places, minlength=bins)[:bins])
        if count
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """The mean distance between score and share right, weighted by answers (Naeini, Cooper and Hauskrecht
    2015). NaN without answers."""
    total = sum(one.count for one in bins)
    if not total:
        return math.nan
    return sum(abs(one.score - one.right) * one.count for one in bins) / total


def balanced_accuracy(said: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The mean over the classes there are of the share of each that is recognised (Brodersen et al. 2010)."""
    if not len(truth):
        return math.nan
    counts = np.bincount(truth)
    right = np.bincount(truth, weights=(said == truth).astype(np.float64), minlength=len(counts))
    there = counts > 0
    return float((right[there] / counts[there]).mean())
