"""What a learned head is worth beside the present pack, on the same pictures of cameras not seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranger_app.analysis.intervals import NOTHING, Interval, by_groups, share_by_groups, wilson
from ranger_app.analysis.judging import Bin, calibration_error, reliability
from ranger_app.inference.learning.learning import Taught, read_as

CAMERAS_ENOUGH = 8
"""From so many on whole cameras are drawn for the intervals; with fewer, bursts."""
UNKNOWN_GROUP = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigure:
    """How one class is recognised."""

    name: str
    photos: int
    """Confirmed ones of it, used or not."""
    judged: int
    cameras: int
    learned: Interval
    """The share of its judged photos that is recognised; Wilson's interval over bursts."""
    present: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What can be said of a head before a person accepts it. Intervals are 95 %, by camera or by burst."""

    photos: int
    judged: int
    """Photos on which learned head and present pack are compared."""
    cameras: int
    by_camera: bool
    """Whether whole cameras were held out; else the figures say nothing of cameras that were not seen."""
    learned: Interval
    """The share recognised, each photo counted the same."""
    present: Interval
    difference: Interval
    answered: Interval
    """The share of photos of which the head is sure enough to answer …"""
    right_of_answered: Interval
    """… and how many of these answers are right."""
    calibration_error: float
    bins: tuple[Bin, ...]
    classes: tuple[ClassFigure, ...]
    present_pack: str
    present_saw: bool
    """Whether the present pack was taught by labels of this park itself, perhaps of these very photos."""

    def as_data(self) -> dict[str, Any]:
        """For JSON, and for the record that travels with the pack."""
        return {
            "photos": self.photos,
            "judged": self.judged,
            "cameras": self.cameras,
            "by_camera": self.by_camera,
            "learned": interval_data(self.learned),
            "present": interval_data(self.present),
            "difference": interval_data(self.difference),
            "answered": interval_data(self.answered),
            "right_of_answered": interval_data(self.right_of_answered),
            "calibration_error": number_data(self.calibration_error),
            "reliability": [[round(b.score, 4), round(b.right, 4), b.count] for b in self.bins],
            "classes": [
                {
                    "name": one.name,
                    "photos": one.photos,
                    "judged": one.judged,
                    "cameras": one.cameras,
                    "learned": interval_data(one.learned),
                    "present": interval_data(one.present),
                }
                for one in self.classes
            ],
            "present_pack": self.present_pack,
            "present_saw": self.present_saw,
        }


def compare(
    taught: Taught,
    present_groups: Sequence[str],
    *,
    own_names: Mapping[str, str],
    present_pack: str,
    present_saw: bool,
) -> Figures:
    """The figures of a head beside a pack that said `present_groups` (empty: it has not looked) of each crop.

    own_names: groups of the present pack that bear a class's own name; all others are read as what they stood
    for most often at the other cameras.
    """
    held, lessons = taught.held, taught.lessons
    names = ["", *sorted(set(present_groups) - {""})]
    groups = np.array([names.index(one) for one in present_groups], np.int64)
    place = {name: at for at, name in enumerate(lessons.names)}
    fixed = {at: place[own_names[name]] for at, name in enumerate(names) if own_names.get(name) in place}
    present_says = read_as(groups, lessons, held.parts, fixed=fixed | {UNKNOWN_GROUP: -1})
    seen = held.judged & (groups != UNKNOWN_GROUP if (groups != UNKNOWN_GROUP).any() else True)
    rows = np.flatnonzero(seen)
    right = (held.said == lessons.classes)[rows].astype(np.float64)
    before = (present_says == lessons.classes)[rows].astype(np.float64)
    known = bool((groups != UNKNOWN_GROUP).any())
    answered = held.answered[rows]
    cameras = lessons.cameras[rows]
    draw = cameras if len(np.unique(cameras)) >= CAMERAS_ENOUGH else lessons.bursts[rows]
    bins = reliability(held.score[rows], right > 0)

    def gained(drawn: NDArray[np.intp]) -> float:
        return float((right - before)[drawn].mean()) if len(drawn) else math.nan

    return Figures(
        photos=len(lessons.classes),
        judged=len(rows),
        cameras=len(np.unique(cameras)),
        by_camera=held.by_camera,
        learned=share_by_groups(right, draw),
        present=share_by_groups(before, draw) if known else NOTHING,
        difference=by_groups(gained, draw) if known else NOTHING,
        answered=share_by_groups(answered.astype(np.float64), draw),
        right_of_answered=share_by_groups(right[answered], draw[answered]),
        calibration_error=calibration_error(bins),
        bins=bins,
        classes=tuple(
            _class_figure(taught, at, rows, right, before if known else None)
            for at in range(len(lessons.names))
        ),
        present_pack=present_pack,
        present_saw=present_saw,
    )


def _class_figure(
    taught: Taught,
    at: int,
    rows: NDArray[np.intp],
    right: NDArray[np.float64],
    before: NDArray[np.float64] | None,
) -> ClassFigure:
    lessons = taught.lessons
    mine = lessons.classes[rows] == at
    bursts = lessons.bursts[rows][mine]
    return ClassFigure(
        name=lessons.names[at],
        photos=int((lessons.classes == at).sum()),
        judged=int(mine.sum()),
        cameras=len(np.unique(lessons.cameras[lessons.classes == at])),
        learned=share_by_burst(right[mine], bursts),
        present=NOTHING if before is None else share_by_burst(before[mine], bursts),
    )


def share_by_burst(right: NDArray[np.float64], bursts: NDArray[np.int64]) -> Interval:
    """The share of photos that is right, with Wilson's interval for as many trials as there are bursts:
    pictures of one burst are not independent, so they count as one."""
    if not len(right):
        return NOTHING
    count = len(np.unique(bursts))
    share = float(right.mean())
    around = wilson(round(share * count), count)
    return Interval(share, min(around.low, share), max(around.high, share))


def interval_data(found: Interval) -> list[float | None]:
    """Value, low and high; None where nothing is known."""
    return [number_data(one) for one in found]


def number_data(value: float) -> float | None:
    """A number as JSON knows it."""
    return None if math.isnan(value) else round(value, 4)
