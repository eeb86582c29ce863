"""A row of numbers by which pictures, or crops, are known apart and compared (MiewID and its like)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.classes import embedding_faults, read_embedding
from ranger_app.inference.family import Answers, Family, Found
from ranger_app.inference.graph import Tensor
from ranger_app.inference.packs.manifest import EMBEDDER, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing


def _tensors(pack: Pack) -> tuple[str, ...]:
    if pack.manifest.embedder is None:
        raise BadInput(_("The model pack {pack} gives no embedding.").format(pack=pack.id))
    return (pack.manifest.embedder.tensor,)


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    yield from embedding_faults(pack, outputs)


def _read(answers: Answers, pack: Pack, _thresholds: Thresholds, _placing: Placing) -> Found:
    return Found(embedding=read_embedding(answers, pack))


FAMILY = Family(name="embedder", kind=EMBEDDER, tensors=_tensors, faults=_faults, read=_read)
