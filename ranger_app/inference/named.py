"""Reads detectors that name the class of each box themselves, by its number."""

from __future__ import annotations

import numpy as np

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.columns import in_input_px
from ranger_app.inference.family import FloatArray, Found
from ranger_app.inference.finding import Places, found, kinds_of_labels
from ranger_app.inference.packs.manifest import Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing


def named_boxes(
    boxes: FloatArray,
    scores: FloatArray,
    classes: FloatArray,
    pack: Pack,
    thresholds: Thresholds,
    placing: Placing,
) -> Found:
    """The boxes of N × 4, N scores and N numbers of classes.

    Raises `BadInput` when one that is to be kept has a class that the labels do not: the sign of an output
    that is read in the wrong layout, which would else find nothing and say nothing.
    """
    kept = scores >= thresholds.store
    whole = np.rint(classes[kept])
    if ((whole != classes[kept]) | (whole < 0) | (whole >= len(pack.labels))).any():
        raise BadInput(
            _("The model pack {pack} named a class that its labels do not have.").format(pack=pack.id),
            _("Its output may be laid out in another way than pack.toml says."),
        )
    numbers: Places = whole.astype(np.intp)

    def corners(places: Places) -> FloatArray:
        return in_input_px(boxes[kept][places], pack, placing)

    return found(
        np.clip(scores[kept], 0, 1),
        kinds_of_labels(pack)[numbers],
        numbers,
        corners,
        pack=pack,
        thresholds=thresholds,
        placing=placing,
    )
