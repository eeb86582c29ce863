"""Map packs: the right square of the right tile, and nothing that a hostile pack could gain."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, KnownError, NotFound
from ranger_app.maps import tiles
from ranger_app.maps.tiles import PictureFormat, RasterPack, plain_text
from tests.maps.places import png, write_mbtiles

Open = Callable[[Path], RasterPack]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens packs and closes them after the test."""
    packs: list[RasterPack] = []

    def open_pack(path: Path) -> RasterPack:
        packs.append(RasterPack(path))
        return packs[-1]

    yield open_pack
    for pack in packs:
        pack.close()


def test_rows_are_counted_from_the_north(tmp_path: Path, opened: Open) -> None:
    north, south = png((255, 0, 0)), png((0, 0, 255))
    pack = opened(write_mbtiles(tmp_path / "p.mbtiles", {(1, 0, 0): north, (1, 0, 1): south}))
    picture = pack.tile((1, 0, 1))
    assert picture is not None
    assert (picture.encoded, picture.format) == (south, PictureFormat.PNG)


def test_a_tile_that_is_not_there_is_none(tmp_path: Path, opened: Open) -> None:
    pack = opened(write_mbtiles(tmp_path / "p.mbtiles"))
    assert pack.tile((1, 0, 0)) is None


@pytest.mark.parametrize(
    ("tile", "left", "top", "side"),
    [((3, 0, 0), 0, 0, 0.5), ((3, 1, 1), 0.5, 0.5, 0.5), ((4, 3, 1), 0.75, 0.25, 0.25)],
)
def test_past_the_last_zoom_a_part_of_the_parent_is_shown(
    tmp_path: Path, opened: Open, tile: tuple[int, int, int], left: float, top: float, side: float
) -> None:
    pack = opened(write_mbtiles(tmp_path / "p.mbtiles", {(2, 0, 0): png()}))
    picture = pack.tile(tile)
    assert picture is not None
    assert (picture.left, picture.top, picture.side) == (left, top, side)


def test_a_parent_is_not_enlarged_beyond_one_pixel(tmp_path: Path, opened: Open) -> None:
    pack = opened(write_mbtiles(tmp_path / "p.mbtiles", {(2, 0, 0): png()}))
    assert pack.tile((10, 0, 0)) is not None
    assert pack.tile((11, 0, 0)) is None


def test_what_a_pack_says_of_itself_is_plain_words(tmp_path: Path, opened: Open) -> None:
    pack = opened(
        write_mbtiles(
            tmp_path / "p.mbtiles",
            attribution='<a href="x">&copy; demo</a> <script>alert(1)</script>',
            bounds="34.0,-3.0,35.0,-2.0",
            maxzoom="99",
        )
    )
    assert pack.facts.attribution == "© demo alert(1)"
    assert pack.facts.bounds == (34.0, -3.0, 35.0, -2.0)
    assert pack.facts.zoom_max == 22


@pytest.mark.parametrize("bounds", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "10,0,5,1", "-999,0,1,1"])
def test_bounds_that_are_none_are_passed_over(tmp_path: Path, opened: Open, bounds: str) -> None:
    assert opened(write_mbtiles(tmp_path / "p.mbtiles", bounds=bounds)).facts.bounds is None


@given(st.text(max_size=200))
def test_plain_text_has_no_line_breaks_and_an_end(html: str) -> None:
    words = plain_text(html * 50)
    assert len(words) <= tiles.TEXT_AT_MOST
    assert "\n" not in words


def test_vector_tiles_are_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="vector tiles") as told:
        RasterPack(write_mbtiles(tmp_path / "p.mbtiles", format="pbf"))
    assert "PNG" in told.value.what_to_do


def test_a_missing_pack_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        RasterPack(tmp_path / "p.mbtiles")


@pytest.mark.parametrize("raw", [b"", b"words", b"SQLite format 3\0" + b"\7" * 5000])
def test_what_is_no_pack_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "p.mbtiles"
    path.write_bytes(raw)
    with pytest.raises(BadInput):
        RasterPack(path)


@pytest.mark.parametrize("encoded", [b"", b"%PDF-1.7", b"<svg/>", b"II*\0", b"RIFF....WAVE"])
def test_the_first_bytes_of_a_tile_choose_no_other_decoder(
    tmp_path: Path, opened: Open, encoded: bytes
) -> None:
    pack = opened(write_mbtiles(tmp_path / "p.mbtiles", {(0, 0, 0): encoded}))
    with pytest.raises(BadInput):
        pack.tile((0, 0, 0))


def test_a_tile_of_many_megabytes_is_refused(tmp_path: Path, opened: Open) -> None:
    heavy = png() + b"\0" * tiles.TILE_BYTES_AT_MOST
    pack = opened(write_mbtiles(tmp_path / "p.mbtiles", {(0, 0, 0): heavy}))
    with pytest.raises(BadInput):
        pack.tile((0, 0, 0))


def test_a_query_without_end_is_stopped(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "QUERY_AT_MOST_S", 0.2)
    path = write_mbtiles(tmp_path / "p.mbtiles")
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("drop table tiles")
        file.execute(
            "create view tiles as with recursive n(i) as (select 1 union all select i + 1 from n)"
            " select -i as zoom_level, 0 as tile_column, 0 as tile_row, null as tile_data from n"
        )
    with pytest.raises(KnownError):
        opened(path).tile((0, 0, 0))


def test_a_pack_may_be_asked_from_any_thread(tmp_path: Path, opened: Open) -> None:
    from concurrent.futures import ThreadPoolExecutor

    pack = opened(write_mbtiles(tmp_path / "p.mbtiles"))
    with ThreadPoolExecutor(4, "ranger-read") as pool:
        found = list(pool.map(pack.tile, [(0, 0, 0)] * 40))
    assert all(picture is not None for picture in found)
