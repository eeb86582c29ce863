"""A classifier of whole pictures: one row of scores, one for each label (Mbaza, YOLOv8-cls, most others)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.inference.family import KIND_ROLES, Family, FloatArray, Found, agrees, shape_words
from ranger_app.inference.graph import Tensor
from ranger_app.inference.manifest import ClassifierOutput, Thresholds
from ranger_app.inference.pack import Pack
from ranger_app.inference.placing import Placing


def _tensor(pack: Pack) -> str:
    return _output(pack).tensor


def _faults(pack: Pack, output: Tensor) -> Iterator[str]:
    wanted = (1, len(pack.labels))
    if output.shape is None or not agrees(output.shape, wanted):
        yield _("gives the shape {found}, and the labels ask for {said}").format(
            found=shape_words(output.shape), said=shape_words(wanted)
        )
    if pack.manifest.temperature != 1.0 and _output(pack).activation != "softmax":
        yield _("has a temperature, which needs the activation softmax")


def _read(raw: FloatArray, pack: Pack, thresholds: Thresholds, placing: Placing) -> Found:
    said = _output(pack)
    if raw.shape != (1, len(pack.labels)):
        raise BadInput(
            _("The model pack {pack} gave the shape {found} and should give {said}.").format(
                pack=pack.id, found=shape_words(raw.shape), said=shape_words((1, len(pack.labels)))
            )
        )
    likely = _likely(raw[0].astype(np.float64), said, pack.manifest.temperature)
    best = np.argsort(-likely, kind="stable")[: said.topk]
    exclusive = said.activation != "sigmoid"
    animal, person, vehicle = (_of(likely, pack, roles, exclusive=exclusive) for roles in KIND_ROLES.values())
    return Found(
        animal,
        person,
        vehicle,
        boxes=(),
        groups=tuple((pack.labels[place].id, float(likely[place])) for place in best),
    )


def _likely(raw: NDArray[np.float64], said: ClassifierOutput, temperature: float) -> NDArray[np.float64]:
    """A score from 0 to 1 for each label."""
    if said.activation == "softmax":
        powers: NDArray[np.float64] = np.exp((raw - raw.max()) / temperature)
        powers /= powers.sum()
        return powers
    if said.activation == "sigmoid":
        odds: NDArray[np.float64] = np.exp(np.clip(raw, -50, 50))
        return odds / (1 + odds)
    return np.clip(raw, 0.0, 1.0)


def _of(likely: NDArray[np.float64], pack: Pack, roles: tuple[str, ...], *, exclusive: bool) -> float:
    """The score of a kind: the sum over its labels where they exclude each other, else the highest."""
    places = [label.index for label in pack.labels if label.role in roles]
    if not places:
        return 0.0
    ours = likely[places]
    return float(min(ours.sum() if exclusive else ours.max(), 1.0))


def _output(pack: Pack) -> ClassifierOutput:
    if pack.manifest.classifier is None:
        raise BadInput(_("The model pack {pack} is no classifier.").format(pack=pack.id))
    return pack.manifest.classifier


FAMILY = Family(name="whole_image", tensor=_tensor, faults=_faults, read=_read)
