"""Reads raster tiles from an MBTiles file (specification 1.3), which is hostile until checked.

The file is opened read-only and unchangeable, nothing in it may run code, every query has an end, and
a tile is only what its first bytes say that it is: PNG, JPEG or WebP.
"""

from __future__ import annotations

import math
import sqlite3
import time
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from threading import Lock

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.i18n import _
from ranger_app.maps.strokes import Tile
from ranger_app.maps.view import Degrees

TILE_BYTES_AT_MOST = 4_000_000
TEXT_AT_MOST = 500
METADATA_ROWS_AT_MOST = 200
QUERY_AT_MOST_S = 2.0
STEPS_BETWEEN_LOOKS = 10_000
ZOOM_AT_MOST = 22
ENLARGED_ZOOMS_AT_MOST = 8  # 256 >> 8 is one pixel


class PictureFormat(StrEnum):
    """The formats that a tile may have, by the name that decoders know."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class TilePicture:
    """An encoded tile, and the square of it to show: `side` of its width from (`left`, `top`), 0..1."""

    encoded: bytes
    format: PictureFormat
    left: float = 0.0
    top: float = 0.0
    side: float = 1.0


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a pack says of itself, as plain text and checked numbers."""

    name: str
    attribution: str
    zoom_min: int
    zoom_max: int
    bounds: Degrees | None


class RasterPack:
    """An opened MBTiles file. May be asked from any thread; `close` it when the layer goes."""

    def __init__(self, path: Path) -> None:
        """Raises `NotFound`, or `BadInput` when the file is no pack of pictures."""
        self._path = path
        self._lock = Lock()
        self._until_s = 0.0
        self._file = self._connect()
        try:
            self.facts = self._read_facts()
        except sqlite3.Error as error:
            self._file.close()
            raise self._damaged() from error
        except BadInput:
            self._file.close()
            raise

    def tile(self, tile: Tile) -> TilePicture | None:
        """The picture for a tile, past the pack's last zoom a part of its parent; None where there is none.

        Raises `BadInput` when the tile is too large, takes too long or is no picture.
        """
        zoom, column, row = tile
        beyond = max(0, zoom - self.facts.zoom_max)
        if zoom < self.facts.zoom_min or beyond > ENLARGED_ZOOMS_AT_MOST:
            return None
        zoom, parent_column, parent_row = zoom - beyond, column >> beyond, row >> beyond
        encoded = self._encoded(zoom, parent_column, 2**zoom - 1 - parent_row)  # rows count from the south
        if encoded is None:
            return None
        share = 1.0 / 2**beyond
        left = (column - (parent_column << beyond)) * share
        top = (row - (parent_row << beyond)) * share
        return TilePicture(encoded, _sniff(encoded), left, top, share)

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._file.close()

    def _encoded(self, zoom: int, column: int, tms_row: int) -> bytes | None:
        query = (
            "select length(tile_data), tile_data from tiles"
            " where zoom_level = ? and tile_column = ? and tile_row = ?"
        )
        try:
            with self._lock:
                self._until_s = time.monotonic() + QUERY_AT_MOST_S
                found = self._file.execute(query, (zoom, column, tms_row)).fetchone()
        except sqlite3.Error as error:
            raise self._damaged() from error
        if found is None or found[1] is None:
            return None
        if not isinstance(found[1], bytes) or len(found[1]) > TILE_BYTES_AT_MOST:
            raise self._damaged()
        return found[1]

    def _connect(self) -> sqlite3.Connection:
        try:
            with self._path.open("rb") as file:
                start = file.read(16)
        except FileNotFoundError as error:
            raise NotFound(_("There is no file {name}.").format(name=self._path.name)) from error
        except OSError as error:
            raise BadInput(
                _("The file {name} cannot be read: {reason}.").format(
                    name=self._path.name, reason=error.strerror
                )
            ) from error
        if start != b"SQLite format 3\0":
            raise self._damaged()
        uri = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * TILE_BYTES_AT_MOST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._until_s = time.monotonic() + QUERY_AT_MOST_S
        connection.set_progress_handler(lambda: time.monotonic() > self._until_s, STEPS_BETWEEN_LOOKS)
        try:
            for pragma in ("trusted_schema=off", "query_only=on", "cell_size_check=on", "mmap_size=0"):
                connection.execute(f"pragma {pragma}")
        except sqlite3.Error as error:
            connection.close()
            raise self._damaged() from error
        return connection

    def _read_facts(self) -> PackFacts:
        rows = self._file.execute(
            "select name, substr(value, 1, ?) from metadata limit ?",
            (4 * TEXT_AT_MOST, METADATA_ROWS_AT_MOST),
        )
        said = {str(name): str(value) for name, value in rows}
        if said.get("format") == "pbf":
            raise BadInput(
                _("The pack {name} holds vector tiles, which cannot be shown yet.").format(
                    name=self._path.name
                ),
                _("Choose a pack of pictures (PNG, JPEG or WebP)."),
            )
        lowest, highest = _zoom(said.get("minzoom"), 0), _zoom(said.get("maxzoom"), None)
        if highest is None:
            (found,) = self._file.execute("select max(zoom_level) from tiles").fetchone()
            highest = _zoom(str(found), 0)
        return PackFacts(
            name=plain_text(said.get("name", "")) or self._path.stem,
            attribution=plain_text(said.get("attribution", "")),
            zoom_min=lowest or 0,
            zoom_max=max(highest or 0, lowest or 0),
            bounds=_bounds(said.get("bounds", "")),
        )

    def _damaged(self) -> BadInput:
        return BadInput(
            _("The map pack {name} is damaged, or is not MBTiles.").format(name=self._path.name),
            _("Copy it again from where it came from."),
        )


def plain_text(html: str) -> str:
    """The words of a piece of HTML without its tags, on one line: packs carry attribution as HTML."""
    reading = _Words()
    reading.feed(html[: 4 * TEXT_AT_MOST])
    reading.close()
    return " ".join("".join(reading.words).split())[:TEXT_AT_MOST]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _sniff(encoded: bytes) -> PictureFormat:
    if encoded.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureFormat.PNG
    if encoded.startswith(b"\xff\xd8\xff"):
        return PictureFormat.JPEG
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return PictureFormat.WEBP
    raise BadInput(_("A tile of the map pack is not a PNG, JPEG or WebP picture."))


def _zoom(said: str | None, default: int | None) -> int | None:
    try:
        return min(max(int(float(said or "")), 0), ZOOM_AT_MOST)
    except (ValueError, OverflowError):
        return default


def _bounds(said: str) -> Degrees | None:
    try:
        west, south, east, north = (float(number) for number in said.split(","))
    except ValueError:
        return None
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return None
    return west, south, east, north
