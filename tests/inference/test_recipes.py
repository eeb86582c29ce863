"""Every recipe makes a pack that checks and runs, of a graph that is shaped like the one it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ranger_app.config import models_dir
from ranger_app.domain.errors import BadInput, NotFound, Refused
from ranger_app.inference.checking import check_pack
from ranger_app.inference.detect import Model
from ranger_app.inference.packs.pack import Pack, read_pack
from ranger_app.inference.recipes import make_pack, make_pipeline, read_recipe, recipe_names
from ranger_app.inference.trial import try_pack
from ranger_app.photos.area.pack_rules import rules_of_pack
from tests.inference.pictures_made import encoded, noise_picture

RECIPES = models_dir() / "recipes"
UUIDS = ("f1856211-cfb7-4a5b-9158-c0f72fd09ee6", "990ae9dd-7a59-4344-afcb-1b7b21368000")
SPECIESNET = (
    f"{UUIDS[0]};;;;;;blank\n{UUIDS[1]};mammalia;primates;hominidae;homo;sapiens;human\n"
    "330bb1e9;mammalia;carnivora;ursidae;ursus;arctos;brown bear\n"
)
LINES = {"lines": "Deer\nboar\nHuman\nempty\n", "speciesnet": SPECIESNET}
TEXTS = {
    "geofence_release.json": '{"mammalia;carnivora;ursidae;ursus;arctos": {"block": {"GBR": []}}}',
    "taxonomy_release.txt": SPECIESNET,
}
Shape = Sequence[int | str]
DYNAMIC: Shape = (1, 3, "height", "width")


def graph(
    path: Path, shape: Shape, outputs: Mapping[str, NDArray[Any]], *, name: str = "images", sizes: str = ""
) -> Path:
    """A graph with these inputs that answers the same whatever it is shown."""
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))]
    if sizes:
        inputs.append(helper.make_tensor_value_info(sizes, TensorProto.INT64, [1, 2]))
    nodes = [
        helper.make_node("ReduceMean", [name], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "nought"], ["nothing"]),
    ]
    weights = [numpy_helper.from_array(np.zeros((), np.float32), "nought")]
    told = []
    for out, value in outputs.items():
        weights.append(numpy_helper.from_array(value, f"{out}_is"))
        real = value.dtype == np.float32
        step = ("Add", [f"{out}_is", "nothing"]) if real else ("Identity", [f"{out}_is"])
        nodes.append(helper.make_node(step[0], step[1], [out]))
        kind = TensorProto.FLOAT if real else TensorProto.INT64
        told.append(helper.make_tensor_value_info(out, kind, list(value.shape)))
    made = helper.make_model(
        helper.make_graph(nodes, "g", inputs, told, weights), opset_imports=[helper.make_opsetid("", 17)]
    )
    made.ir_version = 8
    path.write_bytes(made.SerializeToString())
    return path


def one_box(columns: int, *, row: Sequence[float]) -> NDArray[np.float32]:
    lines = np.zeros((1, 20, columns), np.float32)
    lines[0, 7, : len(row)] = row
    return lines


def brought(recipe: str, path: Path) -> Path:
    """The graph that a person would bring for a recipe, small and with one thing to see."""
    logits = np.array([[3, 0, 0, 0]], np.float32)
    if recipe.startswith("megadetector-v5"):
        row = [600, 400, 200, 100, 0.9, 0.95, 0.002, 0.001]
        return graph(path, DYNAMIC, {"output0": one_box(8, row=row)})
    if recipe == "megadetector-v6-yolov9":
        columns = one_box(7, row=[600, 400, 200, 100, 0.9, 0, 0]).transpose(0, 2, 1).copy()
        return graph(path, [1, 3, 1280, 1280], {"output0": columns})
    if recipe == "megadetector-v6-yolov10":
        row = [500, 350, 700, 450, 0.9, 0]
        return graph(path, [1, 3, 1280, 1280], {"output0": one_box(6, row=row)})
    if recipe == "megadetector-v6-rtdetr":
        outputs: dict[str, NDArray[Any]] = {
            "labels": np.zeros((1, 20), np.int64),
            "boxes": one_box(4, row=[100, 80, 300, 200]),
            "scores": one_box(1, row=[0.9])[..., 0],
        }
        return graph(path, [1, 3, 640, 640], outputs, sizes="orig_target_sizes")
    if recipe in ("deepfaune-detector", "ultralytics-detect"):
        side, classes = (960, 3) if recipe.startswith("deepfaune") else (640, 4)
        columns = one_box(4 + classes, row=[300, 250, 200, 100, 0.9]).transpose(0, 2, 1).copy()
        return graph(path, [1, 3, side, side], {"output0": columns})
    if recipe.startswith("speciesnet"):
        return graph(path, [1, 480, 480, 3], {"logits": logits[:, :3]})
    if recipe.startswith("mbaza"):
        sizes = {"gabon": (576, 768), "serengeti": (384, 512), "olpejeta": (270, 480)}
        height, width = sizes[recipe.split("-")[1]]
        likely = np.array([[0.9, 0.1, 0, 0]], np.float32)
        return graph(path, (1, height, width, 3), {"output": likely}, name="input")
    if recipe == "deepfaune-crop":
        return graph(path, [1, 3, 182, 182], {"output": logits})
    likely = np.array([[0.9, 0.1, 0, 0]], np.float32)
    return graph(path, [1, 3, 224, 224], {"output0": likely})


def made(recipe: str, folder: Path) -> Pack:
    folder.mkdir(parents=True, exist_ok=True)
    how = read_recipe(recipe, RECIPES)
    labels = None
    if how.labels in LINES:
        labels = folder / "labels.txt"
        labels.write_text(LINES[how.labels], encoding="utf-8")
    texts = []
    for name in how.needs:
        (folder / name).write_text(TEXTS[name])
        texts.append(folder / name)
    return make_pack(how, brought(recipe, folder / "graph.onnx"), folder / recipe, labels=labels, texts=texts)


@pytest.mark.parametrize("recipe", recipe_names(RECIPES))
def test_each_recipe_makes_a_pack_that_checks_runs_and_sees(tmp_path: Path, recipe: str) -> None:
    pack = made(recipe, tmp_path)
    assert check_pack(pack.folder) == []
    assert try_pack(pack) == []
    look = Model.open(pack).look(encoded(noise_picture(640, 480)))
    if pack.manifest.kind == "detector":
        assert [box.kind for box in look.boxes] == ["animal"]
        assert look.animal > 0.8
    else:
        assert look.groups[0][0] in ("Deer", UUIDS[0])
        assert look.groups[0][1] > 0.8


def test_a_graph_for_another_recipe_is_told_by_the_check(tmp_path: Path) -> None:
    graph_file = brought("ultralytics-classify", tmp_path / "graph.onnx")
    pack = make_pack(read_recipe("megadetector-v5-classic", RECIPES), graph_file, tmp_path / "pack")
    assert any("pack.toml" in problem for problem in check_pack(pack.folder))


def test_speciesnet_labels_keep_their_branches_and_roles(tmp_path: Path) -> None:
    pack = made("speciesnet-crop", tmp_path)
    assert [label.role for label in pack.labels] == ["blank", "human", "species"]
    assert pack.labels[2].lineage == ("mammalia", "carnivora", "ursidae", "ursus", "arctos")
    rules = rules_of_pack(pack, {})
    assert rules.postprocess.ensemble == "speciesnet_v4"
    assert list(rules.fence.fences) == ["mammalia;carnivora;ursidae;ursus;arctos"]
    assert rules.taxonomy.strict


def test_two_packs_become_a_pipeline_with_the_rules_of_its_classifier(tmp_path: Path) -> None:
    detector = made("megadetector-v5-classic", tmp_path)
    namer = made("speciesnet-crop", tmp_path)
    chain = make_pipeline(detector, namer, tmp_path / "mine", id_="mine")
    assert check_pack(chain.folder) == []
    look = Model.open(chain).look(encoded(noise_picture(640, 480)))
    assert [crop.box for crop in look.crops] == [0]
    assert look.groups[0][0] == UUIDS[0]
    assert chain.manifest.licence.spdx == "GPL-3.0-only AND Apache-2.0"
    others = {(pack.id, pack.version): pack for pack in (detector, namer)}
    assert rules_of_pack(chain, others).postprocess.ensemble == "speciesnet_v4"
    with pytest.raises(BadInput, match="of a detector and"):
        make_pipeline(namer, detector, tmp_path / "wrong", id_="wrong")


def test_what_is_missing_or_wrong_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no recipe"):
        read_recipe("../pack", RECIPES)
    how = read_recipe("speciesnet-crop", RECIPES)
    graph_file = brought("speciesnet-crop", tmp_path / "graph.onnx")
    out = tmp_path / "out"
    with pytest.raises(BadInput, match="needs a file of labels"):
        make_pack(how, graph_file, out)
    labels = tmp_path / "labels.txt"
    for raw, words in ((b"deer\n", "Line 1"), ("лось\n".encode("cp1251"), "UTF-8"), (b"", "names no class")):
        labels.write_bytes(raw)
        with pytest.raises(BadInput, match=words):
            make_pack(how, graph_file, out, labels=labels)
    labels.write_text(SPECIESNET)
    with pytest.raises(BadInput, match="needs the file geofence_release"):
        make_pack(how, graph_file, out, labels=labels)
    (tmp_path / "no.onnx").write_bytes(b"no graph")
    with pytest.raises(BadInput, match="no ONNX"):
        make_pack(how, tmp_path / "no.onnx", out, labels=labels)
    with pytest.raises(NotFound):
        make_pack(how, tmp_path / "none.onnx", out, labels=labels)
    assert not out.exists()
    out.mkdir()
    with pytest.raises(Refused, match="already"):
        make_pack(how, graph_file, out, labels=labels)


def test_no_recipe_claims_a_licence_that_it_does_not_tell(tmp_path: Path) -> None:
    for name in recipe_names(RECIPES):
        licence = read_pack(made(name, tmp_path / name).folder).manifest.licence
        assert licence.spdx
        assert licence.attribution
