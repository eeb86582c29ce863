"""The base map: kept without loss, honest about its scale, and never in the way when it is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.config import resources_dir
from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.maps.basemap import (
    FILE_NAME,
    LAKES_TO_ZOOM,
    RIVERS_TO_ZOOM,
    UNIT_DEG,
    Basemap,
    open_basemap,
    pack,
    unpack,
)
from tests.maps.places import LAT_DEG, LON_DEG, write_world


@pytest.fixture
def world(tmp_path: Path) -> Basemap:
    return open_basemap(write_world(tmp_path / "maps"))


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=50))
def test_positions_come_back_to_half_a_unit(positions: list[tuple[float, float]]) -> None:
    degrees = np.array(positions)
    assert np.abs(unpack(pack(degrees)) - degrees).max() <= UNIT_DEG / 2 + 1e-9


def test_land_and_sea_are_told_apart(world: Basemap) -> None:
    assert world.is_land(LON_DEG, LAT_DEG)
    assert not world.is_land(LON_DEG, LAT_DEG + 20)


def test_water_too_coarse_for_a_park_is_not_shown_there(world: Basemap) -> None:
    """A river that lies four kilometres beside itself is worse than none."""
    assert world.parts(RIVERS_TO_ZOOM).rivers is not None
    assert world.parts(RIVERS_TO_ZOOM + 1).rivers is None
    assert world.parts(LAKES_TO_ZOOM).lakes is not None
    assert world.parts(LAKES_TO_ZOOM + 1).lakes is None
    assert len(world.parts(14).land) == 1


def test_a_missing_base_map_is_said_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as told:
        open_basemap(tmp_path)
    assert "set-up" in told.value.what_to_do


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_cut_base_map_is_said_to_be_damaged(tmp_path: Path, share: float) -> None:
    path = write_world(tmp_path / "maps") / FILE_NAME
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(BadInput, match="damaged"):
        open_basemap(path.parent)


def test_objects_in_the_file_are_refused_and_never_run(tmp_path: Path) -> None:
    np.savez(tmp_path / FILE_NAME, allow_pickle=True, land=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BadInput, match="damaged"):
        open_basemap(tmp_path)


def test_a_file_with_lying_lengths_is_refused(tmp_path: Path) -> None:
    path = write_world(tmp_path / "maps") / FILE_NAME
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["land-10.ends"] = arrays["land-10.ends"] + np.uint32(1)
    np.savez(path, **arrays)
    with pytest.raises(BadInput, match="damaged"):
        open_basemap(path.parent)


@pytest.fixture
def real() -> Basemap:
    folder = resources_dir() / "maps"
    if not (folder / FILE_NAME).is_file():
        pytest.skip("the base map has not been fetched; `make setup` gets it")
    return open_basemap(folder)


@pytest.mark.parametrize(
    ("place", "lon", "lat", "land"),
    [
        ("Nairobi", 36.8, -1.3, True),
        ("Gulf of Guinea", 0.0, 0.0, False),
        ("Chukotka, past 180°", -175.0, 67.0, True),
        ("Pacific at 180°", 180.0, 30.0, False),
        ("South Pole", 0.0, -85.0, True),
        ("Caspian Sea", 51.0, 41.0, False),
    ],
)
def test_the_real_base_map_knows_land_from_sea(
    real: Basemap, place: str, lon: float, lat: float, land: bool
) -> None:
    assert real.is_land(lon, lat) is land, place


def test_no_bar_runs_across_the_real_base_map(real: Basemap) -> None:
    for zoom in (0, 4, 8):
        parts = real.parts(zoom)
        for lines in (parts.coast, parts.borders):
            for piece in lines.within((0.0, 0.0, 1.0, 1.0), 5):
                assert np.abs(np.diff(piece[:, 0])).max(initial=0.0) < 0.1
