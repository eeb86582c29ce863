"""A pipeline finds, cuts out and names, and each of its steps is what a plain reference makes of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ranger_app.domain.errors import BadInput, NotFound
from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model
from ranger_app.inference.install import install_pack
from ranger_app.inference.looks import WHOLE_PICTURE, Box
from ranger_app.inference.packs.manifest import Region
from ranger_app.inference.packs.pack import Pack, read_pack
from ranger_app.inference.prepare import crop_edges
from ranger_app.inference.trial import try_pack
from ranger_app.photos.runs.packs import ModelPacks
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import (
    CROP_CLASSIFIER,
    CROP_PX,
    EMBEDDER,
    WIDTH_PX,
    colours_graph,
    crop_pack,
    pipeline_pack,
    yolox_answer,
    yolox_pack,
)

PICTURE_W, PICTURE_H = 640, 360


def two_animals_and_a_person() -> NDArray[np.float32]:
    answer = yolox_answer()
    answer[0, 30] = [0.5, 0.5, 0, 0, 1.0, 0.9, 0, 0, 0, 0]
    answer[0, 62] = [0.5, 0.5, 1, 1, 1.0, 0.6, 0, 0, 0, 0]
    answer[0, 70] = [0.5, 0.5, 0, 0, 1.0, 0, 0.8, 0, 0, 0]
    answer[0, 5] = [0.5, 0.5, -1, -1, 1.0, 0.15, 0, 0, 0, 0]  # under the gate
    return answer


def chain(
    folder: Path, answer: NDArray[np.float32] | None = None, *, crops_at_most: int = 2, **crop: str
) -> Pack:
    detector = yolox_pack(folder / "finder", two_animals_and_a_person() if answer is None else answer)
    namer = crop_pack(folder / "namer", **crop)
    return read_pack(pipeline_pack(folder / "chain", detector, namer, crops_at_most=crops_at_most))


def reference_crop(picture: Image.Image, box: Box, *, grow: float = 1.25, least: float = 8) -> Image.Image:
    """The square around a box as the prototype of the bundled model cuts it."""
    x0, y0, w, h = box.x * PICTURE_W, box.y * PICTURE_H, box.w * PICTURE_W, box.h * PICTURE_H
    side = min(max(max(w, h) * grow, least), max(picture.size))
    left, top = x0 + w / 2 - side / 2, y0 + h / 2 - side / 2
    if side <= picture.width:
        left = min(max(left, 0), picture.width - side)
    if side <= picture.height:
        top = min(max(top, 0), picture.height - side)
    return picture.crop((round(left), round(top), round(left + side), round(top + side)))


def colours(picture: Image.Image) -> NDArray[np.float32]:
    small = np.asarray(picture.resize((CROP_PX, CROP_PX), Image.Resampling.BILINEAR), np.float32) / 255
    mean: NDArray[np.float32] = small.mean((0, 1), dtype=np.float32)
    return mean


def test_the_best_animals_are_cut_out_and_named_as_the_reference_says(tmp_path: Path) -> None:
    picture = noise_picture(PICTURE_W, PICTURE_H, seed=3)
    look = Model.open(chain(tmp_path)).look(encoded(picture, "PNG"))
    assert [box.kind for box in look.boxes] == ["animal", "person", "animal", "animal"]
    assert [crop.box for crop in look.crops] == [0, 2]
    for crop in look.crops:
        wanted = colours(reference_crop(picture, look.boxes[crop.box]))
        assert crop.vector() == pytest.approx(wanted, abs=1e-3)
        odds = np.exp(10 * (wanted - wanted.max()))
        likely = dict(zip(("red", "green", "blue"), (odds / odds.sum()).tolist(), strict=True))
        assert dict(crop.groups) == pytest.approx(likely, abs=1e-4)
    assert look.groups == look.crops[0].groups
    assert (look.key.pack_id, look.key.pack_version) == ("chain", "1")


def test_only_so_many_boxes_are_cut_out_as_the_pipeline_says(tmp_path: Path) -> None:
    look = Model.open(chain(tmp_path, crops_at_most=1)).look(encoded(noise_picture(), "PNG"))
    assert [crop.box for crop in look.crops] == [0]


@pytest.mark.parametrize(("fallback", "crops"), [("full", [WHOLE_PICTURE]), ("none", [])])
def test_without_an_animal_the_whole_picture_is_named_or_nothing(
    tmp_path: Path, fallback: str, crops: list[int]
) -> None:
    roi = f'square = "expand", fallback = "{fallback}"'
    picture = noise_picture(PICTURE_W, PICTURE_H)
    look = Model.open(chain(tmp_path, yolox_answer(), roi=roi)).look(encoded(picture, "PNG"))
    assert [crop.box for crop in look.crops] == crops
    assert bool(look.groups) == bool(crops)
    for crop in look.crops:
        assert crop.vector() == pytest.approx(colours(picture), abs=1e-3)


def test_a_classifier_of_crops_alone_sees_the_whole_picture_and_gives_its_embedding(tmp_path: Path) -> None:
    picture = noise_picture(PICTURE_W, PICTURE_H, seed=5)
    look = Model.open(crop_pack(tmp_path / "namer")).look(encoded(picture, "PNG"))
    (crop,) = look.crops
    assert crop.vector() == pytest.approx(colours(picture), abs=1e-3)
    assert look.groups == crop.groups


def test_an_embedding_has_length_one_where_the_manifest_says_so(tmp_path: Path) -> None:
    pack = crop_pack(tmp_path / "namer", output=CROP_CLASSIFIER.replace("l2 = false", "l2 = true"))
    (crop,) = Model.open(pack).look(encoded(noise_picture(), "PNG")).crops
    assert np.linalg.norm(crop.vector()) == pytest.approx(1, abs=1e-3)


def test_an_embedder_answers_with_numbers_alone(tmp_path: Path) -> None:
    pack = crop_pack(tmp_path / "namer", kind="embedder", output=EMBEDDER)
    assert check_pack(pack.folder) == []
    look = Model.open(pack).look(encoded(noise_picture(), "PNG"))
    assert (look.groups, look.boxes) == ((), ())
    assert len(look.crops[0].vector()) == 3


# ---- cutting out


@given(
    x=st.floats(0, 0.9),
    y=st.floats(0, 0.9),
    w=st.floats(0.001, 1),
    h=st.floats(0.001, 1),
    size=st.tuples(st.integers(20, 900), st.integers(20, 900)),
    strip=st.sampled_from([0.0, 0.05, 0.1]),
)
def test_a_square_of_the_picture_lies_within_it_wherever_it_fits(
    x: float, y: float, w: float, h: float, size: tuple[int, int], strip: float
) -> None:
    bounds = (0, 0, size[0], int(size[1] * (1 - strip)))
    region = Region("crop_box", pad_frac=0.125, square="expand", min_px=16)
    left, top, right, bottom = crop_edges(Box(x, y, w, h, "animal", 1), region, size, bounds)
    assert abs((right - left) - (bottom - top)) <= 1
    for start, end, most in ((left, right, bounds[2]), (top, bottom, bounds[3])):
        if end - start < most:
            assert start >= 0
            assert end <= most
    longer = max(w * size[0], h * size[1]) * 1.25
    assert right - left == pytest.approx(min(max(longer, 16), max(bounds[2:])), abs=1)


def test_a_box_as_it_is_and_one_padded_to_a_square(tmp_path: Path) -> None:
    picture = Image.new("RGB", (PICTURE_W, PICTURE_H), (255, 0, 0))
    answer = yolox_answer()
    answer[0, 29] = [0.5, 0.5, math.log(4), 0, 1.0, 0.9, 0, 0, 0, 0]  # four times as wide as high
    for square, red in (("none", 1.0), ("pad", 0.25)):
        folder = tmp_path / square
        look = Model.open(chain(folder, answer, roi=f'square = "{square}"')).look(encoded(picture, "PNG"))
        (crop,) = look.crops
        assert crop.vector() == pytest.approx([red, 0, 0], abs=0.02)


@pytest.mark.parametrize(
    ("rounding", "edges"),
    [("floor", (10, 20, 41, 51)), ("round", (11, 21, 41, 51)), ("floor_size", (10, 20, 40, 50))],
)
def test_the_edges_are_rounded_as_declared(rounding: str, edges: tuple[int, ...]) -> None:
    region = Region("crop_box", square="none", rounding=rounding)
    box = Box(10.6 / 100, 20.6 / 100, 30.7 / 100, 30.7 / 100, "animal", 1)
    assert crop_edges(box, region, (100, 100), (0, 0, 100, 100)) == edges


def test_a_strip_that_the_camera_writes_on_is_never_cut_out(tmp_path: Path) -> None:
    picture = Image.new("RGB", (PICTURE_W, PICTURE_H), (0, 255, 0))
    picture.paste((255, 0, 0), (0, 324, PICTURE_W, PICTURE_H))
    answer = yolox_answer()
    answer[0, 119] = [0.5, 0, 0, 0, 1.0, 0.9, 0, 0, 0, 0]
    assert WIDTH_PX // 8 == 12
    pack = chain(tmp_path, answer, roi='square = "expand", strip_bottom = 0.1')
    (crop,) = Model.open(pack).look(encoded(picture, "PNG")).crops
    assert crop.vector() == pytest.approx([0, 1, 0], abs=0.01)


# ---- packs


def test_a_whole_pipeline_is_well_and_its_trial_runs_both_graphs(tmp_path: Path) -> None:
    pack = chain(tmp_path)
    assert check_pack(pack.folder) == []
    assert try_pack(pack) == []
    assert pack.thresholds().classify_gate == 0.2


def test_a_missing_or_other_part_is_said_in_words(tmp_path: Path) -> None:
    pack = chain(tmp_path)
    toml = pack.folder.parent / "namer" / "pack.toml"
    toml.write_text(toml.read_text() + "\n# changed\n")
    assert check_pack(pack.folder) == [
        "pack.toml: was made with another colours 1 than the one on this computer"
    ]
    with pytest.raises(NotFound, match="another colours 1"):
        Model.open(pack)
    toml.unlink()
    (problem,) = check_pack(pack.folder)
    assert problem == "pack.toml: needs the model pack colours 1, which is not on this computer"


def test_a_fault_in_a_part_is_told_with_its_name(tmp_path: Path) -> None:
    pack = chain(tmp_path)
    (pack.folder.parent / "namer" / "model.onnx").write_bytes(colours_graph() + b"x")
    assert any(problem.startswith("colours: model.onnx: has") for problem in check_pack(pack.folder))


def test_two_packs_in_the_place_of_each_other_are_refused(tmp_path: Path) -> None:
    detector, namer = yolox_pack(tmp_path / "finder"), crop_pack(tmp_path / "namer")
    folder = pipeline_pack(tmp_path / "chain", namer, detector)
    problems = " ".join(check_pack(folder))
    assert "takes colours 1 for its detector, which it is not" in problems
    assert "takes tiny 1 for its classifier, which it is not" in problems


def test_a_pipeline_without_a_classifier_is_refused(tmp_path: Path) -> None:
    folder = pipeline_pack(tmp_path / "chain", yolox_pack(tmp_path / "finder"))
    with pytest.raises(BadInput, match="one detector, classifier each"):
        read_pack(folder)


def test_a_pipeline_is_installed_after_its_parts_and_is_then_the_usual_pack(tmp_path: Path) -> None:
    pack = chain(tmp_path / "given")
    home = tmp_path / "home"
    with pytest.raises(BadInput, match="needs the model pack"):
        install_pack(_alone(pack, tmp_path / "alone"), home)
    for name in ("finder", "namer", "chain"):
        install_pack(tmp_path / "given" / name, home)
    packs = ModelPacks((home,))
    usual = packs.choose()
    assert usual.id == "chain"
    assert packs.load(usual).look(encoded(noise_picture(), "PNG")).crops
    assert packs.display_of("chain", "1") == 0.3


def test_without_its_parts_a_pipeline_is_never_the_usual_pack(tmp_path: Path) -> None:
    pack = chain(tmp_path / "given")
    (tmp_path / "given" / "namer" / "pack.toml").unlink()
    assert ModelPacks((tmp_path / "given",)).choose().id == "tiny"
    assert pack.id == "chain"


def _alone(pack: Pack, folder: Path) -> Path:
    folder.mkdir()
    (folder / "pack.toml").write_bytes((pack.folder / "pack.toml").read_bytes())
    return folder
