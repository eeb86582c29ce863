"""Clips are taken in like pictures, with their time; a model's best frame is what is shown of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ranger_app.domain.photos import Detection, Photo
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
