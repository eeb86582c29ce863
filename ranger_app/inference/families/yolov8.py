"""YOLOv8, v9 and 11: one column a candidate, of box and classes, no objectness (Ultralytics exports)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ranger_app.i18n import _
from ranger_app.inference.columns import columns_of, detector_tensors, line_faults, read_lines
from ranger_app.inference.family import Answers, Family, Found, misfit, must_be
from ranger_app.inference.finding import detector_output
from ranger_app.inference.graph import Tensor
from ranger_app.inference.packs.manifest import DETECTOR, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    if text := misfit(outputs[detector_output(pack).tensor].shape, (1, columns_of(pack), None)):
        yield text
    if detector_output(pack).objectness:
        yield _("is of the family yolov8, which has no objectness: output.detector.objectness = false")
    yield from line_faults(pack)


def _read(answers: Answers, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    raw = answers[detector_output(pack).tensor]
    must_be(raw, (1, columns_of(pack), None), pack)
    return read_lines(np.ascontiguousarray(raw[0].T), pack, thresholds, placing)


FAMILY = Family(name="yolov8", kind=DETECTOR, tensors=detector_tensors, faults=_faults, read=_read)
