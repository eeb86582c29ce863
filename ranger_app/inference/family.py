"""What a family of models is: how to tell that a graph belongs to it, and how to read what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.graph import Tensor
from ranger_app.inference.looks import Box
from ranger_app.inference.packs.manifest import Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing

KIND_ROLES = {"animal": ("animal", "species"), "person": ("human",), "vehicle": ("vehicle",)}
"""Which roles of a pack's labels speak for which kind of thing."""

FloatArray = NDArray[np.float32]
AnyArray = NDArray[Any]


Answers = Mapping[str, FloatArray]
"""What a graph gave, by the name of the output."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a graph saw on one picture, before any threshold but `store`."""

    animal: float = 0.0
    person: float = 0.0
    vehicle: float = 0.0
    boxes: tuple[Box, ...] = ()
    groups: tuple[tuple[str, float], ...] = ()
    embedding: bytes = b""  # float16, as in looks.Crop


@dataclass(frozen=True, slots=True)
class Family:
    """One way in which graphs answer. `name` stands in `pack.toml` as the layout of the output.

    kind: of the packs that may be of this family.
    tensors: the names of the outputs that are read.
    faults: the ends of sentences that begin with the graph's name, for all in which manifest, labels and
        the graph's outputs do not fit together or ask for what the family cannot do.
    read: from these outputs (float32) to what was found. Raises `BadInput` when a shape is not as declared.
    """

    name: str
    kind: str
    tensors: Callable[[Pack], tuple[str, ...]]
    faults: Callable[[Pack, Mapping[str, Tensor]], Iterable[str]]
    read: Callable[[Answers, Pack, Thresholds, Placing], Found]


def agrees(found: tuple[int | None, ...], said: tuple[int | None, ...]) -> bool:
    """Whether a graph's shape allows the one said; a side that either leaves free fits anything."""
    return len(found) == len(said) and all(
        None in (have, want) or have == want for have, want in zip(found, said, strict=True)
    )


def shape_words(shape: tuple[int | None, ...] | None) -> str:
    """A shape as people write it: 1 × 3 × ? × ?."""
    return "–" if shape is None else " × ".join("?" if side is None else str(side) for side in shape)


def misfit(found: tuple[int | None, ...] | None, said: tuple[int | None, ...]) -> str:
    """The end of a sentence about a shape that is not as manifest and labels ask for; empty when it is."""
    if found is not None and agrees(found, said):
        return ""
    return _("gives the shape {found}, and pack.toml and the labels ask for {said}").format(
        found=shape_words(found), said=shape_words(said)
    )


def must_be(raw: FloatArray, said: tuple[int | None, ...], pack: Pack) -> None:
    """Raise `BadInput` when an answer has another shape than it should."""
    if not agrees(raw.shape, said):
        raise BadInput(
            _("The model pack {pack} gave the shape {found} and should give {said}.").format(
                pack=pack.id, found=shape_words(raw.shape), said=shape_words(said)
            )
        )
