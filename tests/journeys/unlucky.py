"""A whole Ranger that is about to be killed: mouse and keys bring it to one moment; it says so, and waits.

python -m tests.journeys.unlucky MOMENT WORKSPACE PLACE
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import NoReturn, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from ranger_app.config import Appearance, Settings
from ranger_app.gui import app, sticks
from ranger_app.gui.page import Page
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.green_list import GreenListPage
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.photo_card import CardForm
from ranger_app.gui.sticks import Stick
from ranger_app.gui.widgets.patrols.forms import PatrolForm
from ranger_app.jobs import Work
from ranger_app.photos.intake import intake
from ranger_app.photos.runs import classify
from ranger_app.photos.runs.packs import ModelPacks
from tests.gui.screen import button, click
from tests.photos.seers import DemoPacks

BATCH = 4  # photos, of an intake and of a run
NOW = "now"
STATION = "Demo ridge"
NARRATIVE, HALF = "Both banks are walked.", "Half a narr"
TITLE, NOTE = "Demo river", "Half a not"
P = TypeVar("P", bound=Page)
D = TypeVar("D", bound=QDialog)


def main() -> NoReturn:
    moment, workspace, place = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    intake.BATCH_PHOTOS, intake.AHEAD_FILES, classify.BATCH_RESULTS = BATCH, BATCH, BATCH
    packs = DemoPacks()
    ModelPacks.usual = classmethod(lambda _cls: packs)  # type: ignore[assignment, method-assign]
    sticks.plugged_in = lambda: [Stick(place, "DEMO STICK", 1 << 34, 1 << 35)]
    unlucky = Unlucky(app.application(), workspace, place)
    MOMENTS[moment](unlucky)
    unlucky.until(lambda: False)
    raise AssertionError("nobody killed it")


def here() -> None:
    """Tell whoever waits for it that the moment has come."""
    print(NOW, flush=True)


class Unlucky:
    """The window of this program, and who sits before it."""

    def __init__(self, application: QApplication, workspace: Path, place: Path) -> None:
        self._application, self.place = application, place
        self.window = app.show(application, Settings(appearance=Appearance.LIGHT))
        self.window.painted.connect(lambda: self.window.begin(workspace))
        whoever = os.getppid()
        self._beat = QTimer(interval=10)  # else a turn of the loop might wait for ever
        # A test that was given up does not leave this behind.
        self._beat.timeout.connect(lambda: None if os.getppid() == whoever else os._exit(1))
        self._beat.start()
        self.until(lambda: self.window.view is not None)
        self.rests()

    def until(self, so: Callable[[], object]) -> None:
        """Turn Qt's loop until it is so."""
        while not so():
            self._application.processEvents()

    def rests(self) -> None:
        """Until no job is under way."""
        self.until(lambda: not self.window.background.tasks)

    def goes(self, words: str, kind: type[P]) -> P:
        """Click on the page in the rail."""
        view = self.window.view
        assert view is not None
        click(button(view.rail, words))
        self.until(lambda: isinstance(view.current, kind))
        page = view.current
        assert isinstance(page, kind)
        return page

    def answers(self, kind: type[D], ask: QWidget, how: Callable[[D], object]) -> None:
        """Click on `ask`, and do this to the dialog that comes."""
        watch, done = QTimer(interval=5), list[bool]()

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, kind) and dialog.isVisible():
                watch.stop()
                how(dialog)
                done.append(True)

        watch.timeout.connect(look)
        watch.start()
        click(ask)
        self.until(lambda: done)

    def stops_when_written(self, kind: str) -> None:
        """The job that next writes a record of this kind goes no further."""
        assert self.window.ranger is not None

        def stop(touched: object) -> None:
            if kind in touched.kinds:  # type: ignore[attr-defined]
                here()
                Event().wait()

        self.window.ranger.watch(stop)

    def keeps(self, *signs: str) -> None:
        """Until drafts with these in them are on the disk."""
        assert self.window.ranger is not None
        people = self.window.ranger.people

        def kept() -> bool:
            found = "".join(f"{form} {people.draft(form)}" for form in people.drafts())
            return all(sign in found for sign in signs)

        self.window.keeping.keep()
        self.until(kept)


