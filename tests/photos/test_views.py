"""Which photos are shown, in which order, and what is known of each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ranger_app.domain.errors import NotFound
from ranger_app.domain.ids import Id, new_id
from ranger_app.photos.review import Word
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Order, Scores, Wanted
from ranger_app.storage import Workspace
from tests.photos.pictures import TAKEN, card_of, jpeg
from tests.photos.seers import DemoPacks, Seer, look

LOOKS = (look(animal=0.9), look(person=0.8), look(vehicle=0.5), look(animal=0.1), look(animal=0.6))


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    """Five photos, a minute apart: an animal, a person, a vehicle, nothing, an animal."""
    made = Photos(workspace, packs=DemoPacks())
    made.add(card_of(tmp_path / "card", 5, gap=timedelta(minutes=1)), station="Ridge")
    made.classify(model=Seer(lambda at: LOOKS[at]))
    return made


def names(photos: Photos, wanted: Wanted) -> list[str]:
    return [tile.file_name for tile in photos.tiles(photos.ids(wanted))]


def numbered(*numbers: int) -> list[str]:
    return [f"IMG_{number:04}.JPG" for number in numbers]


def test_all_photos_stand_in_the_order_in_which_they_were_shot(photos: Photos) -> None:
    assert names(photos, Wanted()) == numbered(0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("shows", "numbers"),
    [("animal", (0, 4)), ("person", (1,)), ("vehicle", (2,)), ("empty", (3,)), ("unknown", ())],
)
def test_photos_can_be_chosen_by_what_the_model_saw(
    photos: Photos, shows: str, numbers: tuple[int, ...]
) -> None:
    assert names(photos, Wanted(shows=shows)) == numbered(*numbers)


def test_a_persons_word_counts_before_the_models(photos: Photos) -> None:
    ids = photos.ids(Wanted())
    photos.label(ids[:1], Word(type="blank"), by="A")
    photos.label(ids[3:4], Word(type="animal", name="sable"), by="A")
    assert names(photos, Wanted(shows="animal")) == numbered(3, 4)
    assert names(photos, Wanted(shows="empty")) == numbered(0)
    assert names(photos, Wanted(name="Sable")) == numbered(3)


def test_what_the_model_saw_is_still_told_beside_the_label(photos: Photos) -> None:
    ids = photos.ids(Wanted())
    photos.label(ids[:1], Word(type="blank"), by="A")
    (tile,) = photos.tiles(ids[:1])
    assert (tile.machine_shows, tile.scores) == ("animal", Scores(0.9, 0.0, 0.0))
    assert tile.verdict is not None
    assert tile.verdict.latest.type == "blank"


def test_photos_that_nobody_labelled_can_be_chosen(photos: Photos) -> None:
    photos.label(photos.ids(Wanted())[:4], Word(type="unknown"), by="A")
    assert names(photos, Wanted(unlabelled=True)) == numbered(4)
    photos.undo(by="A")
    assert len(photos.ids(Wanted(unlabelled=True))) == 5


def test_the_surest_come_first_when_asked_for(photos: Photos) -> None:
    assert names(photos, Wanted(order=Order.SCORE)) == numbered(0, 1, 4, 2, 3)
    assert names(photos, Wanted(order=Order.SCORE, shows="animal")) == numbered(0, 4)


def test_one_station_alone_can_be_shown(photos: Photos, tmp_path: Path) -> None:
    photos.add(card_of(tmp_path / "b", 2, first=40), station="Valley")
    assert names(photos, Wanted(station_id=photos.station_named("valley"))) == numbered(40, 41)
    assert [(one.name, one.photos) for one in photos.stations()] == [("Ridge", 5), ("Valley", 2)]
    with pytest.raises(NotFound):
        photos.station_named("Nowhere")


def test_a_burst_stands_in_shot_order_although_its_times_are_equal(
    workspace: Workspace, tmp_path: Path
) -> None:
    card = tmp_path / "burst"
    card.mkdir()
    for number in (9, 10, 11, 100):
        (card / f"IMG_{number}.JPG").write_bytes(jpeg(number, taken=TAKEN))
    photos = Photos(workspace, packs=DemoPacks())
    photos.add(card, station="S")
    assert names(photos, Wanted()) == ["IMG_9.JPG", "IMG_10.JPG", "IMG_11.JPG", "IMG_100.JPG"]


def test_photos_without_a_time_come_last(photos: Photos, tmp_path: Path) -> None:
    (tmp_path / "undated").mkdir()
    (tmp_path / "undated" / "A.JPG").write_bytes(jpeg(77, taken=None))
    photos.add(tmp_path / "undated", station="Ridge")
    assert names(photos, Wanted())[-1] == "A.JPG"


def test_one_photo_tells_its_boxes_its_labels_and_its_sequence(photos: Photos, tmp_path: Path) -> None:
    photos.add(card_of(tmp_path / "burst", 3, first=60, start=TAKEN + timedelta(days=1)), station="Ridge")
    ids = photos.ids(Wanted())
    one = photos.photo(ids[0])
    assert (one.station, one.verdict, one.sequence) == ("Ridge", None, (ids[0],))
    assert one.detection is not None
    assert one.detection.boxes == [[0.1, 0.2, 0.3, 0.4, "animal", 0.9]]
    assert one.path is not None
    later = photos.photo(ids[6])
    assert (later.detection, later.sequence) == (None, tuple(ids[5:]))


def test_a_photo_that_is_not_there_is_not_found(photos: Photos) -> None:
    with pytest.raises(NotFound):
        photos.photo(new_id())


def test_a_list_leaves_out_photos_that_are_gone(photos: Photos, workspace: Workspace) -> None:
    ids: list[Id] = photos.ids(Wanted())
    assert len(photos.tiles([ids[0], new_id(), ids[1]])) == 2


def test_results_of_the_usual_pack_are_shown_before_others(photos: Photos, workspace: Workspace) -> None:
    newer = Photos(workspace, packs=DemoPacks(version="2"))
    used = newer.pack_used()
    assert used is not None
    assert used.version == "1"
    newer.classify(model=Seer(lambda _: look(person=0.9)))
    used = newer.pack_used()
    assert used is not None
    assert used.version == "2"
    assert len(newer.ids(Wanted(shows="person"))) == 5


def test_without_any_result_nothing_is_said_to_be_empty(workspace: Workspace, tmp_path: Path) -> None:
    photos = Photos(workspace, packs=DemoPacks())
    photos.add(card_of(tmp_path / "card", 3), station="S")
    assert photos.pack_used() is None
    assert photos.ids(Wanted(shows="empty")) == []
    assert {tile.machine_shows for tile in photos.tiles(photos.ids(Wanted()))} == {""}
