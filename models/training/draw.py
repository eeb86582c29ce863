"""Draws the pictures that the stand-in model learns from and is measured on, ready for its net.

Each scene goes through a JPEG file and through Ranger's own preparation, so that the net sees in training
what it will see at work. Training, choosing and measuring use different places and different seeds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from ranger_app.inference.looks import KINDS
from ranger_app.inference.manifest import GraphInput, Preprocess
from ranger_app.inference.pictures import open_picture
from ranger_app.inference.prepare import prepare
from ranger_app.photos.drawn import PLACES, SCENES, DrawnBox, draw_scene

SIZES_PX = ((320, 240), (448, 336), (640, 480), (640, 360))
HELD_OUT_SIZES_PX = (*SIZES_PX, (1280, 960))
PLACES_OF = {"train": range(700), "choose": range(700, 800), "measure": range(800, PLACES)}
SEED_OF = {"train": 1_000_000, "choose": 2_000_000, "measure": 3_000_000}
SCENES_A_VIEW = 6  # scenes of one place follow each other: drawing a place costs more than what lives in it
SHARES = {"animal": 0.45, "person": 0.13, "vehicle": 0.12, "empty": 0.30}


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """A drawn picture as a JPEG, and what is on it."""

    jpeg: bytes
    kind: str  # one of SCENES
    night: bool
    boxes: tuple[DrawnBox, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A drawn picture as the net takes it, H × W × 3 bytes; boxes N × 5 (x0, y0, x1, y1, kind) in pixels."""

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]


def draw_file(part: str, number: int) -> DrawnFile:
    """The picture with that number of one part: train, choose or measure."""
    view = Random(f"{part} view {number // SCENES_A_VIEW}")
    width, height = view.choice(SIZES_PX if part == "train" else HELD_OUT_SIZES_PX)
    place = view.choice(PLACES_OF[part])
    rng = Random(SEED_OF[part] + number)
    kind = rng.choices(SCENES, [SHARES[scene] for scene in SCENES])[0]
    night = rng.random() < 0.4
    picture, boxes = draw_scene(
        SEED_OF[part] + number,
        kind,
        width=width,
        height=height,
        place=place,
        night=night,
        words="DEMO  2026-01-01  00:00:00" if rng.random() < 0.5 else "",
    )
    store = io.BytesIO()
    picture.save(store, "JPEG", quality=rng.randint(55, 95))
    return DrawnFile(store.getvalue(), kind, night, boxes)


def lesson(file: DrawnFile, *, graph_input: GraphInput, preprocess: Preprocess) -> Lesson:
    """The picture as the net takes it, by the same steps as at work."""
    picture = open_picture(file.jpeg, draft_px=preprocess.draft_px)
    raw = GraphInput(graph_input.name, "NHWC", "uint8", "RGB", graph_input.size, "1")
    prepared = prepare(picture, graph_input=raw, preprocess=preprocess)
    placing = prepared.placing
    rows = []
    for box in file.boxes:
        x0, y0 = box.x * placing.picture_w - placing.left, box.y * placing.picture_h - placing.top
        x1, y1 = x0 + box.w * placing.picture_w, y0 + box.h * placing.picture_h
        corners = (x0 * placing.scale_x, y0 * placing.scale_y, x1 * placing.scale_x, y1 * placing.scale_y)
        rows.append((*corners, KINDS.index(box.kind)))
    return Lesson(prepared.tensor[0], np.array(rows, np.float32).reshape(-1, 5))


def draw_lessons(
    part: str, count: int, *, graph_input: GraphInput, preprocess: Preprocess, processes: int
) -> list[Lesson]:
    """So many lessons of one part, in the order of their numbers."""
    with ProcessPoolExecutor(processes) as pool:
        work = ((part, number, graph_input, preprocess) for number in range(count))
        return list(pool.map(_one, work, chunksize=32))


def _one(work: tuple[str, int, GraphInput, Preprocess]) -> Lesson:
    part, number, graph_input, preprocess = work
    return lesson(draw_file(part, number), graph_input=graph_input, preprocess=preprocess)


def draw_files(part: str, count: int) -> Iterator[DrawnFile]:
    """So many pictures of one part as files."""
    return (draw_file(part, number) for number in range(count))
