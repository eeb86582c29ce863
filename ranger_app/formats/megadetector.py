"""Reads and writes MegaDetector's results (JSON, format versions 1.0 to 1.6), item by item.

After `megadetector-output-format.md` and `validate_batch_results.py` of the MegaDetector project; what is
written also keeps to what Timelapse accepts (no classification has the name of a detection category, no name
stands twice) and reads back the same. Files of AddaxAI that put species among the detection categories are
read as animals of that name. A confidence below 0 means that a box was removed as a repeated false one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any, TextIO

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found_looks import (
    BOXES_AT_MOST,
    GROUPS_AT_MOST,
    KINDS,
    Doubts,
    FoundLook,
    FoundModel,
    Groups,
    Row,
)
from ranger_app.domain.json_stream import NotJson, pieces
from ranger_app.i18n import _
from ranger_app.jobs import Work

FORMAT_VERSION = "1.6"
IMAGES = "images"
CATEGORIES_AT_MOST = 100_000
BOX_DIGITS, SCORE_DIGITS = 4, 3
TEXT_AT_MOST = 2_000
CATEGORIES = {"animal": "1", "person": "2", "vehicle": "3"}
_KINDS_BY_NAME = {
    "animal": "animal",
    "animals": "animal",
    "person": "person",
    "human": "person",
    "people": "person",
    "vehicle": "vehicle",
    "car": "vehicle",
    "empty": "",
    "blank": "",
}
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """All of a file but its images."""

    model: FoundModel
    detections: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    images: int = 0


def is_one(head: bytes) -> bool:
    """Whether a file with this beginning may be one."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text.startswith(b"{") and any(
        key in text for key in (b'"images"', b'"detection_categories"', b'"info"')
    )


def read_head(path: Path, *, doubts: Doubts, work: Work) -> Head:
    """Which model it was and what its categories mean; goes through the whole file once.

    Raises `BadInput` when it is not such a file, and `OSError` when it cannot be read.
    """
    values: dict[str, Any] = {}
    images = 0
    with_images = False
    try:
        for piece in pieces(path, streamed=frozenset({IMAGES})):
            if piece.streamed:
                images += 1
                if images % 1000 == 0:
                    work.tick(images, None, path.name)
            elif piece.key == IMAGES:
                raise _not_one(path)
            else:
                values[piece.key] = piece.value
            with_images = with_images or piece.key == IMAGES
    except NotJson as error:
        raise _broken(path, error) from error
    info = values.get("info")
    if not with_images and not isinstance(values.get("detection_categories"), dict):
        raise _not_one(path)
    if not isinstance(info, dict):
        info = {}
        doubts.add("no-info", _("The file does not say which model its results are of."))
    detections = _names(values.get("detection_categories"), path)
    classes = _names(values.get("classification_categories"), path)
    described = values.get("classification_category_descriptions")
    if isinstance(described, dict):
        classes = {key: _described(name, described.get(key)) for key, name in classes.items()}
    if not detections:
        doubts.add(
            "no-categories", _("The file does not say what its categories are; the usual ones are taken.")
        )
        detections = {number: kind for kind, number in CATEGORIES.items()}
    return Head(_model(info, doubts), detections, classes, images)


def read(path: Path, head: Head, *, doubts: Doubts, work: Work) -> Iterator[FoundLook]:
    """The results one by one. What of them cannot be understood is left out and becomes a doubt."""
    done = 0
    try:
        for piece in pieces(path, streamed=frozenset({IMAGES})):
            if not piece.streamed:
                continue
            work.tick(done, head.images, path.name)
            done += 1
            look = _look(piece.value, head, doubts)
            if look is not None:
                yield look
    except NotJson as error:
        raise _broken(path, error) from error


