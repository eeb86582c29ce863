"""Makes one answer of a box and the classes of its crop, by the rules of SpeciesNet's ensemble.

After `speciesnet/ensemble_prediction_combiner.py` and `geofence_utils.py` (cameratrapai 4): a pure function
of what was kept, so that it can be done again with other rules and without the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ranger_app.inference.taxonomy import ANIMAL, KINGDOM, Taxon, Taxonomy, roll_up

HUMAN = Taxon("human", "human", role="human")
VEHICLE = Taxon("vehicle", "vehicle", role="vehicle")
BLANK = Taxon("blank", "blank", role="blank")
UNKNOWN = Taxon("unknown", "unknown", role="unknown")

SURE_BOX, SOME_BOX, ANIMAL_BOX = 0.7, 0.2, 0.5
CLASS_HUMAN, CLASS_VEHICLE = 0.5, 0.4
BLANK_WITHOUT_BOX, BLANK_ALONE = 0.5, 0.99
CLASS_ALONE, CLASS_WITH_BOX = 0.8, 0.65
ROLLED_UP = 0.65
AFTER_FENCE = ("family", "order", "class", KINGDOM)
WHEN_UNSURE = ("genus", *AFTER_FENCE)
HARDLY = 1e-10  # a sum of scores that is the top score itself must pass

Refuses = Callable[[Taxon], bool]
Classes = Sequence[tuple[Taxon, float]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was made of it, and where it comes from: `detector`, `classifier`, with what was done to it."""

    taxon: Taxon
    score: float
    source: str


def combine(kind: str, box: float, classes: Classes, taxonomy: Taxonomy, refuses: Refuses) -> Answer:
    """The answer for the best box (`kind` is animal, person or vehicle; `box` its score, 0 without one).

    classes: taxa with scores, best first; none when nothing was classified. refuses: whether a taxon does not
        occur where the picture was taken.
    """
    top, score = classes[0] if classes else (UNKNOWN, 0.0)
    answer = _of_people(kind, box, top, score) or _of_vehicle(kind, box, top, score)
    answer = answer or _of_class(kind, box, classes, taxonomy, refuses)
    if answer:
        return answer
    rolled = roll_up(classes, taxonomy, levels=WHEN_UNSURE, above=ROLLED_UP, refused=refuses)
    if rolled:
        return Answer(rolled.taxon, rolled.score, f"classifier+rollup_to_{rolled.level}")
    if kind == "animal" and box > ANIMAL_BOX:
        return Answer(ANIMAL, box, "detector")
    return Answer(UNKNOWN, score, "classifier")


def fenced(classes: Classes, taxonomy: Taxonomy, refuses: Refuses) -> Answer:
    """The likeliest class, or, where it does not occur, the branch above it that does."""
    top, score = classes[0]
    if not refuses(top):
        return Answer(top, score, "classifier")
    rolled = roll_up(classes, taxonomy, levels=AFTER_FENCE, above=score - HARDLY, refused=refuses)
    if rolled is None:
        return Answer(UNKNOWN, score, "classifier+geofence+rollup_failed")
    return Answer(rolled.taxon, rolled.score, f"classifier+geofence+rollup_to_{rolled.level}")


def _of_people(kind: str, box: float, top: Taxon, score: float) -> Answer | None:
    """A vehicle's box with a human in it is a human, too."""
    if kind == "person" and box > SURE_BOX:
        return Answer(HUMAN, box, "detector")
    if kind == "person" and box > SOME_BOX and top.role in ("human", "vehicle") and score > CLASS_HUMAN:
        return Answer(HUMAN, score, "classifier")
    if kind == "vehicle" and box > SOME_BOX and top.role == "human" and score > CLASS_HUMAN:
        return Answer(HUMAN, score, "classifier")
    return None


def _of_vehicle(kind: str, box: float, top: Taxon, score: float) -> Answer | None:
    if kind != "vehicle":
        return None
    if box > SURE_BOX:
        return Answer(VEHICLE, box, "detector")
    if box > SOME_BOX and top.role == "vehicle" and score > CLASS_VEHICLE:
        return Answer(VEHICLE, score, "classifier")
    return None


def _of_class(kind: str, box: float, classes: Classes, taxonomy: Taxonomy, refuses: Refuses) -> Answer | None:
    if not classes:
        return None
    top, score = classes[0]
    if top.role == "blank":
        empty = (box < SOME_BOX and score > BLANK_WITHOUT_BOX) or score > BLANK_ALONE
        return Answer(BLANK, score, "classifier") if empty else None
    if top.role in ("human", "vehicle"):
        return None
    if score > CLASS_ALONE or (score > CLASS_WITH_BOX and kind == "animal" and box > SOME_BOX):
        return fenced(classes, taxonomy, refuses)
    return None
