"""Figures with intervals, resampled by burst where frames are not independent."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
Z = 1.96  # 95 %
BINS = 10  # of the calibration error


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def share(part: int, whole: int) -> Figure:
    """So many of so many, with the interval of Wilson (1927)."""
    if not whole:
        return Figure(float("nan"), 0.0, 1.0)
    value = part / whole
    middle = (value + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z / (1 + Z * Z / whole) * math.sqrt(value * (1 - value) / whole + Z * Z / (4 * whole**2))
    return Figure(value, max(middle - half, 0.0), min(middle + half, 1.0))


def resampled(measure: Callable[[NDArray[np.intp]], float], bursts: Sequence[int]) -> Figure:
    """What `measure` says of all frames, with a bootstrap interval that draws whole bursts.

    measure: takes the places of frames, of which some may come more than once, and may say NaN.
    """
    rng = np.random.default_rng(0)
    numbers, inverse = np.unique(np.asarray(bursts), return_inverse=True)
    members = [np.flatnonzero(inverse == number) for number in range(len(numbers))]
    again = []
    for _resample in range(RESAMPLES):
        drawn = rng.integers(0, len(members), len(members))
        again.append(measure(np.concatenate([members[one] for one in drawn])))
    low, high = np.nanquantile(again, [0.025, 0.975]) if np.isfinite(again).any() else (np.nan, np.nan)
    return Figure(measure(np.arange(len(inverse))), float(low), float(high))


def area(high: NDArray[np.floating], low: NDArray[np.floating]) -> float:
    """How often one of `high` lies above one of `low`; ties count half. NaN when either is empty."""
    if not len(high) or not len(low):
        return float("nan")
    above = (high[:, None] > low[None]).mean() + 0.5 * (high[:, None] == low[None]).mean()
    return float(above)


def calibration_error(sure: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins (Guo et al. 2017)."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    return float(
        sum(
            (places == one).mean() * abs(right[places == one].mean() - sure[places == one].mean())
            for one in np.unique(places)
        )
    )
