"""What a family of models is: how to tell that a graph belongs to it, and how to read what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranger_app.inference.graph import Tensor
from ranger_app.inference.looks import Box
from ranger_app.inference.manifest import Thresholds
from ranger_app.inference.pack import Pack
from ranger_app.inference.placing import Placing

KIND_ROLES = {"animal": ("animal", "species"), "person": ("human",), "vehicle": ("vehicle",)}
"""Which roles of a pack's labels speak for which kind of thing."""

FloatArray = NDArray[np.float32]
AnyArray = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What a graph saw on one picture, before any threshold but `store`."""

    animal: float
    person: float
    vehicle: float
    boxes: tuple[Box, ...]
    groups: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One way in which graphs answer. `name` stands in `pack.toml` as the layout of the output.

    tensor: the name of the output that is read.
    faults: the ends of sentences that begin with the graph's name, for all in which manifest, labels and
        the graph's output do not fit together or ask for what the family cannot do.
    read: from that output (float32) to what was found. Raises `BadInput` when its shape is not as declared.
    """

    name: str
    tensor: Callable[[Pack], str]
    faults: Callable[[Pack, Tensor], Iterable[str]]
    read: Callable[[FloatArray, Pack, Thresholds, Placing], Found]


def agrees(found: tuple[int | None, ...], said: tuple[int | None, ...]) -> bool:
    """Whether a graph's shape allows the one said; a side that either leaves free fits anything."""
    return len(found) == len(said) and all(
        None in (have, want) or have == want for have, want in zip(found, said, strict=True)
    )


def shape_words(shape: tuple[int | None, ...] | None) -> str:
    """A shape as people write it: 1 × 3 × ? × ?."""
    return "–" if shape is None else " × ".join("?" if side is None else str(side) for side in shape)
