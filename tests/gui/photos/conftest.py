"""The Photos page in a real window: eight photos at one station, and a computer with one model pack."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.photos import Label
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.widgets.photos.desk import PhotoDesk
from ranger_app.photos.runs.packs import ModelPacks
from tests.gui.screen import settled
from tests.photos.pictures import TAKEN, card_of
from tests.photos.seers import DemoPacks, Seer, look

CAUTION = "Drawn pictures only."


@pytest.fixture(autouse=True)
def one_pack(monkeypatch: pytest.MonkeyPatch) -> DemoPacks:
    """A computer with one pack, that sees an animal in every picture."""
    packs = DemoPacks()
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: packs))
    monkeypatch.setattr(DemoPacks, "words_of", lambda _self, id_, version: (f"{id_} {version}", CAUTION))
    return packs


@pytest.fixture
def workspace(workspace: Path, tmp_path: Path) -> Path:
    """Eight photos at Ridge: two bursts of three, and two single frames. The model has looked."""
    card = card_of(tmp_path / "card", 3)
    card_of(card, 3, first=3, start=TAKEN + timedelta(hours=1))
    card_of(card, 2, first=6, start=TAKEN + timedelta(hours=2), gap=timedelta(hours=1))
    with Ranger.open(workspace) as ranger:
        ranger.photos.add(card, station="Ridge")
        ranger.photos.classify(model=Seer(lambda at: look(animal=0.9) if at != 7 else look()))
    return workspace


def go(qtbot: QtBot, window: MainWindow) -> PhotosPage:
    assert window.view is not None
    window.view.go("photos")
    settled(qtbot, window)
    page = window.view.current
    assert isinstance(page, PhotosPage)
    page.desk.panel.reviewer.setText("Demo Ranger")
    return page


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> PhotosPage:
    return go(qtbot, opened)


def labels(window: MainWindow) -> list[Label]:
    assert window.ranger is not None
    with window.ranger.workspace.reading() as data:
        return data.find(Label, order=("at", "id"))


def shown(desk: PhotoDesk) -> int:
    return desk.grid.current
