"""What people said of crops, as whole numbers, so that what is learned is the same on every laptop."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

VECTOR_ONE = 2**13
"""A whole embedding has this length; its numbers are whole, so that sums of products are exact."""
FOLDS = 5

Whole = NDArray[np.int16]


def whole_numbers(embedding: NDArray[np.float32]) -> Whole:
    """An embedding (D numbers, of any length) as D whole numbers of length VECTOR_ONE. Raises `BadInput`."""
    values = np.asarray(embedding, np.float64)
    length = float(np.sqrt((values * values).sum()))
    if not np.isfinite(length) or length <= 0:
        raise BadInput(_("The model gave an embedding that says nothing."))
    found: Whole = np.rint(values * (VECTOR_ONE / length)).astype(np.int16)
    return found


@dataclass(frozen=True, slots=True)
class Lessons:
    """N crops with what they show, where and in which burst they were taken; their order says nothing."""

    names: tuple[str, ...]
    """The K classes."""
    vectors: Whole
    """N × D, each of length VECTOR_ONE."""
    classes: NDArray[np.int64]
    """N places in `names`."""
    cameras: NDArray[np.int64]
    """N numbers of camera stations."""
    bursts: NDArray[np.int64]
    """N numbers of bursts; crops of one burst are nearly the same picture."""

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many crops there are of each class."""
        return np.bincount(self.classes, minlength=len(self.names))

    def part(self, rows: NDArray[np.intp]) -> Lessons:
        """Some of the crops, with all classes."""
        return Lessons(
            self.names, self.vectors[rows], self.classes[rows], self.cameras[rows], self.bursts[rows]
        )

    def digest(self) -> str:
        """64 letters that are the same for the same crops and words, in whatever order they come."""
        rows = sorted(
            self.vectors[row].astype("<i2").tobytes()
            + self.names[self.classes[row]].encode()
            + b"\0%d\0%d" % (self.cameras[row], self.bursts[row])
            for row in range(len(self.classes))
        )
        found = hashlib.sha256("\0".join(self.names).encode())
        for row in rows:
            found.update(hashlib.sha256(row).digest())
        return found.hexdigest()


def folds(lessons: Lessons) -> tuple[NDArray[np.int64], bool]:
    """For each crop the part (0 … at most FOLDS − 1) in which it is held out, and whether cameras stay whole.

    Whole cameras are held out together, the fullest first, each into the part with the fewest crops. Where
    there is one camera only, whole bursts are: then a figure says nothing of cameras that were not seen.
    """
    by_camera = len(np.unique(lessons.cameras)) > 1
    units = lessons.cameras if by_camera else lessons.bursts
    numbers, inverse, counts = np.unique(units, return_inverse=True, return_counts=True)
    parts = min(FOLDS, len(numbers))
    held = np.zeros(len(numbers), np.int64)
    filled = np.zeros(parts, np.int64)
    for place in sorted(range(len(numbers)), key=lambda place: (-counts[place], numbers[place])):
        held[place] = int(filled.argmin())
        filled[held[place]] += counts[place]
    return held[inverse], by_camera


def row_weights(lessons: Lessons) -> NDArray[np.float64]:
    """What each crop weighs: all classes the same together, and a burst as the root of its crops.

    The weights of N crops sum to N. A burst of fifty frames of one deer says little more than one frame.
    """
    pairs = np.stack([lessons.classes, lessons.bursts], 1)
    _found, inverse, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = 1.0 / np.sqrt(counts[inverse.ravel()].astype(np.float64))
    totals = np.zeros(len(lessons.names))
    for place in range(len(lessons.names)):
        totals[place] = np.sort(weights[lessons.classes == place]).sum()
    there = int((totals > 0).sum())
    return weights * (len(weights) / there) / totals[lessons.classes]
