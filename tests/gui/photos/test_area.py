"""Beside what the model said, the panel shows what the site makes of it, and why."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.widgets.photos.panel import PhotoPanel
from ranger_app.photos.area.rules import MEANING, ROLL_UP, Ruled, Step


def ruled(*steps: Step) -> Ruled:
    return Ruled("European roe deer", 0.62, "Cervidae", "Cervidae", "family", 0.81, steps)


def test_what_the_site_makes_of_it_stands_beside_what_the_model_said(qtbot: QtBot, page: PhotosPage) -> None:
    panel: PhotoPanel = page.desk.panel
    panel._show_area(
        ruled(
            Step(MEANING, "European roe deer", "Siberian roe deer"),
            Step(ROLL_UP, "Siberian roe deer", "Cervidae"),
        )
    )
    assert "Cervidae" in panel.here.text()
    assert "81" in panel.here.text()
    lines = panel.why.text().splitlines()
    assert "European roe deer" in lines[0]
    assert "62" in lines[0]
    assert lines[1:] == [
        "here “European roe deer” means Siberian roe deer",
        "unsure of Siberian roe deer; the scores on Cervidae add up",
    ]


def test_a_word_that_is_left_alone_adds_nothing(qtbot: QtBot, page: PhotosPage) -> None:
    panel = page.desk.panel
    panel._show_area(ruled())
    assert (panel.here.text(), panel.why.text()) == ("", "")
    panel._show_area(None)
    assert panel.here.isHidden() or not panel.here.text()