def _look(image: Any, head: Head, doubts: Doubts) -> FoundLook | None:
    name = image.get("file") if isinstance(image, dict) else None
    if not isinstance(name, str) or not name.strip() or len(name) > TEXT_AT_MOST:
        doubts.add("no-file", _("An image has no file name, and was passed over"))
        return None
    file = name.replace("\\", "/")
    if file.startswith("/") or PureWindowsPath(name).drive:
        doubts.add(
            "absolute-path", _("Paths that begin at the root of a disk are matched by their end"), file
        )
    sha256 = image.get("sha256")
    digest = sha256.lower() if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else ""
    failure = image.get("failure")
    detections = image.get("detections")
    if failure:
        return FoundLook(file=file, sha256=digest, failure=str(failure)[:TEXT_AT_MOST])
    if not isinstance(detections, list):
        doubts.add("no-detections", _("An image has neither detections nor a failure"), file)
        return None
    found = [one for detection in detections if (one := _detection(detection, head, doubts, file))]
    found.sort(key=lambda one: -one[0][5])
    kept = found[:BOXES_AT_MOST]
    if len(found) > BOXES_AT_MOST:
        doubts.add("many-boxes", _("Only the best boxes of an image are kept"), file)
    boxes = tuple(box for box, _groups in kept)
    crops = tuple((place, groups) for place, (_box, groups) in enumerate(kept) if groups)
    best = next((groups for place, groups in crops if boxes[place][4] == "animal"), ())
    return FoundLook(
        file=file,
        sha256=digest,
        boxes=boxes,
        groups=best or (crops[0][1] if crops else ()),
        crops=crops,
    )


def _detection(detection: Any, head: Head, doubts: Doubts, file: str) -> tuple[Row, Groups] | None:
    """A box and the classes of what is in it."""
    if not isinstance(detection, dict):
        doubts.add("odd-detection", _("A detection is not as it should be, and was passed over"), file)
        return None
    score, box = _number(detection.get("conf")), _box(detection.get("bbox"))
    if score is not None and score < 0:
        doubts.add("removed", _("Boxes that were removed as repeated false ones stay removed"), file)
        return None
    if score is None or score > 1 or box is None:
        doubts.add("odd-detection", _("A detection is not as it should be, and was passed over"), file)
        return None
    number = str(detection.get("category"))
    name = head.detections.get(number)
    if name is None:
        doubts.add("no-category", _("A detection has a category that the file does not name"), number)
        return None
    kind = _KINDS_BY_NAME.get(name.lower(), "animal")
    if not kind:
        return None
    groups = _groups(detection.get("classifications"), head, doubts, file)
    if name.lower() not in _KINDS_BY_NAME and not groups:
        groups = ((name, score),)
        doubts.add("old-style", _("Species stand among the kinds of detection; they are taken for animals"))
    return (*box, kind, score), groups


def _groups(classes: Any, head: Head, doubts: Doubts, file: str) -> Groups:
    if not isinstance(classes, list):
        return ()
    found = []
    for one in classes:
        pair = one if isinstance(one, list) and len(one) == 2 else (None, None)
        score, name = _number(pair[1]), head.classes.get(str(pair[0]))
        if score is None or not 0 <= score <= 1 or name is None:
            doubts.add("odd-class", _("A classification is not as it should be, and was passed over"), file)
            continue
        found.append((name, score))
    return tuple(sorted(found, key=lambda one: -one[1])[:GROUPS_AT_MOST])


def _box(value: Any) -> tuple[float, float, float, float] | None:
    """The four shares, cut off at the picture; None where they are none."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    sides = [_number(side) for side in value]
    if None in sides:
        return None
    x, y, w, h = (float(side or 0.0) for side in sides)
    left, top = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    right, bottom = min(max(x + w, 0.0), 1.0), min(max(y + h, 0.0), 1.0)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _names(value: Any, path: Path) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > CATEGORIES_AT_MOST:
        raise _not_one(path)
    return {str(key): str(name)[:TEXT_AT_MOST].strip() or str(key) for key, name in value.items()}


def _described(name: str, description: Any) -> str:
    """SpeciesNet's labels say where a name stands in the tree of life; such a one is taken in its place."""
    if isinstance(description, str) and description.count(";") == 6 and len(description) <= TEXT_AT_MOST:
        return description
    return name


