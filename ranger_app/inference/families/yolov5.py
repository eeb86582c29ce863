"""YOLOv5 and its kin: one row a candidate, of box, objectness and classes (MegaDetector v5, YOLOv7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ranger_app.inference.columns import columns_of, detector_tensors, line_faults, read_lines
from ranger_app.inference.family import Answers, Family, Found, misfit, must_be
from ranger_app.inference.finding import detector_output
from ranger_app.inference.graph import Tensor
from ranger_app.inference.packs.manifest import DETECTOR, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    if text := misfit(outputs[detector_output(pack).tensor].shape, (1, None, columns_of(pack))):
        yield text
    yield from line_faults(pack)


def _read(answers: Answers, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    raw = answers[detector_output(pack).tensor]
    must_be(raw, (1, None, columns_of(pack)), pack)
    return read_lines(raw[0], pack, thresholds, placing)


FAMILY = Family(name="yolov5", kind=DETECTOR, tensors=detector_tensors, faults=_faults, read=_read)
