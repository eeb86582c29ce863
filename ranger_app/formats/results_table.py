"""Reads tables of results that name whole pictures: the CSV of DeepFaune and of Mbaza.

DeepFaune: filename, date, seqnum, predictionbase, scorebase, prediction, score, top1, humancount; what it
said of each picture (`…base`) is taken, not what it made of the sequence. Mbaza: the path, pred_1 to pred_3
and score_1 to score_3, with or without a column a class.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found_looks import Doubts, FoundLook, FoundModel, Groups
from ranger_app.i18n import _
from ranger_app.jobs import Work

FILES = ("filename", "file", "location", "path", "image")
RANKED = ("pred_1", "score_1"), ("pred_2", "score_2"), ("pred_3", "score_3")
NAMED = ("predictionbase", "scorebase"), ("prediction", "score")
CELL_CHARS_AT_MOST = 2_000
KINDS = {
    "empty": "",
    "blank": "",
    "vide": "",
    "human": "person",
    "humain": "person",
    "person": "person",
    "vehicle": "vehicle",
    "véhicule": "vehicle",
}
NOTHING_SAID = ("undefined", "indéfini", "unknown", "")


def is_one(head: bytes) -> bool:
    """Whether a file with this beginning may be one."""
    first = head.decode("utf-8", "replace").lstrip("\ufeff").partition("\n")[0]
    columns = {cell.strip().strip('"').lower() for cell in first.replace(";", ",").split(",")}
    return bool(columns & set(FILES)) and any(set(pair) <= columns for pair in (*NAMED, RANKED[0]))


def read_model(path: Path) -> FoundModel:
    """Which of the two programs wrote it."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        columns = file.readline(100_000).lower()
    return FoundModel(detector="mbaza" if "pred_1" in columns else "deepfaune")


def read(path: Path, *, doubts: Doubts, work: Work) -> Iterator[FoundLook]:
    """The results row by row. A row that cannot be understood is left out and becomes a doubt."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            divided = ";" if ";" in file.readline(100_000) else ","
            file.seek(0)
            rows = csv.DictReader(file, delimiter=divided)
            names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
            for done, row in enumerate(rows):
                work.tick(done, None, path.name)
                cells = {key: (row.get(name) or "").strip() for key, name in names.items()}
                if (look := _look(cells, doubts)) is not None:
                    yield look
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            _("“{name}” is no table in UTF-8.").format(name=path.name), _("Save it again as CSV in UTF-8.")
        ) from error


def _look(cells: Mapping[str, str], doubts: Doubts) -> FoundLook | None:
    file = next((cells[name] for name in FILES if cells.get(name)), "").replace("\\", "/")
    if not file or len(file) > CELL_CHARS_AT_MOST:
        doubts.add("no-file", _("An image has no file name, and was passed over"))
        return None
    groups = _ranked(cells) or _named(cells)
    if not groups:
        doubts.add("no-result", _("A row says nothing that can be used"), file)
        return None
    animal = person = vehicle = 0.0
    for name, score in groups:
        kind = KINDS.get(name.casefold(), "animal")
        animal += score * (kind == "animal")
        person += score * (kind == "person")
        vehicle += score * (kind == "vehicle")
    return FoundLook(file=file, groups=groups, whole=(min(animal, 1.0), min(person, 1.0), min(vehicle, 1.0)))


def _ranked(cells: Mapping[str, str]) -> Groups:
    pairs = [(cells.get(name, ""), _score(cells.get(score, ""))) for name, score in RANKED]
    known = [(name, score) for name, score in pairs if name and score is not None]
    return tuple(sorted(known, key=lambda one: -one[1]))


def _named(cells: Mapping[str, str]) -> Groups:
    for name, score in NAMED:
        points = _score(cells.get(score, ""))
        if points is not None and cells.get(name, "").casefold() not in NOTHING_SAID:
            return ((cells[name], points),)
    return ()


def _score(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= 1 else None
