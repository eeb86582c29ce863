"""Tries a pack on its own golden pictures: does it say here what it said where it was made?"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _
from ranger_app.inference.detect import Model
from ranger_app.inference.looks import KINDS, Look, Rectangle
from ranger_app.inference.packs.manifest import Golden
from ranger_app.inference.packs.pack import Pack, read_listed_file

TRIAL_AT_MOST_S = 60.0  # a picture
BLANK_SIZE_PX = (640, 480)


def try_pack(pack: Pack, *, threads: int = 2, dirs: Iterable[Path] = ()) -> list[str]:
    """What goes wrong when every graph of the pack looks at the golden pictures; an empty list when nothing.

    A pack without golden pictures is tried on a grey one: it must at least answer. A pipeline is tried as a
    whole, with its parts from `dirs`.
    """
    problems = []
    graphs = [(file.path, file.precision) for file in pack.manifest.files if file.role == "graph"]
    for path, precision in graphs or [(pack.id, "")]:
        try:
            model = Model.open(pack, precision=precision, threads=threads, dirs=dirs)
            if not pack.manifest.golden:
                model.look(_blank(), at_most_s=TRIAL_AT_MOST_S)
            for golden in pack.manifest.golden:
                listed = next(one for one in pack.manifest.files if one.path == golden.image)
                look = model.look(read_listed_file(pack, listed), at_most_s=TRIAL_AT_MOST_S)
                problems += [
                    _("{file} on {image}: {problem}").format(file=path, image=golden.image, problem=text)
                    for text in differences(golden, look)
                ]
        except KnownError as error:
            problems.append(error.text)
    return problems


def differences(golden: Golden, look: Look) -> list[str]:
    """In what the look differs from what is expected, within the golden picture's tolerances."""
    found = []
    for wanted in golden.boxes:
        ours = [box for box in look.boxes if box.kind == wanted.kind]
        same = [box for box in ours if overlap(box, wanted) >= golden.tol_iou]
        if not same:
            found.append(_("no {kind} where one should be").format(kind=wanted.kind))
        elif min(abs(box.score - wanted.score) for box in same) > golden.tol_conf:
            found.append(
                _("the {kind} has a score of {score:.2f} and should have {wanted:.2f}").format(
                    kind=wanted.kind, score=same[0].score, wanted=wanted.score
                )
            )
    scores = dict(look.groups) | {kind: getattr(look, kind) for kind in KINDS}
    for name, score in golden.topk:
        if abs(scores.get(name, 0.0) - score) > golden.tol_conf:
            found.append(
                _("{name} has a score of {score:.2f} and should have {wanted:.2f}").format(
                    name=name, score=scores.get(name, 0.0), wanted=score
                )
            )
    return found


def overlap(one: Rectangle, other: Rectangle) -> float:
    """Intersection over union of two boxes, 0..1."""
    across = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    down = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    shared = max(across, 0.0) * max(down, 0.0)
    whole = one.w * one.h + other.w * other.h - shared
    return shared / whole if whole > 0 else 0.0


def _blank() -> bytes:
    store = io.BytesIO()
    Image.new("RGB", BLANK_SIZE_PX, (114, 114, 114)).save(store, "PNG")
    return store.getvalue()
