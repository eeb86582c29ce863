"""Tiles are kept within their budget, and what is there stands in for what is not."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPixmap

from ranger_app.gui.widgets.maps.cache import FAILED, TileCache, TileKey

TILE_BYTES = 256 * 256 * 4


def key(column: int = 0, row: int = 0, *, zoom: int = 4, layer: str = "base", ratio: float = 1.0) -> TileKey:
    return TileKey(layer, 1, zoom, column, row, ratio)


@pytest.fixture
def tile(qapp: object) -> QPixmap:
    return QPixmap(256, 256)


def test_the_tile_that_was_not_used_for_longest_goes_first(tile: QPixmap) -> None:
    cache = TileCache(bytes_at_most=3 * TILE_BYTES)
    cache.put(key(0), tile)
    cache.put(key(1), tile)
    assert cache[key(0)] is tile  # used again
    cache.put(key(2), tile)
    assert [column for column in range(3) if key(column) in cache] == [0, 2]
    assert cache.bytes <= 3 * TILE_BYTES


def test_a_dense_screen_costs_four_times_the_bytes(qapp: object) -> None:
    cache = TileCache()
    cache.put(key(), QPixmap(256, 256))
    once = cache.bytes
    cache.put(key(ratio=2.0), QPixmap(512, 512))
    assert cache.bytes > 4.9 * once


def test_empty_and_failed_tiles_are_remembered_too(qapp: object) -> None:
    cache = TileCache()
    cache.put(key(0), None)
    cache.put(key(1), FAILED)
    assert key(0) in cache
    assert cache[key(0)] is None
    assert cache[key(1)] is FAILED


def test_a_layer_that_goes_takes_its_tiles_along(tile: QPixmap) -> None:
    cache = TileCache()
    cache.put(key(layer="base"), tile)
    cache.put(key(layer="tracks"), tile)
    cache.drop_layer("tracks")
    assert key(layer="base") in cache
    assert key(layer="tracks") not in cache
    cache.drop_layer("base")
    assert (len(cache), cache.bytes) == (0, 0)


def test_a_tile_put_twice_counts_once(tile: QPixmap) -> None:
    cache = TileCache()
    cache.put(key(), tile)
    before = cache.bytes
    cache.put(key(), tile)
    assert cache.bytes == before


def test_the_parent_stands_in_with_the_right_quarter(tile: QPixmap) -> None:
    cache = TileCache()
    cache.put(key(2, 3, zoom=4), tile)
    (stand_in,) = cache.stand_ins(key(5, 6, zoom=5))
    assert stand_in.source == (0.5, 0.0, 0.5)
    assert stand_in.target == (0.0, 0.0, 1.0)


def test_the_children_stand_in_where_there_is_no_ancestor(tile: QPixmap) -> None:
    cache = TileCache()
    cache.put(key(5, 6, zoom=5), tile)
    (stand_in,) = cache.stand_ins(key(2, 3, zoom=4))
    assert stand_in.target == (0.5, 0.0, 0.5)


def test_the_same_tile_for_another_screen_stands_in(tile: QPixmap) -> None:
    cache = TileCache()
    cache.put(key(ratio=0.7071), tile)
    (stand_in,) = cache.stand_ins(key(ratio=1.0))
    assert stand_in.source == (0.0, 0.0, 1.0)


def test_another_layer_never_stands_in(tile: QPixmap) -> None:
    cache = TileCache()
    cache.put(key(layer="tracks"), tile)
    assert cache.stand_ins(key(1, 1, zoom=5, layer="base")) == []
