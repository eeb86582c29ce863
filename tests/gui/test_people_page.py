"""People and laptops on their page: who they are, how a new one is let in, and how one is shut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLabel, QLineEdit, QPlainTextEdit, QSpinBox
from pytestqt.qtbot import QtBot

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.roles import MANAGER
from ranger_app.gui import asking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages.people import PeoplePage
from ranger_app.jobs import Work
from ranger_app.security.spoken import words_on_sheet
from tests.gui.screen import button, click, settled


@pytest.fixture
def page(qtbot: QtBot, opened: MainWindow) -> PeoplePage:
    assert opened.view is not None
    opened.view.go("people")
    settled(qtbot, opened)
    current = opened.view.current
    assert isinstance(current, PeoplePage)
    return current


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Ranger]:
    """A second laptop, that belongs to no site yet."""
    ranger, _doubts = Ranger.create(tmp_path / "post.ranger", site_name=None, device="Demo post")
    with ranger:
        yield ranger


@pytest.fixture
def request_file(tmp_path: Path, post: Ranger, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The request of that laptop, which is what the person chooses."""
    _request, content = post.devices.request()
    file = tmp_path / "demo post.request"
    file.write_bytes(content)
    monkeypatch.setattr(asking, "for_file", lambda *_arguments, **_more: file)
    monkeypatch.setattr(asking, "for_new_file", lambda *_arguments, name: tmp_path / name)
    return file


def when_asked(page: PeoplePage, act: Callable[[QDialog], None]) -> None:
    """Do this in the dialog that comes up."""

    def look() -> None:
        dialog = next((one for one in page.findChildren(QDialog) if one.isVisible()), None)
        if dialog is None:
            QTimer.singleShot(10, look)
        else:
            act(dialog)

    QTimer.singleShot(10, look)


def fill(dialog: QDialog, name: str) -> QLineEdit:
    """The field of this name."""
    (found,) = [one for one in dialog.findChildren(QLineEdit) if one.accessibleName().startswith(name)]
    return found


def ask(page: PeoplePage) -> None:
    click(button(page, "Answer a laptop that asks to join…"))


def test_a_laptop_is_let_in_once_its_words_were_compared(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, post: Ranger, request_file: Path
) -> None:
    assert page.standing.text().startswith("Every laptop that has this site's bundles may write")
    words, _content = post.devices.request()

    def agree(dialog: QDialog) -> None:
        shown = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert all(f"{n} {word}" in shown for n, word in enumerate(words.words, start=1))
        assert "Demo post" in shown
        roles = dialog.findChild(QComboBox)
        assert roles is not None
        roles.setCurrentIndex(roles.findData(MANAGER))
        click(button(dialog, "They are the same"))

    when_asked(page, agree)
    ask(page)
    qtbot.waitUntil(page.done.isVisible)
    settled(qtbot, opened)
    joined = post.devices.join(request_file.with_suffix(".answer").read_bytes())
    assert joined.role == MANAGER
    assert page.site_words.accessibleDescription() == " ".join(joined.words)
    assert page.site_words.isVisible()
    assert [(one.name, one.role) for one in page.laptops.model.rows[1:]] == [("Demo post", MANAGER)]
    assert page.standing.text() == "This laptop's role: administrator."


def test_words_that_differ_let_nobody_in(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, request_file: Path
) -> None:
    closed: list[int] = []

    def differ(dialog: QDialog) -> None:
        dialog.finished.connect(closed.append)
        click(button(dialog, "They differ"))

    when_asked(page, differ)
    ask(page)
    qtbot.waitUntil(lambda: bool(closed))
    settled(qtbot, opened)
    assert not request_file.with_suffix(".answer").exists()
    assert opened.ranger is not None
    assert opened.ranger.devices.directory() is None


def test_a_file_that_is_no_request_is_told_on_the_page(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, request_file: Path
) -> None:
    from ranger_app.gui.page_frame import PageFrame

    request_file.write_bytes(b"something else")
    ask(page)
    assert opened.view is not None
    frame = opened.view.stack.currentWidget()
    assert isinstance(frame, PageFrame)
    qtbot.waitUntil(frame.banner.isVisible)
    settled(qtbot, opened)


# -- what is done to laptops and people


def let_in(post: Ranger, opened: MainWindow, role: str = "ranger") -> None:
    """The second laptop is one of the site's, and has written something."""
    assert opened.ranger is not None
    _request, content = post.devices.request()
    post.devices.join(opened.ranger.devices.enrol(content, role=role))


def test_a_laptop_is_shut_out_only_when_its_name_is_typed(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, post: Ranger
) -> None:
    let_in(post, opened)
    page.reload()
    qtbot.waitUntil(lambda: len(page.laptops.model.rows) == 2)
    settled(qtbot, opened)
    assert not page.revoke.isEnabled(), "nobody is chosen"
    page.laptops.choose(post.workspace.keys.replica)
    assert page.revoke.isEnabled()

    def shut_out(dialog: QDialog) -> None:
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "kept aside on every laptop" in words
        click(button(dialog, "Shut it out"))
        assert dialog.isVisible()
        fill(dialog, "To confirm").setText("demo post")
        click(button(dialog, "Shut it out"))

    when_asked(page, shut_out)
    click(page.revoke)
    qtbot.waitUntil(page.done.isVisible)
    settled(qtbot, opened)
    assert opened.ranger is not None
    assert opened.ranger.devices.find("Demo post").role is None


