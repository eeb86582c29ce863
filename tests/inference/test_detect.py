"""A run over many pictures gives each its result or its reason, in order, and stops when asked."""

from __future__ import annotations

import csv
import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from ranger_app.config import models_dir
from ranger_app.domain.errors import BadInput, Refused
from ranger_app.domain.readable import hash_of, known_hash
from ranger_app.inference import detect
from ranger_app.inference.detect import Later, Model
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.packs.parts import parts_by_role
from ranger_app.inference.stage import threads_for, weight
from ranger_app.jobs import Cancelled, Progress, Work
from ranger_app.storage.files import KeptFile
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import CELLS, constant_graph, graph_bytes, write_pack, yolox_answer, yolox_pack


@pytest.fixture
def model(tmp_path: Path) -> Model:
    answer = yolox_answer()
    answer[0, 20] = [0.5, 0.5, 1, 1, 0.9, 0.9, 0, 0, 0, 0]
    return Model.open(yolox_pack(tmp_path / "pack", answer), threads=1)


def card(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    paths = []
    for place in range(count):
        path = folder / f"IMG_{place:04}.JPG"
        path.write_bytes(encoded(noise_picture(160, 120, seed=place)))
        paths.append(path)
    return paths


def decoders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ranger-decode")]


def test_every_picture_has_its_own_result_in_the_order_of_the_card(tmp_path: Path, model: Model) -> None:
    paths = card(tmp_path / "card", 12)
    results = list(model.looks(paths, Work()))
    assert [one.path for one in results] == paths
    for one in results:
        assert one.look is not None
        digest = hashlib.sha256(one.path.read_bytes()).hexdigest()
        assert one.look.key == (digest, "tiny", "1") == model.key(digest)
        assert one.look.thresholds_version == model.thresholds.version
        assert (one.look.width_px, one.look.height_px) == (160, 120)
    assert results[0].look == model.look(paths[0])
    assert decoders() == []


def test_a_picture_that_fails_is_a_result_and_the_run_goes_on(tmp_path: Path, model: Model) -> None:
    paths = card(tmp_path / "card", 5)
    paths[1].write_bytes(b"no picture")
    paths[2].unlink()
    paths[3].write_bytes(paths[3].read_bytes()[:-400])
    good, bad, gone, cut, last = model.looks(paths, Work())
    assert good.look
    assert last.look
    assert (bad.look, bad.failure_code) == (None, "bad-input")
    assert "no picture" in bad.failure
    assert (gone.look, gone.failure_code) == (None, "not-found")
    assert cut.look
    assert "cut off" in cut.look.notes[0]


def test_a_cancelled_run_stops_between_two_pictures_and_leaves_no_thread(
    tmp_path: Path, model: Model
) -> None:
    paths = card(tmp_path / "card", 20)
    work = Work()
    run = model.looks(paths, work)
    seen = [next(run).path for _picture in range(3)]
    work.cancel()
    with pytest.raises(Cancelled):
        next(run)
    assert seen == paths[:3]
    assert decoders() == []


def test_a_caller_who_stops_asking_leaves_no_thread(tmp_path: Path, model: Model) -> None:
    run = model.looks(card(tmp_path / "card", 20), Work())
    next(run)
    run.close()  # type: ignore[attr-defined]
    assert decoders() == []


def test_progress_counts_every_picture(tmp_path: Path, model: Model) -> None:
    told: list[Progress] = []
    paths = card(tmp_path / "card", 3)
    list(model.looks(paths, Work(told.append)))
    assert [(one.done, one.total) for one in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert told[1].note == "IMG_0001.JPG"


def test_no_pictures_are_no_fault(model: Model) -> None:
    assert list(model.looks([], Work())) == []


def test_only_a_few_pictures_are_held_at_once(tmp_path: Path, model: Model) -> None:
    paths = card(tmp_path / "card", 12)
    run = model.looks(paths, Work())
    next(run)
    for path in paths[8:]:
        path.unlink()  # not read yet, so they are missed
    results = list(run)
    assert [one.look is None for one in results[-4:]] == [True] * 4
    assert all(one.look for one in results[:4])


def test_a_pack_that_changed_on_the_disk_is_not_loaded(tmp_path: Path) -> None:
    pack = yolox_pack(tmp_path / "pack")
    (pack.folder / "model.onnx").write_bytes(constant_graph(yolox_answer() + 1))
    with pytest.raises(BadInput, match="SHA-256"):
        Model.open(pack)


def test_a_graph_whose_answer_has_another_shape_than_it_promised_fails_per_picture(tmp_path: Path) -> None:
    # It promises a free number of cells and gives three.
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Add", ["answer", "mean"], ["output"]),
    ]
    weights = {"answer": np.zeros((1, 3, 10), np.float32)}
    raw = graph_bytes(nodes, out_shape=[1, "cells", 10], weights=weights)
    model = Model.open(read_pack(write_pack(tmp_path / "pack", raw)))
    (path,) = card(tmp_path / "card", 1)
    (one,) = model.looks([path], Work())
    assert one.look is None
    assert f"1 × {CELLS} × 10" in one.failure


def test_a_pack_for_a_family_that_is_not_there_is_refused(tmp_path: Path) -> None:
    raw = constant_graph(yolox_answer())
    pack = read_pack(write_pack(tmp_path / "pack", raw, changes={'layout = "yolox"': 'layout = "yolo99"'}))
    with pytest.raises(Refused, match="family"):
        Model.open(pack)


def test_a_look_is_plain_rows_for_storing(model: Model) -> None:
    look = model.look(encoded(noise_picture(160, 120)))
    (row,) = look.box_rows()
    assert row[4:] == ["animal", 0.81]
    assert all(isinstance(side, float) and 0 <= side <= 1 for side in row[:4])
    assert look.group_rows(2) == [["animal", 0.81], ["empty", 0.19]]


def test_the_untouched_parent_scores_as_it_was_measured_before(shared_data: Path, tmp_path: Path) -> None:
    """Through our own preparation and reading, YOLOX-Nano finds on fold `val` what the reference measured."""

    names = (shared_data / "models" / "coco_labels.txt").read_text().split("\n")[:80]
    roles = {0: "human"} | dict.fromkeys((1, 2, 3, 5, 7), "vehicle") | dict.fromkeys(range(14, 24), "animal")
    lines = [f"{place},{name.strip()},{roles.get(place, 'unknown')}" for place, name in enumerate(names)]
    folder = write_pack(
        tmp_path / "parent",
        (shared_data / "models" / "yolox_nano.onnx").read_bytes(),
        labels="\n".join(["index,id,role", *lines]),
        changes={
            "opset = 17": "opset = 11",
            "{ h = 64, w = 96 }": "{ h = 416, w = 416 }",
            'color = "RGB"': 'color = "BGR"',
            'scale = "1/255"': "scale = 1\ndraft_px = 832",
            'kind = "full"': 'kind = "full", strip_bottom = 0.05',
        },
    )
    model = Model.open(read_pack(folder))
    with (shared_data / "photos" / "training" / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] == "val"]
    paths = [shared_data / "photos" / "training" / row["path"] for row in rows]
    looks = [one.look for one in model.looks(paths, Work())]
    by_kind: dict[str, list[float]] = {"animal": [], "empty": []}
    found = {"person": 0, "vehicle": 0}
    for row, look in zip(rows, looks, strict=True):
        assert look is not None
        kind = row["triage"]
        if kind in by_kind:
            by_kind[kind].append(look.animal)
        else:
            found[kind] += getattr(look, kind) >= 0.3
    pairs = [(one > other) + 0.5 * (one == other) for one in by_kind["animal"] for other in by_kind["empty"]]
    assert len(pairs) == 90 * 16
    assert sum(pairs) / len(pairs) == pytest.approx(0.826, abs=0.005)
    assert found == {"person": 6, "vehicle": 8}


