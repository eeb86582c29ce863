"""A head at work: a small graph that names a crop by its embedding, taught by a park's own labels.

It lies in the folder of a pipeline, whose detector and classifier give the boxes and the embeddings; so a
learned pack is a few tens of kilobytes, and whatever is checked of any pack is checked of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.i18n import _
from ranger_app.inference.family import agrees, misfit
from ranger_app.inference.graph import Graph, read_graph
from ranger_app.inference.learning.lessons import VECTOR_ONE, Whole, whole_numbers
from ranger_app.inference.packs.manifest import HeadOutput, PackFile
from ranger_app.inference.packs.pack import Pack, read_listed_file
from ranger_app.inference.runtime import Session

GROUPS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class WorkingHead:
    """A pipeline's head, loaded. One thread at a time may use it."""

    pack: Pack
    said: HeadOutput
    session: Session

    @classmethod
    def open(cls, pack: Pack, said: HeadOutput) -> WorkingHead:
        """Load the head. Raises `BadInput` or `Refused` when it cannot be run."""
        file = pack.graph()
        raw = read_listed_file(pack, file)
        if problems := head_problems(pack, file, raw):
            raise Refused(
                _("The model pack {pack} cannot be used: {file} {problem}.").format(
                    pack=pack.id, file=file.path, problem=problems[0]
                ),
                _("Use another pack, or ask whoever gave you this one for one that fits."),
            )
        return cls(pack, said, Session(raw, name=f"{pack.id}/{file.path}", threads=1))

    def groups(self, embedding: NDArray[np.float32]) -> tuple[tuple[str, float], ...]:
        """The classes by how likely they are, best first; none of an embedding that says nothing.

        Raises `BadInput` when the embedding is not of the size that the head was taught with.
        """
        if len(embedding) != self.said.dim:
            raise BadInput(
                _(
                    "The model pack {pack} was taught with embeddings of {dim} numbers, not of {found}."
                ).format(pack=self.pack.id, dim=self.said.dim, found=len(embedding))
            )
        try:
            whole = whole_numbers(embedding)
        except BadInput:
            return ()
        return self.groups_of(whole)

    def groups_of(self, whole: Whole) -> tuple[tuple[str, float], ...]:
        """The same, of an embedding that is kept in whole numbers."""
        feed = {self.said.input: (whole.astype(np.float32) / VECTOR_ONE)[None]}
        raw = self.session.run(feed, (self.said.tensor,))[self.said.tensor][0].astype(np.float64)
        likely = np.exp((raw - raw.max()) / self.pack.manifest.temperature)
        likely /= likely.sum()
        best = np.argsort(-likely, kind="stable")[:GROUPS_AT_MOST]
        return tuple((self.pack.labels[place].id, float(likely[place])) for place in best)


def head_problems(pack: Pack, file: PackFile, raw: bytes) -> list[str]:
    """The ends of sentences that begin with the graph's name; none when head and manifest agree."""
    graph = read_graph(raw)
    return list(graph.faults) or list(_misfits(pack, file, graph))


def _misfits(pack: Pack, file: PackFile, graph: Graph) -> Iterator[str]:
    said = pack.manifest.pipeline.head if pack.manifest.pipeline else None
    if said is None:
        yield _("is a graph, and pack.toml says nothing of a head")
        return
    if graph.opset != file.opset:
        yield _("is of opset {found}, and pack.toml says {said}").format(found=graph.opset, said=file.opset)
    wanted = (1, said.dim)
    takes = {tensor.name: tensor for tensor in graph.inputs}
    if set(takes) != {said.input}:
        yield _("takes {found}, and pack.toml says {said}").format(
            found=", ".join(sorted(takes))[:200] or "–", said=said.input
        )
    elif takes[said.input].dtype != "float32" or not agrees(takes[said.input].shape or (), wanted):
        yield _("takes something else than one embedding of {dim} numbers").format(dim=said.dim)
    gives = {tensor.name: tensor for tensor in graph.outputs}
    if said.tensor not in gives:
        yield _("has no {what} “{name}”; it has {names}").format(
            what=_("output"), name=said.tensor, names=", ".join(gives)[:200]
        )
    elif text := misfit(gives[said.tensor].shape, (1, len(pack.labels))):
        yield text
