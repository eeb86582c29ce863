"""Reads the scores of a classifier, calibrated, and the numbers by which it knows pictures apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.family import KIND_ROLES, Answers, Found, misfit, must_be
from ranger_app.inference.graph import Tensor
from ranger_app.inference.packs.manifest import ClassifierOutput
from ranger_app.inference.packs.pack import Pack

Scores = NDArray[np.float64]
LOGIT_AT_MOST = 50.0  # beyond it a sigmoid is 0 or 1 in any precision


def class_output(pack: Pack) -> ClassifierOutput:
    """How the pack's classes are read. Raises `BadInput` when it has none."""
    if pack.manifest.classifier is None:
        raise BadInput(_("The model pack {pack} is no classifier.").format(pack=pack.id))
    return pack.manifest.classifier


def class_tensors(pack: Pack) -> tuple[str, ...]:
    """The outputs that are read: the classes, and the embedding where there is one."""
    embedder = pack.manifest.embedder
    return (class_output(pack).tensor, *((embedder.tensor,) if embedder else ()))


def class_faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    """In what manifest, labels and outputs of a classifier do not fit together."""
    said = class_output(pack)
    if text := misfit(outputs[said.tensor].shape, (1, len(pack.labels))):
        yield text
    if pack.manifest.temperature != 1.0 and said.activation != "softmax":
        yield _("has a temperature, which needs the activation softmax")
    yield from embedding_faults(pack, outputs)


def read_classes(answers: Answers, pack: Pack) -> Found:
    """The likeliest labels, what they say of animal, person and vehicle, and the embedding."""
    said = class_output(pack)
    raw = answers[said.tensor]
    must_be(raw, (1, len(pack.labels)), pack)
    likely = class_scores(raw[0], pack)
    best = np.argsort(-likely, kind="stable")[: said.topk]
    exclusive = said.activation != "sigmoid"
    animal, person, vehicle = (_of(likely, pack, roles, exclusive=exclusive) for roles in KIND_ROLES.values())
    return Found(
        animal,
        person,
        vehicle,
        groups=tuple((pack.labels[place].id, float(likely[place])) for place in best),
        embedding=read_embedding(answers, pack),
    )


def class_scores(raw: NDArray[np.float32], pack: Pack) -> Scores:
    """A calibrated score from 0 to 1 for each label."""
    said = class_output(pack)
    values = raw.astype(np.float64)
    if said.activation == "softmax":
        likely: Scores = np.exp((values - values.max()) / pack.manifest.temperature)
        likely /= likely.sum()
    elif said.activation == "sigmoid":
        likely = 1 / (1 + np.exp(-np.clip(values, -LOGIT_AT_MOST, LOGIT_AT_MOST)))
    else:
        likely = np.clip(values, 0.0, 1.0)
    return isotonic(likely, pack.manifest.isotonic)


def isotonic(scores: Scores, table: Sequence[tuple[float, float]]) -> Scores:
    """Scores put right by a table of (raw, true), straight lines between its points and flat outside them."""
    if not table:
        return scores
    raw, true = zip(*table, strict=True)
    put_right: Scores = np.interp(scores, raw, true)
    return put_right


def embedding_faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    """In what the manifest's embedding and the graph's do not fit together."""
    said = pack.manifest.embedder
    if said and (text := misfit(outputs[said.tensor].shape, (1, said.dim))):
        yield text


def read_embedding(answers: Answers, pack: Pack) -> bytes:
    """The embedding as float16, of length 1 where the manifest says so; empty when the pack has none."""
    said = pack.manifest.embedder
    if said is None:
        return b""
    raw = answers[said.tensor]
    must_be(raw, (1, said.dim), pack)
    vector = raw[0].astype(np.float64)
    if said.l2:
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
    most = float(np.finfo(np.float16).max)
    return bytes(np.clip(vector, -most, most).astype("<f2").tobytes())


def _of(likely: Scores, pack: Pack, roles: tuple[str, ...], *, exclusive: bool) -> float:
    """The score of a kind: the sum over its labels where they exclude each other, else the highest."""
    places = [label.index for label in pack.labels if label.role in roles]
    if not places:
        return 0.0
    ours = likely[places]
    return float(min(ours.sum() if exclusive else ours.max(), 1.0))
