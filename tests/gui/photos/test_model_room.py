"""In the room of models a person teaches, sees what was learned, accepts it or not, and goes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTime
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages import photos as room
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.run_form import RunForm, forecast_words
from ranger_app.photos.review import Word
from ranger_app.photos.runs.forecast import Forecast
from ranger_app.photos.runs.pace import Pace
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.photos.views import Order, Wanted
from tests.gui.photos.conftest import go
from tests.gui.screen import click, press, settled
from tests.photos.parks import COLOURS, STATIONS, colour_packs, fill, species_of

EACH = 2
OTHERS = 8
"""Photos that are in this workspace before."""


@pytest.fixture(autouse=True)
def one_pack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModelPacks:
    """A computer with a pipeline whose embedding tells colours apart."""
    packs = colour_packs(tmp_path / "packs")
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: packs))
    return packs


@pytest.fixture
def workspace(workspace: Path, tmp_path: Path) -> Path:
    """Photos of three species at five stations, beside others that nobody has named; the model has looked."""
    with Ranger.open(workspace) as ranger:
        fill(ranger.photos, tmp_path / "cards", each=EACH, named=False)
        ranger.photos.classify()
        tiles = ranger.photos.tiles(ranger.photos.ids(Wanted()))
        ours = [tile for tile in tiles if species_of(tile.file_name) in COLOURS]
        for at, tile in enumerate(ours):
            if at % 10 != 9:
                word = Word(type="animal", name=species_of(tile.file_name))
                ranger.photos.label([tile.id], word, by="A demo ranger")
    return workspace


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> PhotosPage:
    found = go(qtbot, opened)
    press(found, "Ctrl+T")
    settled(qtbot, opened)
    return found


def texts(page: PhotosPage) -> list[str]:
    return [one.species for one in page.room.confirmed.model.rows]


def test_the_room_says_what_people_have_confirmed(page: PhotosPage) -> None:
    assert page.room.isVisible()
    assert sorted(texts(page)) == sorted(COLOURS)
    assert (
        sum(one.photos for one in page.room.confirmed.model.rows) == len(COLOURS) * STATIONS * EACH * 9 // 10
    )
    assert page.room.name.text() == "demo park"
    assert page.room.learn.isEnabled()
    assert not page.room.proposal.isVisible()


def learned(qtbot: QtBot, opened: MainWindow, page: PhotosPage) -> None:
    click(page.room.learn)
    settled(qtbot, opened)
    assert page.room.proposal.isVisible()


def test_what_was_learned_is_shown_and_not_used_before_it_is_accepted(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage
) -> None:
    assert opened.ranger is not None
    learned(qtbot, opened, page)
    assert "cameras that it had not seen" in page.room.verdict.text()
    assert len(page.room.classes.model.rows) == len(COLOURS)
    assert page.room.plot.accessibleDescription()
    assert opened.ranger.photos.packs.choose().id == "chain"
    click(page.room.refuse)
    assert not page.room.proposal.isVisible()
    assert opened.ranger.photos.learning.versions() == []


def test_it_is_accepted_run_and_exchanged_for_the_old_one_again(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage
) -> None:
    assert opened.ranger is not None
    learned(qtbot, opened, page)
    assert page.room.accept.hasFocus()
    click(page.room.accept)
    settled(qtbot, opened)
    photos = opened.ranger.photos
    assert photos.packs.choose().id == "demo-park"
    assert page.room.models.model.rows[0].state == "in use"
    assert not page.room.use.isEnabled()
    press(page, "Ctrl+R")
    settled(qtbot, opened)
    assert photos.forecast().waiting == 0
    page.room.models.choose("chain@1")
    click(page.room.use)
    settled(qtbot, opened)
    assert photos.packs.choose().id == "chain"


def test_packs_are_judged_by_what_people_confirmed(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage
) -> None:
    click(page.room.measure)
    qtbot.waitUntil(lambda: page.room.measure.isEnabled())
    settled(qtbot, opened)
    row = next(one for one in page.room.models.model.rows if one.key == "chain@1")
    assert row.choice is not None
    assert row.choice.speed is not None
    page.room.models.choose("chain@1")
    assert "Animals named right" in page.room.worth.figures.text()


def test_the_photos_that_would_teach_most_are_offered_for_naming(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage
) -> None:
    press(page, "Ctrl+Shift+T")
    settled(qtbot, opened)
    assert page.desk.isVisible()
    assert page.filter.wanted().order is Order.TELLING
    assert 0 < len(page.desk.model.ids) <= OTHERS + len(COLOURS) * STATIONS * EACH // 10


def test_back_is_where_the_photos_are(qtbot: QtBot, opened: MainWindow, page: PhotosPage) -> None:
    assert page.room.back.hasFocus()
    press(page.room.back, "Space")
    settled(qtbot, opened)
    assert page.desk.isVisible()
    assert len(page.desk.model.ids) == OTHERS + len(COLOURS) * STATIONS * EACH


def test_without_a_model_that_embeds_the_room_says_why(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = go(qtbot, opened)
    assert opened.ranger is not None
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: ModelPacks((tmp_path / "nothing",))))
    opened.ranger.photos.__dict__.pop("packs", None)
    found.show_models()
    settled(qtbot, opened)
    assert "embeddings" in found.room.problem.text()
    assert not found.room.learn.isEnabled()


# ---- when a run may go on


def test_how_long_it_takes_is_said_before_it_starts() -> None:
    assert "2 h 0 min" in forecast_words(Forecast(waiting=72_000, photo_s=0.1))
    assert "after the first run" in forecast_words(Forecast(waiting=1, photo_s=None))
    assert "already" in forecast_words(Forecast(waiting=0, photo_s=0.1))


def test_a_run_by_night_on_mains_is_asked_for(qtbot: QtBot, opened: MainWindow) -> None:
    form = RunForm(opened, Forecast(waiting=3, photo_s=0.1))
    qtbot.addWidget(form)
    assert not form.start.isEnabled()
    form.by_night.setChecked(True)
    form.until.setTime(QTime(5, 30))
    form.go_on.click()

    assert (form.pace.start and form.pace.start.hour, form.pace.until and form.pace.until.minute) == (20, 30)
    assert form.pace.pause_on_battery


def test_the_run_keeps_to_what_was_asked(
    qtbot: QtBot, opened: MainWindow, page: PhotosPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Forecast] = []

    def answer(_parent: object, forecast: Forecast) -> Pace:
        asked.append(forecast)
        return Pace()

    monkeypatch.setattr(room, "for_pace", answer)
    press(page, "Ctrl+Shift+R")
    settled(qtbot, opened)
    assert [one.waiting for one in asked] == [0]
