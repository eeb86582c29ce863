"""Intervals around shares and other figures: Wilson's for counts, the bootstrap by groups for all else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054
"""The normal quantile of 95 % two-sided intervals."""
ROUNDS = 1000
SEED = 20_160_805


class Interval(NamedTuple):
    """A figure with the ends of its 95 % interval; all NaN where nothing can be said."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        return not math.isnan(self.value)


NOTHING = Interval(math.nan, math.nan, math.nan)


def wilson(right: int, of: int, *, z: float = Z_95) -> Interval:
    """The share `right` of `of` with Wilson's score interval (Wilson 1927; Newcombe 1998, method 3)."""
    if of <= 0:
        return NOTHING
    share = right / of
    middle = (right + z * z / 2) / (of + z * z)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    # At none and at all the ends are exactly 0 and 1, which the arithmetic misses by a rounding.
    low = 0.0 if right == 0 else max(middle - half, 0.0)
    high = 1.0 if right == of else min(middle + half, 1.0)
    return Interval(share, low, high)


def share_by_groups(hits: NDArray[np.float64], groups: NDArray[np.int64]) -> Interval:
    """The share of rows that hit, with its interval by groups; where all or none hit, Wilson's for as many
    trials as there are groups, since drawing again from nothing but hits would claim to be certain."""
    found = by_groups(lambda rows: float(hits[rows].mean()), groups) if len(hits) else NOTHING
    if not found.known or 0 < found.value < 1:
        return found
    count = len(np.unique(groups))
    return wilson(count if found.value == 1 else 0, count)


def by_groups(
    statistic: Callable[[NDArray[np.intp]], float],
    groups: NDArray[np.int64],
    *,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> Interval:
    """A figure of rows with its percentile interval, drawing whole groups with replacement.

    Rows of one burst or one camera are alike, so they are drawn together (cluster bootstrap; Efron and
    Tibshirani 1993, ch. 13; Davison and Hinkley 1997, 3.8).

    statistic: from places among the rows to the figure; NaN where there is none for such a draw.
    groups: N numbers; rows with the same number are drawn together. One group alone gives no interval.
    """
    if not len(groups):
        return NOTHING
    value = statistic(np.arange(len(groups)))
    _names, inverse = np.unique(groups, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    if len(members) < 2:
        return Interval(value, math.nan, math.nan)
    drawn = np.random.default_rng(seed).integers(0, len(members), (rounds, len(members)))
    found = np.array([statistic(np.concatenate([members[one] for one in row])) for row in drawn])
    found = found[~np.isnan(found)]
    if not len(found):
        return Interval(value, math.nan, math.nan)
    low, high = np.percentile(found, [2.5, 97.5])
    return Interval(value, float(low), float(high))
