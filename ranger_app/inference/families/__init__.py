"""The families of models that Ranger can run, one file each, listed here once."""

from __future__ import annotations

from ranger_app.inference.families import (
    crop,
    embedder,
    rtdetr,
    whole_image,
    yolo_end2end,
    yolov5,
    yolov8,
    yolox,
)
from ranger_app.inference.family import Family
from ranger_app.inference.packs.manifest import CLASSIFIER, DETECTOR
from ranger_app.inference.packs.pack import Pack

FAMILIES: tuple[Family, ...] = (
    yolox.FAMILY,
    yolov5.FAMILY,
    yolov8.FAMILY,
    yolo_end2end.FAMILY,
    rtdetr.FAMILY,
    whole_image.FAMILY,
    crop.FAMILY,
    embedder.FAMILY,
)


def family_of(pack: Pack) -> Family | None:
    """The family that the pack's manifest names, or None when this Ranger has none of that name."""
    manifest = pack.manifest
    output = {DETECTOR: manifest.detector, CLASSIFIER: manifest.classifier}.get(manifest.kind)
    layout = output.layout if output else manifest.kind
    same = (family for family in FAMILIES if family.kind == manifest.kind and family.name == layout)
    return next(same, None)
