"""A run that is killed, or meets a full disk, goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ranger_app.domain.errors import DiskTrouble
from ranger_app.domain.photos import Detection
from ranger_app.inference.looks import Look
from ranger_app.photos.runs import classify as room
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from ranger_app.storage.verifying import verify
from tests.builders import quiet
from tests.conftest import REPOSITORY
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPacks, Seer, look
from tests.storage.test_full_disk import no_file_beyond

PHOTOS = 40

RUN = """
import sys
from pathlib import Path
from ranger_app.jobs import Work
from ranger_app.photos.runs import classify
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from tests.photos.seers import DemoPacks, Seer, look
classify.BATCH_RESULTS = 3
def seen(at):
    print(at, flush=True)
    sys.stdin.readline()
    return look(animal=0.9)
with Workspace.open(Path(sys.argv[1])) as workspace:
    Photos(workspace, packs=DemoPacks()).classify(model=Seer(seen))
"""


def digest(photos: Photos) -> str:
    return photos.results_digest(photos.packs.choose())


@pytest.fixture
def folder(tmp_path: Path, workspace: Workspace) -> Path:
    photos = Photos(workspace, packs=DemoPacks())
    photos.add(card_of(tmp_path / "card", PHOTOS), station="S")
    workspace.close()
    return workspace.folder


def whole(folder: Path) -> str:
    """What a run that nothing happens to ends with."""
    other = folder.with_name("other.ranger")
    shutil.copytree(folder, other)
    with Workspace.open(other) as workspace:
        photos = Photos(workspace, packs=DemoPacks())
        photos.classify(model=Seer())
        return digest(photos)


def test_killed_again_and_again_it_ends_the_same(folder: Path) -> None:
    wanted = whole(folder)
    have = 0
    for lines in (11, 1, 17):
        with subprocess.Popen(
            [sys.executable, "-c", RUN, str(folder)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write("go on\n" * (lines - 1))  # it stands still at the last, and is killed there
            program.stdin.flush()
            for _line in range(lines):
                program.stdout.readline()
            program.kill()
        with Workspace.open(folder) as workspace:
            assert verify(workspace, quiet()).problems == []
            with workspace.reading() as data:
                now = data.count(Detection)
        assert have + max(lines - 2 * 3 - 1, 0) <= now <= have + lines + 3
        have = now
    with Workspace.open(folder) as workspace:
        photos = Photos(workspace, packs=DemoPacks())
        photos.classify(model=Seer())
        assert digest(photos) == wanted


def test_a_full_disk_ends_the_run_with_a_sentence_and_the_next_run_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BATCH_RESULTS", 4)
    wanted = whole(folder)
    shown: list[int] = []

    def seen(at: int) -> Look:
        shown.append(at)
        return look(animal=0.9)

    with Workspace.open(folder) as workspace:
        photos = Photos(workspace, packs=DemoPacks())
        with pytest.raises(DiskTrouble), no_file_beyond(1):
            photos.classify(model=Seer(seen))
        assert len(shown) < PHOTOS, "it went on although nothing could be recorded"
        assert verify(workspace, quiet()).problems == []
        photos.classify(model=Seer())
        assert digest(photos) == wanted
