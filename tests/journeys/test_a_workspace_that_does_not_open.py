"""A workspace that another window has, or that is damaged: the window says so in a sentence, and goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.config import Appearance, Settings, write_settings
from ranger_app.gui.page_frame import PageFrame
from ranger_app.patrols.recording import PatrolEntry
from tests.journeys.conftest import OpenWindow
from tests.journeys.person import Person


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace that was open last, closed now."""
    folder = tmp_path / "demo park.ranger"
    made, _doubts = Ranger.create(folder, site_name="Demo park")
    made.close()
    write_settings(Settings(appearance=Appearance.LIGHT).with_workspace(folder))
    return folder


def overwritten(database: Path) -> None:
    """Another program wrote over it."""
    database.write_bytes(b"no database at all " * 1000)


def cut_off(database: Path) -> None:
    """The copy to this laptop was broken off."""
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])


def emptied(database: Path) -> None:
    """The disk was full when it was copied."""
    database.write_bytes(b"")


def gone(database: Path) -> None:
    """Somebody tidied up."""
    database.unlink()


def torn(database: Path) -> None:
    """Some pages in the middle are not what they were."""
    whole = bytearray(database.read_bytes())
    whole[len(whole) // 4 : len(whole) // 2] = bytes(len(whole) // 2 - len(whole) // 4)
    database.write_bytes(whole)


DAMAGES = (overwritten, cut_off, emptied, gone, torn)


def test_a_second_window_on_the_same_workspace_is_refused_with_a_sentence(
    open_window: OpenWindow, workspace: Path
) -> None:
    first = open_window()
    first.sees(lambda: first.window.view is not None)
    second = open_window()  # it begins with the workspace that was open last
    second.sees(second.window.start.banner.isVisible)
    assert refusal(second).startswith("“demo park.ranger” is open in another window or command.")
    assert second.window.view is None
    first.comes_back()
    first.press("Ctrl+W")
    first.sees(lambda: first.window.view is None)
    second.comes_back()
    second.goes_to(workspace.stem)
    second.press("Space")
    second.sees(lambda: second.window.view is not None)


@pytest.mark.parametrize("damage", DAMAGES, ids=[one.__name__ for one in DAMAGES])
def test_a_damaged_workspace_is_refused_with_a_sentence(
    open_window: OpenWindow, workspace: Path, damage: Callable[[Path], None]
) -> None:
    damage(workspace / "ranger.db")
    person = open_window()
    person.sees(person.window.start.banner.isVisible)
    assert refusal(person).startswith("The database of “demo park.ranger” ")
    assert "ranger-app restore" in refusal(person)
    assert person.goes_to("New site…").isVisible()


def test_damage_that_is_met_only_in_reading_is_told_on_the_page_and_the_other_pages_go_on(
    open_window: OpenWindow, workspace: Path
) -> None:
    with Ranger.open(workspace) as ranger:
        ranger.patrols.start(PatrolEntry(number="DEM-2026-001", starts_on=date(2026, 5, 4)))
    overwrite_table(workspace / "ranger.db", "patrol")
    person = open_window()
    person.sees(lambda: person.window.view is not None)
    person.press("Ctrl+2")
    person.sees(lambda: on_the_page(person).startswith("The database of “demo park.ranger” does not read"))
    person.press("Ctrl+4")
    person.sees(lambda: in_front(person).page.page_id == "photos")
    assert not on_the_page(person)


def overwrite_table(database: Path, table: str) -> None:
    """Make the first page of a table unreadable, as a bad block of a disk would."""
    with closing(sqlite3.connect(database)) as found:
        (page_bytes,) = found.execute("pragma page_size").fetchone()
        (at,) = found.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()
    whole = bytearray(database.read_bytes())
    whole[(at - 1) * page_bytes : at * page_bytes] = b"\x77" * page_bytes
    database.write_bytes(whole)


def in_front(person: Person) -> PageFrame:
    assert person.window.view is not None
    frame = person.window.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    return frame


def on_the_page(person: Person) -> str:
    """What stands above the page in front that went wrong there; empty when nothing did."""
    banner = in_front(person).banner
    return banner.accessibleName() if banner.isVisible() else ""


def refusal(person: Person) -> str:
    """What the start screen says went wrong, and what to do."""
    return person.window.start.banner.accessibleName()
