"""Cuts animals out of marked frames and changes their light, size and place for the classifier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from classifier_parent import SIDE_PX
from groups import PLACE
from light import infrared
from marks import Corners, Marked
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageOps

WIDE, TIGHT = (
    1.7,
    1.25,
)  # times the longer side of the box: what is kept, and what the classifier is shown at work
LEAST_PX = 48
COARSE_PX = (48, 64, 96, 128)
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Crop:
    """What surrounds an animal widely, where the tight crop lies in it, and the place of its group."""

    picture: Image.Image
    tight: tuple[int, int, int, int]
    group: int
    item: Marked


def cut_out(items: Iterable[Marked]) -> list[Crop]:
    """The best box of each frame whose group is one of ours; without a box the whole frame."""
    crops = []
    for item in items:
        if item.frame.group not in PLACE:
            continue
        width, height = item.picture.size
        if item.boxes:
            wide, tight = (_square(item.boxes[0], grown, width, height) for grown in (WIDE, TIGHT))
        else:
            wide = tight = (0, 0, width, height)
        inside = tuple(side - wide[place % 2] for place, side in enumerate(tight))
        crops.append(Crop(item.picture.crop(wide), inside, PLACE[item.frame.group], item))
    return crops


def pixels(picture: Image.Image) -> FloatArray:
    """3 × 224 × 224, RGB, −1..1."""
    small = picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(small, np.float32).transpose(2, 0, 1) / 127.5 - 1)


def plain(crop: Crop) -> FloatArray:
    """The crop as the classifier is shown it at work."""
    return pixels(crop.picture.crop(crop.tight))


def changed(crop: Crop, rng: Generator) -> FloatArray:
    """The animal a little larger, smaller or aside, perhaps mirrored, in another light, from farther away."""
    left, top, right, bottom = crop.tight
    width, height = right - left, bottom - top
    scale = rng.uniform(0.75, 1.3)
    w, h = width * scale, height * scale * rng.uniform(0.87, 1.0)
    x = (left + right) / 2 + rng.uniform(-0.1, 0.1) * width
    y = (top + bottom) / 2 + rng.uniform(-0.1, 0.1) * height
    edges = (
        int(max(x - w / 2, 0)),
        int(max(y - h / 2, 0)),
        int(min(x + w / 2, crop.picture.width)),
        int(min(y + h / 2, crop.picture.height)),
    )
    picture = crop.picture.crop(edges).resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
    if rng.random() < 0.5:
        picture = ImageOps.mirror(picture)
    kind = rng.random()
    if kind < 0.4:
        picture = infrared(picture, rng)
    elif kind < 0.5:
        picture = picture.convert("L").convert("RGB")
    else:
        values = np.asarray(picture, np.float32) * rng.uniform(0.6, 1.35) * rng.uniform(0.92, 1.08, 3)
        values = 255 * (values.clip(0, 255) / 255) ** rng.uniform(0.8, 1.25)
        picture = Image.fromarray(values.astype(np.uint8))
    if rng.random() < 0.3:
        coarse = int(rng.choice(COARSE_PX))
        picture = picture.resize((coarse, coarse), Image.Resampling.BILINEAR)
    return pixels(picture)


def _square(box: Corners, grown: float, width: int, height: int) -> tuple[int, int, int, int]:
    """A square around the box, pushed inside the picture where it fits, cut off where it does not."""
    side = min(max(max(box[2] - box[0], box[3] - box[1]) * grown, LEAST_PX), max(width, height))
    left, top = (box[0] + box[2] - side) / 2, (box[1] + box[3] - side) / 2
    if side <= width:
        left = min(max(left, 0), width - side)
    if side <= height:
        top = min(max(top, 0), height - side)
    return (
        int(max(left, 0)),
        int(max(top, 0)),
        int(min(left + side, width)),
        int(min(top + side, height)),
    )
