"""What a model pack says of one picture; plain values that can be kept, sent and shown without the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ranger_app.domain.readable import Readable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("animal", "person", "vehicle")
ANIMAL = KINDS[0]
EMPTY = "empty"


class Rectangle(Protocol):
    """A place in a picture, in shares of it from its top left."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def w(self) -> float: ...
    @property
    def h(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is: shares of the whole upright picture, from its top left corner."""

    x: float
    y: float
    w: float
    h: float
    kind: str  # one of KINDS
    score: float

    def as_row(self) -> list[float | str]:
        """[x, y, w, h, class, score], as kept in the database and written in JSON."""
        sides = (round(side, 5) for side in (self.x, self.y, self.w, self.h))
        return [*sides, self.kind, round(self.score, 5)]


class LookKey(NamedTuple):
    """What a result belongs to: the same picture under the same pack is never looked at twice."""

    sha256: str
    pack_id: str
    pack_version: str


WHOLE_PICTURE = -1


@dataclass(frozen=True, slots=True)
class Crop:
    """What a classifier says of what lies in one box of a picture."""

    box: int  # its place in the look's boxes, or WHOLE_PICTURE
    groups: tuple[tuple[str, float], ...]  # label ids of the classifier with scores, best first
    embedding: bytes = b""  # float16, least byte first; empty when the pack gives none

    def vector(self) -> NDArray[np.float32]:
        """The embedding as numbers."""
        import numpy as np

        return np.frombuffer(self.embedding, "<f2").astype(np.float32)


@dataclass(frozen=True, slots=True)
class Look:
    """Raw results of one pack on one picture: scores from 0 to 1, not yet held against what is to be shown.

    `boxes` are all down to the pack's `store` threshold, best first. `groups` are names (label ids of the
    pack, or animal, person, vehicle, empty) with scores, best first; of a pipeline those of the best crop.
    `sha256` is of the bytes looked at.
    """

    key: LookKey
    thresholds_version: str
    animal: float
    person: float
    vehicle: float
    boxes: tuple[Box, ...]
    groups: tuple[tuple[str, float], ...]
    width_px: int  # of the upright picture
    height_px: int
    notes: tuple[str, ...] = ()
    crops: tuple[Crop, ...] = ()
    frame_s: float | None = None
    """Of a clip, at which second the frame is that this is about: the one in which most was seen."""
    """Of a pipeline, best box first; of a classifier or embedder the whole picture."""

    def kind(self, display: float) -> str:
        """What the picture most likely shows at that threshold: animal, person, vehicle or empty."""
        score, kind = max((getattr(self, kind), kind) for kind in KINDS)
        return kind if score >= display else EMPTY

    def box_rows(self) -> list[list[float | str]]:
        """[[x, y, w, h, class, score], …], best first."""
        return [box.as_row() for box in self.boxes]

    def group_rows(self, count: int | None = None) -> list[list[float | str]]:
        """[[name, score], …], the first `count` of them."""
        return [[name, round(score, 5)] for name, score in self.groups[:count]]

    def crop_rows(self, count: int | None = None) -> list[list[object]]:
        """[[place of the box, [[name, score], …]], …] of the crops that were named."""
        return [
            [crop.box, [[name, round(score, 5)] for name, score in crop.groups[:count]]]
            for crop in self.crops
            if crop.groups and crop.box != WHOLE_PICTURE
        ]


@dataclass(frozen=True, slots=True)
class Looked:
    """How it went with one picture of a run: a look, or a sentence that says why there is none."""

    path: Readable
    look: Look | None
    failure_code: str = ""
    failure: str = ""
