"""Small pictures: upright, light, made once, and never in the way when they cannot be made."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.domain.photos import Photo
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.service import Photos
from ranger_app.photos.thumbnails import BYTES_AT_MOST, SIDE_PX
from ranger_app.storage import Workspace
from tests.photos.pictures import jpeg


def only_file(workspace: Workspace) -> bytes:
    with workspace.reading() as data:
        (file,) = data.column(Photo, "file")
    return bytes(file)


def taken(photos: Photos, tmp_path: Path, data: bytes, mode: Mode = Mode.COPY) -> Path:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "x.jpg").write_bytes(data)
    photos.add(tmp_path / "card", station="S", mode=mode)
    return tmp_path / "card" / "x.jpg"


def test_a_small_picture_is_light_and_upright(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    taken(photos, tmp_path, jpeg(size=(1200, 800), tags={0x0112: 6}))
    small = photos.thumbnail(only_file(workspace))
    assert len(small) <= BYTES_AT_MOST
    width, height = Image.open(io.BytesIO(small)).size
    assert height == SIDE_PX
    assert height / width == pytest.approx(1.5, abs=0.02)


def test_even_noise_becomes_light(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.frombytes("RGB", (640, 640), os.urandom(640 * 640 * 3)).save(out, "JPEG", quality=95)
    taken(photos, tmp_path, out.getvalue())
    assert len(photos.thumbnail(only_file(workspace))) <= BYTES_AT_MOST


def test_it_is_made_once_and_kept(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    path = taken(photos, tmp_path, jpeg(), Mode.LINK)
    first = photos.thumbnail(only_file(workspace))
    path.unlink()
    assert photos.thumbnail(only_file(workspace)) == first


def test_a_cache_that_was_thrown_away_or_damaged_is_made_again(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    taken(photos, tmp_path, jpeg())
    first = photos.thumbnail(only_file(workspace))
    (kept,) = (workspace.cache / "thumbnails").glob("*/*.jpg")
    kept.write_bytes(first[:100])
    assert photos.thumbnail(only_file(workspace)) == first
    kept.unlink()
    kept.parent.rmdir()
    assert photos.thumbnail(only_file(workspace)) == first


def test_an_original_that_is_away_is_said_to_be(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    taken(photos, tmp_path, jpeg(), Mode.LINK).unlink()
    with pytest.raises(NotFound) as caught:
        photos.thumbnail(only_file(workspace))
    assert caught.value.what_to_do


def test_hard_pictures_have_small_ones_too(photos: Photos, workspace: Workspace, shared_data: Path) -> None:
    photos.add(shared_data / "formats" / "photos-hard", station="S")
    with workspace.reading() as data:
        files = data.column(Photo, "file")
    assert all(0 < len(photos.thumbnail(file)) <= BYTES_AT_MOST for file in files)


def test_a_picture_that_is_damaged_inside_gives_a_sentence(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    taken(photos, tmp_path, jpeg().replace(b"\xff\xdb", b"\xff\xfe"))  # its tables are now a comment
    with pytest.raises(BadInput) as caught:
        photos.thumbnail(only_file(workspace))
    assert caught.value.text
