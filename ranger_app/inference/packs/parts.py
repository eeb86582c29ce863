"""Finds the packs that a pipeline is made of, and says which is missing or not the one that was meant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import NotFound
from ranger_app.i18n import _
from ranger_app.inference.packs.finding import find_packs
from ranger_app.inference.packs.manifest import CLASSIFIER, DETECTOR, EMBEDDER, Part
from ranger_app.inference.packs.pack import MANIFEST, Pack

KINDS_OF_ROLE = {"detector": (DETECTOR,), "classifier": (CLASSIFIER, EMBEDDER)}


@dataclass(frozen=True, slots=True)
class FoundPart:
    """A part of a pipeline: its pack, or the end of a sentence that says why there is none."""

    part: Part
    pack: Pack | None
    problem: str = ""


def find_parts(pack: Pack, dirs: Iterable[Path]) -> Iterator[FoundPart]:
    """The parts of a pipeline among the packs in `dirs` and beside the pipeline itself; it comes first."""
    if pack.manifest.pipeline is None:
        return
    here = {
        (one.pack.id, one.pack.version): one.pack
        for one in find_packs((pack.folder.parent, *dirs))
        if one.pack is not None
    }
    for part in pack.manifest.pipeline.parts:
        found = here.get((part.pack, part.version))
        problem = _problem(part, found)
        yield FoundPart(part, None if problem else found, problem)


def parts_by_role(pack: Pack, dirs: Iterable[Path]) -> dict[str, Pack]:
    """The packs of a pipeline. Raises `NotFound` when one is missing or is another than was meant."""
    found: dict[str, Pack] = {}
    for one in find_parts(pack, dirs):
        if one.pack is None:
            raise NotFound(
                _("The model pack {pack} {problem}.").format(pack=pack.id, problem=one.problem),
                _("Add that pack first: ranger-app models add PATH."),
            )
        found[one.part.role] = one.pack
    return found


def _problem(part: Part, pack: Pack | None) -> str:
    name = f"{part.pack} {part.version}"
    if pack is None:
        return _("needs the model pack {name}, which is not on this computer").format(name=name)
    if pack.manifest.kind not in KINDS_OF_ROLE.get(part.role, ()):
        return _("takes {name} for its {role}, which it is not").format(name=name, role=part.role)
    if part.manifest_sha256:
        digest = hashlib.sha256((pack.folder / MANIFEST).read_bytes()).hexdigest()
        if digest != part.manifest_sha256:
            return _("was made with another {name} than the one on this computer").format(name=name)
    return ""
