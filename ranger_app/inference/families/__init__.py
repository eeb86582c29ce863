"""The families of models that Ranger can run, one file each, listed here once."""

from __future__ import annotations

from ranger_app.inference.families import whole_image, yolox
from ranger_app.inference.family import Family
from ranger_app.inference.pack import Pack

FAMILIES: tuple[Family, ...] = (yolox.FAMILY, whole_image.FAMILY)


def family_of(pack: Pack) -> Family | None:
    """The family that the pack's manifest names, or None when this Ranger has none of that name."""
    manifest = pack.manifest
    outputs = {"detector": manifest.detector, "classifier": manifest.classifier}
    output = outputs.get(manifest.kind)
    return next((family for family in FAMILIES if output and family.name == output.layout), None)
