"""A learned model names what was seen before without opening a picture, and says what a run would say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.domain.errors import Refused
from ranger_app.domain.photos import Detection
from ranger_app.photos.runs.embedding_store import EmbeddingStore
from ranger_app.photos.service import Photos
from ranger_app.storage import Workspace
from ranger_app.storage.query import equal
from tests.photos.parks import COLOURS, STATIONS, colour_packs, fill

EACH = 2
PHOTOS = EACH * STATIONS * len(COLOURS)


@pytest.fixture
def park(workspace: Workspace, tmp_path: Path) -> Photos:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=EACH)
    photos.classify()
    photos.learning.accept(photos.learning.learn("Demo park"))
    return photos


def said(workspace: Workspace) -> list[Detection]:
    with workspace.reading() as data:
        return data.find(Detection, equal("pack_id", "demo-park"), order=("id",))


def test_no_picture_is_needed_once_it_was_seen(park: Photos, workspace: Workspace) -> None:
    for path in (workspace.folder / "files").rglob("*"):
        if path.is_file() and path.read_bytes()[:2] == b"\xff\xd8":
            path.unlink()
    done = park.classify()
    assert (done.done, done.failed) == (PHOTOS, ())
    assert park.forecast().waiting == 0


def test_it_says_to_the_last_digit_what_looking_again_would_say(park: Photos, workspace: Workspace) -> None:
    park.classify()
    reread = said(workspace)
    model = park.packs.load(park.packs.choose())
    assert len(reread) == PHOTOS
    for one in reread[::5]:
        path = workspace.files.path(park.photo(one.photo_id).photo.file)
        assert path is not None
        look = model.look(path)
        assert one.groups == look.group_rows(10)
        assert one.boxes == look.box_rows()
        assert one.crops == look.crop_rows(10)
        assert (one.animal, one.thresholds_version) == (round(look.animal, 5), look.thresholds_version)


def test_what_was_not_seen_before_is_looked_at(park: Photos, workspace: Workspace, tmp_path: Path) -> None:
    for table in (workspace.cache / "embeddings").iterdir():
        table.unlink()
    with workspace.unit("forget what travelled") as unit:
        (version,) = park.learning.versions()
        unit.change(version.record, examples=None)
    assert park.classify().done == PHOTOS
    assert len(said(workspace)) == PHOTOS


def test_backgrounds_alone_teach_nothing(workspace: Workspace, tmp_path: Path) -> None:
    """A detector that sees nothing: whole pictures were embedded, and nobody's word is taught with them."""
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs", sees=False))
    fill(photos, tmp_path / "cards", each=EACH)
    photos.classify()
    known = EmbeddingStore(workspace, photos.learning.base().key).known()
    assert len(known) == PHOTOS
    assert not any(one.is_animal for one in known.values())
    with workspace.reading() as data:
        (first, *_others) = data.find(Detection)
    assert first.crops is None
    sighted = Photos(workspace, packs=photos.packs)
    with pytest.raises(Refused):
        sighted.learning.learn("Demo park")  # nothing but backgrounds teaches nothing
