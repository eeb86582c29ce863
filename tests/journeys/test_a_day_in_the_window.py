"""A whole day at the window by the keyboard: a new site in the morning, packet and bundle in the evening."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

import pytest

from ranger_app.assessments.sheets import Sheet
from ranger_app.bootstrap import Ranger
from ranger_app.demo import cards, patrol_files, place
from ranger_app.gui import asking
from ranger_app.gui.page import Page
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.pages.map import MapPage
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.jobs import Work
from ranger_app.packets.verify import verify_packet
from tests.journeys.conftest import OpenWindow
from tests.journeys.person import Person

P = TypeVar("P", bound=Page)

NARRATIVE = "The Demo forest act of 2011 says who decides and how they are chosen."
UNFINISHED = " The chart hangs in the"
PHOTOS = 6
IN_VIEW = 6
"""The walk and its five places; the camera's station has no place yet."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the park office has: a boundary, a patrol on a receiver, a camera's card, an act."""
    folder = tmp_path / "office"
    folder.mkdir()
    place.write_boundary(folder / "boundary.geojson")
    monkeypatch.setattr(patrol_files, "PATROLS", 1)
    patrol_files.write_patrols(folder / "receiver", Work())
    monkeypatch.setattr(cards, "STATIONS", place.STATIONS[:1])
    monkeypatch.setattr(cards, "BURSTS", 2)
    monkeypatch.setattr(cards, "SIZE_PX", (640, 480))
    cards.write_cards(folder, Work())
    (folder / "demo_act.txt").write_text("Article 1. The demo forest is kept.\n", encoding="utf-8")
    (folder / "stick").mkdir()
    return folder


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is chosen in the system's own file dialogs, one after the other: no test can see into those."""
    paths: list[Path] = []
    for name in ("for_folder", "for_file", "for_new_file"):
        monkeypatch.setattr(asking, name, lambda *_said, **_more: paths.pop(0))
    monkeypatch.setattr(asking, "for_files", lambda *_said, **_more: [paths.pop(0)])
    return paths


def test_a_day_in_the_window(
    open_window: OpenWindow, files: Path, chosen: list[Path], tmp_path: Path
) -> None:
    """From nothing to a packet and a bundle, and on the next morning all of it is there."""
    folder = tmp_path / "demo river.ranger"
    person = open_window()
    make_the_site(person, folder, files, chosen)
    take_in_a_patrol(person, files, chosen)
    label_the_photos(person, files)
    look_at_the_map(person)
    assess(person, files, chosen)
    write_the_packet(person, chosen, tmp_path / "packet.zip")
    write_a_bundle(person, chosen, files / "stick")
    leave_in_the_middle_of_a_sentence(person)

    tomorrow = open_window()
    find_everything_again(tomorrow)
    take_back_a_label_of_yesterday(tomorrow)


def page(person: Person, kind: type[P]) -> P:
    """The page in front, which must be of this kind."""
    assert person.window.view is not None
    current = person.window.view.current
    assert isinstance(current, kind)
    return current


def ranger(person: Person) -> Ranger:
    """What is kept, rather than what is shown."""
    assert person.window.ranger is not None
    return person.window.ranger


def make_the_site(person: Person, folder: Path, files: Path, chosen: list[Path]) -> None:
    person.goes_to("New site…")
    person.press("Space")
    person.goes_to("Name of the site")
    person.writes("Demo river")
    person.goes_to("Folder")
    person.writes(str(folder))
    chosen.append(files / "boundary.geojson")
    person.goes_to("Choose a boundary file")
    person.press("Space")
    person.goes_to("Time zone of the place")
    person.writes(place.TIME_ZONE)
    person.goes_to("Leave it open, without a passphrase")
    person.press("Space")
    person.goes_to("Make the workspace")
    person.press("Space")
    person.sees(lambda: person.window.view is not None)
    site = ranger(person).site()
    assert site is not None
    assert (site.name, site.time_zone) == ("Demo river", place.TIME_ZONE)
    assert site.area_km2 == pytest.approx(560, rel=0.1)
    assert not Ranger.needs_passphrase(folder)


def take_in_a_patrol(person: Person, files: Path, chosen: list[Path]) -> None:
    person.press("Ctrl+2")
    person.sees(lambda: page(person, PatrolsPage).empty.isVisible())
    recorded = files / "receiver" / "demo-patrol-01.gpx"
    chosen.append(recorded)
    with person.answering(lambda: person.press("Return")):
        person.press("Ctrl+I")
    patrols = page(person, PatrolsPage)
    person.sees(lambda: patrols.listed.rows)
    _date, name, distance, *_more = told(patrols)
    assert name == "Demo patrol 1"
    assert distance.endswith(" km")
    assert float(distance.removesuffix(" km")) == pytest.approx(length_km(recorded), rel=0.01)


def length_km(gpx: Path) -> float:
    """The length of the one track of a file, on a sphere: within a hundredth of that on the ellipsoid."""
    points = [
        (float(place_of["lat"]), float(place_of["lon"]))
        for place_of in (one.attrib for one in ElementTree.parse(gpx).iter() if one.tag.endswith("trkpt"))
    ]
    return sum(
        place.KM_PER_DEGREE * math.hypot(lat - before_lat, (lon - before_lon) * math.cos(math.radians(lat)))
        for (before_lat, before_lon), (lat, lon) in pairwise(points)
    )


def told(patrols: PatrolsPage) -> list[str]:
    """The words of the list's first line."""
    model = patrols.list.listing.model
    return [str(model.data(model.index(0, at))) for at in range(model.columnCount())]


