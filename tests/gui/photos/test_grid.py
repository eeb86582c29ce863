"""A grid of any number of photos, and the loaders behind it, which load what is looked at and no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ranger_app.domain.errors import NotFound
from ranger_app.domain.ids import Id, new_id
from ranger_app.gui.background import Background
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.models.loader import Loader
from ranger_app.gui.models.photos import TILE_ROLE, TILES_AT_ONCE, PhotoGrid, words_of
from ranger_app.gui.widgets.photos.grid import PhotoGridView
from ranger_app.gui.widgets.photos.view import PhotoView, ShownBox
from ranger_app.photos.views import Scores, Tile
from tests.photos.pictures import TAKEN

MANY = 200_000
SHOWN_WITHIN_S = 0.5
"""Far above what it takes (some ms), far below what a list that lays out every row would take."""


def tile(id_: Id, at: int = 0) -> Tile:
    return Tile(
        id=id_,
        file=id_ * 2,
        file_name=f"IMG_{at:04}.JPG",
        taken_local=TAKEN + timedelta(minutes=at),
        sequence_id=None,
        station_id=None,
        note="",
        scores=Scores(0.93, 0.0, 0.0),
        machine_shows="animal",
        verdict=None,
    )


class Reads:
    """Reads tiles as the service does, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, ids: Sequence[Id]) -> list[Tile]:
        self.asked += len(ids)
        return [tile(id_) for id_ in ids]


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def view(qtbot: QtBot, theme: Theme, background: Background, reads: Reads) -> PhotoGridView:
    made = PhotoGridView(PhotoGrid(background, reads), lambda _file: None, name="Photos")
    qtbot.addWidget(made)
    made.resize(320, 600)
    made.show()
    return made


def quiet(qtbot: QtBot, background: Background) -> None:
    qtbot.waitUntil(lambda: not background.tasks)


# ---- the grid


