"""YOLOv10 and others that choose their boxes themselves: rows of corners, score and class, 1 × N × 6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ranger_app.inference.columns import detector_tensors, line_faults
from ranger_app.inference.family import Answers, Family, Found, misfit, must_be
from ranger_app.inference.finding import detector_output
from ranger_app.inference.graph import Tensor
from ranger_app.inference.named import named_boxes
from ranger_app.inference.packs.manifest import DETECTOR, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing

SHAPE = (1, None, 6)


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    if text := misfit(outputs[detector_output(pack).tensor].shape, SHAPE):
        yield text
    yield from line_faults(pack)


def _read(answers: Answers, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    raw = answers[detector_output(pack).tensor]
    must_be(raw, SHAPE, pack)
    rows = raw[0]
    return named_boxes(rows[:, :4], rows[:, 4], rows[:, 5], pack, thresholds, placing)


FAMILY = Family(name="yolo_end2end", kind=DETECTOR, tensors=detector_tensors, faults=_faults, read=_read)
