"""Takes a picture of every page of the demo park in the real window: light, dark, and at 200 % text.

shots.py [--out shots] [--workspace DIR] [--language fr]

Without a workspace it builds the demo park in a temporary folder. It needs a screen, or xvfb-run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

from dialogs_shown import DIALOGS
from hub_shown import HUBS
from park_of_roles import park_of_roles
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog

from ranger_app import i18n
from ranger_app.bootstrap import Ranger
from ranger_app.config import Appearance, Settings
from ranger_app.demo.story import build_demo
from ranger_app.domain.ids import Id
from ranger_app.domain.roles import MANAGER
from ranger_app.gui import app, sticks
from ranger_app.gui.area_form import AreaForm
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages import PAGES
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.pages.patrols import PatrolsPage
from ranger_app.gui.pages.photos import PhotosPage
from ranger_app.gui.pages.today import TodayPage
from ranger_app.gui.photo_card import CardWish
from ranger_app.gui.sticks import Stick
from ranger_app.gui.widgets.patrols.erasing import ErasureForm
from ranger_app.jobs import Work
from ranger_app.patrols.erasable import erasable
from ranger_app.patrols.recording import PatrolEntry, entry_of
from ranger_app.photos.review import Word
from ranger_app.photos.views import Wanted

SIZE = 1366, 768
PASSPHRASE = "a demo passphrase"
STICK_BYTES = 12_300_000_000, 15_900_000_000  # free, and all
STICK = "stick"  # beside the workspace of the demo
QUIET_S = 0.4  # nothing was under way for so long: what is seen stands
QUIET_TURNS = 20  # and so often nothing came: on a busy machine time alone passes without a turn
GIVE_UP_AFTER_TURNS = 12_000
"""Of Qt's loop, a minute or more, in which no job went on: a busy machine has fewer turns in its minutes."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way in which every page is shown."""

    folder: str
    appearance: Appearance
    text_scale: float = 1.0


