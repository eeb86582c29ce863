"""MegaDetector's results are read with every doubt told, and written so that others take them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput
from ranger_app.domain.found_looks import KINDS, Doubts, FoundLook, FoundModel
from ranger_app.formats import megadetector
from ranger_app.jobs import Work
from tests.formats.megadetector_rules import faults

CATEGORIES = {"1": "animal", "2": "person", "3": "vehicle"}


def document(*images: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "images": list(images),
        "detection_categories": CATEGORIES,
        "info": {"format_version": "1.6", "detector": "md_v5a.0.0.pt"},
    } | more


def image(file: str = "a.jpg", *detections: dict[str, Any]) -> dict[str, Any]:
    return {"file": file, "detections": list(detections)}


BOX = 0.1, 0.2, 0.3, 0.4


def detection(conf: Any = 0.9, category: str = "1", bbox: Any = BOX, **more: Any) -> dict[str, Any]:
    return {"category": category, "conf": conf, "bbox": list(bbox)} | more


def read(path: Path, said: Any) -> tuple[megadetector.Head, list[FoundLook], Doubts]:
    path.write_text(json.dumps(said) if not isinstance(said, str) else said, encoding="utf-8")
    doubts = Doubts()
    head = megadetector.read_head(path, doubts=doubts, work=Work())
    return head, list(megadetector.read(path, head, doubts=doubts, work=Work())), doubts


def codes(doubts: Doubts) -> list[str]:
    return [doubt.code for doubt in doubts.all()]


def test_boxes_classes_and_failures_are_read(tmp_path: Path) -> None:
    said = document(
        image(
            "a/b.jpg",
            detection(0.3, "2"),
            detection(0.8, classifications=[["3", 0.1], ["0", 0.85]]),
        ),
        {"file": "c.jpg", "failure": "Failure image access", "detections": None},
        {"file": "d.jpg", "detections": [], "failure": None},
        classification_categories={"0": "fox", "3": "bear"},
    )
    head, looks, doubts = read(tmp_path / "a.json", said)
    assert (head.model.id, head.images) == ("md_v5a.0.0.pt", 3)
    assert [row[4:] for row in looks[0].boxes] == [("animal", 0.8), ("person", 0.3)]
    assert looks[0].boxes[0][:4] == pytest.approx(BOX)
    assert looks[0].groups == (("fox", 0.85), ("bear", 0.1))
    assert looks[0].crops == ((0, looks[0].groups),)
    assert looks[1].failure == "Failure image access"
    assert (looks[2].boxes, looks[2].failure) == ((), "")
    assert doubts.all() == ()


def test_names_of_the_tree_of_life_are_taken_where_they_are_described(tmp_path: Path) -> None:
    label = "436ddfdd;mammalia;carnivora;ursidae;ursus;americanus;american black bear"
    said = document(
        image("a.jpg", detection(classifications=[["0", 0.9]])),
        classification_categories={"0": "american black bear"},
        classification_category_descriptions={"0": label},
    )
    _head, looks, _doubts = read(tmp_path / "a.json", said)
    assert looks[0].groups == ((label, 0.9),)


@pytest.mark.parametrize(
    ("detections", "code", "kept"),
    [
        ([detection(-0.7)], "removed", 0),
        ([detection(1.7)], "odd-detection", 0),
        ([detection("0.7")], "odd-detection", 0),
        ([detection(True)], "odd-detection", 0),
        ([detection(bbox=(0.1, 0.2, 0.3))], "odd-detection", 0),
        ([detection(bbox=(0.1, 0.2, -0.3, 0.4))], "odd-detection", 0),
        ([detection(bbox=("x", 0.2, 0.3, 0.4))], "odd-detection", 0),
        ([detection(category="9")], "no-category", 0),
        (["no detection"], "odd-detection", 0),
        ([detection(classifications=[["7", 0.5]])], "odd-class", 1),
        ([detection(classifications=["7"])], "odd-class", 1),
        ([detection() for _box in range(150)], "many-boxes", 100),
    ],
)
def test_what_cannot_be_understood_is_left_out_and_told(
    tmp_path: Path, detections: list[Any], code: str, kept: int
) -> None:
    _head, (look,), doubts = read(tmp_path / "a.json", document(image("a.jpg", *detections)))
    assert codes(doubts) == [code]
    assert len(look.boxes) == kept


def test_boxes_that_reach_over_the_edge_are_cut_off_there(tmp_path: Path) -> None:
    _head, (look,), _doubts = read(
        tmp_path / "a.json", document(image("a.jpg", detection(bbox=(-0.1, 0.9, 0.3, 0.4))))
    )
    assert look.boxes[0][:4] == pytest.approx((0.0, 0.9, 0.2, 0.1))


def test_species_among_the_kinds_of_detection_are_animals_of_that_name(tmp_path: Path) -> None:
    said = document(
        image("a.jpg", detection(category="4")), detection_categories=CATEGORIES | {"4": "badger"}
    )
    _head, (look,), doubts = read(tmp_path / "a.json", said)
    assert look.boxes[0][4] == "animal"
    assert look.groups == (("badger", 0.9),)
    assert codes(doubts) == ["old-style"]


@pytest.mark.parametrize("version", [1.0, "1.2", 1.5, "1.6", 1])
def test_every_version_there_has_been_is_read(tmp_path: Path, version: object) -> None:
    said = document(
        image("a.jpg", detection()) | {"max_detection_conf": 0.9}, info={"format_version": version}
    )
    _head, (look,), doubts = read(tmp_path / "a.json", said)
    assert look.score("animal") == 0.9
    assert codes(doubts) == []


def test_a_malformed_file_from_elsewhere_gives_what_is_in_it(shared_data: Path) -> None:
    doubts = Doubts()
    path = shared_data / "formats" / "megadetector" / "malformed.json"
    head = megadetector.read_head(path, doubts=doubts, work=Work())
    (look,) = megadetector.read(path, head, doubts=doubts, work=Work())
    assert look.file.endswith("Southwest/IMAG1065_cougar.JPG")
    assert [row[4] for row in look.boxes] == ["animal", "animal"]
    assert look.groups == (("test", 1.0),)
    assert set(codes(doubts)) == {"version", "absolute-path"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"images": 1}',
        '{"images": [{"file": "a.jpg"',
        '{"info": {}, "detection_categories": []}',
        '{"images": [], "detection_categories": [1]}',
        '{"images": [' + "[" * 100_000 + "]}",
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput):
        read(tmp_path / "a.json", text)


def test_images_without_names_or_results_are_told(tmp_path: Path) -> None:
    said = document({"detections": []}, {"file": ""}, {"file": "a.jpg"}, 7)  # type: ignore[arg-type]
    _head, looks, doubts = read(tmp_path / "a.json", said)
    assert looks == []
    assert {doubt.code: doubts.count(doubt.code) for doubt in doubts.all()} == {
        "no-file": 3,
        "no-detections": 1,
    }


# ---- writing

shares = st.floats(0, 0.5).map(lambda value: round(value, 4))
rows = st.tuples(shares, shares, shares, shares, st.sampled_from(KINDS), st.floats(0.001, 1))
names = st.sampled_from(["fox", "Fox", "animal", "sika deer", " ", "лось", "empty"])
groups = st.lists(st.tuples(names, st.floats(0, 1)), max_size=4).map(tuple)
looks = st.builds(
    FoundLook,
    file=st.uuids().map(lambda id_: f"DCIM/{id_}.JPG"),
    sha256=st.just(""),
    boxes=st.lists(rows, max_size=5).map(lambda some: tuple(sorted(some, key=lambda row: -row[5]))),
    groups=groups,
    failure=st.sampled_from(["", "", "", "truncated"]),
)


@given(st.lists(looks, max_size=5))
def test_what_is_written_keeps_to_the_format_and_to_timelapse(
    tmp_path_factory: pytest.TempPathFactory, some: list[FoundLook]
) -> None:
    path = tmp_path_factory.mktemp("md") / "a.json"
    model = FoundModel(detector="demo 1", completed="2026-01-31 12:00:00")
    written = megadetector.write(some, path, model=model, descriptions={"fox": "a;b"}, work=Work())
    assert written == len(some)
    assert faults(path) == []
    doubts = Doubts()
    head = megadetector.read_head(path, doubts=doubts, work=Work())
    again = list(megadetector.read(path, head, doubts=doubts, work=Work()))
    assert set(codes(doubts)) <= {"odd-detection"}  # a box of no size is none
    for before, after in zip(some, again, strict=True):
        assert (after.file, after.failure) == (before.file, before.failure)
        if not before.failure:
            sized = [row for row in before.boxes if row[2] > 0 and row[3] > 0]
            assert len(after.boxes) == len(sized)


def test_the_rules_find_each_fault(tmp_path: Path) -> None:
    good = document(image("a.jpg", detection(0.9, bbox=(0.1, 0.2, 0.3, 0.4))))
    path = tmp_path / "a.json"
    path.write_text(json.dumps(good))
    assert faults(path) == []
    for spoilt in (
        document(image("/a.jpg")),
        document(image("a.jpg", detection(1))),
        document(image("a.jpg", detection(0.12345))),
        document(image("a.jpg", detection(category="7"))),
        document({"file": "a.jpg", "failure": "x", "detections": []}),
        document(image("a.mp4")),
        document(image("a.jpg"), image("a.jpg")),
        document(classification_categories={"0": "animal"}),
        document(classification_categories={"0": " "}),
        document(info={"format_version": 1.6}),
        document(extra=1),
    ):
        path.write_text(json.dumps(spoilt))
        assert faults(path), spoilt
