"""Reads detectors that give one line a candidate: a box, perhaps an objectness, and a score a class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ranger_app.i18n import _
from ranger_app.inference.family import FloatArray, Found
from ranger_app.inference.finding import Places, detector_output, found, kinds_of_labels, sees_nothing
from ranger_app.inference.packs.manifest import Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing

BOX = 4
LOGIT_AT_MOST = 50.0
PX_AT_MOST = 1e6  # a corner further out than this is cut off at the picture's edge anyway


def columns_of(pack: Pack) -> int:
    """How many numbers one candidate has."""
    return BOX + detector_output(pack).objectness + len(pack.labels)


def detector_tensors(pack: Pack) -> tuple[str, ...]:
    """The one output that is read."""
    return (detector_output(pack).tensor,)


def line_faults(pack: Pack) -> Iterator[str]:
    """What such a detector must say of itself, and does not."""
    said = detector_output(pack)
    if said.strides:
        yield _("gives boxes that are decoded already, so output.detector.strides must be left out")
    if said.labels_tensor or said.scores_tensor:
        yield _("gives boxes and scores in one output: leave labels_tensor and scores_tensor out")
    if text := sees_nothing(pack):
        yield text


def read_lines(lines: FloatArray, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    """The boxes in N × (4 + objectness + classes): each candidate is its likeliest class, or all of them."""
    said = detector_output(pack)
    likely = lines[:, BOX:]
    if said.activation == "sigmoid":
        likely = (1 / (1 + np.exp(-np.clip(likely, -LOGIT_AT_MOST, LOGIT_AT_MOST)))).astype(np.float32)
    scores = likely[:, :1] * likely[:, 1:] if said.objectness else likely
    scores = np.clip(scores, 0, 1)
    kinds = kinds_of_labels(pack)
    if said.multi_label:
        line = np.repeat(np.arange(len(lines)), scores.shape[1])
        classes: Places = np.tile(np.arange(scores.shape[1]), len(lines))
        best: FloatArray = scores.ravel()
    else:
        line = np.arange(len(lines))
        classes = scores.argmax(1)
        best = scores[line, classes]

    def corners(places: Places) -> FloatArray:
        return in_input_px(lines[line[places], :BOX], pack, placing)

    return found(best, kinds[classes], classes, corners, pack=pack, thresholds=thresholds, placing=placing)


def in_input_px(boxes: FloatArray, pack: Pack, placing: Placing) -> FloatArray:
    """M × 4 corners in pixels of the input, of boxes as the manifest says that they are written."""
    said = detector_output(pack)
    boxes = np.clip(boxes, -PX_AT_MOST, PX_AT_MOST)
    if said.box == "cxcywh":
        half = boxes[:, 2:] / 2
        boxes = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], 1)
    if said.normalised:
        return boxes * np.array([placing.input_w, placing.input_h] * 2, np.float32)
    if pack.manifest.extra_inputs:  # told the size of what it is shown, the graph answers in its pixels
        scale = np.array([placing.scale_x, placing.scale_y] * 2, np.float32)
        return boxes * scale + np.array([placing.pad_x, placing.pad_y] * 2, np.float32)
    return boxes
