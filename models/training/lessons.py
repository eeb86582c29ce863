"""Makes what the detector learns from: frames, mosaics, empty windows, pasted persons and vehicles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from detector_parent import SIDE_PX
from light import cluttered, relit
from marks import Corners, Cutting, Marked
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

PEOPLE_SHARE, ANIMAL_SHARE, EMPTY_SHARE = 0.3, 0.3, 0.17  # the rest are mosaics
MOSAIC_ANIMAL_SHARE = 0.45
LEAST_SIDE_PX = 5
TRIES = 25


@dataclass(frozen=True, slots=True)
class Lesson:
    """3 × 416 × 416 in BGR 0..255, the boxes of animals on it (N × 4), and whether these are all.

    A frame of a person or a vehicle says nothing of animals: only the teacher is asked there.
    """

    pixels: NDArray[np.float32]
    boxes: NDArray[np.float32]
    told: bool


@dataclass(frozen=True, slots=True)
class Stock:
    """The marked frames by what lessons are made of them."""

    animals: tuple[Marked, ...]
    backgrounds: tuple[Marked, ...]
    people: tuple[Marked, ...]
    cuttings: tuple[Cutting, ...]

    @classmethod
    def of(cls, items: Sequence[Marked]) -> Stock:
        people = tuple(item for item in items if item.frame.triage in ("person", "vehicle"))
        return cls(
            animals=tuple(item for item in items if item.boxes),
            backgrounds=tuple(item for item in items if item.frame.triage in ("animal", "empty")),
            people=people,
            cuttings=tuple(cutting for item in people for cutting in item.cuttings),
        )


def lesson(stock: Stock, rng: Generator) -> Lesson:
    """One picture to learn from."""
    board = np.full((SIDE_PX, SIDE_PX, 3), 114, np.uint8)
    boxes: list[Corners] = []
    told = True

    def put(picture: Image.Image, marks: Sequence[Corners], x: int, y: int, side: int) -> None:
        if rng.random() < 0.5:
            picture = ImageOps.mirror(picture)
            marks = [(picture.width - box[2], box[1], picture.width - box[0], box[3]) for box in marks]
        scale = side / max(picture.size)
        size = max(8, int(picture.width * scale)), max(8, int(picture.height * scale))
        small = relit(picture.resize(size, Image.Resampling.BILINEAR), rng)
        board[y : y + size[1], x : x + size[0]] = np.asarray(small)
        boxes.extend(
            (x + box[0] * scale, y + box[1] * scale, x + box[2] * scale, y + box[3] * scale) for box in marks
        )

    kind = rng.random()
    if kind < PEOPLE_SHARE and (stock.people or stock.cuttings):
        if stock.people and (not stock.cuttings or rng.random() < 0.35):
            put(_one(stock.people, rng).picture, [], 0, 0, SIDE_PX)
            told = False
        else:
            put(*with_people(stock, rng), 0, 0, SIDE_PX)
    elif kind < PEOPLE_SHARE + ANIMAL_SHARE:
        put(*with_animals(_one(stock.animals, rng), rng), 0, 0, SIDE_PX)
    elif kind < PEOPLE_SHARE + ANIMAL_SHARE + EMPTY_SHARE:
        put(without_animals(stock, rng), [], 0, 0, SIDE_PX)
    else:
        half = SIDE_PX // 2
        for x, y in ((0, 0), (half, 0), (0, half), (half, half)):
            if rng.random() < MOSAIC_ANIMAL_SHARE:
                put(*with_animals(_one(stock.animals, rng), rng), x, y, half)
            else:
                put(without_animals(stock, rng), [], x, y, half)
    corners = np.array(boxes, np.float32).reshape(-1, 4).clip(0, SIDE_PX)
    large = ((corners[:, 2:] - corners[:, :2]) > LEAST_SIDE_PX).all(1)
    pixels = np.ascontiguousarray(board[:, :, ::-1].transpose(2, 0, 1), np.float32)
    return Lesson(pixels, corners[large], told)


def with_animals(item: Marked, rng: Generator) -> tuple[Image.Image, list[Corners]]:
    """The frame, or a window of it that holds all its animals."""
    picture, boxes = item.picture, list(item.boxes)
    if rng.random() < 0.5:
        return picture, boxes
    left = rng.uniform(0, max(0, min(box[0] for box in boxes)))
    top = rng.uniform(0, max(0, min(box[1] for box in boxes)))
    right = rng.uniform(min(picture.width, max(box[2] for box in boxes)), picture.width)
    bottom = rng.uniform(min(picture.height, max(box[3] for box in boxes)), picture.height)
    if min(right - left, bottom - top) <= 40:
        return picture, boxes
    window = picture.crop((int(left), int(top), int(right), int(bottom)))
    return window, [(box[0] - left, box[1] - top, box[2] - left, box[3] - top) for box in boxes]


def without_animals(stock: Stock, rng: Generator) -> Image.Image:
    """An empty frame, or a window on which the parent sees not even a hint of an animal."""
    while True:
        item = _one(stock.backgrounds, rng)
        if item.frame.triage == "empty":
            return cluttered(item.picture, rng)
        width, height = item.picture.size
        for _try in range(TRIES):
            w = rng.uniform(0.3, 0.8) * width
            h = w * rng.uniform(0.6, 0.9)
            if h > height:
                continue
            x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
            if all(
                box[2] < x or box[0] > x + w or box[3] < y or box[1] > y + h
                for box in (*item.weak, *item.boxes)
            ):
                return cluttered(item.picture.crop((int(x), int(y), int(x + w), int(y + h))), rng)


def with_people(stock: Stock, rng: Generator) -> tuple[Image.Image, list[Corners]]:
    """A frame with or without animals into which one or two cuttings are pasted, beside the animals."""
    if rng.random() < 0.5:
        picture, boxes = with_animals(_one(stock.animals, rng), rng)
    else:
        picture, boxes = without_animals(stock, rng), []
    picture = picture.copy()
    for _paste in range(1 + (rng.random() < 0.3)):
        cutting = _one(stock.cuttings, rng)
        scale = rng.uniform(0.25, 0.95) * picture.height / cutting.picture.height
        scale = min(scale, picture.width / cutting.picture.width)
        size = max(8, int(cutting.picture.width * scale)), max(8, int(cutting.picture.height * scale))
        thing = cutting.picture.resize(size, Image.Resampling.BILINEAR)
        if rng.random() < 0.5:
            thing = ImageOps.mirror(thing)
        places = [
            (
                int(rng.uniform(0, picture.width - size[0] + 1)),
                int(rng.uniform(0, picture.height - size[1] + 1)),
            )
            for _try in range(TRIES)
        ]
        for x, y in places:
            if all(x > b[2] or x + size[0] < b[0] or y > b[3] or y + size[1] < b[1] for b in boxes):
                picture.paste(thing, (x, y), _soft(size))
                break
    return picture, boxes


def _soft(size: tuple[int, int]) -> Image.Image:
    """A mask that fades at its edges, so that the seam of a pasted cutting teaches nothing."""
    edge = max(1, min(size) // 14)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rectangle((edge, edge, size[0] - edge, size[1] - edge), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(edge / 1.5))


def _one(choice: Sequence[Any], rng: Generator) -> Any:
    return choice[rng.integers(len(choice))]