def test_two_hundred_thousand_photos_are_shown_at_once_and_few_are_read(
    qtbot: QtBot, background: Background, view: PhotoGridView, reads: Reads
) -> None:
    ids = [new_id() for _ in range(MANY)]
    started = time.perf_counter()
    view.grid.show_ids(ids)
    view.choose(MANY // 2)
    view.repaint()
    took_s = time.perf_counter() - started
    quiet(qtbot, background)
    assert took_s < SHOWN_WITHIN_S
    assert view.current == MANY // 2
    assert 0 < reads.asked <= 8 * TILES_AT_ONCE


def test_details_come_when_they_are_looked_at(
    qtbot: QtBot, background: Background, view: PhotoGridView
) -> None:
    ids = [new_id() for _ in range(5)]
    view.grid.show_ids(ids)
    assert view.grid.cell(3).data(TILE_ROLE) is None
    quiet(qtbot, background)
    assert view.grid.cell(3).data(TILE_ROLE).id == ids[3]
    spoken = view.grid.cell(3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "IMG_0000.JPG, 31 May 2024 08:25, model: animal 93%"


def test_what_was_known_is_shown_until_the_new_is_there(
    qtbot: QtBot, background: Background, view: PhotoGridView
) -> None:
    view.grid.show_ids([new_id() for _ in range(5)])
    view.grid.tile(0)
    quiet(qtbot, background)
    view.grid.refresh()
    assert view.grid.tile(0) is not None
    quiet(qtbot, background)


def test_the_last_row_has_no_photos_that_are_not_there(
    qtbot: QtBot, background: Background, view: PhotoGridView
) -> None:
    view.grid.set_across(2)
    view.grid.show_ids([new_id() for _ in range(5)])
    assert view.grid.rowCount() == 3
    assert not view.grid.flags(view.grid.index(2, 1)) & Qt.ItemFlag.ItemIsEnabled
    assert view.grid.flags(view.grid.index(2, 0)) & Qt.ItemFlag.ItemIsEnabled
    quiet(qtbot, background)


def test_pictures_in_sight_are_asked_for_and_others_are_not(
    qtbot: QtBot, background: Background, view: PhotoGridView
) -> None:
    asked: list[list[bytes]] = []
    view.wanted.connect(asked.append)
    view.grid.show_ids([new_id() for _ in range(1000)])
    quiet(qtbot, background)
    qtbot.waitUntil(lambda: bool(asked) and bool(asked[-1]))
    assert 4 <= len(asked[-1]) <= 40


def test_a_photo_can_be_told_in_words() -> None:
    assert words_of(tile(new_id(), 5)) == "IMG_0005.JPG, 31 May 2024 08:30, model: animal 93%"


# ---- loaders


def test_what_is_wanted_first_comes_first_and_what_is_wanted_no_more_does_not_come(
    qtbot: QtBot, background: Background
) -> None:
    gate, loaded = threading.Event(), list[int]()

    def load(key: int) -> int:
        assert gate.wait(10)
        loaded.append(key)
        return key

    loader: Loader[int, int] = Loader(background, load, keep=10)
    loader.want([1])
    qtbot.waitUntil(lambda: bool(loader._under_way))
    loader.want([7, 8])
    loader.want([9, 8])
    gate.set()
    quiet(qtbot, background)
    assert loaded == [1, 9, 8]
    assert [loader.get(key) for key in (1, 7, 8, 9)] == [1, None, 8, 9]


def test_what_cannot_be_loaded_comes_as_its_error(qtbot: QtBot, background: Background) -> None:
    def load(key: int) -> int:
        raise NotFound("It is gone.")

    loader: Loader[int, int] = Loader(background, load, keep=10)
    with qtbot.waitSignal(loader.came):
        loader.want([1])
    assert isinstance(loader.get(1), NotFound)
    quiet(qtbot, background)


def test_only_so_many_are_kept_and_those_that_were_used_last(qtbot: QtBot, background: Background) -> None:
    loader: Loader[int, int] = Loader(background, lambda key: key, keep=3)
    loader.want([1, 2, 3])
    quiet(qtbot, background)
    loader.get(1)
    loader.want([4])
    quiet(qtbot, background)
    assert [loader.get(key) for key in (1, 2, 3, 4)] == [1, None, 3, 4]


def test_the_old_stays_until_the_new_is_loaded(qtbot: QtBot, background: Background) -> None:
    edition = 1
    loader: Loader[str, int] = Loader(background, lambda key: edition, keep=3)
    loader.want(["a"])
    quiet(qtbot, background)
    edition = 2
    loader.renew(["a", "never loaded"])
    assert loader.get("a") == 1
    quiet(qtbot, background)
    assert loader.get("a") == 2
    assert loader.get("never loaded") is None


def test_what_changed_is_not_forgotten_when_something_else_is_wanted_next(
    qtbot: QtBot, background: Background
) -> None:
    edition = 1
    loader: Loader[str, int] = Loader(background, lambda key: edition, keep=3)
    loader.want(["a"])
    quiet(qtbot, background)
    edition = 2
    loader.want([])
    loader.renew(["a"])
    loader.want(["b", "a"])
    quiet(qtbot, background)
    assert loader.get("a") == 2


def test_what_changes_while_it_is_being_loaded_is_loaded_again(qtbot: QtBot, background: Background) -> None:
    gate, edition = threading.Event(), 1

    def load(key: str) -> int:
        found = edition
        assert gate.wait(10)
        return found

    loader: Loader[str, int] = Loader(background, load, keep=3)
    loader.want(["a"])
    qtbot.waitUntil(lambda: bool(loader._under_way))
    edition = 2
    loader.renew()
    gate.set()
    quiet(qtbot, background)
    assert loader.get("a") == 2


# ---- the large photo


@pytest.fixture
def large(qtbot: QtBot, theme: Theme) -> PhotoView:
    made = PhotoView(name="The photo")
    qtbot.addWidget(made)
    made.resize(400, 400)
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    made.show_photo(image, [ShownBox(QRectF(0.25, 0.25, 0.5, 0.5), "animal", "animal", 0.9)])
    return made


def test_the_point_under_the_mouse_stays_there_when_zooming(large: PhotoView) -> None:
    at = QPointF(150, 200)
    before = large._in_photo(at)
    large.zoom_by(3, at)
    large.zoom_by(2, at)
    after = large._in_photo(at)
    assert after.x() == pytest.approx(before.x(), abs=0.01)


def test_the_photo_cannot_be_lost_by_moving_it(large: PhotoView) -> None:
    large.zoom_by(4)
    large._move(QPointF(5000, -5000))
    area = large._area()
    assert area.left() == pytest.approx(0)
    assert area.bottom() == pytest.approx(400)


def test_boxes_lie_over_what_they_are_about(large: PhotoView) -> None:
    drawn = large.grab().toImage()
    # The photo is 400 × 200 in the middle of the view, so its box runs from (100, 150) to (300, 250).
    yellow = [
        (x, y)
        for x in (100, 300)
        for y in range(160, 240)
        if drawn.pixelColor(x, y).red() > 200 and drawn.pixelColor(x, y).blue() < 120
    ]
    assert len(yellow) > 100


def test_the_same_photo_sharper_keeps_its_zoom_and_another_is_fitted(large: PhotoView) -> None:
    large.zoom_by(4)
    large.show_photo(large.image, [], same=True)
    assert large.zoom == 4
    large.show_photo(large.image, [])
    assert large.zoom == 1


def test_a_weak_guess_beside_a_sure_box_is_faint_and_has_no_sign(large: PhotoView) -> None:
    def in_full_colour() -> int:
        drawn = large.grab().toImage()
        return sum(drawn.pixelColor(x, y).name() == "#ffd23f" for x in range(40) for y in range(100, 200))

    guess = QRectF(0.0, 0.1, 0.08, 0.3)
    large.show_boxes([*large.boxes, ShownBox(guess, "animal", "animal", 0.2)])
    assert in_full_colour() == 0
    large.show_boxes([*large.boxes[:1], ShownBox(guess, "animal", "animal", 0.5)])
    assert in_full_colour() > 100


def test_the_sign_of_a_box_at_the_edge_can_be_read_whole(large: PhotoView) -> None:
    large.show_boxes([ShownBox(QRectF(0.97, 0.5, 0.03, 0.3), "animal", "animal", 0.9)])
    drawn = large.grab().toImage()
    sign = [x for x in range(400) if drawn.pixelColor(x, 195).name() == "#ffd23f"]
    assert len(sign) > large.fontMetrics().horizontalAdvance("animal 90%") * 0.5
