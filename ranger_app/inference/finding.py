"""From a detector's candidates, whatever its layout, to the boxes of a picture and its scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.boxes import best_first, without_overlaps
from ranger_app.inference.classes import isotonic
from ranger_app.inference.family import KIND_ROLES, FloatArray, Found
from ranger_app.inference.looks import EMPTY, KINDS, Box
from ranger_app.inference.megadetector import megadetector_score, megadetector_shares
from ranger_app.inference.packs.manifest import DetectorOutput, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing

Places = NDArray[np.intp]
NO_KIND = -1  # a label such as “lamp” that is no animal, person or vehicle


def detector_output(pack: Pack) -> DetectorOutput:
    """How the pack's boxes are read. Raises `BadInput` when it has none."""
    if pack.manifest.detector is None:
        raise BadInput(_("The model pack {pack} is no detector.").format(pack=pack.id))
    return pack.manifest.detector


def kinds_of_labels(pack: Pack) -> Places:
    """For each label its place in KINDS, or NO_KIND."""
    by_role = {role: place for place, kind in enumerate(KINDS) for role in KIND_ROLES[kind]}
    return np.array([by_role.get(label.role, NO_KIND) for label in pack.labels], np.intp)


def sees_nothing(pack: Pack) -> str:
    """The end of a sentence about labels of which none is worth finding; empty when some are."""
    if (kinds_of_labels(pack) == NO_KIND).all():
        return _("finds nothing that is an animal, a person or a vehicle: see the roles of the labels")
    return ""


def found(
    scores: FloatArray,
    kinds: Places,
    classes: Places,
    corners: Callable[[Places], FloatArray],
    *,
    pack: Pack,
    thresholds: Thresholds,
    placing: Placing,
) -> Found:
    """The boxes that stay of N candidates with a score, a place in KINDS and a class each.

    corners: gives for places among the candidates their M × 4 corners in pixels of the input. Where the
    manifest suppresses per class, boxes of different `classes` stand together. A picture's own scores are
    the best of each kind, also of boxes that gave way to better ones.
    """
    said = detector_output(pack)
    scores = isotonic(scores.astype(np.float64), pack.manifest.isotonic).astype(np.float32)
    scores = np.where(kinds == NO_KIND, np.float32(-1), scores)
    animal, person, vehicle = best = [
        float(max(scores[kinds == place].max(initial=0.0), 0.0)) for place in range(len(KINDS))
    ]
    order = best_first(scores, max(thresholds.store, 0.0))
    rectangles = corners(order)
    if said.nms is None:
        kept = list(range(len(order)))
    else:
        kept = without_overlaps(
            rectangles,
            iou=said.nms.iou,
            at_most=said.nms.max_det,
            kinds=classes[order] if said.nms.per_class else None,
        )
    if said.finish == "none":
        shares = placing.relative(rectangles[kept])
    else:
        shares = megadetector_shares(rectangles[kept], placing, classic=said.finish == "md_classic")
    boxes = tuple(
        Box(
            x,
            y,
            w,
            h,
            kind=KINDS[kinds[order[place]]],
            score=_score(float(scores[order[place]]), said.finish),
        )
        for (x, y, w, h), place in zip(shares.tolist(), kept, strict=True)
        if w > 0 and h > 0
    )
    groups = [*zip(KINDS, best, strict=True), (EMPTY, 1.0 - max(best))]
    groups.sort(key=lambda group: -group[1])
    return Found(animal, person, vehicle, boxes, tuple(groups))


def _score(score: float, finish: str) -> float:
    return score if finish == "none" else megadetector_score(score, classic=finish == "md_classic")
