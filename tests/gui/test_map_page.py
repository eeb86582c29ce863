"""The Map page: what is in view stands in the list, and what is chosen in one stands out in the other."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.found import Fixes
from ranger_app.domain.ids import new_id
from ranger_app.domain.patrols import Observation, Patrol, Track, Waypoint
from ranger_app.domain.photos import CameraStation
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.map_data import Shown, Thing, gather, in_view
from ranger_app.gui.pages.map import MapPage, around
from ranger_app.jobs import Work
from ranger_app.maps.picking import Picked, PickedKind
from ranger_app.patrols.fixes import encode
from tests.gui.screen import click, settled

RIVER = [(36.00, -2.00), (36.01, -2.01), (36.02, -2.00), (36.03, -2.01)]


@pytest.fixture
def filled(opened: MainWindow) -> Ranger:
    """A patrol along the river with one observation, and a camera station far away."""
    assert opened.ranger is not None
    ranger, site_id = opened.ranger, opened.ranger.workspace.site_id
    patrol = Patrol(site_id=site_id, number="DEMO-1", title="Along the river", starts_on=date(2026, 5, 1))
    lon, lat = zip(*RIVER, strict=True)
    fixes = Fixes(
        lon=array("d", lon),
        lat=array("d", lat),
        elevation_m=array("d", [0.0] * len(RIVER)),
        time_ms=array("q", range(len(RIVER))),
        starts=(0, 2),
    )
    track = Track(
        site_id=site_id,
        patrol_id=patrol.id,
        fixes=encode(fixes),
        fix_count=len(RIVER),
        west=min(lon),
        south=min(lat),
        east=max(lon),
        north=max(lat),
    )
    snare = Waypoint(
        site_id=site_id, patrol_id=patrol.id, lon=36.02, lat=-2.0, at_local=datetime(2026, 5, 1, 9, 30)
    )
    seen = Observation(
        site_id=site_id, waypoint_id=snare.id, patrol_id=patrol.id, category="threat.poaching_snare."
    )
    nowhere = Waypoint(site_id=site_id, patrol_id=patrol.id)
    station = CameraStation(site_id=site_id, name="Ridge 3", lon=37.5, lat=-3.5)
    with ranger.workspace.unit("for a test") as unit:
        unit.add_many([patrol, track, snare, seen, nowhere, station])
    return ranger


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow, filled: Ranger) -> MapPage:
    assert opened.view is not None
    opened.view.go("map")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, MapPage)
    return current


def _listed(page: MapPage) -> list[str]:
    return [one.name for one in page.list.model.rows]


def _shown(page: MapPage, name: str) -> Shown:
    return next(one for one in page.list.model.rows if one.name == name)


def test_everything_with_a_place_is_gathered(filled: Ranger) -> None:
    data = gather(filled, Work())
    assert {one.name for one in data.shown} == {"Along the river", "poaching snare", "Ridge 3"}
    assert [len(piece) for piece in data.tracks] == [2, 2], "nothing is drawn across a gap"
    assert len(set(data.track_keys)) == 1


def test_the_list_follows_the_view(qtbot: QtBot, page: MapPage) -> None:
    assert set(_listed(page)) == {"Along the river", "poaching snare", "Ridge 3"}
    page.canvas.fit((37.4, -3.6, 37.6, -3.4))
    qtbot.waitUntil(lambda: _listed(page) == ["Ridge 3"])


def test_a_layer_that_is_hidden_is_not_listed_either(page: MapPage) -> None:
    page._layers["stations"].setChecked(False)
    assert "Ridge 3" not in _listed(page)
    page._layers["stations"].setChecked(True)
    assert "Ridge 3" in _listed(page)


def test_what_is_picked_on_the_map_is_chosen_in_the_list(page: MapPage) -> None:
    one = _shown(page, "Ridge 3")
    page.canvas.picked.emit(Picked(PickedKind.POINT, "stations", (one.id,), 0.0))
    assert page.list.current == one
    assert page.name.text() == "Ridge 3"
    assert page.open.isVisible()


def test_picking_a_cluster_goes_closer(qtbot: QtBot, page: MapPage) -> None:
    ids = tuple(_shown(page, name).id for name in ("Along the river", "poaching snare"))
    before = page.canvas.view.zoom
    page.canvas.picked.emit(Picked(PickedKind.CLUSTER, "waypoints", ids, 0.0))
    assert page.canvas.view.zoom > before


@pytest.mark.parametrize(
    ("name", "page_id", "where"),
    [
        ("Along the river", "patrols", "patrol_id"),
        ("poaching snare", "patrols", "waypoint_id"),
        ("Ridge 3", "photos", "station_id"),
    ],
)
def test_open_goes_to_where_the_thing_is_kept(page: MapPage, name: str, page_id: str, where: str) -> None:
    gone: list[tuple[str, dict[str, object]]] = []
    page.context.go = lambda page_id, **where: gone.append((page_id, where))
    one = _shown(page, name)
    page.list.choose(one.id)
    click(page.open)
    assert gone == [(page_id, {where: one.id})]


def test_another_page_can_send_here(qtbot: QtBot, opened: MainWindow, page: MapPage) -> None:
    one = _shown(page, "Ridge 3")
    page.context.go("map", id=one.id)
    assert page.name.text() == "Ridge 3"
    assert page.canvas.view.centre == pytest.approx((37.5, -3.5), abs=0.01)
    settled(qtbot, opened)


def test_a_boundary_that_is_taken_away_leaves_the_map(
    qtbot: QtBot, opened: MainWindow, page: MapPage, change_site: Callable[..., object]
) -> None:
    change_site(boundary=b"damaged")
    from ranger_app.gui.page_frame import PageFrame

    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    settled(qtbot, opened)


def _point(lon: float, lat: float) -> Shown:
    return Shown(thing=Thing.STATION, id=new_id(), name="demo", bounds=(lon, lat, lon, lat))


def test_a_view_across_the_date_line_holds_both_its_sides() -> None:
    east, west, away = _point(179.5, 0), _point(-179.5, 0), _point(0, 0)
    assert in_view([east, west, away], (178.0, -1.0, -178.0, 1.0)) == [east, west]


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=1, max_size=20))
def test_the_bounds_around_things_hold_them_all(places: list[tuple[float, float]]) -> None:
    shown = [_point(lon, lat) for lon, lat in places]
    assert in_view(shown, around([one.bounds for one in shown])) == shown
