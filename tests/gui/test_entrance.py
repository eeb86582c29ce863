"""Before the pages: a laptop joins a site, people sign in, the window is locked and opened again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Patrol
from ranger_app.gui import asking
from ranger_app.gui.entering.join_site import JoinSite
from ranger_app.gui.entering.joining import Joining
from ranger_app.gui.entering.lock_screen import IdleWatch
from ranger_app.gui.entering.who import WhoIsThere
from ranger_app.gui.main_window import MainWindow
from ranger_app.jobs import Work
from tests.gui.demo_form import DemoForm
from tests.gui.screen import button, click, press, settled, type_into

OWN, HERS = "the laptop's own words", "asha's own words"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A protected laptop: Asha has a passphrase, Boss has none yet."""
    folder = tmp_path / "shared.ranger"
    with Ranger.create(folder, site_name="demo park", passphrase=OWN)[0] as ranger:
        people = ranger.people
        people.enter(people.add("Boss demo", roles=["administrator"]))
        people.choose_passphrase(people.add("Asha demo", roles=["ranger"]), HERS)
    return folder


def shown(window: MainWindow, kind: type[WhoIsThere] | type[Joining] | type[JoinSite]) -> bool:
    return isinstance(window.start.stack.currentWidget(), kind) and window.start.isVisible()


def signed_in(qtbot: QtBot, window: MainWindow, folder: Path, name: str, passphrase: str) -> None:
    """Open as a person with a passphrase, from the start screen or from where nobody is signed in."""
    if window.view is None and not window.start.unlock.isVisible():
        window.open(folder)
    qtbot.waitUntil(window.start.unlock.isVisible)
    settled(qtbot, window)
    unlock = window.start.unlock
    unlock.who.setCurrentText(name)
    type_into(unlock.field, passphrase)
    press(unlock.field, "Return")
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)


# -- joining


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Ranger]:
    with Ranger.create(tmp_path / "office.ranger", site_name="demo park")[0] as ranger:
        yield ranger


def test_a_laptop_joins_a_site_from_the_start_screen(
    qtbot: QtBot, window: MainWindow, office: Ranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, answer, folder = tmp_path / "post.request", tmp_path / "post.answer", tmp_path / "post.ranger"
    monkeypatch.setattr(asking, "for_new_file", lambda *_arguments, **_more: request)
    monkeypatch.setattr(asking, "for_file", lambda *_arguments, **_more: answer)
    window.begin()
    click(button(window.start, "Join a site…"))
    form = window.start.join_site
    assert form is not None
    form.device.setText("demo post")
    form.folder.setText(str(folder))
    click(form.make)
    assert "at least 8 characters" in form.fault.text()
    form.protection.leave_open.setChecked(True)
    click(form.make)
    qtbot.waitUntil(lambda: shown(window, Joining))
    settled(qtbot, window)
    joining = window.start.stack.currentWidget()
    assert isinstance(joining, Joining)
    assert joining.code.isVisible()
    click(joining.save)
    qtbot.waitUntil(joining.saved.isVisible)
    asked = office.devices.asked(request)
    assert joining.words.accessibleDescription() == " ".join(asked.words)
    assert asked.name == "demo post"

    answer.write_bytes(b"something else")
    click(joining.read)
    qtbot.waitUntil(window.start.banner.isVisible)
    site_words = office.devices.answer(request, role="ranger", out=answer)
    click(joining.read)
    qtbot.waitUntil(joining.go_on.isVisible)
    assert joining.site_words.accessibleDescription() == " ".join(site_words)
    assert "ranger" in joining.site.text()
    click(button(joining, "They differ"))
    assert "do not go in" in joining.warning.text()
    click(joining.go_on)
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)
    assert window.ranger is not None
    assert window.ranger.devices.role() == "ranger"


