"""A classifier of whole pictures: one row of scores, one for each label (Mbaza, YOLOv8-cls, most others)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ranger_app.i18n import _
from ranger_app.inference.classes import class_faults, class_tensors, read_classes
from ranger_app.inference.family import Answers, Family, Found
from ranger_app.inference.graph import Tensor
from ranger_app.inference.packs.manifest import CLASSIFIER, Thresholds
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.placing import Placing


def _faults(pack: Pack, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    if pack.manifest.preprocess.region.kind == "crop_box":
        yield _('is fed crops (preprocess.roi), so its layout must be "crop"')
    yield from class_faults(pack, outputs)


def _read(answers: Answers, pack: Pack, _thresholds: Thresholds, _placing: Placing) -> Found:
    return read_classes(answers, pack)


FAMILY = Family(name="whole_image", kind=CLASSIFIER, tensors=class_tensors, faults=_faults, read=_read)