def test_what_is_kept_aside_is_listed_with_who_wrote_it(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, post: Ranger, tmp_path: Path
) -> None:
    assert opened.ranger is not None
    let_in(post, opened)
    with post.workspace.unit("a patrol") as unit:
        unit.add(Patrol(site_id=post.workspace.site_id, number="DEMO-7"))
    opened.ranger.devices.revoke(post.workspace.keys.replica, accept_up_to=0)
    post.exchange.write(tmp_path / "stick", Work())
    opened.ranger.exchange.read(tmp_path / "stick", Work())
    page.reload()
    qtbot.waitUntil(page.aside.isVisible)
    settled(qtbot, opened)
    assert {row.laptop for row in page.aside.model.rows} == {"Demo post"}
    assert "patrol" in {row.what for row in page.aside.model.rows}
    assert "They do not count, and are not lost" in page.aside_told.text()


def test_how_much_a_laptop_may_bring_is_set_and_told(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, post: Ranger, tmp_path: Path
) -> None:
    assert opened.ranger is not None
    let_in(post, opened)
    with post.workspace.unit("a patrol") as unit:
        unit.add(Patrol(site_id=post.workspace.site_id, number="DEMO-7"))
    post.exchange.write(tmp_path / "stick", Work())
    opened.ranger.exchange.read(tmp_path / "stick", Work())
    page.reload()
    qtbot.waitUntil(lambda: len(page.laptops.model.rows) == 2)
    settled(qtbot, opened)
    page.laptops.choose(post.workspace.keys.replica)

    def lower(dialog: QDialog) -> None:
        assert "What this one brings beyond" in " ".join(one.text() for one in dialog.findChildren(QLabel))
        number = dialog.findChild(QSpinBox)
        assert number is not None
        assert number.value() == 10_000_000
        number.setValue(1)
        click(button(dialog, "Set its quota"))

    when_asked(page, lower)
    click(page.quota)
    qtbot.waitUntil(page.aside.isVisible)
    settled(qtbot, opened)
    assert "“Demo post” has brought 2 single changes and may bring 1" in page.aside_told.text()
    assert {row.role for row in page.aside.model.rows} == {"ranger, beyond its quota"}


def test_people_are_added_beginning_with_oneself(qtbot: QtBot, opened: MainWindow, page: PeoplePage) -> None:
    def add(name: str, role: str) -> None:
        def answer(dialog: QDialog) -> None:
            fill(dialog, "Name").setText(name)
            for box in dialog.findChildren(QCheckBox):
                if box.text() in ("ranger", "administrator"):
                    box.setChecked(box.text() == role)
            click(button(dialog, "Add them"))

        when_asked(page, answer)
        click(page.add)
        qtbot.waitUntil(lambda: name in {one.name for one in page.people.model.rows})
        settled(qtbot, opened)

    add("Boss demo", "administrator")
    assert opened.ranger is not None
    present = opened.ranger.people.present
    assert present is not None
    assert present.name == "Boss demo"
    assert "Boss demo, administrator" in page.present.text()
    add("Asha demo", "ranger")
    opened.ranger.people.enter(opened.ranger.people.find("Asha demo"))
    page.reload()
    qtbot.waitUntil(page.why.isVisible)
    assert not page.add.isEnabled()
    assert "Only a person who is administrator" in page.add.toolTip()
    assert page.add.accessibleDescription() == page.add.toolTip()


def test_a_sheet_is_printed_and_checked_from_paper(
    qtbot: QtBot, opened: MainWindow, page: PeoplePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sheet.txt"
    monkeypatch.setattr(asking, "for_new_file", lambda *_arguments, **_more: out)
    assert not page.sheet.check.isEnabled()
    click(page.sheet.print)
    qtbot.waitUntil(page.done.isVisible)
    settled(qtbot, opened)
    words = words_on_sheet(out.read_text())
    told: list[str] = []

    def type_words(typed: list[str]) -> Callable[[QDialog], None]:
        def act(dialog: QDialog) -> None:
            told.append(" ".join(label.text() for label in dialog.findChildren(QLabel)))
            field = dialog.findChild(QPlainTextEdit)
            assert field is not None
            field.setPlainText(" ".join(typed))
            dialog.accept()

        return act

    page.done.hide()
    when_asked(page, type_words(words[:23]))
    click(page.sheet.check)
    when_asked(page, type_words(words))
    qtbot.waitUntil(page.done.isVisible)
    settled(qtbot, opened)
    assert "The sheet has 24 words; these are 23" in told[1]
    assert "every word of it is right" in page.done.text()
    assert out.read_bytes()


def test_the_sheet_in_type_is_one_page(opened: MainWindow, tmp_path: Path) -> None:
    assert opened.ranger is not None
    from datetime import date

    opened.ranger.devices.write_sheet(tmp_path / "sheet.pdf", on=date(2026, 5, 1))
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")
