"""Reads a labelled folder of photographs: `labels.csv`, and the pictures that it names.

Columns: `path` (from the folder), `label`, `group`, `triage` (animal, empty, person or vehicle), and if
wanted `fold` (train or val), `source`, `site`, `day_night`, `dhash` (64 bits as hex digits). Others are
passed over.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PIL import Image

from ranger_app.inference.pictures import open_picture

LONG_SIDE_PX = 640  # larger pictures are kept so small in memory
NEEDED = ("path", "label", "group", "triage")
TRIAGE = ("animal", "empty", "person", "vehicle")
BURST_BITS = 12  # of 64: what may differ between two frames of one burst
FRAMES_AT_MOST = 200_000


@dataclass(frozen=True)
class Frame:
    """One labelled photograph."""

    file: Path
    path: str
    label: str
    group: str
    triage: str
    fold: str
    source: str
    site: str
    lit: str  # day, night_ir or night_flash as far as it is known, else empty
    dhash: int | None

    @cached_property
    def picture(self) -> Image.Image:
        """The upright photograph, RGB, at most `LONG_SIDE_PX` on its long side. Raises `KnownError`."""
        image = open_picture(self.file, draft_px=LONG_SIDE_PX).image
        scale = LONG_SIDE_PX / max(image.size)
        if scale < 1:
            image = image.resize(
                (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
            )
        return image

    @property
    def infrared(self) -> bool:
        """Whether it was taken in the dark without colour."""
        return self.lit == "night_ir"


def read_frames(folder: Path) -> list[Frame]:
    """The photographs of a labelled folder, in the order of their lines. Raises `ValueError` or `OSError`."""
    root = folder.resolve()
    frames = []
    with (folder / "labels.csv").open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in NEEDED if name not in (reader.fieldnames or ())]:
            raise ValueError(f"labels.csv has no column {', '.join(missing)}")
        for line, row in enumerate(reader, 2):
            place = (root / row["path"]).resolve()
            if not place.is_relative_to(root):
                raise ValueError(f"labels.csv, line {line}: {row['path']} leads out of the folder")
            if row["triage"] not in TRIAGE:
                raise ValueError(f"labels.csv, line {line}: triage must be one of {', '.join(TRIAGE)}")
            if len(frames) == FRAMES_AT_MOST:
                raise ValueError(f"labels.csv has more than {FRAMES_AT_MOST} lines")
            source = row.get("source") or ""
            frames.append(
                Frame(
                    file=place,
                    path=row["path"],
                    label=row["label"],
                    group=row["group"],
                    triage=row["triage"],
                    fold=row.get("fold") or "train",
                    source=source,
                    site=row.get("site") or source,
                    lit=(row.get("day_night") or "").split(" ")[0],
                    dhash=int(row["dhash"], 16) if row.get("dhash") else None,
                )
            )
    return frames


def at_most(frames: Iterable[Frame], count: int) -> list[Frame]:
    """The first `count` frames of each label of each source: one source may have a hundred of one owl."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for frame in frames:
        seen[frame.source, frame.label] += 1
        if seen[frame.source, frame.label] <= count:
            kept.append(frame)
    return kept


def bursts(frames: Sequence[Frame]) -> list[int]:
    """A number for each frame, the same within a burst: one site, one label, and nearly one picture."""
    numbers = list(range(len(frames)))
    for place, frame in enumerate(frames):
        for earlier in range(place):
            other = frames[earlier]
            alike = (frame.site, frame.label) == (other.site, other.label)
            if not alike or frame.dhash is None or other.dhash is None:
                continue
            if (frame.dhash ^ other.dhash).bit_count() <= BURST_BITS:
                old, new = numbers[place], numbers[earlier]
                numbers = [new if number == old else number for number in numbers]
    return numbers


def folder_digest(frames: Iterable[Frame]) -> str:
    """SHA-256 over labels and bytes of all photographs, so that a card can say what it was made of."""
    digest = hashlib.sha256()
    for frame in sorted(frames, key=lambda frame: frame.path):
        digest.update(f"{frame.path}\t{frame.label}\t{frame.group}\t{frame.triage}\n".encode())
        digest.update(hashlib.sha256(frame.file.read_bytes()).digest())
    return digest.hexdigest()
