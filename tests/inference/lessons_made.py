"""Crops of species that a test makes up: clouds of embeddings, with cameras that have a look of their own."""

from __future__ import annotations

import numpy as np

from ranger_app.inference.learning.lessons import Lessons, whole_numbers

DIM = 48


def made(
    counts: dict[str, int], *, cameras: int = 6, spread: float = 0.5, tint: float = 0.4, seed: int = 1
) -> Lessons:
    """So many crops of each species, `spread` around its middle, each camera off by `tint`."""
    rng = np.random.default_rng(seed)
    middles = {name: rng.normal(size=DIM) for name in counts}
    tints = rng.normal(size=(cameras, DIM)) * tint
    names, vectors, classes, places = tuple(sorted(counts)), [], [], []
    for name in names:
        for one in range(counts[name]):
            camera = one % cameras
            noise = rng.normal(size=DIM) * spread
            vectors.append(whole_numbers((middles[name] + tints[camera] + noise).astype(np.float32)))
            classes.append(names.index(name))
            places.append(camera)
    count = len(classes)
    return Lessons(names, np.array(vectors), np.array(classes), np.array(places), np.arange(count))
