"""A model looks at new photos only, can be stopped anywhere, and never touches what people said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ranger_app.domain.photos import Detection, Label
from ranger_app.inference.looks import Look, Looked
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.photos.intake.shots import Mode
from ranger_app.photos.review import Word
from ranger_app.photos.runs import classify as room
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Touched, Workspace
from tests.photos.pictures import card_of
from tests.photos.seers import DemoPacks, Seer, look


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    made = Photos(workspace, packs=DemoPacks())
    made.add(card_of(tmp_path / "card", 12, gap=timedelta(minutes=5)), station="S")
    return made


def kept(workspace: Workspace) -> list[Detection]:
    with workspace.reading() as data:
        return data.find(Detection)


def test_every_photo_gets_a_result(photos: Photos, workspace: Workspace) -> None:
    done = photos.classify(model=Seer())
    assert (done.done, done.failed) == (12, ())
    results = kept(workspace)
    assert len(results) == 12
    assert {(one.pack_id, one.pack_version, one.animal) for one in results} == {("demo", "1", 0.9)}
    assert results[0].boxes == [[0.1, 0.2, 0.3, 0.4, "animal", 0.9]]


def test_whoever_hears_of_the_first_results_can_read_them_at_once(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A screen watches before the camera-trap room is opened, and reads as soon as it hears."""
    rooms, heard = list[Photos](), list[bool]()

    def read(touched: Touched) -> None:
        if "detection" in touched.kinds:
            (room_,) = rooms
            heard.append(room_.photo(room_.ids(Wanted())[0]).detection is not None)

    workspace.watch(read)
    photos = Photos(workspace, packs=DemoPacks())
    rooms.append(photos)
    photos.add(card_of(tmp_path / "card", 2), station="Ridge")
    assert photos.pack_used() is None
    photos.classify(model=Seer())
    assert heard == [True]


def test_a_second_run_looks_at_nothing_twice(photos: Photos, workspace: Workspace, tmp_path: Path) -> None:
    photos.classify(model=Seer())
    photos.add(card_of(tmp_path / "more", 2, first=50), station="S")
    second = Seer()
    assert photos.classify(model=second).done == 2
    assert len(second.shown) == 2
    assert photos.classify(model=Seer()).done == 0


def test_a_new_version_of_the_pack_looks_again_and_both_results_stay(
    photos: Photos, workspace: Workspace
) -> None:
    photos.classify(model=Seer())
    newer = Photos(workspace, packs=DemoPacks(version="2"))
    assert newer.classify(model=Seer()).done == 12
    assert len(kept(workspace)) == 24


def test_labels_are_as_they_were_after_any_number_of_runs(photos: Photos, workspace: Workspace) -> None:
    ids = photos.ids(Wanted())
    photos.label(ids[:5], Word(type="animal", name="roe deer"), by="A")
    with workspace.reading() as data:
        before = data.find(Label, order=("id",))
    photos.classify(model=Seer())
    Photos(workspace, packs=DemoPacks(version="2")).classify(model=Seer(lambda _: look(person=0.9)))
    with workspace.reading() as data:
        assert data.find(Label, order=("id",)) == before
    tile = photos.tiles(ids[:1])[0]
    assert tile.verdict is not None
    assert tile.verdict.latest.name == "roe deer"


def test_the_same_photo_and_pack_have_one_result_on_every_laptop(
    photos: Photos, workspace: Workspace
) -> None:
    photos.classify(model=Seer())
    for one in kept(workspace):
        assert one.id == room.detection_id(one.photo_id, "demo", "1")


def test_stopping_keeps_the_results_so_far_and_the_next_run_goes_on(
    photos: Photos, workspace: Workspace
) -> None:
    work = Work(lambda progress: work.cancel() if progress.done == 6 else None)
    with pytest.raises(Cancelled):
        photos.classify(model=Seer(), work=work)
    assert len(kept(workspace)) == 7
    assert photos.classify(model=Seer()).done == 5


def test_results_are_recorded_while_the_run_goes_on(
    photos: Photos, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BATCH_RESULTS", 4)
    seen: list[int] = []
    photos.classify(model=Seer(), work=Work(lambda _: seen.append(len(kept(workspace)))))
    assert set(seen) <= {0, 4, 8, 12}
    assert set(seen) & {4, 8}, "nothing was recorded before the end"


def test_progress_runs_through_all_chunks(photos: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHUNK_PHOTOS", 5)
    seen: list[Progress] = []
    photos.classify(model=Seer(), work=Work(seen.append))
    assert [one.done for one in seen] == list(range(13))
    assert {one.total for one in seen} == {12}


def failing(code: str) -> Seer:
    def say(at: int) -> Look | Looked:
        if at in (2, 5):
            return Looked(Path("x"), None, code, "It cannot be read.")
        return look(animal=0.9)

    return Seer(say)


def test_a_damaged_picture_is_a_result_too_and_the_rest_goes_on(photos: Photos, workspace: Workspace) -> None:
    done = photos.classify(model=failing("bad-input"))
    assert (done.done, len(done.failed)) == (10, 2)
    assert len([one for one in kept(workspace) if one.failure]) == 2
    assert photos.classify(model=Seer()).done == 0


def test_a_failure_that_is_not_the_pictures_is_tried_again(photos: Photos, workspace: Workspace) -> None:
    photos.classify(model=failing("refused"))
    assert len(kept(workspace)) == 10
    assert photos.classify(model=Seer()).done == 2


def test_a_photo_whose_original_is_away_is_reported_and_looked_at_once_it_is_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    photos = Photos(workspace, packs=DemoPacks())
    card = card_of(tmp_path / "linked", 2)
    photos.add(card, station="S", mode=Mode.LINK)
    away = card.rename(tmp_path / "away")
    gone = photos.classify(model=Seer())
    assert (gone.done, len(gone.failed)) == (0, 2)
    away.rename(card)
    assert photos.classify(model=Seer()).done == 2


def test_one_station_alone_can_be_looked_at(photos: Photos, tmp_path: Path) -> None:
    photos.add(card_of(tmp_path / "b", 3, first=70), station="B")
    assert photos.classify(model=Seer(), station_id=photos.station_named("b")).done == 3
    assert photos.forecast().waiting == 12
