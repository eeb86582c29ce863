"""Reads SpeciesNet's predictions (JSON): boxes, classes of the best crop or of each box, failures.

After `speciesnet/ensemble.py` and `classifier.py` of cameratrapai 4 and 5: `predictions` is a list of objects
with a `filepath`, in files from other hands also an object by path; `classifications` is one table of classes
and scores, in newer code a list of them, one a box. Labels keep their seven parts, so that a site's list
works on them; categories of detections are MegaDetector's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found_looks import (
    BOXES_AT_MOST,
    GROUPS_AT_MOST,
    Doubts,
    FoundLook,
    FoundModel,
    Groups,
    Row,
)
from ranger_app.domain.json_stream import NotJson, pieces
from ranger_app.i18n import _
from ranger_app.jobs import Work

PREDICTIONS = "predictions"
KINDS = {"1": "animal", "2": "person", "3": "vehicle"} | {
    "animal": "animal",
    "human": "person",
    "vehicle": "vehicle",
}
TEXT_AT_MOST = 2_000


def is_one(head: bytes) -> bool:
    """Whether a file with this beginning may be one."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text.startswith(b"{") and b'"predictions"' in text


def read_model(path: Path, *, work: Work) -> FoundModel:
    """Which version of the model it was. Raises `BadInput` when the file is none of SpeciesNet's."""
    for value, _name in _predictions(path):
        work.tick(0, None, path.name)
        version = value.get("model_version")
        return FoundModel(detector="speciesnet", classifier=version[:40] if isinstance(version, str) else "")
    return FoundModel(detector="speciesnet")


def read(path: Path, *, doubts: Doubts, work: Work) -> Iterator[FoundLook]:
    """The predictions one by one. What of them cannot be understood is left out and becomes a doubt."""
    for done, (value, name) in enumerate(_predictions(path)):
        work.tick(done, None, path.name)
        file = value.get("filepath", name)
        if not isinstance(file, str) or not file.strip() or len(file) > TEXT_AT_MOST:
            doubts.add("no-file", _("An image has no file name, and was passed over"))
            continue
        yield _look(value, file.replace("\\", "/"), doubts)


def _look(value: dict[str, Any], file: str, doubts: Doubts) -> FoundLook:
    failures = value.get("failures")
    serious = [str(one) for one in failures if one != "GEOLOCATION"] if isinstance(failures, list) else []
    if "DETECTOR" in serious:
        return FoundLook(file=file, failure=", ".join(serious)[:TEXT_AT_MOST])
    classes = value.get("classifications")
    tables = classes if isinstance(classes, list) else [classes]
    detections = value.get("detections")
    boxes: list[tuple[Row, Groups]] = []
    for place, detection in enumerate(detections if isinstance(detections, list) else []):
        box = _box(detection)
        if box is None:
            doubts.add("odd-detection", _("A detection is not as it should be, and was passed over"), file)
            continue
        own = detection.get("classifications")
        table = own if own is not None else tables[place] if place < len(tables) else None
        boxes.append((box, _groups(table)))
    boxes.sort(key=lambda one: -one[0][5])
    boxes = boxes[:BOXES_AT_MOST]
    crops = tuple((place, groups) for place, (_row, groups) in enumerate(boxes) if groups)
    whole = _groups(tables[0]) if tables else ()
    return FoundLook(
        file=file,
        boxes=tuple(row for row, _groups in boxes),
        groups=crops[0][1] if crops else whole,
        crops=crops,
    )


def _box(value: Any) -> Row | None:
    if not isinstance(value, dict):
        return None
    kind = KINDS.get(str(value.get("category"))) or KINDS.get(str(value.get("label")).lower())
    sides, score = value.get("bbox"), _share(value.get("conf"))
    if kind is None or score is None or not isinstance(sides, list) or len(sides) != 4:
        return None
    shares = [_share(side) for side in sides]
    if None in shares:
        return None
    x, y, w, h = (float(side or 0.0) for side in shares)
    w, h = min(w, 1 - x), min(h, 1 - y)
    return (x, y, w, h, kind, score) if w > 0 and h > 0 else None


def _groups(table: Any) -> Groups:
    if not isinstance(table, dict):
        return ()
    names, scores = table.get("classes"), table.get("scores")
    if not isinstance(names, list) or not isinstance(scores, list):
        return ()
    pairs = [
        (name[:TEXT_AT_MOST], score)
        for name, points in zip(names, scores, strict=False)
        if isinstance(name, str) and name and (score := _share(points)) is not None
    ]
    return tuple(sorted(pairs, key=lambda one: -one[1])[:GROUPS_AT_MOST])


def _share(value: Any) -> float | None:
    """A number from 0 to 1, with a hair's breadth beyond for rounding."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(max(float(value), 0.0), 1.0) if -0.001 <= value <= 1.001 else None


def _predictions(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    met = False
    try:
        for piece in pieces(path, streamed=frozenset({PREDICTIONS})):
            met = met or piece.streamed
            if piece.streamed and isinstance(piece.value, dict):
                yield piece.value, piece.name
    except (NotJson, OverflowError) as error:
        raise BadInput(
            _("“{name}” is damaged, or no JSON in UTF-8.").format(name=path.name),
            _("Copy it again from where it was made."),
        ) from error
    if not met:
        raise BadInput(_("“{name}” holds no predictions of SpeciesNet.").format(name=path.name))
