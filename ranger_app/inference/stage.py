"""One graph of a pack at work: a picture, or a box in it, goes in, and what the family reads comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.i18n import _
from ranger_app.inference.families import family_of
from ranger_app.inference.family import Family, Found
from ranger_app.inference.graph_check import graph_problems
from ranger_app.inference.looks import Rectangle
from ranger_app.inference.packs.manifest import Thresholds
from ranger_app.inference.packs.pack import Pack, read_listed_file
from ranger_app.inference.pictures import Picture
from ranger_app.inference.placing import Placing
from ranger_app.inference.prepare import Prepared, prepare
from ranger_app.inference.runtime import THREADS_AT_MOST, Session

LIGHT = 2e12
"""Bytes of weights × pixels of the input up to which a picture takes a core less time than its decoding.
(The bundled graphs: 0.9e12 and 13 ms; a YOLOv8n at 640 px: 5e12; MegaDetector v5a: 450e12.)"""


def weight(pack: Pack, precision: str = "") -> float:
    """Roughly how much work a pack's graph is, in bytes of weights × pixels of its input."""
    size = pack.manifest.input.size
    pixels = size.long_side_px**2 or size.width_px * size.height_px
    return float(pack.graph(precision).size_bytes) * pixels


def threads_for(weight: float) -> int:
    """With how many threads such a graph runs best beside the decoding of the pictures that come next.

    A light one loses more to the handing around than it wins, and decoding needs the other cores more.
    """
    return 1 if weight <= LIGHT else THREADS_AT_MOST


@dataclass(frozen=True, slots=True)
class Stage:
    """A pack's graph, loaded. One thread at a time may run it; any number may prepare."""

    pack: Pack
    precision: str
    thresholds: Thresholds
    family: Family
    session: Session

    @classmethod
    def open(cls, pack: Pack, *, precision: str, threads: int) -> Stage:
        """Load the pack's graph. Raises `BadInput`, `Refused` or `NotFound` when it cannot be run.

        The graph's bytes are compared with the manifest here as well: a pack may have changed on the disk.
        """
        file = pack.graph(precision)
        raw = read_listed_file(pack, file)
        family = family_of(pack)
        if problems := graph_problems(pack, file, raw):
            raise Refused(
                _("The model pack {pack} cannot be used: {file} {problem}.").format(
                    pack=pack.id, file=file.path, problem=problems[0]
                ),
                _("Use another pack, or ask whoever gave you this one for one that fits."),
            )
        if family is None:
            raise BadInput(_("The model pack {pack} is of no family that is known.").format(pack=pack.id))
        session = Session(raw, name=f"{pack.id}/{file.path}", threads=threads)
        return cls(pack, file.precision, pack.thresholds(file.precision), family, session)

    @property
    def draft_px(self) -> int:
        """Least side to which a JPEG may be decoded small; 0: it is decoded in full."""
        return self.pack.manifest.preprocess.draft_px

    def prepare(self, picture: Picture, box: Rectangle | None = None) -> Prepared:
        """The picture, or the box in it, as the graph takes it."""
        manifest = self.pack.manifest
        return prepare(picture, graph_input=manifest.input, preprocess=manifest.preprocess, box=box)

    def run(
        self,
        prepared: Prepared,
        *,
        thresholds: Thresholds | None = None,
        at_most_s: float | None = None,
    ) -> Found:
        """What the graph sees. Raises `BadInput` when it fails or answers what it should not."""
        feed = {self.pack.manifest.input.name: prepared.tensor, **self._sizes(prepared.placing)}
        answers = self.session.run(feed, self.family.tensors(self.pack), at_most_s=at_most_s)
        return self.family.read(answers, self.pack, thresholds or self.thresholds, prepared.placing)

    def _sizes(self, placing: Placing) -> dict[str, NDArray[Any]]:
        """The further inputs, each 1 × 2: the size of what the graph is shown, before it was fitted."""
        size = placing.region_w, placing.region_h
        return {
            extra.name: np.array(
                [size if extra.role == "orig_size_wh" else size[::-1]], np.dtype(extra.dtype)
            )
            for extra in self.pack.manifest.extra_inputs
        }
