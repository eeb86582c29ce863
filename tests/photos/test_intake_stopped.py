"""A card that is taken in is stopped half way: what was taken stays, and the rest can follow."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from ranger_app.domain.errors import DiskTrouble, Unfinished
from ranger_app.domain.photos import Photo, Sequence
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.photos.intake import intake
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from ranger_app.storage.files import StoredFile
from tests.conftest import REPOSITORY
from tests.photos.pictures import card_of


def kept(workspace: Workspace) -> list[Photo]:
    with workspace.reading() as data:
        return data.find(Photo)


def sequences(workspace: Workspace) -> list[Sequence]:
    with workspace.reading() as data:
        return data.find(Sequence)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_PHOTOS", 5)
    monkeypatch.setattr(intake, "AHEAD_FILES", 10)


def when(done: int, then: Callable[[], object]) -> Work:
    """Work that does something the moment `done` files are through."""

    def heard(progress: Progress) -> None:
        if progress.done == done:
            then()

    return Work(heard)


@pytest.mark.usefixtures("small_batches")
def test_a_card_pulled_out_half_way_keeps_what_was_taken_and_the_rest_can_follow(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    card = card_of(tmp_path / "card", 60)
    with pytest.raises(Unfinished) as caught:
        photos.add(card, station="S", work=when(20, lambda: card.rename(tmp_path / "pulled")))
    safe = len(kept(workspace))
    assert 20 <= safe < 60
    assert f"{safe} of 60" in caught.value.text
    (tmp_path / "pulled").rename(card)
    rest = photos.add(card, station="S")
    assert (rest.added, rest.already, len(kept(workspace))) == (60 - safe, safe, 60)
    assert len(sequences(workspace)) == 1


@pytest.mark.usefixtures("small_batches")
def test_a_card_emptied_half_way_counts_as_pulled_out(photos: Photos, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 60)

    def empty() -> None:
        for path in card.iterdir():
            path.unlink()

    with pytest.raises(Unfinished):
        photos.add(card, station="S", work=when(20, empty))


@pytest.mark.usefixtures("small_batches")
def test_a_full_disk_keeps_what_was_taken_and_says_so_once(
    photos: Photos, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path / "card", 40)
    put, room = workspace.files.add_bytes, iter(range(23))

    def add_bytes(content: bytes, *, settle: bool = True) -> StoredFile:
        if next(room, None) is None:
            raise DiskTrouble("The disk is full.", "Free some space.")
        return put(content, settle=settle)

    monkeypatch.setattr(workspace.files, "add_bytes", add_bytes)
    with pytest.raises(Unfinished, match=r"The disk is full\. "):
        photos.add(card, station="S")
    safe = len(kept(workspace))
    assert 23 - intake.AHEAD_FILES <= safe <= 23  # one that was read late ends it; those after it come again
    monkeypatch.undo()
    assert photos.add(card, station="S").added == 40 - safe


@pytest.mark.usefixtures("small_batches")
def test_stopping_keeps_what_was_taken(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    card = card_of(tmp_path / "card", 40)
    work = when(12, lambda: work.cancel())
    with pytest.raises(Cancelled):
        photos.add(card, station="S", work=work)
    assert len(kept(workspace)) == 13


def test_a_copy_that_does_not_read_back_stops_the_intake(
    photos: Photos, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = workspace.files.add_bytes

    def add_bytes(content: bytes, *, settle: bool = True) -> StoredFile:
        stored = put(content, settle=settle)
        path = workspace.files.path(stored.sha256)
        assert path is not None
        path.write_bytes(content[:-1] + b"\0")  # what a failing disk does
        return stored

    monkeypatch.setattr(workspace.files, "add_bytes", add_bytes)
    with pytest.raises(Unfinished, match="does not read back"):
        photos.add(card_of(tmp_path / "card", 3), station="S")
    assert kept(workspace) == []


def test_progress_goes_up_to_the_number_of_files(photos: Photos, tmp_path: Path) -> None:
    seen: list[Progress] = []
    photos.add(card_of(tmp_path / "card", 7), station="S", work=Work(seen.append))
    assert [one.done for one in seen] == list(range(8))
    assert {one.total for one in seen} == {7}
    assert all(a.done <= b.done for a, b in pairwise(seen))


KILLED = """
import sys
from pathlib import Path
from ranger_app.jobs import Work
from ranger_app.photos.intake import intake
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
intake.BATCH_PHOTOS = 10
intake.AHEAD_FILES = 20
work = Work(lambda progress: print(progress.done, flush=True))
with Workspace.open(Path(sys.argv[1])) as workspace:
    Photos(workspace).add(Path(sys.argv[2]), station="S", work=work)
"""


@pytest.mark.slow
@pytest.mark.parametrize("at", [3, 11, 24, 37])
def test_a_killed_intake_loses_nothing_that_was_recorded(
    workspace: Workspace, tmp_path: Path, at: int
) -> None:
    card = card_of(tmp_path / "card", 60)
    workspace.close()
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(workspace.folder), str(card)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= at:
            child.send_signal(signal.SIGKILL)
            break
    child.stdout.close()
    child.wait()
    with Workspace.open(workspace.folder) as again:
        rows = kept(again)
        assert len(rows) >= at // 10 * 10
        assert all(again.files.whole(row.file) for row in rows)
        rest = Photos(again).add(card, station="S")
        assert (rest.added, rest.already) == (60 - len(rows), len(rows))
        assert len(sequences(again)) == 1
