"""Keeps painted tiles, least recently used first out, within a budget of bytes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtGui import QPixmap

from ranger_app.maps.strokes import Tile

BYTES_AT_MOST = 96_000_000
ENTRY_BYTES = 200  # what an empty tile costs, so that they are bounded too
ANCESTORS = 3  # zooms up that may stand in for a tile


class TileKey(NamedTuple):
    """A tile of one layer as it is now; a changed layer has another revision."""

    layer: str
    revision: int
    zoom: int
    column: int
    row: int
    ratio: float  # dots of the screen for one nominal pixel

    @property
    def tile(self) -> Tile:
        return self.zoom, self.column, self.row


class Failed:
    """Stands for a tile that could not be read: neither empty nor to be asked for again."""


FAILED = Failed()
Held = QPixmap | None | Failed


@dataclass(frozen=True, slots=True)
class StandIn:
    """A part of another tile to show until the right one is there: source and target squares, 0..1."""

    pixmap: QPixmap
    source: tuple[float, float, float]  # left, top, side in the pixmap
    target: tuple[float, float, float]  # left, top, side in the tile


class TileCache:
    """Painted tiles by key. A tile known to be empty is kept as None."""

    def __init__(self, bytes_at_most: int = BYTES_AT_MOST) -> None:
        self._held: OrderedDict[TileKey, Held] = OrderedDict()
        self._ratios: dict[float, None] = {}
        self._bytes_at_most = bytes_at_most
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: TileKey) -> bool:
        return key in self._held

    def __getitem__(self, key: TileKey) -> Held:
        self._held.move_to_end(key)
        return self._held[key]

    def put(self, key: TileKey, held: Held) -> None:
        """Keep a tile; the ones not used for longest go when the budget is exceeded."""
        self.drop(key)
        self._held[key] = held
        self._ratios[key.ratio] = None
        self.bytes += _bytes(held)
        while self.bytes > self._bytes_at_most and len(self._held) > 1:
            _key, gone = self._held.popitem(last=False)
            self.bytes -= _bytes(gone)

    def drop(self, key: TileKey) -> None:
        """Forget one tile."""
        if key in self._held:
            self.bytes -= _bytes(self._held.pop(key))

    def drop_layer(self, layer: str) -> None:
        """Forget every tile of a layer, of all its revisions."""
        for key in [key for key in self._held if key.layer == layer]:
            self.drop(key)

    def clear(self) -> None:
        self._held.clear()
        self._ratios.clear()
        self.bytes = 0

    def stand_ins(self, key: TileKey) -> list[StandIn]:
        """What may be shown instead of a tile: itself for another size of screen, else its nearest
        ancestor enlarged, else its children reduced."""
        for up in range(ANCESTORS + 1):
            parent = key._replace(zoom=key.zoom - up, column=key.column >> up, row=key.row >> up)
            if pixmap := self._at_any_ratio(parent):
                side = 1.0 / (1 << up)
                left = (key.column - (parent.column << up)) * side
                top = (key.row - (parent.row << up)) * side
                return [StandIn(pixmap, (left, top, side), (0.0, 0.0, 1.0))]
        found = []
        for right in (0, 1):
            for down in (0, 1):
                child = key._replace(zoom=key.zoom + 1, column=2 * key.column + right, row=2 * key.row + down)
                if pixmap := self._at_any_ratio(child):
                    found.append(StandIn(pixmap, (0.0, 0.0, 1.0), (right / 2, down / 2, 0.5)))
        return found

    def _at_any_ratio(self, key: TileKey) -> QPixmap | None:
        for ratio in self._ratios:
            if isinstance(pixmap := self._held.get(key._replace(ratio=ratio)), QPixmap):
                return pixmap
        return None


def _bytes(held: Held) -> int:
    if isinstance(held, QPixmap):
        return ENTRY_BYTES + held.width() * held.height() * 4
    return ENTRY_BYTES
