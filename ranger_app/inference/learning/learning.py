"""Learns a park's own species from confirmed crops: a calibrated linear head over a model's embedding.

Ridge regression of the classes on the embedding (Hoerl and Kennard 1970), classes and bursts weighted, the
softmax of its scores calibrated by a temperature (Guo et al. 2017) on cameras that were held out. Embeddings
are whole numbers, so the sums behind the equations are exact in any order; their solution is rounded far
above the error of the arithmetic. So the same crops and words give the same head on every laptop.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import Refused
from ranger_app.i18n import _
from ranger_app.inference.learning.lessons import Lessons, Whole, folds
from ranger_app.inference.learning.ridge import Numbers, equations_of, scores, softmax
from ranger_app.jobs import Work

LABELS_AT_LEAST = 5
"""Crops of a class; with fewer the class is left out."""
RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
USUAL_RIDGE = 1.0
TEMPERATURES = tuple(round(math.exp(step / 8), 4) for step in range(-36, 9))
"""From 0.011 to 2.7; scores of a ridge lie between 0 and 1, so they have to be sharpened."""
USUAL_TEMPERATURE = 0.1
ANSWERS = tuple(step / 20 for step in range(4, 20))
RIGHT_AT_LEAST = 0.9
"""From which score a head answers: where of the answers on held-out cameras so many are right."""


@dataclass(frozen=True, slots=True)
class Head:
    """Scores of K classes from an embedding of D whole numbers; below `answer_from` the head abstains."""

    names: tuple[str, ...]
    weights: NDArray[np.float32]
    """D × K, for an embedding of length one."""
    bias: NDArray[np.float32]
    temperature: float
    answer_from: float
    ridge: float

    def likely(self, vectors: Whole) -> Numbers:
        """N × K probabilities of N × D embeddings."""
        return softmax(scores(self.weights, self.bias, vectors), self.temperature)

    def digest(self) -> str:
        """64 letters that differ when anything of the head does."""
        found = hashlib.sha256("\0".join(self.names).encode())
        found.update(self.weights.astype("<f4").tobytes() + self.bias.astype("<f4").tobytes())
        found.update(f"{self.temperature!r} {self.answer_from!r}".encode())
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """What heads said of crops from cameras that they had not seen."""

    likely: Numbers
    """N × K; the head that spoke was taught by the other parts."""
    answer_from: Numbers
    """N: from which score that head answers."""
    parts: NDArray[np.int64]
    """N: in which part the crop was held out."""
    judged: NDArray[np.bool_]
    """N: False where the class was seen in no other part, so that no head could know it."""
    by_camera: bool
    """Whether whole cameras were held out."""

    @property
    def said(self) -> NDArray[np.int64]:
        """N: the likeliest class."""
        found: NDArray[np.int64] = self.likely.argmax(1)
        return found

    @property
    def score(self) -> Numbers:
        """N: how sure the head was of it."""
        found: Numbers = self.likely.max(1)
        return found

    @property
    def answered(self) -> NDArray[np.bool_]:
        """N: whether it was sure enough to answer."""
        return self.score >= self.answer_from


@dataclass(frozen=True, slots=True)
class Taught:
    """A head, and what heads made in the same way said of cameras that they had not seen."""

    head: Head
    held: Held
    lessons: Lessons
    """The crops that were used."""


def enough(lessons: Lessons) -> Lessons:
    """The crops of the classes that have LABELS_AT_LEAST. Raises `Refused` when fewer than two have."""
    there = lessons.counts >= LABELS_AT_LEAST
    if there.sum() < 2:
        raise Refused(
            _("There are not enough confirmed pictures to learn from."),
            _("Confirm at least {count} pictures each of two species; 20 of each are better.").format(
                count=LABELS_AT_LEAST
            ),
        )
    names = tuple(name for name, has in zip(lessons.names, there, strict=True) if has)
    rows = np.flatnonzero(there[lessons.classes])
    place = np.cumsum(there) - 1
    kept = lessons.part(rows)
    return Lessons(names, kept.vectors, place[kept.classes], kept.cameras, kept.bursts)


def learn(lessons: Lessons, work: Work | None = None) -> Taught:
    """A head for the classes of which there are enough crops, judged on cameras held out.

    The figures are honest: strength, temperature and threshold of the head that speaks of a held-out camera
    are chosen without that camera. Raises `Refused` when there is too little to learn from, and `Cancelled`.
    """
    work = work or Work()
    lessons = enough(lessons)
    parts, by_camera = folds(lessons)
    count = int(parts.max()) + 1
    equations = equations_of(lessons, parts, work)
    # What the head without a part says of that part, and the head without two parts of each of the two.
    without: dict[tuple[int, ...], Numbers] = {}
    missing: list[tuple[int, ...]] = [(one,) for one in range(count)] if count > 1 else []
    missing += [(one, other) for one in range(count) for other in range(one) if count > 2]
    for left_out in work.each(missing, len(missing), _("learning")):
        solved = equations.solve(RIDGES, without=left_out)
        for part in left_out:
            rows = np.flatnonzero(parts == part)
            others = tuple(other for other in left_out if other != part)
            without[part, *others] = np.stack(
                [scores(weights, bias, lessons.vectors[rows]) for weights, bias in solved]
            )
    judged = seen_elsewhere(lessons, parts)
    likely = np.full((len(parts), len(lessons.names)), 1.0 / len(lessons.names))
    answer_from = np.ones(len(parts))
    for part in range(count if count > 1 else 0):
        rows = np.flatnonzero(parts == part)
        inner = [(other, without.get((other, part))) for other in range(count) if other != part]
        choice = _choose(lessons, parts, judged, [(at, said) for at, said in inner if said is not None])
        likely[rows] = softmax(without[part,][choice.ridge], choice.temperature)
        answer_from[rows] = choice.answer_from
    final = _choose(lessons, parts, judged, [(part, without[part,]) for part in range(count) if count > 1])
    weights, bias = equations.solve(RIDGES)[final.ridge]
    head = Head(lessons.names, weights, bias, final.temperature, final.answer_from, RIDGES[final.ridge])
    return Taught(head, Held(likely, answer_from, parts, judged, by_camera), lessons)


# ---- choosing, on cameras held out


@dataclass(frozen=True, slots=True)
class _Choice:
    ridge: int
    """A place in RIDGES."""
    temperature: float
    answer_from: float


def _choose(
    lessons: Lessons,
    parts: NDArray[np.int64],
    judged: NDArray[np.bool_],
    said: Sequence[tuple[int, Numbers]],
) -> _Choice:
    """Strength and temperature by the likelihood of held-out crops, then the score from which to answer."""
    usual = _Choice(RIDGES.index(USUAL_RIDGE), USUAL_TEMPERATURE, RIGHT_AT_LEAST)
    rows = [np.flatnonzero(parts == part) for part, _scores_of in said]
    keep = [judged[some] for some in rows]
    if not any(one.any() for one in keep):
        return usual
    scores = np.concatenate([one[:, kept] for (_part, one), kept in zip(said, keep, strict=True)], 1)
    truth = np.concatenate([lessons.classes[some[kept]] for some, kept in zip(rows, keep, strict=True)])
    weights = 1.0 / np.bincount(truth, minlength=len(lessons.names))[truth]
    best = min(
        (_loss(behind, truth, weights, temperature), ridge, temperature)
        for ridge, behind in enumerate(scores - scores.max(2, keepdims=True))
        for temperature in TEMPERATURES
    )
    _value, ridge, temperature = best
    likely = softmax(scores[ridge], temperature)
    sure, right = likely.max(1), likely.argmax(1) == truth
    return _Choice(ridge, temperature, _answer_from(sure, right))


def _loss(behind: Numbers, truth: NDArray[np.int64], weights: Numbers, temperature: float) -> float:
    """The mean negative log-likelihood, each class counted the same; in millionths, so that ties are ties.

    behind: N × K, by how much each score is below the best of its crop.
    """
    shifted = behind / temperature
    logs = shifted[np.arange(len(truth)), truth] - np.log(np.exp(shifted).sum(1))
    return round(float(-(logs * weights).sum() / weights.sum()), 6)


def _answer_from(sure: Numbers, right: NDArray[np.bool_]) -> float:
    for least in ANSWERS:
        answers = right[sure >= least]
        if len(answers) and answers.mean() >= RIGHT_AT_LEAST:
            return least
    return ANSWERS[-1]


def seen_elsewhere(lessons: Lessons, parts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the class of each crop was seen in another part as well."""
    table = np.zeros((int(parts.max(initial=-1)) + 1, len(lessons.names)), np.int64)
    np.add.at(table, (parts, lessons.classes), 1)
    elsewhere: NDArray[np.bool_] = (table.sum(0) - table[parts])[np.arange(len(parts)), lessons.classes] > 0
    return elsewhere


def read_as(
    groups: NDArray[np.int64], lessons: Lessons, parts: NDArray[np.int64], *, fixed: Mapping[int, int]
) -> NDArray[np.int64]:
    """What another model's groups mean in the classes of `lessons`: N places, −1 where nobody can tell.

    groups: N numbers, what the other model said of each crop. A group in `fixed` has that class's own name;
    any other is read as the class that it stood for most often in the other parts, each class counted the
    same: the other model at its best, without help from the camera that is judged.
    """
    found = np.full(len(groups), -1, np.int64)
    size = int(groups.max(initial=-1)) + 1
    for part in np.unique(parts):
        others = parts != part
        table = np.zeros((size, len(lessons.names)))
        np.add.at(table, (groups[others], lessons.classes[others]), 1.0)
        table /= np.maximum(np.bincount(lessons.classes[others], minlength=len(lessons.names)), 1)
        meaning = np.where(table.max(1, initial=0) > 0, table.argmax(1), -1)
        for group, class_ in fixed.items():
            meaning[group] = class_
        mine = np.flatnonzero(parts == part)
        found[mine] = meaning[groups[mine]]
    return found
