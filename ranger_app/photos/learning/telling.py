"""Which unnamed photos would teach most: doubted by the model, and unlike those already named or chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.ids import Id
from ranger_app.inference.learning.lessons import VECTOR_ONE, Whole

OFFERED = 100
DOUBTED_AT_MOST = 3000
"""So many of the most doubted photos are compared with each other."""
TAUGHT_AT_MOST = 2000
"""So many named photos are compared with, evenly chosen."""
DOUBT_AT_LEAST = 0.05
"""What counts for a photo of which the model is quite sure: it may still be quite unlike the others."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo that nobody has named."""

    photo_id: Id
    burst: bytes
    """Its sequence, or itself: one photo of a burst teaches nearly what all do."""
    doubt: float
    vector: Whole


def doubt_of(groups: object) -> float:
    """How unsure a stored result is, from 0 to 1: one less the lead of the likeliest group."""
    if not isinstance(groups, list) or not groups:
        return 1.0
    best = float(groups[0][1])
    return min(max(1.0 - best + (float(groups[1][1]) if len(groups) > 1 else 0.0), 0.0), 1.0)


def most_telling(
    candidates: Sequence[Candidate], taught: Sequence[Whole], *, at_most: int = OFFERED
) -> list[Id]:
    """The photos that would teach most, the most telling first (doubt times distance to what is known).

    Greedy farthest-first choice (Gonzalez 1985) weighted by doubt: each photo chosen makes those like it less
    worth choosing.
    """
    first: dict[bytes, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (-one.doubt, one.photo_id)):
        first.setdefault(one.burst, one)
    some = list(first.values())[:DOUBTED_AT_MOST]
    if not some:
        return []
    vectors = _floats([one.vector for one in some])
    doubts = np.array([max(one.doubt, DOUBT_AT_LEAST) for one in some])
    away = np.full(len(some), 2.0, np.float64)
    if taught:
        step = max(1, -(-len(taught) // TAUGHT_AT_MOST))
        away = np.maximum(1.0 - (vectors @ _floats(taught[::step]).T).max(1), 0.0)
    chosen: list[Id] = []
    for _turn in range(min(at_most, len(some))):
        best = int((doubts * away).argmax())
        chosen.append(some[best].photo_id)
        away = np.minimum(away, np.maximum(1.0 - vectors @ vectors[best], 0.0))
        away[best] = -np.inf  # never again
    return chosen


def _floats(vectors: Sequence[Whole]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.stack(vectors).astype(np.float64) / VECTOR_ONE
    return found