def test_a_light_graph_has_one_core_and_a_heavy_one_two(tmp_path: Path) -> None:
    """The bundled graphs take a core less time than decoding; a large detector needs what there is."""
    tiny = yolox_pack(tmp_path / "pack")
    assert threads_for(weight(tiny)) == 1
    size_bytes, side_px = 280_000_000, 1280  # as MegaDetector v5a
    assert threads_for(size_bytes * side_px**2) == 2
    bundled = read_pack(models_dir() / "ranger-animals")
    parts = parts_by_role(bundled, (models_dir(),))
    assert threads_for(sum(weight(part) for part in parts.values())) == 1


def test_a_very_large_picture_is_decoded_when_its_turn_has_come(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four pictures of 170 million pixels decoded ahead would be three gigabytes; results are the same."""
    paths = card(tmp_path / "card", 6)
    before = [one.look for one in model.looks(paths, Work())]
    monkeypatch.setattr(detect, "LARGE_PIXELS", 160 * 120 - 1)
    later = model.make_ready(paths[0])
    assert isinstance(later, Later)
    assert not later.is_clip
    assert [one.look for one in model.looks(paths, Work())] == before
    paths[2].write_bytes(paths[2].read_bytes()[:-3000] + bytes(3000))
    assert [one.look is None for one in model.looks(paths, Work())].count(False) >= 5


def test_a_file_of_a_store_goes_by_its_hash_and_is_not_hashed_again(tmp_path: Path, model: Model) -> None:
    (path,) = card(tmp_path / "card", 1)
    digest = hashlib.sha256(path.read_bytes()).digest()
    stored = KeptFile(digest, path)
    (look,) = (one.look for one in model.looks([stored], Work()))
    assert look == model.look(path)
    assert hash_of(stored) == hash_of(path) == digest
    assert known_hash(path) == b""
    assert known_hash(KeptFile(b"thumbnail" + digest, path)) == b"", "in a cache it is another name"