LOOKS = (
    Look("light", Appearance.LIGHT),
    Look("dark", Appearance.DARK),
    Look("large", Appearance.LIGHT, 2.0),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--workspace", type=Path, help="picture this one instead of the demo park")
    parser.add_argument("--language", default=i18n.ENGLISH)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ranger-shots-") as folder:
        os.environ["RANGER_CONFIG_DIR"] = folder  # nobody's own settings, and none left behind
        i18n.set_language(asked.language)
        workspace = asked.workspace or _park(Path(folder) / "demo")
        application = app.application()
        taken = sum(Camera(application, look, asked.out).take_all(workspace) for look in LOOKS)
    print(f"{taken} pictures in {asked.out}")
    return 0


def _park(folder: Path) -> Path:
    """The demo park, with something that its two laptops wrote apart and that waits to be settled."""
    demo = build_demo(folder, Work())
    for place, words in ((demo.second, "two camps at the ford"), (demo.workspace, "one camp at the ford")):
        with Ranger.open(place) as ranger:
            for row in ranger.patrols.rows()[:2]:
                ranger.patrols.correct(row.id, _commented(ranger, row.id, words))
            if place == demo.second:
                ranger.exchange.write(demo.bundle, Work())
            else:
                ranger.exchange.read(demo.bundle, Work())
    with Ranger.open(demo.workspace) as ranger:
        _name_animals(ranger)
    return demo.workspace


def _name_animals(ranger: Ranger) -> None:
    """Made-up names on the photos of animals, so that there is something to teach and to judge by."""
    for at, id_ in enumerate(ranger.photos.ids(Wanted(shows="animal"))):
        word = Word(type="animal", name=("demo deer", "demo boar", "demo cat")[at // 2 % 3])
        ranger.photos.label([id_], word, by="demo reviewer")


def _commented(ranger: Ranger, patrol_id: Id, words: str) -> PatrolEntry:
    report = ranger.patrols.patrol(patrol_id)
    return replace(entry_of(report.patrol, report.legs), comment=words)


class Camera:
    """Goes through the window in one look and keeps a picture of all there is."""

    def __init__(self, application: QApplication, look: Look, out: Path) -> None:
        self._application = application
        self._folder = out / look.folder
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(appearance=look.appearance, text_scale=look.text_scale, reviewer="demo reviewer")
        self._window: MainWindow = app.show(application, settings)
        self._window.resize(*SIZE)
        self._taken = 0

    def take_all(self, workspace: Path) -> int:
        """Start screen, form, every page, palette and keys; returns how many pictures were taken."""
        window = self._window
        window.start.show_choices([workspace])
        self._take("0-start")
        window.start.show_form()
        self._take("0-new-site")
        window.start.show_join_form()
        self._take("0-join-form")
        with tempfile.TemporaryDirectory(prefix="ranger-shots-") as folder:
            self._take_entrance(Path(folder))
            self._take_roles(Path(folder))
        window.begin(workspace)
        self._settle(lambda: window.view is not None)
        assert window.view is not None
        for number, page in enumerate(PAGES, start=1):
            window.view.go(page.id)
            self._take(f"{number}-{page.id}")
            self._take_stick(f"{number}-{page.id}-stick", workspace.with_name(STICK))
            self._take_photos(f"{number}-{page.id}")
            self._take_cut_off(f"{number}-{page.id}")
        self._take_dialogs()
        window.show_palette()
        self._take("8-palette")
        window.show_cheat_sheet()
        self._take("9-keys")
        window.show_guide()
        self._take("9-guide")
        window.close()
        window.deleteLater()
        self._application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return self._taken

    def _take_dialogs(self) -> None:
        """Every form and every question, over the page that is in front."""
        window = self._window
        assert window.view is not None
        assert window.view.current is not None
        assert window.ranger is not None
        for name, make in DIALOGS:
            make(window.view.current, window.ranger, window).open()
            self._take(f"dialog-{name}")

    def _take_stick(self, name: str, stick: Path) -> None:
        """The stick that the demo wrote, when it has been chosen."""
        page = self._window.view.current if self._window.view is not None else None
        if isinstance(page, ExchangePage) and stick.is_dir():
            with patch.object(sticks, "plugged_in", lambda: [Stick(stick, "DEMO STICK", *STICK_BYTES)]):
                page.stick.reload()
                page.stick.look(stick)
                self._take(name)
            self._take_hub(page)

    def _take_cut_off(self, name: str) -> None:
        """Today, when Ranger was cut off in a card."""
        window = self._window
        page = window.view.current if window.view is not None else None
        if isinstance(page, TodayPage) and window.ranger is not None:
            card = CardWish(Path("DCIM"), "Demo road 3", link=False, gap_s=60.0).begun
            window.ranger.begun.note(card.key, card.asked)
            page.reload()
            self._take(f"{name}-cut-off")
            window.ranger.begun.forget(card.key)

    def _take_hub(self, page: ExchangePage) -> None:
        """The hub's part of the page in each of its states."""
        for name, seen in HUBS:
            page.hub.show_seen(seen)
            self._settle()
            self._taken += page.hub.grab().save(str(self._folder / f"hub-{name}.png"))
        page.hub.reload()

    def _take_photos(self, name: str) -> None:
        """Of the page of photos: those under one name, the form for what occurs, where models are taught."""
        page = self._window.view.current if self._window.view is not None else None
        if not isinstance(page, PhotosPage):
            return
        if page.filter.called.count() > 1:
            page.filter.called.setCurrentIndex(1)
            page.filter.changed.emit()
            self._take(f"{name}-named")
            page.filter.show_everything()
        AreaForm(page, page.photos.area, page.context.background).show()
        self._take(f"{name}-area")
        page.show_models()
        self._take(f"{name}-models")
        if page.room.learn.isEnabled():
            page.room.learn.click()
            self._take(f"{name}-learned")
            page.room.refuse.click()
        page.room.measure.click()
        self._take(f"{name}-judged")
        page.show_photos()
        self._settle()

    def _take_entrance(self, folder: Path) -> None:
        """What a workspace asks before its pages: to join, a passphrase, who is there. And the lock."""
        window = self._window
        Ranger.create(folder / "post.ranger", site_name=None, device="demo post")[0].close()
        window.open(folder / "post.ranger")
        self._settle(lambda: window.ranger is not None)
        self._take("0-joining")
        window.entrance.left.emit()
        shared = folder / "demo station.ranger"
        with Ranger.create(shared, site_name="demo park", passphrase=PASSPHRASE)[0] as ranger:
            ranger.people.enter(ranger.people.add("Boss demo", roles=["administrator"]))
            asha = ranger.people.add("Asha demo", roles=["ranger", "data clerk"])
            ranger.people.add("Ben demo", roles=["manager"])
            ranger.people.choose_passphrase(asha, PASSPHRASE)
            ranger.devices.print_sheet(on=date(2026, 5, 1))
        window.open(shared)
        self._settle(window.start.unlock.isVisible)
        self._take("0-unlock")
        window.open(shared, PASSPHRASE)
        self._settle(lambda: window.ranger is not None)
        self._take("0-who")
        window.entrance.left.emit()
        window.open(shared, PASSPHRASE, "Asha demo")
        self._settle(lambda: window.view is not None)
        assert window.view is not None
        window.view.go("people")
        self._take("0-people")
        window.lock()
        self._take("0-locked")
        window.switch_person()
        self._settle(window.start.unlock.isVisible)

    def _take_roles(self, folder: Path) -> None:
        """What who may not see everything is shown: a place on a grid, and that something is not for them.
        And what a manager is asked before something is erased for good."""
        window, park = self._window, folder / "demo ford.ranger"
        people = park_of_roles(park, PASSPHRASE)
        for role, name in people.items():
            window.open(park, PASSPHRASE, name)
            self._settle(lambda: window.view is not None)
            assert window.view is not None
            window.view.go("patrols")
            self._settle()
            page = window.view.current
            assert isinstance(page, PatrolsPage)
            page.sheet.seen.listing.table.setFocus()
            page.sheet.seen.listing.choose(page.sheet.seen.listing.model.rows[0].id)
            self._take(f"0-role-{role}-patrols")
            if role == MANAGER:
                line = page.sheet.seen.listing.current
                assert line is not None
                form = ErasureForm(
                    page, erasable(line.noted, line.seen), page.context.ranger.erasing_limits()
                )
                form.show()
                self._take(f"0-role-{role}-erase")
            window.view.go("map")
            self._take(f"0-role-{role}-map")
            window.switch_person()
            self._settle(window.start.unlock.isVisible)

    def _take(self, name: str) -> None:
        self._settle()
        dialogs = [one for one in self._window.findChildren(QDialog) if one.isVisible()]
        shown = dialogs[-1] if dialogs else self._window
        self._taken += shown.grab().save(str(self._folder / f"{name}.png"))
        for dialog in dialogs:
            dialog.close()

    def _settle(self, done: Callable[[], bool] = lambda: True) -> None:
        """Turn Qt's loop until nothing has been under way for a while."""
        quiet_since, turns = time.monotonic(), 0
        standing, turns_alike = self._standing(), 0
        while time.monotonic() - quiet_since < QUIET_S or turns < QUIET_TURNS:
            self._application.processEvents()
            turns += 1
            turns_alike += 1
            if self._window.background.tasks or not done():
                quiet_since, turns = time.monotonic(), 0
            if (now := self._standing()) != standing:
                standing, turns_alike = now, 0
            if turns_alike > GIVE_UP_AFTER_TURNS:
                sys.exit(f"the window does not come to rest: {standing}")
            time.sleep(0.005)

    def _standing(self) -> object:
        """How far the jobs are, and how many seconds the machine has worked for them: another answer than
        before means that something goes on."""
        jobs = [(one.title, one.progress) for one in self._window.background.tasks]
        return jobs, round(time.process_time() - time.thread_time())


if __name__ == "__main__":
    sys.exit(main())
