"""Finds what lies under the pointer: points and clusters first, then lines, the nearest of each."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum

REACH_PX = 8.0


class PickedKind(StrEnum):
    """What was picked."""

    POINT = "point"
    CLUSTER = "cluster"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked: its layer, the keys of its owners (several for a cluster), and how near it was."""

    kind: PickedKind
    layer: str
    keys: tuple[Hashable, ...]
    distance_px: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something round on the screen: where its middle was last painted, its radius, and what it is."""

    x: float
    y: float
    radius_px: float
    layer: str
    number: int


def nearest_mark(marks: Iterable[Mark], px: float, py: float) -> tuple[Mark, float] | None:
    """The mark whose middle is nearest to a pixel, among those whose own radius (or the reach) holds it."""
    best: tuple[Mark, float] | None = None
    for mark in marks:
        distance = math.hypot(mark.x - px, mark.y - py)
        if distance <= max(mark.radius_px, REACH_PX) and (best is None or distance <= best[1]):
            best = mark, distance  # of two at one place the later one was painted on top
    return best
