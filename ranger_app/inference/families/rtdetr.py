"""RT-DETR: boxes, labels and scores as outputs of their own, already chosen (Zhao et al. 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ranger_app.i18n import _
from ranger_app.inference.family import Answers, Family, Found, misfit, must_be
from ranger_app.inference.finding import detector_output, sees_nothing
from ranger_app.inference.graph import Tensor
from ranger_app.inference.named import named_boxes
from ranger_app.inference.packs.manifest import DETECTOR, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing


def _tensors(pack: Pack) -> tuple[str, ...]:
    said = detector_output(pack)
    return said.tensor, said.labels_tensor, said.scores_tensor


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    boxes, labels, scores = (outputs[name].shape for name in _tensors(pack))
    for found, said in ((boxes, (1, None, 4)), (labels, (1, None)), (scores, (1, None))):
        if text := misfit(found, said):
            yield text
    if detector_output(pack).objectness:
        yield _("is of the family rtdetr, which has no objectness: output.detector.objectness = false")
    if text := sees_nothing(pack):
        yield text


def _read(answers: Answers, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    boxes, labels, scores = (answers[name] for name in _tensors(pack))
    must_be(boxes, (1, None, 4), pack)
    must_be(labels, (1, boxes.shape[1]), pack)
    must_be(scores, (1, boxes.shape[1]), pack)
    return named_boxes(boxes[0], scores[0], labels[0], pack, thresholds, placing)


FAMILY = Family(name="rtdetr", kind=DETECTOR, tensors=_tensors, faults=_faults, read=_read)
