"""Results that were computed elsewhere find their photos, and what goes out can be read by others."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ranger_app.domain.errors import BadInput, DiskTrouble, NotFound
from ranger_app.domain.ids import new_id
from ranger_app.domain.photos import Detection
from ranger_app.photos.matching import PhotoFinder
from ranger_app.photos.review import Word
from ranger_app.photos.runs.packs import ModelPacks
from ranger_app.photos.service import Photos
from ranger_app.photos.views import Wanted
from ranger_app.storage import Workspace
from ranger_app.storage.query import equal
from tests.formats.megadetector_rules import faults
from tests.photos.pictures import TAKEN, card_of, jpeg
from tests.photos.seers import DemoPacks, Seer, look

BEAR = "330bb1e9;mammalia;carnivora;ursidae;ursus;arctos;brown bear"
LION = "ddf59264;mammalia;carnivora;felidae;panthera;leo;lion"


@pytest.fixture
def photos(workspace: Workspace, tmp_path: Path) -> Photos:
    """Two cards with three photos each, at two stations; both have a DCIM/IMG_0001.JPG."""
    made = Photos(workspace, packs=DemoPacks())
    for number, station in enumerate(("Ridge", "Creek")):
        start = TAKEN + timedelta(days=number)
        card = tmp_path / station
        (card / "DCIM").mkdir(parents=True)
        for place in range(3):
            taken = start + timedelta(minutes=place)
            (card / "DCIM" / f"IMG_{place:04}.JPG").write_bytes(jpeg(10 * number + place, taken=taken))
        made.add(card, station=station)
    return made


def results(path: Path, *images: dict[str, Any], **more: Any) -> Path:
    said = {
        "info": {"format_version": "1.5", "detector": "md_v5a.0.0.pt"},
        "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
        "images": list(images),
    } | more
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def seen(file: str, conf: float = 0.8, **more: Any) -> dict[str, Any]:
    box = {"category": "1", "conf": conf, "bbox": [0.1, 0.2, 0.3, 0.4]}
    return {"file": file, "detections": [box | more]}


def codes(photos_read: Any) -> list[str]:
    return [doubt.code for doubt in photos_read.doubts]


def test_a_path_of_which_only_one_photo_has_the_end_is_enough(photos: Photos, tmp_path: Path) -> None:
    extra = card_of(tmp_path / "extra", 1, first=77)
    photos.add(extra, station="Ridge")
    read = photos.results_files.read(results(tmp_path / "a.json", seen("E:\\work\\ridge\\IMG_0077.JPG")))
    assert (read.done, read.images) == (1, 1)
    assert codes(read) == ["absolute-path"]
    used = photos.pack_used()
    assert used is not None
    assert (used.id, used.version) == (read.pack_id, read.pack_version)
    (id_,) = photos.ids(Wanted(shows="animal"))
    said = photos.photo(id_).detection
    assert said is not None
    assert said.boxes == [[0.1, 0.2, pytest.approx(0.3), pytest.approx(0.4), "animal", 0.8]]


def test_two_different_photos_that_fit_are_a_doubt_and_none_is_taken(photos: Photos, tmp_path: Path) -> None:
    read = photos.results_files.read(
        results(tmp_path / "a.json", seen("DCIM/IMG_0001.JPG"), seen("nowhere/IMG_9999.JPG"))
    )
    assert read.done == 0
    assert codes(read) == ["ambiguous", "no-photo"]
    assert "IMG_9999.JPG" in read.doubts[1].text


def test_a_hash_decides_where_paths_do_not(photos: Photos, tmp_path: Path) -> None:
    raw = tmp_path / "Creek" / "DCIM" / "IMG_0001.JPG"
    digest = hashlib.sha256(raw.read_bytes()).hexdigest()
    read = photos.results_files.read(
        results(
            tmp_path / "a.json",
            seen("DCIM/IMG_0001.JPG") | {"sha256": digest.upper()},
            seen("DCIM/IMG_0002.JPG") | {"sha256": "0" * 64},  # another picture of that name
        )
    )
    assert (read.done, codes(read)) == (1, ["no-photo"])
    (id_,) = photos.ids(Wanted(shows="animal"))
    assert photos.photo(id_).station == "Creek"


def test_the_same_file_again_changes_nothing_and_labels_stay(photos: Photos, tmp_path: Path) -> None:
    (first, *_more) = photos.ids(Wanted())
    photos.label([first], Word(type="blank"), by="Demo Ranger")
    extra = photos.tiles([first])[0].file.hex()
    path = results(tmp_path / "a.json", seen("x.jpg") | {"sha256": extra})
    assert photos.results_files.read(path, dry_run=True).done == 1
    assert photos.pack_used() is None
    assert photos.results_files.read(path).done == 1
    again = photos.results_files.read(path)
    assert (again.done, again.already) == (0, 1)
    assert photos.photo(first).verdict is not None
    assert photos.ids(Wanted(shows="empty")) == [first]


def test_results_of_one_model_in_many_files_are_of_one_pack(photos: Photos, tmp_path: Path) -> None:
    files = [photos.tiles([id_])[0].file.hex() for id_ in photos.ids(Wanted())]
    versions = set()
    for place, digest in enumerate(files):
        info = {"format_version": "1.5", "detector": "md_v5a.0.0.pt", "detection_completion_time": str(place)}
        path = results(tmp_path / f"{place}.json", seen("x.jpg") | {"sha256": digest}, info=info)
        read = photos.results_files.read(path)
        versions.add((read.pack_id, read.pack_version))
    assert len(versions) == 1
    assert len(photos.ids(Wanted(shows="animal"))) == len(files)


@pytest.mark.parametrize("shape", ["list", "by path", "a list for each box"])
def test_speciesnets_predictions_are_read_in_each_of_their_shapes(
    photos: Photos, tmp_path: Path, shape: str
) -> None:
    photos.add(card_of(tmp_path / "extra", 2, first=70), station="Ridge")
    table = {"classes": [LION, BEAR], "scores": [0.7, 0.2]}
    box = {"category": "1", "label": "animal", "conf": 0.9, "bbox": [0, 0, 0.5, 0.5]}
    one = {
        "filepath": "card/IMG_0070.JPG",
        "country": "KEN",
        "classifications": [table] if shape == "a list for each box" else table,
        "detections": [box],
        "model_version": "4.0.1a",
    }
    failed = {"filepath": "card/IMG_0071.JPG", "failures": ["DETECTOR", "CLASSIFIER"]}
    said: Any = [one, failed]
    if shape == "by path":
        said = {value.pop("filepath"): value for value in said}
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps({"predictions": said}))
    read = photos.results_files.read(path)
    assert (read.done, read.pack_id) == (2, "speciesnet-4.0.1a")
    (id_,) = photos.ids(Wanted(shows="animal"))
    ruled = photos.photo(id_).ruled
    assert ruled is not None
    assert (ruled.said, ruled.scientific) == ("lion", "Panthera leo")
    photos.area.mean("lion", "tiger", scientific_name="Panthera tigris")
    again = photos.photo(id_).ruled
    assert again is not None
    assert again.name == "tiger"


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xd8\xff", b"{", b'{"predictions": 1}', b'{"predictions": [{"filepath": "a"', b"[1]"]
)
def test_what_is_no_file_of_results_is_refused(photos: Photos, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.json").write_bytes(raw)
    with pytest.raises(BadInput):
        photos.results_files.read(tmp_path / "a.json")
    with pytest.raises(NotFound):
        photos.results_files.read(tmp_path / "none.json")


def test_a_table_of_whole_picture_results_is_taken_in(photos: Photos, tmp_path: Path) -> None:
    path = tmp_path / "deepfaune.csv"
    rows = "Ridge/DCIM/IMG_0000.JPG,lynx,0.9\nCreek/DCIM/IMG_0001.JPG,empty,1\n"
    path.write_text("filename,prediction,score\n" + rows)
    read = photos.results_files.read(path)
    assert (read.done, read.pack_id) == (2, "deepfaune")
    (lynx,) = photos.ids(Wanted(shows="animal"))
    assert photos.photo(lynx).named == (("lynx", 0.9),)
    assert len(photos.ids(Wanted(shows="empty"))) == 1


# ---- out


def test_what_is_written_is_of_the_format_and_comes_back_the_same(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    photos.classify(model=Seer(lambda at: look(animal=0.1 * (at + 1), person=0.05)))
    path = tmp_path / "out.json"
    written = photos.results_files.write(path)
    assert (written.images, written.left_out) == (6, ())
    assert faults(path) == []
    said = json.loads(path.read_text())
    assert "classification_categories" not in said  # a detector alone names nothing
    files = {one["file"] for one in said["images"]}
    assert files == {f"{station}/DCIM/IMG_{n:04}.JPG" for station in ("Ridge", "Creek") for n in range(3)}
    for one in said["images"]:
        del one["sha256"]  # as another program would hand it back
    said["info"]["detector"] = "elsewhere"
    path.write_text(json.dumps(said))
    before = {id_: photos.photo(id_).detection for id_ in photos.ids(Wanted())}
    read = photos.results_files.read(path)
    assert (read.done, codes(read)) == (6, [])
    with workspace.reading() as data:
        for one in data.find(Detection, equal("pack_id", "elsewhere")):
            old = before[one.photo_id]
            assert old is not None
            assert one.animal == pytest.approx(old.animal, abs=0.0005)
            assert [row[4:] for row in one.boxes] == [[row[4], pytest.approx(row[5])] for row in old.boxes]


def test_photos_without_a_result_are_said_to_be_left_out(photos: Photos, tmp_path: Path) -> None:
    photos.classify(model=Seer(), station_id=photos.station_named("Ridge"))
    written = photos.results_files.write(tmp_path / "out.json")
    assert written.images == 3
    assert written.left_out == ("3 photos that the model has not looked at",)
    only = photos.results_files.write(tmp_path / "ridge.json", station_id=photos.station_named("Ridge"))
    assert (only.images, only.left_out) == (3, ())


def test_names_go_out_as_the_model_said_them_or_as_they_are_shown(photos: Photos, tmp_path: Path) -> None:
    digest = photos.tiles(photos.ids(Wanted())[:1])[0].file.hex()
    said = results(
        tmp_path / "a.json",
        seen("x.jpg", classifications=[["0", 0.8]]) | {"sha256": digest},
        classification_categories={"0": "European roe deer"},
    )
    photos.results_files.read(said)
    photos.area.mean("European roe deer", "Siberian roe deer")
    for as_shown, name in ((False, "European roe deer"), (True, "Siberian roe deer")):
        path = tmp_path / f"{as_shown}.json"
        photos.results_files.write(path, as_shown=as_shown)
        assert faults(path) == []
        assert json.loads(path.read_text())["classification_categories"] == {"0": name}


def test_nothing_is_written_where_there_is_nothing_or_no_place(photos: Photos, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No results"):
        photos.results_files.write(tmp_path / "out.json")
    photos.classify(model=Seer())
    with pytest.raises(NotFound, match="No results"):
        photos.results_files.write(tmp_path / "out.json", pack="other")
    (tmp_path / "out.json").write_text("before")
    with pytest.raises(DiskTrouble):
        photos.results_files.write(tmp_path / "none" / "out.json")
    assert sorted(one.name for one in tmp_path.glob("*.part*")) == []
    assert (tmp_path / "out.json").read_text() == "before"


# ---- matching


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("a/b/IMG_1.JPG", 0),
        ("B/img_1.jpg", 0),
        ("disk/x/a/b/IMG_1.JPG", 0),
        ("c/IMG_1.JPG", 1),
        ("IMG_1.JPG", None),
        ("d/IMG_1.JPG", None),
        ("IMG_2.JPG", 2),
        ("anything/IMG_2.JPG", 2),
        ("", None),
        ("../a/b/IMG_1.JPG", 0),
    ],
)
def test_the_longest_common_end_decides(file: str, wanted: int | None) -> None:
    ids = [new_id() for _photo in range(3)]
    paths = [("a/b", "IMG_1.JPG"), ("c", "IMG_1.JPG"), ("", "IMG_2.JPG")]
    finder = PhotoFinder(
        (id_, bytes([place]) * 32, *path, "")
        for place, (id_, path) in enumerate(zip(ids, paths, strict=True))
    )
    assert finder.find(file).ids == (() if wanted is None else (ids[wanted],))


def test_one_picture_that_was_taken_in_twice_has_the_result_twice() -> None:
    ids = [new_id(), new_id()]
    finder = PhotoFinder([(ids[0], b"x" * 32, "a", "1.JPG", ""), (ids[1], b"x" * 32, "b", "1.JPG", "")])
    assert finder.find("1.JPG").ids == tuple(ids)
    assert finder.find("", (b"x" * 32).hex()).ids == tuple(ids)


def test_a_person_chooses_whose_results_are_shown(
    photos: Photos, workspace: Workspace, tmp_path: Path
) -> None:
    packs = ModelPacks((tmp_path / "packs",), site="demo")
    one = Photos(workspace, packs=packs)
    photos.classify(model=Seer())
    images = (seen(f"{station}/DCIM/IMG_0000.JPG", 0.5) for station in ("Ridge", "Creek"))
    read = photos.results_files.read(results(tmp_path / "a.json", *images))
    assert one.results_kept() == {("demo", "1"): 6, (read.pack_id, read.pack_version): 2}

    def shown() -> str:
        used = one.pack_used()
        return used.id if used else ""

    assert shown() == "demo"
    one.show_results_of("md_v5a.0.0.pt")
    assert shown() == "md_v5a.0.0.pt"
    assert len(one.ids(Wanted(shows="animal"))) == 2
    assert one.packs.words_of(read.pack_id, read.pack_version)[0] == "md_v5a.0.0.pt, computed elsewhere"
    one.show_results_of("")
    assert shown() == "demo"
    with pytest.raises(NotFound, match="No results"):
        one.show_results_of("unicorn")
