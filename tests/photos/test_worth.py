"""Packs are judged by what people confirmed, and never by what they were taught with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ranger_app.domain.photos import Photo
from ranger_app.jobs import Work
from ranger_app.photos.bench import choices
from ranger_app.photos.learning.worth import DAY, INFRARED, Worth, light_of, worth
from ranger_app.photos.review import Word
from ranger_app.photos.runs.classify import Seen, classify, waiting
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Workspace
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import yolox_pack
from tests.photos.parks import COLOURS, colour_packs, fill
from tests.photos.pictures import card_of
from tests.photos.seers import Seer, look


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    made = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    made.add(card_of(tmp_path / "card", 8, gap=timedelta(minutes=5)), station="S")
    return made


def judged(workspace: Workspace, photos: Photos, scores: Sequence[float], kinds: Sequence[str]) -> Worth:
    """What a pack is worth that gave these animal scores to photos that people call these kinds."""
    pack = photos.packs.choose()
    seen: tuple[Seen, ...] = waiting(workspace, pack.id, pack.version)
    classify(
        workspace,
        seen,
        Seer(lambda at: look(animal=scores[at])),
        pack_id=pack.id,
        pack_version=pack.version,
        work=Work(),
    )
    for one, kind in zip(seen, kinds, strict=True):
        if kind:
            photos.label([one.id], Word(type=kind), by="A demo ranger")
    return worth(workspace, pack, display=0.3)


def test_animals_and_empties_are_counted_as_people_say(workspace: Workspace, photos: Photos) -> None:
    found = judged(
        workspace,
        photos,
        [0.9, 0.8, 0.2, 0.1, 0.35, 0.05, 0.02, 0.5],
        ["animal", "animal", "animal", "blank", "blank", "blank", "blank", ""],
    )
    assert found.photos == 7
    assert found.animals_kept.value == pytest.approx(2 / 3)
    assert found.empties_set_aside.value == pytest.approx(3 / 4)
    assert found.animal_area.value == pytest.approx(11 / 12)
    assert not found.persons_found.known
    assert not found.named_right.known


def test_two_who_disagree_judge_nothing(workspace: Workspace, photos: Photos) -> None:
    judged(workspace, photos, [0.9] * 8, ["animal"] * 8)
    photos.label(photos.ids(Wanted())[:3], Word(type="blank"), by="Another demo ranger")
    assert worth(workspace, photos.packs.choose(), display=0.3).photos == 5


def test_a_learned_pack_is_judged_by_later_words_only(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=3)
    photos.learning.accept(photos.learning.learn("Demo park"))
    photos.classify()
    (mine, shipped) = choices(workspace, photos.packs, run=False)[:2]
    assert (mine.learned, mine.in_use, mine.worth.photos) == (True, True, 0)
    assert mine.speed is None
    assert not shipped.in_use
    ids = photos.ids(Wanted(name="sika deer"))
    photos.label(ids[:4], Word(type="animal", name="sika deer"), by="A demo ranger")
    (mine, *_others) = choices(workspace, photos.packs, run=False)
    assert mine.worth.photos == 4
    assert mine.worth.named_right.value == 1.0


def test_groups_that_are_nobodys_names_are_read_at_their_best(workspace: Workspace, tmp_path: Path) -> None:
    """The pack says red, green or blue; elsewhere red was the deer, so red is read as deer."""
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=3)
    photos.classify()
    found = worth(workspace, photos.packs.choose(), display=0.3)
    assert {one.name for one in found.species} == set(COLOURS)
    assert found.named_right.value > 0.6
    assert found.by_day.known
    assert not found.by_infrared.known
    assert sum(one.count for one in found.bins) == 3 * 5 * len(COLOURS)


def test_a_species_of_one_camera_is_not_counted_as_named_wrong(workspace: Workspace, tmp_path: Path) -> None:
    """Nobody can tell which of the pack's groups stands for it: no other camera has seen it."""
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    fill(photos, tmp_path / "cards", each=3)
    photos.classify()
    one_camera = photos.ids(Wanted(station_id=photos.station_named("Station 0"), name="sika deer"))
    photos.label(one_camera, Word(type="animal", name="goral"), by="A demo ranger")
    after = worth(workspace, photos.packs.choose(), display=0.3)
    goral = next(one for one in after.species if one.name == "goral")
    assert goral.photos == len(one_camera) == 3
    assert not goral.right.known
    assert sum(one.count for one in after.bins) == sum(one.photos for one in after.species) - 3


def test_speed_and_waiting_time_are_measured_on_the_parks_own_photos(
    workspace: Workspace, photos: Photos, tmp_path: Path
) -> None:
    found = choices(workspace, photos.packs)
    assert [one.pack.id for one in found] == ["chain", "tiny"]
    first = found[0]
    assert first.in_use
    assert first.speed is not None
    assert first.speed.photos == 8
    assert first.waiting == 8
    assert first.waiting_s == pytest.approx(8 / first.speed.photos_per_s)
    assert first.as_data()["photos_per_s"] > 0


def test_a_pack_that_cannot_be_run_says_why_and_the_others_are_measured(
    workspace: Workspace, photos: Photos
) -> None:
    spoilt = photos.packs.folders[1] / "finder" / "model.onnx"
    spoilt.write_bytes(spoilt.read_bytes() + b" ")
    yolox_pack(photos.packs.folders[1] / "other", changes={'id = "tiny"': 'id = "other"'})
    found = {one.pack.id: one for one in choices(workspace, photos.packs)}
    assert "bytes" in found["chain"].problem
    assert found["chain"].speed is None
    assert found["other"].speed is not None


def test_grey_pictures_were_taken_by_infrared() -> None:
    assert light_of(encoded(noise_picture())) == DAY
    assert light_of(encoded(noise_picture().convert("L").convert("RGB"))) == INFRARED
    slightly = np.asarray(noise_picture().convert("L").convert("RGB")).astype(int) + np.array([2, 0, -2])
    assert light_of(encoded(Image.fromarray(slightly.clip(0, 255).astype(np.uint8)))) == INFRARED


def test_an_empty_park_is_judged_as_unknown(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=colour_packs(tmp_path / "packs"))
    (first, *_others) = choices(workspace, photos.packs)
    assert (first.waiting, first.worth.photos, first.speed) == (0, 0, None)
    with workspace.reading() as data:
        assert data.count(Photo) == 0
    assert first.worth.as_data()["animal_area"] == [None, None, None]
