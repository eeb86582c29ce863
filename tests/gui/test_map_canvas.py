"""The map through its public seams: pixels, drags, the wheel, keys and picks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ranger_app.domain.errors import BadInput
from ranger_app.gui.background import Background, Task
from ranger_app.gui.widgets.maps.canvas import MapCanvas
from ranger_app.maps.boundary import boundary_of
from ranger_app.maps.colours import DARK, LIGHT
from ranger_app.maps.layers import BoundaryLayer, Layer, PointLayer, RasterLayer, TrackLayer
from ranger_app.maps.mercator import Floats, project_one
from ranger_app.maps.picking import Picked, PickedKind
from ranger_app.maps.tiles import RasterPack
from tests.maps.places import LAT_DEG, LON_DEG, png, square, write_mbtiles, write_world

MIDDLE = QPoint(300, 200)


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    pool = Background()
    surprises: list[Exception] = []
    pool.unheard.connect(lambda _task, error: surprises.append(error))
    yield pool
    pool.close()
    assert not surprises


@pytest.fixture
def canvas(qtbot: QtBot, background: Background) -> MapCanvas:
    """A map of 600 × 400 pixels that looks at the demo place, with nothing on it yet."""
    made = MapCanvas(background)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.look_at(LON_DEG, LAT_DEG, 11.0)
    with qtbot.waitExposed(made):
        made.show()
    return made


def settle(qtbot: QtBot, canvas: MapCanvas) -> None:
    if not canvas.is_settled:
        with qtbot.waitSignal(canvas.settled):
            canvas.update()


def put(qtbot: QtBot, canvas: MapCanvas, layer_id: str, layer: Layer) -> None:
    canvas.set_layer(layer_id, layer)
    settle(qtbot, canvas)


def eastward(lat_deg: float = LAT_DEG) -> Floats:
    return np.column_stack([np.linspace(LON_DEG - 0.1, LON_DEG + 0.1, 50), np.full(50, lat_deg)])


def pixel(canvas: MapCanvas, at: QPoint = MIDDLE) -> str:
    return canvas.grab().toImage().pixelColor(at).name()


def column(canvas: MapCanvas, x: int) -> set[str]:
    """The colours in a column of pixels around the middle: a thin line may lie between two of them."""
    image = canvas.grab().toImage()
    return {image.pixelColor(x, y).name() for y in range(197, 204)}


def wheel(canvas: MapCanvas, at: QPointF, angle: int) -> None:
    event = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def drag(canvas: MapCanvas, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)


# ---- what is painted


def test_a_track_is_painted_where_it_was_walked(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    assert pixel(canvas) == LIGHT.track


def test_the_base_map_has_land_and_water(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    canvas.open_basemap(write_world(tmp_path))
    canvas.look_at(LON_DEG + 10, LAT_DEG + 0.02, 9.0)
    settle(qtbot, canvas)
    assert pixel(canvas, QPoint(250, 190)) == LIGHT.land
    assert pixel(canvas, QPoint(350, 190)) == LIGHT.water


def test_without_a_base_map_the_map_works_and_says_so(
    qtbot: QtBot, canvas: MapCanvas, tmp_path: Path
) -> None:
    before = canvas.grab().toImage()
    canvas.open_basemap(tmp_path)
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    assert pixel(canvas) == LIGHT.track
    assert canvas.grab().toImage().copy(150, 20, 300, 40) != before.copy(150, 20, 300, 40)


def test_a_pack_of_pictures_is_shown(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    pack = RasterPack(write_mbtiles(tmp_path / "p.mbtiles", {(8, 152, 129): png((10, 200, 30))}, maxzoom="8"))
    put(qtbot, canvas, "pack", RasterLayer(pack))
    pack.close()
    x, y = project_one(LON_DEG, LAT_DEG)
    assert (int(x * 256), int(y * 256)) == (152, 129)
    assert QColor(pixel(canvas, QPoint(320, 190))) == QColor(10, 200, 30)


def test_a_damaged_pack_is_said_once_and_the_rest_is_shown(
    qtbot: QtBot, canvas: MapCanvas, tmp_path: Path
) -> None:
    said: list[BadInput] = []
    canvas.troubled.connect(said.append)
    damaged = {(11, column, row): b"junk" for column in range(1210, 1230) for row in range(1030, 1050)}
    pack = RasterPack(write_mbtiles(tmp_path / "p.mbtiles", damaged, maxzoom="11"))
    canvas.set_layer("pack", RasterLayer(pack))
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    pack.close()
    assert len(said) == 1
    assert pixel(canvas) == LIGHT.track


def test_dark_and_light_follow_the_window(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    palette = QPalette(canvas.palette())
    palette.setColor(QPalette.ColorRole.Window, QColor("#101010"))
    canvas.setPalette(palette)
    settle(qtbot, canvas)
    assert canvas.colours is DARK
    assert pixel(canvas) == DARK.track


def test_a_layer_in_place_of_another_leaves_nothing_of_it(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    put(qtbot, canvas, "tracks", TrackLayer([eastward(LAT_DEG + 0.05)], ["demo"]))
    assert pixel(canvas) != LIGHT.track


def test_a_hidden_layer_is_neither_seen_nor_picked(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    canvas.show_layer("tracks", visible=False)
    settle(qtbot, canvas)
    assert pixel(canvas) != LIGHT.track
    assert canvas.pick(QPointF(MIDDLE)) is None


def test_a_track_across_180_is_whole_and_draws_no_bar(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.look_at(180.0, -17.0, 11.0)
    track = np.array([[179.9, -17.0], [-179.9, -17.0]])
    put(qtbot, canvas, "tracks", TrackLayer([track], ["demo"]))
    assert LIGHT.track in column(canvas, 250)
    assert LIGHT.track in column(canvas, 350)
    canvas.look_at(0.0, -17.0, 4.0)
    settle(qtbot, canvas)
    assert LIGHT.track not in column(canvas, 300)


def test_a_site_too_small_to_be_seen_is_marked(qtbot: QtBot, canvas: MapCanvas) -> None:
    boundary = boundary_of(shapely.MultiPolygon([shapely.Polygon(square())]))
    put(qtbot, canvas, "site", BoundaryLayer(boundary))
    canvas.look_at(LON_DEG, LAT_DEG, 3.0)
    settle(qtbot, canvas)
    assert pixel(canvas) == LIGHT.boundary


def test_what_was_forgotten_is_painted_again(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    canvas.forget()
    assert not canvas.is_settled
    settle(qtbot, canvas)
    assert pixel(canvas) == LIGHT.track


# ---- moving


def test_a_drag_moves_the_ground_with_the_pointer(canvas: MapCanvas) -> None:
    here = canvas.view.to_degrees(300, 200)
    drag(canvas, QPoint(300, 200), QPoint(400, 230))
    assert canvas.view.to_degrees(400, 230) == pytest.approx(here)


def test_a_drag_is_no_click(qtbot: QtBot, canvas: MapCanvas) -> None:
    with qtbot.assertNotEmitted(canvas.clicked):
        drag(canvas, QPoint(300, 200), QPoint(310, 200))


def test_the_wheel_zooms_half_a_step_about_the_pointer(canvas: MapCanvas) -> None:
    at = QPointF(420, 130)
    here = canvas.view.to_degrees(at.x(), at.y())
    wheel(canvas, at, 120)
    assert canvas.view.zoom == 11.5
    assert canvas.view.to_degrees(at.x(), at.y()) == pytest.approx(here)


def test_small_turns_of_the_wheel_add_up(canvas: MapCanvas) -> None:
    for _turn in range(3):
        wheel(canvas, QPointF(300, 200), -40)
    assert canvas.view.zoom == 10.5


@pytest.mark.parametrize(
    ("key", "east", "south"),
    [
        (Qt.Key.Key_Left, -80, 0),
        (Qt.Key.Key_Right, 80, 0),
        (Qt.Key.Key_Up, 0, -80),
        (Qt.Key.Key_Down, 0, 80),
    ],
)
def test_arrows_move_the_map(canvas: MapCanvas, key: Qt.Key, east: int, south: int) -> None:
    there = canvas.view.to_degrees(300 + east, 200 + south)
    QTest.keyClick(canvas, key)
    assert canvas.view.centre == pytest.approx(there)


def test_plus_and_minus_zoom_about_the_middle(canvas: MapCanvas) -> None:
    centre = canvas.view.centre
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.zoom == 12.0
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.view.zoom == 11.0
    assert canvas.view.centre == pytest.approx(centre)


def test_home_shows_the_whole_site(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_home((20.0, -1.0, 21.0, 0.0))
    with qtbot.waitSignal(canvas.viewChanged) as told:
        QTest.keyClick(canvas, Qt.Key.Key_Home)
    west, south, east, north = told.args[0]
    assert west <= 20.0
    assert south <= -1.0
    assert east >= 21.0
    assert north >= 0.0


def test_the_site_stays_fitted_in_another_size_until_the_map_is_moved(canvas: MapCanvas) -> None:
    canvas.fit((20.0, -1.0, 21.0, 0.0))
    close = canvas.view.zoom
    canvas.resize(300, 200)
    assert canvas.view.zoom < close
    canvas.resize(600, 400)
    assert canvas.view.zoom == close
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    moved = canvas.view.centre
    canvas.resize(500, 300)
    assert canvas.view.centre == pytest.approx(moved)
    assert canvas.view.zoom == close


# ---- picking


def click(qtbot: QtBot, canvas: MapCanvas, at: QPoint) -> Picked | None:
    with qtbot.waitSignal(canvas.clicked) as told:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert told.args[:2] == [pytest.approx(one) for one in canvas.view.to_degrees(at.x(), at.y())]
    found = told.args[2]
    assert found is None or isinstance(found, Picked)
    return found


def test_a_click_near_a_track_picks_it(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward(), eastward(LAT_DEG + 0.05)], ["first", "second"]))
    found = click(qtbot, canvas, QPoint(300, 205))
    assert found is not None
    assert (found.kind, found.layer, found.keys) == (PickedKind.TRACK, "tracks", ("first",))
    assert found.distance_px == pytest.approx(5.0, abs=0.6)


def test_a_click_on_nothing_picks_nothing(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    with qtbot.assertNotEmitted(canvas.picked):
        assert click(qtbot, canvas, QPoint(300, 260)) is None


def test_a_click_on_a_cluster_picks_all_its_members(qtbot: QtBot, canvas: MapCanvas) -> None:
    lon = LON_DEG + np.array([0.0, 0.0002, 0.09])
    put(qtbot, canvas, "points", PointLayer(lon, np.full(3, LAT_DEG), ["a", "b", "c"]))
    x, y = canvas.view.to_screen(*project_one(LON_DEG + 0.0001, LAT_DEG))
    found = click(qtbot, canvas, QPoint(round(x), round(y)))
    assert found is not None
    assert (found.kind, found.keys) == (PickedKind.CLUSTER, ("a", "b"))


def test_a_point_is_picked_before_the_track_under_it(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "points", PointLayer([LON_DEG], [LAT_DEG], ["snare"]))
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["patrol"]))
    found = click(qtbot, canvas, MIDDLE)
    assert found is not None
    assert (found.kind, found.keys) == (PickedKind.POINT, ("snare",))


def test_enter_picks_what_lies_in_the_middle(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    with qtbot.waitSignal(canvas.picked) as told:
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert told.args[0].keys == ("demo",)


def test_a_highlighted_track_stands_out(qtbot: QtBot, canvas: MapCanvas) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    canvas.highlight("tracks", {"demo"})
    assert pixel(canvas) == LIGHT.highlight
    canvas.highlight("tracks", ())
    assert pixel(canvas) == LIGHT.track


def test_a_point_without_a_position_is_left_out_with_its_key(qtbot: QtBot, canvas: MapCanvas) -> None:
    layer = PointLayer([np.nan, LON_DEG], [LAT_DEG, LAT_DEG], ["lost", "found"], [3, 5])
    assert (layer.keys, layer.kinds.tolist()) == (("found",), [5])
    put(qtbot, canvas, "points", layer)
    found = canvas.pick(QPointF(MIDDLE))
    assert found is not None
    assert found.keys == ("found",)


# ---- people and ends


def test_the_map_can_be_reached_and_is_named(canvas: MapCanvas, qtbot: QtBot) -> None:
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    assert canvas.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert canvas.accessibleName() == "Map"
    assert "2.4" in canvas.accessibleDescription()


def test_painting_does_not_show_in_the_tray_of_jobs(
    qtbot: QtBot, canvas: MapCanvas, background: Background
) -> None:
    started: list[Task] = []
    background.started.connect(started.append)
    put(qtbot, canvas, "tracks", TrackLayer([eastward()], ["demo"]))
    assert started
    assert all(task.quiet for task in started)


def test_a_map_that_is_closed_in_the_midst_of_painting_leaves_nothing_running(
    qtbot: QtBot, background: Background
) -> None:
    for _round in range(5):
        canvas = MapCanvas(background)
        canvas.resize(600, 400)
        canvas.look_at(LON_DEG, LAT_DEG, 11.0)
        canvas.set_layer("tracks", TrackLayer([eastward()] * 50, list(range(50))))
        canvas.show()
        canvas.repaint()
        canvas.close()
        canvas.deleteLater()
    qtbot.waitUntil(lambda: not background.tasks)
