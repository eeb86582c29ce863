"""The same way by stick through real windows: given at a station, settled at headquarters, and back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Patrol
from ranger_app.gui import asking
from ranger_app.gui.page import Page
from ranger_app.gui.pages.differences import DifferencesPage
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.stick_section import StickSection
from ranger_app.gui.widgets.assessments.final_form import FinalForm
from ranger_app.jobs import Work
from tests.builders import a_patrol
from tests.journeys.conftest import OpenWindow
from tests.journeys.person import Person

P = TypeVar("P", bound=Page)
THERE, HERE = "Snares by the river", "Patrol of the river"


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is chosen whenever a stick is asked for."""
    folder = tmp_path / "DEMO STICK"
    folder.mkdir()
    monkeypatch.setattr(asking, "for_folder", lambda *_said, **_more: folder)
    return folder


@pytest.fixture
def laptops(tmp_path: Path, stick: Path) -> tuple[Path, Path]:
    """Headquarters and a station that has joined; both have written a patrol's title and a rating apart."""
    hq, _doubts = Ranger.create(tmp_path / "hq.ranger", site_name="Demo park", device="headquarters")
    station, _doubts = Ranger.create(tmp_path / "station.ranger", site_name=None, device="station")
    with hq, station:
        _request, asked = station.devices.request()
        station.devices.join(hq.devices.enrol(asked, role="manager"))
        made = a_patrol(hq.workspace.site_id, "DEMO-1", title="To be named")
        with hq.workspace.unit("a patrol") as unit:
            unit.add(made)
        hq.assessments.start(title="Demo round")
        hq.assessments.answer("1.1.1", rating="not_met")
        hq.exchange.write(stick, Work())
        station.exchange.read(stick, Work())
        for ranger, title, rating in ((station, THERE, "met"), (hq, HERE, "partly")):
            with ranger.workspace.unit("edit") as unit:
                unit.change(made, title=title)
            ranger.assessments.answer("1.1.1", rating=rating)
    return hq.workspace.folder, station.workspace.folder


def test_given_settled_and_brought_back(open_window: OpenWindow, laptops: tuple[Path, Path]) -> None:
    hq, station = laptops
    there = sit_down(open_window, station)
    give(there)
    leave(there)
    office = sit_down(open_window, hq)
    take(office)
    try_to_make_it_final(office)
    settle_as_the_station_has_it(office)
    make_it_final(office)
    give(office)
    assert kept(office) == (THERE, "met")
    leave(office)
    back = sit_down(open_window, station)
    take(back)
    assert kept(back) == (THERE, "met")
    assert page(back, DifferencesPage, "differences").every == []
    find_it_final(back)


def sit_down(open_window: OpenWindow, folder: Path) -> Person:
    """A person at the window of a laptop."""
    person = open_window()
    person.sees(lambda: True)
    if person.window.view is not None:  # that of the laptop where somebody sat last
        person.window.close_workspace()
    person.window.begin(folder)
    person.sees(lambda: person.window.view is not None and person.window.view.current is not None)
    return person


def leave(person: Person) -> None:
    person.press("Ctrl+Q")
    person.sees(lambda: not person.window.isVisible())


def page(person: Person, kind: type[P], page_id: str) -> P:
    """A page, brought to the front."""
    assert person.window.view is not None
    person.window.view.go(page_id)
    person.sees(lambda: True)
    current = person.window.view.current
    assert isinstance(current, kind)
    return current


def section(person: Person) -> StickSection:
    return page(person, ExchangePage, "exchange").stick


def give(person: Person) -> None:
    stick = section(person)
    person.press("Ctrl+Shift+W")
    person.sees(stick.give.hasFocus)
    assert stick.gives.text().startswith("To give:")
    assert "only laptops of this site can read it" in stick.gives.text()
    person.press("Space")
    person.sees(lambda: "read back and checked" in stick.done.text())
    assert "Nobody has it yet" in stick.done.text()


def take(person: Person) -> None:
    stick = section(person)
    person.press("Ctrl+Shift+R")
    person.sees(stick.take.hasFocus)
    assert "Something in it is new here." in stick.holds.text()
    person.press("Space")
    person.sees(lambda: "Taken:" in stick.done.text())


def settle_as_the_station_has_it(person: Person) -> None:
    inbox = page(person, DifferencesPage, "differences")
    person.sees(lambda: len(inbox.every) == 2)
    for left in (1, 0):
        assert inbox.sheet.shown is not None
        laptops = [version.device for version in inbox.sheet.shown.versions]
        person.press(str(1 + laptops.index("station")))
        person.sees(partial(_are_left, inbox, left))


def try_to_make_it_final(person: Person) -> None:
    """The rating has two versions: the form says so, cannot go on, and leads to where they are settled."""

    def is_led_to_what_is_in_the_way() -> None:
        form = QApplication.activeModalWidget()
        assert isinstance(form, FinalForm)
        assert not form.go_on.isEnabled()
        person.goes_to("Settle them…")
        person.press("Space")

    page(person, GreenListPage, "green_list")
    with person.answering(is_led_to_what_is_in_the_way):
        person.press("Ctrl+Shift+F")
    assert person.window.view is not None
    assert isinstance(person.window.view.current, DifferencesPage)


def make_it_final(person: Person) -> None:
    def goes_on() -> None:
        person.goes_to("Make it final all the same")
        person.press("Space")

    green_list = page(person, GreenListPage, "green_list")
    with person.answering(goes_on):
        person.press("Ctrl+Shift+F")
    person.sees(green_list.steps.reopen.isVisible)
    assert green_list.overview.state.text().startswith("Final")


def find_it_final(person: Person) -> None:
    green_list = page(person, GreenListPage, "green_list")
    person.press("Ctrl+Down")
    person.sees(lambda: green_list.sheet.code == "1.1.1")
    person.press("3")
    assert kept(person)[1] == "met"
    assert not green_list.sheet.rating_row.isEnabled()


def _are_left(inbox: DifferencesPage, count: int) -> bool:
    return len(inbox.every) == count


def kept(person: Person) -> tuple[str, str]:
    """What is kept on a laptop, rather than what is shown."""
    ranger = person.window.ranger
    assert ranger is not None
    with ranger.workspace.reading() as data:
        (patrol,) = data.find(Patrol)
    sheet, _pack = ranger.assessments.sheet("1.1.1")
    assert sheet.answer is not None
    return patrol.title, sheet.answer.rating
