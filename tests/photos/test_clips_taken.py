"""Clips are taken in like pictures, with their time; a model's best frame is what is shown of them."""

from __future__ import annotations

import errno
import hashlib
import struct
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ranger_app.domain.photos import Detection, Photo
from ranger_app.photos.intake import shots
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Workspace
from tests.inference.test_clips import GREY, RED, a_clip
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPacks, Seer, look


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    made = Photos(workspace, packs=DemoPacks())
    card = card_of(tmp_path / "card", 1)
    clip = a_clip([GREY] * 6 + [RED] * 4, creation_time="2024-05-31T08:25:38Z")
    (card / "IMG_0001.MP4").write_bytes(clip)
    (card / "IMG_0002.AVI").write_bytes(b"RIFF\x00\x00\x00\x00AVI " + bytes(300))
    (card / "IMG_0001.THM").write_bytes(b"\xff\xd8\xff")
    taken = made.add(card, station="S")
    assert taken.added == 2
    assert sorted(one.file for one in taken.failed) == ["IMG_0001.THM", "IMG_0002.AVI"]
    return made


def test_a_clip_is_taken_in_with_its_size_and_time(photos: Photos, workspace: Workspace) -> None:
    with workspace.reading() as data:
        (clip,) = [one for one in data.find(Photo) if one.media_type == "video/mp4"]
    assert (clip.width_px, clip.height_px) == (64, 64)
    assert clip.taken_local is not None
    assert clip.taken_local.isoformat() == "2024-05-31T08:25:38"
    assert clip.note == ""
    assert photos.thumbnail(clip.file).startswith(b"\xff\xd8")


def test_the_best_frame_is_kept_and_shown(photos: Photos, workspace: Workspace) -> None:
    def frame(file: bytes) -> int:
        return int(np.asarray(photos.picture(file).image)[30, 30, 0])

    clip = next(one for one in photos.tiles(photos.ids(Wanted())) if one.file_name.endswith("MP4"))
    assert frame(clip.file) < 150
    photos.classify(model=Seer(lambda _at: replace(look(animal=0.9), frame_s=3.5)))
    with workspace.reading() as data:
        assert {one.frame_s for one in data.find(Detection)} == {3.5}
    assert frame(clip.file) > 180


LONG_BYTES = 300_000_000


def long_clip(path: Path) -> Path:
    """A clip that is longer than any picture may be."""
    raw = a_clip([GREY] * 4 + [RED] * 4, creation_time="2024-05-31T08:25:38Z")
    with path.open("wb") as file:
        file.write(raw + struct.pack(">I4s", LONG_BYTES - len(raw), b"free"))
        file.truncate(LONG_BYTES)
    return path


@pytest.mark.parametrize("mode", [Mode.COPY, Mode.LINK])
def test_a_long_clip_is_taken_in_pieces(workspace: Workspace, tmp_path: Path, mode: Mode) -> None:
    photos = Photos(workspace, packs=DemoPacks())
    (tmp_path / "card").mkdir()
    path = long_clip(tmp_path / "card" / "LONG.MP4")
    tracemalloc.start()
    try:
        assert photos.add(tmp_path / "card", station="S", mode=mode).added == 1
        assert tracemalloc.get_traced_memory()[1] < LONG_BYTES / 5
    finally:
        tracemalloc.stop()
    with workspace.reading() as data:
        (clip,) = data.find(Photo)
    with path.open("rb") as file:
        assert clip.file == hashlib.file_digest(file, "sha256").digest()
    assert workspace.files.whole(clip.file)
    assert clip.size_bytes == LONG_BYTES
    assert photos.thumbnail(clip.file).startswith(b"\xff\xd8")


def test_what_is_as_long_as_a_clip_and_none_is_left_out(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=DemoPacks())
    card = card_of(tmp_path / "card", 1)
    with (card / "HUGE.JPG").open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(LONG_BYTES)
    taken = photos.add(card, station="S")
    assert taken.added == 1
    assert [(one.file, "too large" in one.text) for one in taken.failed] == [("HUGE.JPG", True)]


def test_a_card_that_fails_half_way_through_a_clip_is_not_taken_for_a_full_disk(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_self: object, _count: int) -> bytes:
        raise shots._CardFault(OSError(errno.EIO, "Input/output error"))

    monkeypatch.setattr(shots._OffTheCard, "read", fails)
    photos = Photos(workspace, packs=DemoPacks())
    card = card_of(tmp_path / "card", 1)
    (card / "IMG_0001.MP4").write_bytes(a_clip([GREY] * 4))
    taken = photos.add(card, station="S")
    assert taken.added == 1
    assert [one.file for one in taken.failed] == ["IMG_0001.MP4"]
    assert "cannot be read" in taken.failed[0].text
