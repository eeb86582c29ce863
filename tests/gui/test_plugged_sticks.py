"""Sticks that are plugged in stand on the Exchange page by themselves, with what lies on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.errors import DiskTrouble
from ranger_app.gui import asking
from ranger_app.gui.entering.opening import look
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.page_frame import PageFrame
from ranger_app.gui.pages.exchange import ExchangePage
from ranger_app.gui.stick_section import StickSection
from ranger_app.gui.sticks import Stick
from ranger_app.gui.widgets.people.forms import SheetForm
from ranger_app.jobs import Cancelled, Work
from tests.gui.screen import click, press, settled

GIGABYTE = 1_000_000_000
Plug = Callable[[str], Stick]


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch) -> ExchangePage:
    """The page; whoever asks for a folder in these tests is wrong."""
    monkeypatch.setattr(asking, "for_folder", lambda *_said, **_more: pytest.fail("a folder was asked for"))
    assert opened.view is not None
    opened.view.go("exchange")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, ExchangePage)
    return current


@pytest.fixture
def section(page: ExchangePage) -> StickSection:
    return page.stick


@pytest.fixture
def plug(tmp_path: Path, plugged: list[Stick], qtbot: QtBot, section: StickSection) -> Plug:
    """Plugs a stick in, as far as the page can tell."""

    def plug_in(name: str) -> Stick:
        place = tmp_path / "media" / name
        place.mkdir(parents=True)
        made = Stick(place, name, 12 * GIGABYTE, 16 * GIGABYTE)
        plugged.append(made)
        section.watch.changed.emit()
        qtbot.waitUntil(lambda: made in section.plugged.sticks)
        qtbot.waitUntil(lambda: "bundle" in words_of(section, made))
        return made

    return plug_in


def line_of(section: StickSection, stick: Stick) -> QPushButton:
    return section.plugged.buttons[section.plugged.sticks.index(stick)]


def words_of(section: StickSection, stick: Stick) -> str:
    return line_of(section, stick).accessibleName()


def unplug(section: StickSection, plugged: list[Stick], stick: Stick) -> None:
    plugged.remove(stick)
    stick.place.rename(stick.place.with_name("gone"))
    section.watch.changed.emit()


def test_without_a_stick_the_page_says_what_to_do(section: StickSection) -> None:
    assert "Plug one in" in section.plugged.none.text()
    assert section.plugged.buttons == []
    assert section.choose.isVisible()


def test_two_clicks_give_to_a_stick_that_is_plugged_in(
    qtbot: QtBot, opened: MainWindow, section: StickSection, plug: Plug
) -> None:
    stick = plug("DEMO STICK")
    assert words_of(section, stick) == "DEMO STICK: 12.0 GB free of 16.0 GB\nNo bundle is on it yet."
    assert not section.plugged.none.isVisible()
    click(line_of(section, stick))
    qtbot.waitUntil(section.both.isVisible)
    click(section.both)
    qtbot.waitUntil(section.done.isVisible)
    assert "read back and checked" in section.done.text()
    settled(qtbot, opened)
    qtbot.waitUntil(lambda: "Nothing on it is new" in words_of(section, stick))


def test_it_is_seen_from_afar_that_something_new_is_on_a_stick(
    qtbot: QtBot, opened: MainWindow, section: StickSection, plug: Plug, plugged: list[Stick], tmp_path: Path
) -> None:
    ranger = opened.ranger
    assert ranger is not None
    stick = plug("DEMO STICK")
    other, _doubts = Ranger.create(tmp_path / "other.ranger", site_name=None)
    with other:
        ranger.exchange.write(stick.place, Work())
        other.exchange.read(stick.place, Work())
        other.change_site(country="KEN")
        other.exchange.write(stick.place, Work())
    section.reload()
    qtbot.waitUntil(lambda: "1 bundle of others; something is new here." in words_of(section, stick))
    settled(qtbot, opened)


def test_the_keys_need_no_dialog_while_one_stick_is_plugged_in(
    qtbot: QtBot, opened: MainWindow, section: StickSection, plug: Plug
) -> None:
    plug("DEMO STICK")
    press(opened, "Ctrl+Shift+W")
    qtbot.waitUntil(section.give.hasFocus)
    settled(qtbot, opened)


def test_of_two_sticks_a_person_says_which(
    qtbot: QtBot, opened: MainWindow, section: StickSection, plug: Plug
) -> None:
    first, second = plug("DEMO A"), plug("DEMO B")
    press(opened, "Ctrl+Shift+W")
    assert "Which of the sticks?" in section.looked.text()
    qtbot.waitUntil(line_of(section, first).hasFocus)
    press(line_of(section, first), "Tab")
    assert line_of(section, second).hasFocus()
    press(line_of(section, second), "Space")
    qtbot.waitUntil(section.give.hasFocus)
    assert section.looked.text() == "“DEMO B”"
    settled(qtbot, opened)


def test_a_stick_that_is_pulled_out_is_offered_no_more(
    qtbot: QtBot, opened: MainWindow, section: StickSection, plug: Plug, plugged: list[Stick]
) -> None:
    stick = plug("DEMO STICK")
    click(line_of(section, stick))
    qtbot.waitUntil(section.both.isVisible)
    settled(qtbot, opened)
    unplug(section, plugged, stick)
    qtbot.waitUntil(lambda: not section.both.isVisible())
    assert section.looked.text() == "“DEMO STICK” is not plugged in any more."
    assert section.plugged.none.isVisible()
    settled(qtbot, opened)


def test_pulled_out_while_it_is_written_the_page_says_why_once(
    qtbot: QtBot,
    opened: MainWindow,
    page: ExchangePage,
    section: StickSection,
    plug: Plug,
    plugged: list[Stick],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stick = plug("DEMO STICK")
    click(line_of(section, stick))
    qtbot.waitUntil(section.both.isVisible)
    settled(qtbot, opened)

    def pulled_out(*_said: object, **_more: object) -> None:
        plugged.remove(stick)
        stick.place.rename(stick.place.with_name("gone"))
        raise DiskTrouble("The stick was pulled out.", "Plug it in again.")

    monkeypatch.setattr(page.context.ranger.exchange, "trade", pulled_out)
    click(section.both)
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    qtbot.waitUntil(lambda: not section.both.isVisible())
    settled(qtbot, opened)
    assert frame.banner.accessibleName() == "The stick was pulled out. Plug it in again."


def test_stopped_while_it_is_written_it_can_be_gone_on_with(
    qtbot: QtBot, opened: MainWindow, page: ExchangePage, section: StickSection, plug: Plug
) -> None:
    stick = plug("DEMO STICK")
    click(line_of(section, stick))
    qtbot.waitUntil(section.both.isVisible)
    settled(qtbot, opened)

    def stopped(*_said: object, **_more: object) -> None:
        raise Cancelled

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(page.context.ranger.exchange, "trade", stopped)
        click(section.both)
        qtbot.waitUntil(section.done.isVisible)
    assert section.done.text().startswith("Stopped.")
    qtbot.waitUntil(section.both.isEnabled)
    settled(qtbot, opened)
    assert section.done.text().startswith("Stopped.")


def test_a_stick_that_cannot_be_read_says_so_in_its_line(
    qtbot: QtBot, opened: MainWindow, section: StickSection, plug: Plug, plugged: list[Stick], tmp_path: Path
) -> None:
    missing = Stick(tmp_path / "media" / "DEMO BROKEN", "DEMO BROKEN", 0, 16 * GIGABYTE, read_only=True)
    plugged.append(missing)
    section.watch.changed.emit()
    qtbot.waitUntil(lambda: missing in section.plugged.sticks)
    qtbot.waitUntil(lambda: "is not there" in words_of(section, missing))
    assert words_of(section, missing).startswith("DEMO BROKEN: 16.0 GB, can only be read")
    settled(qtbot, opened)


def test_a_closed_bundle_opens_with_the_words_of_the_recovery_sheet(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    plugged: list[Stick],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every laptop is lost; what is left is a stick, the paper, and a laptop on which nothing is yet."""
    place = tmp_path / "DEMO STICK"
    place.mkdir()
    lost, _doubts = Ranger.create(tmp_path / "lost.ranger", site_name="Demo park", passphrase="demo words")
    with lost:
        sheet = lost.devices.print_sheet(on=date(2026, 5, 1))
        lost.exchange.write(place, Work())
    Ranger.create(tmp_path / "new.ranger", site_name=None)[0].close()
    plugged.append(Stick(place, "DEMO STICK", 12 * GIGABYTE, 16 * GIGABYTE))
    window.open(tmp_path / "new.ranger")
    qtbot.waitUntil(lambda: window.ranger is not None)
    ranger = window.ranger
    assert ranger is not None
    window.entrance.entered.emit(look(ranger))  # “Go in without”
    assert window.view is not None
    window.view.go("exchange")
    settled(qtbot, window)
    page = window.view.current
    assert isinstance(page, ExchangePage)
    qtbot.waitUntil(lambda: bool(page.stick.plugged.buttons))
    click(page.stick.plugged.buttons[0])
    qtbot.waitUntil(page.stick.by_sheet.isVisible)
    typed = iter(("amber basin cedar", sheet))
    wrong: list[str] = []

    def type_words(form: SheetForm) -> bool:
        wrong.append(form.fault.text())
        form.words.setPlainText(next(typed))
        return True

    monkeypatch.setattr(SheetForm, "asked", type_words)
    click(page.stick.by_sheet)
    qtbot.waitUntil(page.stick.done.isVisible)
    settled(qtbot, window)
    assert wrong[0] == ""
    assert "24" in wrong[1]
    assert "Taken:" in page.stick.done.text()
    site = ranger.site()
    assert site is not None
    assert site.name == "Demo park"