def test_the_request_stays_good_when_ranger_was_closed_meanwhile(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "post.ranger"
    with Ranger.create(folder, site_name=None, device="demo post")[0] as ranger:
        words = ranger.devices.request()[0].words
    window.begin(folder)
    qtbot.waitUntil(lambda: shown(window, Joining))
    joining = window.start.stack.currentWidget()
    assert isinstance(joining, Joining)
    assert joining.words.accessibleDescription() == " ".join(words)
    click(button(joining, "Close"))
    assert window.ranger is None
    Ranger.open(folder).close()  # nobody holds it


# -- signing in


def test_who_has_a_passphrase_goes_straight_in(qtbot: QtBot, window: MainWindow, shared: Path) -> None:
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    assert window.ranger is not None
    assert window.ranger.people.present is not None
    assert "Asha demo" in window.windowTitle()


def test_the_first_time_one_is_chosen(qtbot: QtBot, window: MainWindow, shared: Path) -> None:
    window.open(shared)
    qtbot.waitUntil(window.start.unlock.isVisible)
    unlock = window.start.unlock
    assert unlock.who.itemText(0) == "Asha demo"
    unlock.who.setCurrentIndex(1)
    type_into(unlock.field, OWN)
    press(unlock.field, "Return")
    qtbot.waitUntil(lambda: shown(window, WhoIsThere))
    settled(qtbot, window)
    who = window.start.stack.currentWidget()
    assert isinstance(who, WhoIsThere)
    who.who.setCurrentText("Boss demo")
    assert who.new.isVisible()
    type_into(who.new.passphrase, "short")
    click(who.sign_in)
    assert "at least 8" in who.fault.text()
    for field in (who.new.passphrase, who.new.again):
        field.clear()
        type_into(field, "boss's own words")
    press(who.new.again, "Return")
    qtbot.waitUntil(lambda: window.view is not None)
    settled(qtbot, window)
    assert window.ranger is not None
    assert Ranger.people_of(shared) == ("Asha demo", "Boss demo")


def test_anothers_passphrase_lets_nobody_in(qtbot: QtBot, window: MainWindow, shared: Path) -> None:
    window.open(shared)
    qtbot.waitUntil(window.start.unlock.isVisible)
    unlock = window.start.unlock
    unlock.who.setCurrentIndex(0)
    type_into(unlock.field, OWN)
    press(unlock.field, "Return")
    qtbot.waitUntil(window.start.banner.isVisible)
    assert unlock.isVisible()
    assert unlock.who.currentText() == "Asha demo"
    assert unlock.field.text() == ""


# -- lock, and another person


def test_a_locked_window_shows_nothing_and_opens_for_its_person(
    qtbot: QtBot, window: MainWindow, shared: Path
) -> None:
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    assert window.view is not None
    press(window, "Ctrl+L")
    assert window.locking.is_on
    assert not window.view.isVisible()
    press(window, "Ctrl+2")
    assert not window.view.isVisible(), "no key reaches what is behind"
    screen = window.locking.screen
    assert "Asha demo" in screen.who.text()
    type_into(screen.field, OWN)
    press(screen.field, "Return")
    qtbot.waitUntil(screen.fault.isVisible)
    type_into(screen.field, HERS)
    press(screen.field, "Return")
    qtbot.waitUntil(window.view.isVisible)
    assert not window.locking.is_on


def test_quiet_minutes_lock_and_any_key_begins_them_anew(
    qtbot: QtBot, window: MainWindow, shared: Path
) -> None:
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    timer = window.locking.watch.timer
    assert timer.isActive()
    assert timer.interval() == 10 * 60_000
    begun = timer.timerId()
    press(window, "F12")
    assert timer.timerId() != begun
    timer.timeout.emit()
    assert window.locking.is_on


def test_quiet_minutes_lock_each_time_and_not_the_first_alone(
    qtbot: QtBot, window: MainWindow, shared: Path
) -> None:
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    assert window.view is not None
    timer = window.locking.watch.timer
    for _time in range(2):
        assert timer.isActive()
        timer.setInterval(1)  # it comes to its end, as after ten minutes
        qtbot.waitUntil(lambda: window.locking.is_on)
        assert not timer.isActive()
        type_into(window.locking.screen.field, HERS)
        press(window.locking.screen.field, "Return")
        qtbot.waitUntil(window.view.isVisible)
    assert timer.isActive()
    assert timer.interval() == 10 * 60_000


def test_a_laptop_that_slept_for_longer_is_locked_for_who_wakes_it(qtbot: QtBot) -> None:
    """A timer stands still while the laptop sleeps."""
    clock = [1_000.0]
    field = QLineEdit()
    qtbot.addWidget(field)
    watch = IdleWatch(field, now_s=lambda: clock[0])
    locked: list[bool] = []
    watch.idle.connect(lambda: locked.append(True))
    watch.wait(10)
    clock[0] += 9 * 60
    type_into(field, "a")
    clock[0] -= 86_400  # somebody put it right
    type_into(field, "b")
    assert (locked, field.text()) == ([], "ab")
    clock[0] += 11 * 60
    type_into(field, "c")
    assert (locked, field.text()) == ([True], "ab"), "and what is open is not touched"
    watch.wait(0)


def test_a_workspace_without_a_passphrase_is_not_locked(qtbot: QtBot, opened: MainWindow) -> None:
    press(opened, "Ctrl+L")
    assert not opened.locking.is_on
    assert not opened.locking.watch.timer.isActive()


def test_a_half_written_form_is_back_for_who_wrote_it_and_for_nobody_else(
    qtbot: QtBot, window: MainWindow, shared: Path
) -> None:
    with Ranger.open(shared, passphrase=OWN) as ranger:
        people = ranger.people
        people.choose_passphrase(people.find("Boss demo"), "boss's own words")
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    form = DemoForm(window)
    form.open()
    type_into(form.title, "half a pat")
    type_into(form.secret, "not to be kept")
    window.switch_person()
    assert window.view is None
    signed_in(qtbot, window, shared, "Boss demo", "boss's own words")
    other = DemoForm(window)
    other.open()
    assert other.title.text() == ""
    other.reject()
    window.switch_person()
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    again = DemoForm(window)
    again.open()
    assert again.title.text() == "half a pat"
    assert again.secret.text() == ""
    assert again.fault.isVisible()
    again.accept()
    third = DemoForm(window)
    third.open()
    assert third.title.text() == "", "what was sent is no draft any more"
    third.reject()


def test_the_lock_puts_an_open_form_away_and_it_comes_back(
    qtbot: QtBot, window: MainWindow, shared: Path
) -> None:
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    form = DemoForm(window)
    form.open()
    type_into(form.title, "half a pat")
    window.lock()
    assert not form.isVisible()
    type_into(window.locking.screen.field, HERS)
    press(window.locking.screen.field, "Return")
    qtbot.waitUntil(lambda: not window.locking.is_on)
    again = DemoForm(window)
    again.open()
    assert again.title.text() == "half a pat"
    again.reject()


def test_jobs_go_on_while_the_window_is_locked(qtbot: QtBot, window: MainWindow, shared: Path) -> None:
    signed_in(qtbot, window, shared, "Asha demo", HERS)
    assert window.ranger is not None
    go_on, ranger = threading.Event(), window.ranger

    def job(_work: Work) -> None:
        assert go_on.wait(20)
        with ranger.workspace.unit("by a job") as unit:
            unit.add(Patrol(site_id=ranger.workspace.site_id, number="DEMO-1"))

    task = window.background.run(job, "A demo job", writes=True)
    window.lock()
    assert "1 job goes on" in window.locking.screen.jobs.text()
    with qtbot.waitSignal(task.finished):
        go_on.set()
    assert window.locking.is_on
    settled(qtbot, window)
    with ranger.workspace.reading() as data:
        (patrol,) = data.find(Patrol)
        (change,) = {one.author for one in data.history(Patrol, patrol.id)}
        assert ranger.people.names()[change] == "Asha demo"
