"""Keeps embeddings of crops in a file that only grows: what a model saw is not worked out twice.

One row a crop: SHA-256 of the picture (32 bytes), the box in 65 535ths of the picture (4 × 2), and D whole
numbers (2 each, least byte first, `lessons.whole_numbers`). The head of the file names the pack that gave
them. The same bytes are a cache on one laptop and travel with a learned pack, so that the office can teach it
again without the pictures. A row that was cut off by a kill is left out and written over.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ranger_app.domain.errors import BadInput, DiskTrouble
from ranger_app.i18n import _
from ranger_app.inference.learning.lessons import VECTOR_ONE, Whole
from ranger_app.inference.looks import Box
from ranger_app.storage.growing import open_plain

MAGIC = b"ranger embeddings 1\n"
NAME_BYTES = 128
HEAD = struct.Struct(f"<{len(MAGIC)}sI{NAME_BYTES}s")
DIM_AT_MOST = 16_384
BYTES_AT_MOST = 8 * 2**30
TRAVELS_BYTES_AT_MOST = 512 * 2**20
WHOLE = (0, 0, 65_535, 65_535)
LENGTH_OFF_AT_MOST = 0.05
"""How far the length of a row may be from VECTOR_ONE: rounding, and no more."""


class Crop(NamedTuple):
    """A picture, and the place in it."""

    sha256: bytes
    box: tuple[int, int, int, int]


def crop_of(sha256: bytes, box: Box | None) -> Crop:
    """The crop of a box, or of the whole picture."""
    if box is None:
        return Crop(sha256, WHOLE)
    sides = (round(min(max(side, 0.0), 1.0) * 65_535) for side in (box.x, box.y, box.w, box.h))
    return Crop(sha256, tuple(sides))  # type: ignore[arg-type]  # four of them


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Embeddings of one version of one pack. Rows are those in the file when it was opened, and no others."""

    pack: str
    """id@version"""
    crops: Mapping[Crop, int]
    vectors: Whole
    """N × D"""

    def get(self, crop: Crop) -> Whole | None:
        """The D numbers of a crop, if they are here."""
        place = self.crops.get(crop)
        return None if place is None else self.vectors[place]


def read_embeddings(raw: bytes, *, pack: str = "") -> Embeddings:
    """The rows in these bytes; a half row at the end is left out. Raises `BadInput` for anything else.

    pack: whose they must be, if given. Of two rows of one crop the smaller bytes win, whatever their order.
    """
    name, dim = _head(raw)
    if pack and name != pack:
        raise BadInput(
            _("These are embeddings of {found}, not of {pack}.").format(found=name[:80], pack=pack)
        )
    rows = np.frombuffer(raw, _row(dim), offset=HEAD.size, count=(len(raw) - HEAD.size) // _row(dim).itemsize)
    lengths = np.sqrt((rows["vector"].astype(np.float64) ** 2).sum(1))
    if len(rows) and (np.abs(lengths / VECTOR_ONE - 1) > LENGTH_OFF_AT_MOST).any():
        raise BadInput(_("The table of embeddings is damaged."))
    places: dict[Crop, int] = {}
    for place, row in enumerate(rows):
        crop = Crop(row["sha256"].tobytes(), tuple(int(side) for side in row["box"]))  # type: ignore[arg-type]
        other = places.get(crop)
        if other is None or row["vector"].tobytes() < rows[other]["vector"].tobytes():
            places[crop] = place
    return Embeddings(name, places, rows["vector"])


def written(pack: str, dim: int, rows: Iterable[tuple[Crop, Whole]]) -> bytes:
    """The bytes of a table with these rows, sorted, so that the same rows are the same bytes."""
    body = sorted(_row_bytes(crop, vector) for crop, vector in rows)
    return _head_bytes(pack, dim) + b"".join(body)


class EmbeddingFile:
    """A table on disk that rows are added to; one process at a time, which the workspace's lock sees to."""

    def __init__(
        self, path: Path, *, pack: str, open_file: Callable[[Path], BufferedRandom] = open_plain
    ) -> None:
        self._path = path
        self._pack = pack
        self._open = open_file
        """How it is opened to be read and to grow: in a workspace that seals its files, sealed."""

    def read(self) -> Embeddings | None:
        """What the file holds, or None when it is missing, too large or not of this pack: it is a cache."""
        try:
            if not self._path.exists():
                return None
            with self._open(self._path) as file:
                if file.seek(0, os.SEEK_END) > BYTES_AT_MOST:
                    return None
                file.seek(0)
                return read_embeddings(file.read(), pack=self._pack)
        except (OSError, BadInput):
            return None

    def add(self, rows: Iterable[tuple[Crop, Whole]]) -> None:
        """Append rows. Raises `DiskTrouble`; the rows before stay readable."""
        made = [(crop, vector) for crop, vector in rows]
        if not made:
            return
        dim = len(made[0][1])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._open(self._path) as file:
                whole = self._whole_bytes(file, dim)
                file.truncate(whole)
                file.seek(whole)
                head = b"" if whole else _head_bytes(self._pack, dim)
                file.write(head + b"".join(_row_bytes(crop, vector) for crop, vector in made))
                file.flush()
        except OSError as error:
            raise DiskTrouble(
                _("The disk is full, or cannot be written: {reason}.").format(reason=error.strerror),
                _("Free some space and go on; what was done is kept."),
            ) from error

    def _whole_bytes(self, file: BufferedRandom, dim: int) -> int:
        """Up to where the file holds whole rows of this pack and size; 0 when it must be begun anew."""
        try:
            name, found = _head(file.read(HEAD.size))
            size = file.seek(0, os.SEEK_END)
        except (OSError, BadInput):
            return 0
        if (name, found) != (self._pack, dim):
            return 0
        return size - (size - HEAD.size) % _row(dim).itemsize


def _row(dim: int) -> np.dtype[np.void]:
    return np.dtype([("sha256", "V32"), ("box", "<u2", (4,)), ("vector", "<i2", (dim,))])


def _row_bytes(crop: Crop, vector: Whole) -> bytes:
    return crop.sha256 + struct.pack("<4H", *crop.box) + vector.astype("<i2").tobytes()


def _head_bytes(pack: str, dim: int) -> bytes:
    return HEAD.pack(MAGIC, dim, pack.encode()[:NAME_BYTES])


def _head(raw: bytes) -> tuple[str, int]:
    if len(raw) < HEAD.size or not raw.startswith(MAGIC):
        raise BadInput(_("This is no table of embeddings."))
    _magic, dim, name = HEAD.unpack_from(raw)
    if not 1 <= dim <= DIM_AT_MOST:
        raise BadInput(_("The table of embeddings is damaged."))
    return name.rstrip(b"\0").decode("utf-8", "replace"), dim
