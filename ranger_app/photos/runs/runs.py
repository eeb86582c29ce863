"""Runs of a model over the photos that it has not seen: here, on several processes, or on a cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from ranger_app.domain.errors import NotFound, Refused
from ranger_app.domain.ids import Id
from ranger_app.domain.photos import Detection
from ranger_app.domain.readable import Readable
from ranger_app.jobs import Work
from ranger_app.photos.runs.classify import Classified, Manner, Seer, classify, waiting
from ranger_app.photos.runs.embedding_store import EmbeddingStore
from ranger_app.photos.runs.forecast import Forecast, Rates
from ranger_app.photos.runs.pace import Gate, Pace
from ranger_app.photos.runs.packs import has_head
from ranger_app.storage import Workspace
from ranger_app.storage.query import Condition, equal

if TYPE_CHECKING:
    from ranger_app.inference.cluster import Certificates
    from ranger_app.inference.looks import Looked
    from ranger_app.inference.packs.pack import Pack
    from ranger_app.photos.runs.packs import ModelPacks


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """When a run may go on, and who does the work."""

    pace: Pace = field(default_factory=Pace)
    processes: int = 0
    """Of this computer; 0: this one, with decoding beside the graph's work."""
    cluster: str = ""
    """The address of a Dask scheduler."""
    certificates: Certificates | None = None
    """With which it is reached, at a tls:// address."""
    gate: Gate | None = None
    """Stands in for the one that looks at this computer's clock and power."""


def run(
    workspace: Workspace,
    packs: ModelPacks,
    pack: Pack,
    *conditions: Condition,
    model: Seer | None,
    how: How,
    work: Work,
) -> Classified:
    """Let the pack look at the photos that it has not seen. Raises as `classify` and the seers do."""
    photos = waiting(workspace, pack.id, pack.version, *conditions)
    manner = Manner(
        gate=how.gate or Gate(how.pace), rates=Rates(workspace.cache), beside=_store(workspace, packs, pack)
    )
    named: frozenset[Id] = frozenset()
    if model is None and has_head(pack):
        from ranger_app.photos.runs.reread import reread

        named = reread(workspace, packs, pack, photos, work)
        photos = tuple(one for one in photos if one.id not in named)
    # A model takes a second to load and much memory; without new photos there is no need.
    seers = _seers(packs, pack, model, how) if photos else nullcontext(_Nobody())
    with seers as seer:
        looked = classify(
            workspace, photos, seer, pack_id=pack.id, pack_version=pack.version, work=work, manner=manner
        )
    return replace(looked, done=looked.done + len(named))


def forecast(workspace: Workspace, pack: Pack, *conditions: Condition) -> Forecast:
    """What a run of the pack has before it."""
    count = len(waiting(workspace, pack.id, pack.version, *conditions))
    rates = Rates(workspace.cache)
    return Forecast(waiting=count, photo_s=rates.photo_s(f"{pack.id}@{pack.version}"))


def results_digest(workspace: Workspace, pack: Pack) -> str:
    """64 letters that are the same wherever the pack said the same of the same photos."""
    found = hashlib.sha256()
    with workspace.reading() as data:
        where = equal("pack_id", pack.id), equal("pack_version", pack.version)
        for one in data.each(Detection, *where, order=("id",)):
            found.update(repr([getattr(one, part.name) for part in fields(one)]).encode())
    return found.hexdigest()


def _store(workspace: Workspace, packs: ModelPacks, pack: Pack) -> EmbeddingStore | None:
    """Where the embeddings of a run are kept, if the pack gives any."""
    if pack.manifest.pipeline is None:
        return None
    from ranger_app.inference.learning.head_pack import base_of

    try:
        return EmbeddingStore(workspace, base_of(pack, packs.folders).key)
    except (NotFound, Refused):
        return None


def _seers(packs: ModelPacks, pack: Pack, model: Seer | None, how: How) -> AbstractContextManager[Seer]:
    if model is not None:
        return nullcontext(model)
    if how.cluster:
        from ranger_app.inference.cluster import Certificates, Cluster

        return Cluster(pack, how.cluster, packs.folders, certificates=how.certificates or Certificates())
    if how.processes:
        from ranger_app.inference.spread import Processes

        return Processes(pack, how.processes, packs.folders)
    return nullcontext(packs.load(pack))


class _Nobody:
    """Looks at nothing, when there is nothing to look at."""

    def looks(self, paths: Sequence[Readable], work: Work) -> Iterator[Looked]:
        return iter(())