def writing(unlucky: Unlucky) -> None:
    """In the middle of writing a stick."""
    page = _looked(unlucky)
    _stop_at(lambda note: note == "changes", here)
    click(page.stick.give)


def reading(unlucky: Unlucky) -> None:
    """In the middle of reading one."""
    page = _looked(unlucky)
    unlucky.stops_when_written("patrol")
    click(page.stick.take)


def card(unlucky: Unlucky) -> None:
    """In the middle of a card."""
    page = unlucky.goes("Photos", PhotosPage)
    unlucky.rests()
    unlucky.stops_when_written("photo")

    def fill(form: CardForm) -> None:
        QTest.keyClicks(form.folder, str(unlucky.place))
        form.station.setEditText(STATION)
        click(form.go_on)

    unlucky.answers(CardForm, page.add, fill)


def run(unlucky: Unlucky) -> None:
    """In the middle of a run of the model."""
    page = unlucky.goes("Photos", PhotosPage)
    unlucky.rests()
    unlucky.stops_when_written("detection")
    click(page.run)


def typing(unlucky: Unlucky) -> None:
    """In the middle of a word, on a page and in a form."""
    page = unlucky.goes("Green List", GreenListPage)
    unlucky.rests()
    page.board.choose("1.1.1")
    click(page.sheet.narrative)
    QTest.keyClicks(page.sheet.narrative, HALF)
    page.sheet.narrative.pause.stop()  # it is killed before the pause after which the page keeps it
    unlucky.keeps(HALF)

    def fill(form: PatrolForm) -> None:
        QTest.keyClicks(form.comment, NOTE)
        unlucky.keeps(NOTE)
        here()

    unlucky.answers(PatrolForm, unlucky.goes("Patrols", PatrolsPage).new, fill)


def waiting(unlucky: Unlucky) -> None:
    """What was said and sent waits behind a job that holds all who write."""
    page = unlucky.goes("Exchange", ExchangePage)
    unlucky.rests()
    held = Event()
    _stop_at(lambda _note: True, held.set)
    click(button(page, "Check everything"))
    unlucky.until(held.is_set)
    green_list = unlucky.goes("Green List", GreenListPage)
    unlucky.until(lambda: green_list.whole.currentWidget() is green_list.work)
    green_list.board.choose("1.1.1")
    click(green_list.sheet.narrative)
    QTest.keyClicks(green_list.sheet.narrative, NARRATIVE)
    green_list.board.choose("1.1.2")
    click(green_list.sheet.ratings.buttons()[0])

    def fill(form: PatrolForm) -> None:
        QTest.keyClicks(form.title, TITLE)
        click(form.go_on)

    unlucky.answers(PatrolForm, unlucky.goes("Patrols", PatrolsPage).new, fill)
    unlucky.keeps(NARRATIVE, TITLE, "rating")
    here()


MOMENTS = {one.__name__: one for one in (writing, reading, card, run, typing, waiting)}


def _looked(unlucky: Unlucky) -> ExchangePage:
    """The page of exchange, with the stick looked at."""
    page = unlucky.goes("Exchange", ExchangePage)
    unlucky.until(lambda: page.stick.plugged.buttons)
    click(page.stick.plugged.buttons[0])
    unlucky.until(page.stick.both.isVisible)
    unlucky.rests()
    return page


def _stop_at(at: Callable[[str], bool], then: Callable[[], None]) -> None:
    """The job that next reports this goes no further."""
    plain = Work.tick

    def tick(self: Work, done: int, total: int | None = None, note: str = "") -> None:
        plain(self, done, total, note)
        if at(note):
            then()
            Event().wait()

    Work.tick = tick  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
