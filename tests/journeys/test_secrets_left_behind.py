"""What a day's work leaves lying about on a protected laptop, in any file or stream: no secret."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from ranger_app.bootstrap import Ranger
from ranger_app.domain.patrols import Value
from ranger_app.domain.roles import MANAGER
from ranger_app.gui import reports
from ranger_app.photos.thumbnails import make_thumbnail
from tests.journeys import test_secrets as park
from tests.journeys.secret_day import (
    COMMENT,
    EVERY,
    LAPTOP,
    OWNER,
    SERIAL,
    Day,
    a_day,
    card_picture,
)
from tests.journeys.spellings import files_under, found_in


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> Iterator[Day]:
    with a_day(tmp_path_factory.mktemp("secret day"), qapp) as made:
        yield made


def held(text: str) -> list[str]:
    """The secrets in what was said."""
    return [secret for secret, spelled in EVERY.items() if any(one in text.encode() for one in spelled)]


def test_the_locked_workspace_tells_none_in_its_raw_bytes(day: Day) -> None:
    """Every file of it, as it lies on the disk: database and its journal, store, small pictures, backups,
    keys. The names of those who sign in stand on the screen that asks who is there, and in their file."""
    files = list(files_under(day.folder))
    names = {path.relative_to(day.folder).parts[0] for path in files}
    assert {"ranger.db", "files", "device", "backups", "cache"} <= names
    assert found_in(files, EVERY) == {}


def test_logs_reports_settings_and_temporary_folders_tell_none(day: Day) -> None:
    places = [day.place / name for name in ("home", "temporary", "settings")]
    assert list((day.place / "settings").rglob("ranger-*.txt")), "no report was made of the faults"
    assert found_in(files_under(*places), EVERY) == {}
    assert "ValueError" in day.log.getvalue()
    assert held(day.log.getvalue()) == []


def test_what_was_handed_out_tells_none(day: Day) -> None:
    """Exports, results, a packet with a picture from a card, a bundle: whoever wrote them."""
    written = list(files_under(day.out))
    assert {".csv", ".zip", ".json", ".html", ".RSB"} <= {path.suffix for path in written}
    assert found_in(written, EVERY) == {}


def test_copied_pictures_are_still_pictures(day: Day) -> None:
    assert any(path.suffix == ".jpg" for path in files_under(day.out / "packet"))


@pytest.mark.parametrize("role", park.MAY)
def test_nobody_reads_or_copies_what_is_not_for_them(day: Day, role: str) -> None:
    forbidden = [one for one in park.EVERY if one not in park.MAY[role]]
    seen = [(where, one) for where, text in day.said[role] for one in forbidden if one in text]
    assert seen == []
    assert [one for one in forbidden for text in day.copied[role] if one in text] == []
    for mine in park.MAY[role]:
        assert any(mine in text for _where, text in day.said[role]), f"{role} never saw {mine}"


def test_something_can_be_copied(day: Day) -> None:
    assert len(set(day.copied[MANAGER])) > 3


def test_the_clipboard_is_empty_once_the_window_is_locked(day: Day) -> None:
    assert set(day.left_in_clipboard) == {""}


def test_titles_tell_the_workspace_and_who_is_there(day: Day) -> None:
    assert all(title.startswith("park, demo ") for title in day.titles)
    assert held(" ".join(day.titles)) == []


# -- the search can fail


@pytest.mark.parametrize("secret", EVERY)
def test_each_spelling_is_found_in_any_file(tmp_path: Path, secret: str) -> None:
    for number, one in enumerate(EVERY[secret]):
        (tmp_path / f"{number}").write_bytes(b"\x93\0" * 99 + one + b"\0\x11" * 99)
    found = found_in(files_under(tmp_path), EVERY)
    assert len(found) == len(EVERY[secret])
    assert all(secret in held for held in found.values())


def test_an_open_workspace_shows_what_a_locked_one_hides(day: Day, tmp_path: Path) -> None:
    with Ranger.create(tmp_path / "open.ranger", site_name="demo")[0] as ranger:
        ranger.photos.add(day.place / "card", station="C1")
        (tmp_path / "open.ranger" / "cache" / "planted").write_bytes(struct.pack("<d", park.TIGER_LON))
    told = {one for held in found_in(files_under(tmp_path), EVERY).values() for one in held}
    assert {OWNER, SERIAL, COMMENT, str(park.TIGER_LON)} <= told


def test_a_report_with_the_words_of_its_error_is_noticed(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "where_it_arose", lambda error: [str(error)])
    report = reports.save_report(ValueError(park.SUSPECT))
    assert report is not None
    assert list(found_in([report], EVERY).values()) == [[park.SUSPECT]]


def test_a_picture_with_its_comment_is_noticed(tmp_path: Path) -> None:
    card_picture(tmp_path / "a.jpg")
    (tmp_path / "small.jpg").write_bytes(make_thumbnail(tmp_path / "a.jpg"))
    found = found_in(files_under(tmp_path), EVERY)
    assert list(found) == [str(tmp_path / "a.jpg")]
    assert {OWNER, SERIAL, COMMENT, str(park.TIGER_LON)} <= set(found[str(tmp_path / "a.jpg")])


def test_a_copied_workspace_opens_elsewhere_only_with_its_words(day: Day, tmp_path: Path) -> None:
    """Or the search above would have looked at an empty shell."""
    copy = Path(shutil.copytree(day.folder, tmp_path / "copy.ranger"))
    with Ranger.open(copy, passphrase=LAPTOP) as ranger, ranger.workspace.reading(whole=True) as data:
        assert any(one.text and one.text.startswith(park.SUSPECT) for one in data.find(Value))
