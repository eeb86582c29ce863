"""Clusters: nobody is lost or counted twice, and panning moves none of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.maps.clusters import CELL_PX, SINGLE_FROM_ZOOM, Clusters
from ranger_app.maps.mercator import project, world_px
from tests.maps.places import LAT_DEG, LON_DEG

POSITIONS = st.lists(st.tuples(st.floats(-180, 180), st.floats(-80, 80)), min_size=1, max_size=60)


@given(POSITIONS, st.integers(0, 20))
def test_every_point_is_in_just_one_cluster(positions: list[tuple[float, float]], zoom: int) -> None:
    lon, lat = np.array(positions).T
    level = Clusters(lon, lat).level(zoom)
    members = np.concatenate([level.members(number) for number in range(len(level.counts))])
    assert sorted(members.tolist()) == list(range(len(positions)))
    assert level.counts.sum() == len(positions)


@given(POSITIONS, st.integers(0, SINGLE_FROM_ZOOM - 1))
def test_the_members_of_a_cluster_are_near_each_other(
    positions: list[tuple[float, float]], zoom: int
) -> None:
    lon, lat = np.array(positions).T
    clusters = Clusters(lon, lat)
    level = clusters.level(zoom)
    cell = CELL_PX / world_px(zoom)
    for number in range(len(level.counts)):
        spread = np.ptp(clusters.world[level.members(number)], axis=0)
        assert (spread <= cell * (1 + 1e-9)).all()


def test_a_cluster_lies_in_the_middle_of_its_members() -> None:
    lon, lat = np.array([LON_DEG, LON_DEG + 0.001]), np.array([LAT_DEG, LAT_DEG])
    level = Clusters(lon, lat).level(5)
    assert level.counts.tolist() == [2]
    assert [level.x[0], level.y[0]] == pytest.approx(project(lon, lat).mean(axis=0).tolist())


def test_close_up_every_point_stands_alone() -> None:
    lon, lat = np.full(5, LON_DEG), np.full(5, LAT_DEG)
    assert Clusters(lon, lat).level(SINGLE_FROM_ZOOM).counts.tolist() == [1] * 5


def test_only_what_lies_in_the_box_is_found() -> None:
    lon, lat = np.array([10.0, 20.0, 30.0]), np.zeros(3)
    level = Clusters(lon, lat).level(17)
    west, east = (15.0 + 180) / 360, (25.0 + 180) / 360
    assert level.within((west, 0.4, east, 0.6)).tolist() == [1]


def test_no_points_make_no_clusters() -> None:
    assert len(Clusters(np.empty(0), np.empty(0)).level(4).counts) == 0
