"""The rules of MegaDetector's format 1.6 and of Timelapse, written down apart from the writer.

After `megadetector-output-format.md` and `validate_batch_results.py` (MegaDetector project) and
`Recognition/Recognizer.cs` (Timelapse): everything is held against them that they would complain of.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KNOWN = {
    "info",
    "images",
    "detection_categories",
    "classification_categories",
    "classification_category_descriptions",
}
CLIPS = (".mp4", ".avi", ".mov", ".mkv", ".mpeg", ".mpg", ".m4v", ".flv")


def faults(path: Path) -> list[str]:
    """What is wrong with a file, by the letter; nothing when it is as it should be."""
    found: list[str] = []
    document = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda _name: found.append("NaN"))
    check(document, found)
    return found


def check(document: Any, found: list[str]) -> None:
    def need(good: object, what: str) -> None:
        if not good:
            found.append(what)

    need(set(document) <= KNOWN, "keys at the top that nobody knows")
    version = document["info"].get("format_version")
    need(isinstance(version, str) and float(version) >= 1.3, "format_version is a string from 1.3")
    kinds, classes = document["detection_categories"], document.get("classification_categories", {})
    for names in (kinds, classes):
        need(all(isinstance(key, str) and int(key) >= 0 for key in names), "ids are whole numbers as text")
        need(all(isinstance(name, str) and name.strip() for name in names.values()), "names are not blank")
    need("0" not in kinds, "0 is kept for empty")
    described = document.get("classification_category_descriptions")
    need(described is None or set(described) == set(classes), "descriptions have the ids of the classes")
    # Timelapse
    need(not set(classes.values()) & set(kinds.values()), "a class has the name of a kind of detection")
    lower = [name.casefold() for name in classes.values()]
    need(len(set(lower)) == len(lower), "a name stands twice")
    files = [image.get("file") for image in document["images"]]
    need(len(set(files)) == len(files), "a file stands twice")
    for image in document["images"]:
        _check_image(image, kinds, classes, need)


def _check_image(image: Any, kinds: Any, classes: Any, need: Any) -> None:
    file = image.get("file")
    need(isinstance(file, str) and file and not file.startswith("/") and "\\" not in file, "relative path")
    if image.get("failure") is not None:
        need(isinstance(image["failure"], str), "failure is text")
        need(image.get("detections") is None, "a failure has no detections")
        return
    need(isinstance(image.get("detections"), list), "detections are a list")
    if file.lower().endswith(CLIPS):
        need(image.get("frame_rate", 0) > 0 and "frames_processed" in image, "a clip has a frame rate")
    for detection in image["detections"]:
        need(detection["category"] in kinds, "category is named")
        need(type(detection["conf"]) is float and 0 <= detection["conf"] <= 1, "conf is no whole number")
        need(round(detection["conf"], 3) == detection["conf"], "conf has three digits")
        box = detection["bbox"]
        need(len(box) == 4 and all(type(side) is float and 0 <= side <= 1 for side in box), "bbox in shares")
        need(all(round(side, 4) == side for side in box), "sides have four digits")
        pairs = detection.get("classifications", [])
        need(all(pair[0] in classes for pair in pairs), "class is named")
        need(all(type(pair[1]) is float and 0 <= pair[1] <= 1 for pair in pairs), "class score")
        scores = [pair[1] for pair in pairs]
        need(scores == sorted(scores, reverse=True), "classes best first")
