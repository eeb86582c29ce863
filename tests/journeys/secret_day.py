"""A day on one protected laptop of a park full of secrets: four people, commands, window, faults."""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QAbstractItemModel, QDeadlineTimer, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QClipboard
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from ranger_app.bootstrap import Ranger
from ranger_app.config import read_settings
from ranger_app.domain.arising import keep_words_out_of_logs
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.photos import Label, Photo
from ranger_app.domain.roles import ADMINISTRATOR, MANAGER
from ranger_app.domain.sites import Site
from ranger_app.gui import app
from ranger_app.gui.entering import locking
from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.pages import PAGES
from ranger_app.security import keys
from ranger_app.storage import Workspace
from tests.builders import quiet
from tests.journeys import test_secrets as park
from tests.journeys.command_line import Outcome, ranger_here
from tests.journeys.spellings import of_degrees, of_number, of_text
from tests.sync.park import SITE

OWNER, SERIAL, COMMENT = "Ottokardemo Owner", "SN4455667788demo", "Kilimanjarodemo comment"
LAPTOP = "the laptop's own words"
EVERY: dict[str, set[bytes]] = {
    **{
        text: of_text(text) for text in (*park.SUSPECTS[:1], *park.SUSPECTS[2:], *park.STAFFS, OWNER, COMMENT)
    },
    park.PHONE: of_text(park.PHONE) | of_number(float(park.PHONE)),
    SERIAL: of_text(SERIAL),
    **{f"{one}": of_degrees(one) for one in (park.TIGER_LON, park.TIGER_LAT, park.STATION_LON)},
}
"""Everything that is to be found nowhere, by what it is."""
_PATIENCE_MS, _LOOKS_AGAIN_MS = 60_000, 10


@dataclass
class Day:
    """Where the day was spent, and what was heard and seen meanwhile."""

    place: Path
    folder: Path
    out: Path
    log: io.StringIO = field(default_factory=io.StringIO)
    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By role, what commands and window showed."""
    copied: dict[str, list[str]] = field(default_factory=dict)
    left_in_clipboard: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)


def card_picture(path: Path) -> None:
    """A photo as cameras write it: with its place, owner and serial number in EXIF, XMP and a comment."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x8298] = "demo make", OWNER, OWNER
    exif.get_ifd(0x8769).update({0x9003: "2026:05:06 04:00:00", 0xA430: OWNER, 0xA431: SERIAL})
    exif.get_ifd(0x8825).update(
        {1: "N", 2: _sexagesimal(park.TIGER_LAT), 3: "E", 4: _sexagesimal(park.STATION_LON)}
    )
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><o>{OWNER}</o><l>{park.TIGER_LON}</l></x:xmpmeta>'
    picture = Image.effect_noise((640, 480), 60).convert("RGB")
    picture.save(path, "JPEG", exif=exif, xmp=xmp.encode(), comment=COMMENT.encode())


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees - int(degrees)) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)


def passphrase(role: str) -> str:
    """What this role's person opens the laptop with."""
    return f"the words of the {role}"


def person(role: str) -> str:
    return f"demo {role}"


@contextmanager
def a_day(place: Path, application: QApplication) -> Iterator[Day]:
    """One day, with home, temporary folder, settings, error stream and clipboard of its own."""
    day = Day(place, place / "workspaces" / "park.ranger", place / "out")
    for name in ("home", "temporary", "settings", "out", "workspaces", "card"):
        (place / name).mkdir()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(day.log):
        patch.setenv("HOME", str(place / "home"))
        patch.setenv("RANGER_CONFIG_DIR", str(place / "settings"))
        patch.setenv("TMPDIR", str(place / "temporary"))
        patch.setattr(tempfile, "tempdir", str(place / "temporary"))
        for name in ("excepthook", "unraisablehook"):
            patch.setattr(sys, name, getattr(sys, name))  # so that they are put back
        patch.setattr(threading, "excepthook", threading.excepthook)
        # How slowly passphrases are tried changes nothing of what lies about.
        patch.setattr(keys, "ARGON_TIME", 1)
        patch.setattr(keys, "ARGON_MEMORY_KIB", 1 << 10)
        # Without a screen the platform never says whose clipboard it is (see `tests.gui.test_real_screen`).
        patch.setattr(locking, "is_ours", lambda _clipboard, _mode: True)
        keep_words_out_of_logs()
        _begin(day)
        for role in park.MAY:
            _commands(day, role)
            _window(day, role, application)
        _faults(day)
        yield day