def label_the_photos(person: Person, files: Path) -> None:
    def describe_the_card() -> None:
        person.goes_to("Card or folder")
        person.writes(str(files / "card-1"))
        person.goes_to("Camera station")
        person.writes("Demo ridge 1")
        person.press("Return")

    person.press("Ctrl+4")
    person.sees(lambda: page(person, PhotosPage).empty.isVisible())
    with person.answering(describe_the_card):
        person.press("Ctrl+N")
    photos = page(person, PhotosPage)
    person.sees(lambda: len(photos.desk.model.ids) == PHOTOS)
    person.press("Ctrl+R")
    person.sees(lambda: photos.desk.panel.groups.text())
    assert not photos.caution.isVisible()  # the bundled packs need no word of caution
    person.press("A", "E", "V")
    person.sees(lambda: said(person) == ["animal", "blank", "vehicle", "", "", ""])
    person.press("Ctrl+Z")
    person.sees(lambda: said(person) == ["animal", "blank", "", "", "", ""])


def said(person: Person) -> list[str]:
    """What people say of each photo, in the order of the grid; read from what is kept."""
    photos = ranger(person).photos
    ids = page(person, PhotosPage).desk.model.ids
    return [tile.verdict.latest.type if tile.verdict else "" for tile in photos.tiles(ids)]


def look_at_the_map(person: Person) -> None:
    def find_it_among_the_commands() -> None:
        person.types("go map")
        person.press("Return")

    with person.answering(find_it_among_the_commands):
        person.press("Ctrl+K")
    person.sees(lambda: page(person, MapPage).list.model.rows)
    seen = page(person, MapPage)
    names = [one.name for one in seen.list.model.rows]
    assert "Demo patrol 1" in names
    assert len(names) == IN_VIEW
    person.goes_to("In view")
    person.press("Home", "Return")  # opens what the first line is about
    person.sees(lambda: page(person, PatrolsPage).report is not None)


def assess(person: Person, files: Path, chosen: list[Path]) -> None:
    def name_the_round() -> None:
        person.goes_to("Name of this round")
        person.writes("Demo round")
        person.press("Return")

    def say_where_in_it() -> None:
        person.goes_to("Page, time or place in it")
        person.writes("1")
        person.press("Return")

    def choose_the_kilometres() -> None:
        person.goes_to("Figure")
        person.press("Return")

    person.press("Ctrl+5")
    person.sees(lambda: page(person, GreenListPage).empty.isVisible())
    with person.answering(name_the_round):
        person.press("Ctrl+N")
    board = page(person, GreenListPage)
    person.sees(lambda: board.whole.currentWidget() is board.work)
    person.press("Ctrl+Down")
    person.sees(lambda: board.sheet.code == "1.1.1")
    person.press("1")
    person.sees(lambda: board.sheet.state.text() != "Not started")
    person.goes_to("How the site meets it")
    person.writes(NARRATIVE)
    chosen.append(files / "demo_act.txt")
    with person.answering(say_where_in_it):
        person.press("Ctrl+E")
    person.sees(lambda: len(sheet(person).cited) == 1)
    with person.answering(choose_the_kilometres):
        person.press("Ctrl+G")
    person.sees(lambda: len(sheet(person).cited) == 2)
    found = sheet(person)
    assert (found.answer.rating, found.answer.narrative) == ("met", NARRATIVE)
    assert "1" in [one.link.page for one in found.cited]


def sheet(person: Person) -> Sheet:
    found, _pack = ranger(person).assessments.sheet("1.1.1")
    return found


def write_the_packet(person: Person, chosen: list[Path], packet: Path) -> None:
    chosen.append(packet)
    with person.answering(lambda: person.press("Return")):
        person.press("Ctrl+P")
    person.sees(page(person, GreenListPage).steps.remark.isVisible)
    verdict = verify_packet(packet)
    assert verdict.good, verdict.problems


def write_a_bundle(person: Person, chosen: list[Path], stick: Path) -> None:
    chosen.append(stick)
    person.press("Ctrl+6", "Ctrl+Shift+W")
    section = page(person, ExchangePage).stick
    person.sees(section.give.hasFocus)  # what it holds and would hold is seen before
    person.press("Space")
    person.sees(lambda: "read back and checked" in section.done.text())
    assert any(stick.rglob("*"))


def leave_in_the_middle_of_a_sentence(person: Person) -> None:
    person.press("Ctrl+5")
    person.goes_to("How the site meets it")
    person.press("Ctrl+End")
    person.types(UNFINISHED)
    person.press("Ctrl+Q")
    person.sees(lambda: not person.window.isVisible())


def find_everything_again(person: Person) -> None:
    person.sees(lambda: person.window.view is not None)
    person.press("Ctrl+2")
    person.sees(lambda: page(person, PatrolsPage).listed.rows)
    assert told(page(person, PatrolsPage))[1] == "Demo patrol 1"
    person.press("Ctrl+3")
    person.sees(lambda: len(page(person, MapPage).list.model.rows) == IN_VIEW)
    person.press("Ctrl+5")
    person.sees(lambda: page(person, GreenListPage).seen is not None)
    person.press("Ctrl+Down")
    board = page(person, GreenListPage)
    person.sees(lambda: board.sheet.narrative.toPlainText() == NARRATIVE + UNFINISHED)
    assert len(sheet(person).cited) == 2


def take_back_a_label_of_yesterday(person: Person) -> None:
    person.press("Ctrl+4")
    person.sees(lambda: len(page(person, PhotosPage).desk.model.ids) == PHOTOS)
    assert said(person) == ["animal", "blank", "", "", "", ""]
    assert page(person, PhotosPage).desk.panel.people.text().startswith("Animal — ")
    person.press("Ctrl+Z")
    person.sees(lambda: said(person) == ["animal", "", "", "", "", ""])
