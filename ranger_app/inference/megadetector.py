"""Gives boxes and scores back exactly as MegaDetector's own program does, in its classic and modern mode.

After `megadetector/detection/pytorch_detector.py` and `utils/ct_utils.py` of the MegaDetector project and
`scale_boxes` of YOLOv5. Classic undoes the letterbox from the two sizes alone; modern undoes the ratio of the
first resize, which was cut to whole pixels. Both round corners to whole pixels of the picture in the file;
then classic cuts off after four significant digits (scores: three), and modern rounds at four decimals.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ranger_app.inference.family import FloatArray
from ranger_app.inference.placing import Placing

BOX_DIGITS, SCORE_DIGITS = 4, 3
NEARLY_NOTHING = 1e-8  # where numpy.isclose sees no difference from 0


def megadetector_shares(corners: FloatArray, placing: Placing, *, classic: bool) -> NDArray[np.float64]:
    """N × 4 (x, y, w, h), shares of the picture, from N × 4 corners in pixels of the input."""
    whole = np.asarray(corners, np.float64).reshape(-1, 4)
    width, height = placing.region_w, placing.region_h
    if classic:
        gain = min(placing.input_h / height, placing.input_w / width)
        pad = (placing.input_w - width * gain) / 2, (placing.input_h - height * gain) / 2
    else:
        new_w, new_h = max(1, int(width * placing.scale_x)), max(1, int(height * placing.scale_y))
        gain = new_h / height
        pad = (placing.input_w - new_w) / 2, (placing.input_h - new_h) / 2
    size = np.array([width, height] * 2, np.float64)
    px = np.round(np.clip((whole - np.array(pad * 2)) / gain, 0, size)).astype(np.float32)
    # By way of the middle and in single precision, as there: digits that are cut off depend on it.
    sides = (px[:, 2:] - px[:, :2]) / size[:2].astype(np.float32)
    middle = (px[:, :2] + px[:, 2:]) / 2 / size[:2].astype(np.float32)
    start = middle.astype(np.float64) - sides.astype(np.float64) / 2
    shares: NDArray[np.float64] = np.concatenate([start, sides], 1)
    if not classic:
        return np.asarray(np.round(shares, BOX_DIGITS), np.float64)
    return np.array([[cut_off(side, BOX_DIGITS) for side in box] for box in shares.tolist()]).reshape(-1, 4)


def megadetector_score(score: float, *, classic: bool) -> float:
    """A score as it stands in a file of results."""
    return cut_off(score, SCORE_DIGITS) if classic else round(score, SCORE_DIGITS)


def cut_off(value: float, digits: int) -> float:
    """The value from 0 to 1 with only so many significant digits, never rounded up."""
    if abs(value) < NEARLY_NOTHING:
        return 0.0
    factor = 10.0 ** (digits - 1 - math.floor(math.log10(abs(value))))
    return math.floor(value * factor) / factor