def _begin(day: Day) -> None:
    """Make the laptop, write all secrets down, take a card in, and let four people in."""
    card_picture(day.place / "card" / "IMG_0001.JPG")
    site = Site(id=SITE, site_id=SITE, name="Demo park")
    with Workspace.create(day.folder, site=site, passphrase=LAPTOP) as workspace:
        park.write_down(workspace, workspace.files.add_bytes(b"no picture at all"))
    with Ranger.open(day.folder, passphrase=LAPTOP) as ranger:
        ranger.photos.add(day.place / "card", station="C2", work=quiet())
        with ranger.workspace.reading() as data:
            (photo,) = [one for one in data.find(Photo) if one.file_name == "IMG_0001.JPG"]
        with ranger.workspace.unit("label") as unit:
            unit.add(Label(site_id=SITE, photo_id=photo.id, type="animal", name="Amur tiger"))
        people = ranger.people
        people.enter(people.add("demo boss", roles=[ADMINISTRATOR]))
        people.choose_passphrase(people.find("demo boss"), passphrase("boss"))
        for role in park.MAY:
            people.choose_passphrase(people.add(person(role), roles=[role]), passphrase(role))


def _commands(day: Day, role: str) -> None:
    said = day.said.setdefault(role, [])
    stem = day.out / role.replace(" ", "-")
    lines: list[tuple[object, ...]] = [("status",), ("sensitive", "list"), ("differences", "list")]
    lines += [("record", "list", kind) for kind in BY_NAME if kind in _TOLD]
    lines += [("photos", "list"), ("export", "csv", f"{stem}.csv"), ("export", "smart", f"{stem}.zip")]
    lines += [("photos", "write-results", f"{stem}.json"), ("verify",)]
    if role == MANAGER:
        lines += [("backup",), ("bundle", "write", day.out / "stick"), *_packet(day)]
    for line in lines:
        done = command(day, role, *line)
        said.append((" ".join(map(str, line[:3])), f"{done.document!r}{done.words}"))


_TOLD = ("patrol", "waypoint", "observation", "value", "camera_station", "photo", "label", "attachment")


def _packet(day: Day) -> list[tuple[object, ...]]:
    picture = day.place / "card" / "IMG_0001.JPG"
    return [
        ("assess", "new", "--title", "demo round"),
        ("assess", "cite", "3.4.1", picture, "--class", "public", "--title", "A ridge"),
        ("assess", "packet", day.out / "packet", "--folder", "--profile", "public"),
    ]