def _model(info: Mapping[str, Any], doubts: Doubts) -> FoundModel:
    def text(key: str) -> str:
        value = info.get(key)
        return value.strip()[:200] if isinstance(value, str) else ""

    version = info.get("format_version")
    if _number(version) is not None or (isinstance(version, str) and version):
        number = _number(version) if not isinstance(version, str) else _parsed(version)
        if number is None or number < 1 or number >= 2:
            doubts.add(
                "version", _("The file says that it is of a format version that there is not"), str(version)
            )
    return FoundModel(
        detector=text("detector"),
        classifier=text("classifier"),
        completed=text("classification_completion_time") or text("detection_completion_time"),
        format_version=str(version or ""),
    )


def _parsed(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _not_one(path: Path) -> BadInput:
    return BadInput(
        _("“{name}” is no file of MegaDetector results.").format(name=path.name),
        _("It has no images, or says nothing of its categories."),
    )


def _broken(path: Path, error: NotJson) -> BadInput:
    return BadInput(
        _("“{name}” is damaged near sign {place}.").format(name=path.name, place=error.args[0]),
        _("Copy it again from where it was made."),
    )


# ---- writing


def write(
    looks: Iterable[FoundLook],
    path: Path,
    *,
    model: FoundModel,
    descriptions: Mapping[str, str] = {},
    display: float = 0.2,
    work: Work,
) -> int:
    """Write results as format 1.6; how many images. `descriptions`: taxonomy strings by the groups' names."""
    classes: dict[str, str] = {}
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write('{\n"info": ' + _dumped(_info(model, display)) + ",\n")
        kinds = {number: kind for kind, number in CATEGORIES.items()}
        out.write('"detection_categories": ' + _dumped(kinds) + ',\n"images": [')
        for look in looks:
            work.tick(count, None, look.file)
            out.write((",\n" if count else "\n") + _dumped(_image(look, classes)))
            count += 1
        out.write("\n]")
        _write_classes(out, classes, descriptions)
        out.write("\n}\n")
    return count


def _write_classes(out: TextIO, classes: Mapping[str, str], descriptions: Mapping[str, str]) -> None:
    if not classes:
        return
    by_number = {number: name for name, number in classes.items()}
    out.write(',\n"classification_categories": ' + _dumped(by_number))
    if any(name in descriptions for name in classes):
        said = {number: descriptions.get(name) or name for number, name in by_number.items()}
        out.write(',\n"classification_category_descriptions": ' + _dumped(said))


def _info(model: FoundModel, display: float) -> dict[str, Any]:
    info: dict[str, Any] = {"format_version": FORMAT_VERSION, "detector": model.detector or "unknown"}
    if model.completed:
        info["detection_completion_time"] = model.completed
    if model.classifier:
        info["classifier"] = model.classifier
    info["detector_metadata"] = {"typical_detection_threshold": round(display, SCORE_DIGITS)}
    return info | dict(model.more)


def _image(look: FoundLook, classes: dict[str, str]) -> dict[str, Any]:
    image: dict[str, Any] = {"file": look.file}
    if look.sha256:
        image["sha256"] = look.sha256
    if look.failure:
        return image | {"failure": look.failure, "detections": None}
    groups = dict(look.crops)
    if not groups and look.groups and look.boxes:
        groups = {0: look.groups}
    return image | {
        "detections": [_as_written(box, groups.get(at, ()), classes) for at, box in enumerate(look.boxes)]
    }


def _as_written(box: Row, groups: Groups, classes: dict[str, str]) -> dict[str, Any]:
    *sides, kind, score = box
    written: dict[str, Any] = {
        "category": CATEGORIES[str(kind)],
        "conf": float(round(score, SCORE_DIGITS)),
        "bbox": [round(float(side), BOX_DIGITS) for side in sides],
    }
    named = [(name, score) for name, score in groups if name.strip() and name not in (*KINDS, "empty")]
    if named:
        written["classifications"] = [
            [_number_of(name, classes), float(round(score, SCORE_DIGITS))]
            for name, score in sorted(named, key=lambda one: -one[1])
        ]
    return written


def _number_of(name: str, classes: dict[str, str]) -> str:
    """The category of a name; each name has one, whatever its case."""
    known = {one.casefold(): number for one, number in classes.items()} if name not in classes else classes
    return classes.setdefault(name, known.get(name.casefold()) or str(len(classes)))


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
