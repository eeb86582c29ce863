"""Ranger is killed in the middle of something: what was typed is there, one click goes on with the rest."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Detection, Photo
from ranger_app.gui import sticks
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.pages.today import TodayPage
from ranger_app.gui.sticks import Stick
from ranger_app.gui.widgets.patrols.forms import PatrolForm
from ranger_app.jobs import Work
from ranger_app.photos.runs.packs import ModelPacks
from tests.builders import a_patrol
from tests.conftest import REPOSITORY
from tests.gui.screen import button, click
from tests.journeys import unlucky
from tests.journeys.conftest import OpenWindow
from tests.journeys.person import Person
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPacks

PHOTOS, PATROLS = 11, 6
pytestmark = pytest.mark.slow
StartAgain = Callable[[str], Person]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "demo park.ranger"
    with Ranger.create(folder, site_name="demo park")[0] as ranger:
        ranger.assessments.start(title="Demo round")
        with ranger.workspace.unit("patrols") as unit:
            unit.add_many(a_patrol(ranger.workspace.site_id, f"DEM-{n}") for n in range(PATROLS))
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The stick or the card."""
    folder = tmp_path / "DEMO STICK"
    folder.mkdir()
    return folder


@pytest.fixture
def start_again(
    open_window: OpenWindow, workspace: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> StartAgain:
    """Kill Ranger at this moment, and start it again."""
    packs = DemoPacks()
    monkeypatch.setattr(ModelPacks, "usual", classmethod(lambda _: packs))
    monkeypatch.setattr(sticks, "plugged_in", lambda: [Stick(place, "DEMO STICK", 1 << 34, 1 << 35)])

    def start(moment: str) -> Person:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.unlucky", moment, str(workspace), str(place)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        come = any(line.strip() == unlucky.NOW for line in iter(child.stdout.readline, ""))
        child.send_signal(signal.SIGKILL)
        child.stdout.close()
        child.wait()
        assert come
        person = open_window()
        person.window.open(workspace)
        person.sees(lambda: person.window.view is not None and person.window.view.current is not None)
        return person

    return start


def ranger_of(person: Person) -> Ranger:
    assert person.window.ranger is not None
    return person.window.ranger


def goes_on(person: Person, words: str) -> None:
    """Today says what was cut off; one click goes on with it, and then nothing is left to say."""
    assert person.window.view is not None
    today = person.window.view.current
    assert isinstance(today, TodayPage)
    assert words in [one.text() for one in today.findChildren(QLabel)]
    click(button(today, "Go on"))
    person.sees(lambda: not ranger_of(person).begun.all())


def counts(ranger: Ranger, kind: type) -> int:
    with ranger.workspace.reading() as data:
        return data.count(kind)


def test_while_a_stick_is_written(start_again: StartAgain, place: Path, tmp_path: Path) -> None:
    person = start_again("writing")
    goes_on(person, "The exchange with “DEMO STICK” is not finished")
    with Ranger.create(tmp_path / "other.ranger", site_name=None)[0] as other:
        other.exchange.read(place, Work())
        assert counts(other, Patrol) == PATROLS
        assert other.status()["digest"] == ranger_of(person).status()["digest"]


def test_while_a_stick_is_read(start_again: StartAgain, workspace: Path, place: Path, tmp_path: Path) -> None:
    with (
        Ranger.open(workspace) as ranger,
        Ranger.create(tmp_path / "other.ranger", site_name=None)[0] as other,
    ):
        ranger.exchange.write(place, Work())
        other.exchange.read(place, Work())
        with other.workspace.unit("more") as unit:
            unit.add_many(a_patrol(other.workspace.site_id, f"OTH-{n}") for n in range(PATROLS))
        other.exchange.write(place, Work())
    person = start_again("reading")
    goes_on(person, "The exchange with “DEMO STICK” is not finished")
    assert counts(ranger_of(person), Patrol) == 2 * PATROLS


def test_while_a_card_is_taken_in(start_again: StartAgain, place: Path) -> None:
    card_of(place, PHOTOS)
    person = start_again("card")
    assert unlucky.BATCH <= counts(ranger_of(person), Photo) < PHOTOS
    goes_on(person, "The card of “Demo ridge” is not wholly taken in")
    assert counts(ranger_of(person), Photo) == PHOTOS
    assert person.window.drafts.forms == []  # nobody has to fill the form once more


def test_while_a_model_looks(start_again: StartAgain, workspace: Path, tmp_path: Path) -> None:
    with Ranger.open(workspace) as ranger:
        ranger.photos.add(card_of(tmp_path / "card", PHOTOS), station="Demo ridge")
    person = start_again("run")
    assert unlucky.BATCH <= counts(ranger_of(person), Detection) < PHOTOS
    goes_on(person, "The model has not looked at all photos")
    assert counts(ranger_of(person), Detection) == PHOTOS


def test_in_the_middle_of_a_word(start_again: StartAgain) -> None:
    person = start_again("typing")
    view = person.window.view
    assert view is not None
    assert "half written" in view.notices.words.text()
    view.go("green_list")
    page = view.current
    assert isinstance(page, GreenListPage)
    person.sees(lambda: narrative(page, "1.1.1") == unlucky.HALF)
    page.board.choose("1.1.1")
    assert page.sheet.narrative.toPlainText() == unlucky.HALF

    def look(form: PatrolForm) -> None:
        assert form.comment.toPlainText() == unlucky.NOTE
        assert "nothing of it is saved yet" in form.fault.text()
        click(form.cancel)

    new_patrol(person, look)


def test_what_waits_behind_a_long_job(start_again: StartAgain) -> None:
    person = start_again("waiting")
    view = person.window.view
    assert view is not None
    assert "half written" in view.notices.words.text()
    view.go("green_list")
    page = view.current
    assert isinstance(page, GreenListPage)
    person.sees(lambda: narrative(page, "1.1.1") == unlucky.NARRATIVE)
    assert "1.1.1, 1.1.2" in view.notices.words.text()
    assert page.assessments.sheet("1.1.2")[0].answer.rating not in ("", "not_yet_assessed")

    def send(form: PatrolForm) -> None:
        assert form.title.text() == unlucky.TITLE
        assert "Look whether it is there" in form.fault.text()
        click(form.go_on)

    new_patrol(person, send)
    person.sees(lambda: counts(ranger_of(person), Patrol) == PATROLS + 1)
    person.window.keeping.keep()
    person.sees(lambda: ranger_of(person).people.drafts() == [])


def narrative(page: GreenListPage, code: str) -> str:
    return page.assessments.sheet(code)[0].answer.narrative


def new_patrol(person: Person, how: Callable[[PatrolForm], object]) -> None:
    """Ask for a new patrol with the mouse, and do this to the form."""
    view = person.window.view
    assert view is not None
    view.go("patrols")
    page = view.current
    assert isinstance(page, PatrolsPage)
    person.sees(lambda: page.new.isVisible())

    def answer() -> None:
        form = QApplication.activeModalWidget()
        assert isinstance(form, PatrolForm)
        how(form)

    with person.answering(answer):
        click(page.new)