def command(day: Day, role: str, *line: object) -> Outcome:
    """One command as this role's person gives it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RANGER_PASSPHRASE", passphrase(role))
        patch.setenv("RANGER_PERSON", person(role))
        return ranger_here(*line, "--workspace", day.folder, folder=day.out)


# -- the window


def _window(day: Day, role: str, application: QApplication) -> None:
    """Sign in, look at every page, copy whatever can be copied, meet a fault, lock, leave."""
    window = app.show(application, read_settings().settings)
    window.begin(day.folder)
    _until(window.start.unlock.isVisible)
    unlock = window.start.unlock
    unlock.who.setCurrentText(person(role))
    unlock.field.setText(passphrase(role))
    QTest.keyClick(unlock.field, Qt.Key.Key_Return)
    _until(lambda: window.view is not None and not window.background.tasks)
    said, copied = day.said[role], day.copied.setdefault(role, [])
    for spec in PAGES:
        assert window.view is not None
        window.view.go(spec.id)
        for _again in range(3):  # what is chosen brings more to be seen
            _until(lambda: not window.background.tasks)
            said.append((f"page {spec.id}", "\n".join(_texts(window))))
            _choose_lines(window)
        copied += _copies(window)
        day.titles.append(window.windowTitle())
    _break(window)
    QApplication.clipboard().setText(f"{park.SUSPECT} {park.TIGER_LON}")
    window.lock()
    day.left_in_clipboard += _clipboard()
    window.close()
    window.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


def _until(what: Callable[[], bool]) -> None:
    patience = QDeadlineTimer(_PATIENCE_MS)
    while not what():
        assert not patience.hasExpired()
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, _LOOKS_AGAIN_MS)


def _texts(window: QWidget) -> Iterator[str]:
    """Everything that a person reads or has read to them, and all that stands in lists."""
    for one in window.findChildren(QWidget):
        yield from (one.accessibleName(), one.accessibleDescription(), one.toolTip())
        for name in ("text", "toPlainText", "currentText", "placeholderText"):
            tell = getattr(one, name, None)
            if tell is not None:
                yield str(tell())
    for _one, model in _lists(window):
        for row in range(min(model.rowCount(), 200)):
            for at in range(model.columnCount()):
                for part in (0, 3, 11, 12):  # shown, tip, read aloud, described
                    yield str(model.data(model.index(row, at), part) or "")


def _lists(window: QWidget) -> Iterator[tuple[QAbstractItemView, QAbstractItemModel]]:
    for one in window.findChildren(QAbstractItemView):
        model: QAbstractItemModel | None = one.model()
        if model is not None:
            yield one, model


def _choose_lines(window: QWidget) -> None:
    for one, model in _lists(window):
        if one.isVisible() and model.rowCount():
            now = one.currentIndex().row() + 1
            one.setCurrentIndex(model.index(min(now, model.rowCount() - 1), 0))


def _copies(window: QWidget) -> Iterator[str]:
    """What comes into the clipboard by the keys for it, from everything that can be copied from."""
    for one in window.findChildren(QWidget):
        if not one.isVisible() or not isinstance(
            one, QLabel | QLineEdit | QPlainTextEdit | QTextEdit | QAbstractItemView
        ):
            continue
        if isinstance(one, QLabel):
            one.setSelection(0, len(one.text()))
        else:
            one.selectAll()
        QApplication.clipboard().clear()
        QTest.keySequence(one, "Ctrl+C")
        yield from _clipboard()


def _clipboard() -> list[str]:
    clipboard = QApplication.clipboard()
    return [clipboard.text(mode) for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)]


# -- faults of ours


def _wrong(name: str = park.SUSPECT) -> None:
    place = park.TIGER_LON
    raise ValueError(f"{name} at {place}, told by {park.INFORMANT}")


def _break(window: MainWindow) -> None:
    """A slot that fails, a job that fails, a thread that fails: each with secrets in its hands."""
    QTimer.singleShot(0, _wrong)
    window.background.run(lambda _work: _wrong(), "")
    _until(lambda: window._unforeseen is not None and not window.background.tasks)
    thread = threading.Thread(target=_wrong)
    thread.start()
    thread.join()


def _faults(day: Day) -> None:
    """A command that fails, with and without being asked where."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ranger, "open", lambda *_said, **_more: _wrong())
        patch.setenv("RANGER_PASSPHRASE", LAPTOP)
        for more in ((), ("--debug",)):
            from ranger_app.cli.main import main

            with contextlib.redirect_stdout(io.StringIO()) as shown:
                assert main(["status", "--workspace", str(day.folder), *more]) == 1
            day.log.write(shown.getvalue())
