"""The bundled weights are our own, and do on the labelled photographs what their card says; needs those."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from ranger_app.config import models_dir
from ranger_app.inference.detect import Model
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.runtime import Session

PIPELINE = models_dir() / "ranger-animals"
TRAINING = Path(__file__).resolve().parent.parent.parent / "models" / "training"
MODULES = (
    "groups",
    "frames",
    "figures",
    "judge",
    "detector_parent",
    "classifier_parent",
    "manifests",
    "export",
)
TRAINED_IN = ("Conv", "Gemm")
PERSONS_OF_PARENT, VEHICLES_OF_PARENT, FALSE_PERSONS_OF_PARENT = 6, 8, 3
HALF_OFF_AT_MOST = 0.01


@pytest.fixture(scope="module")
def training() -> Iterator[dict[str, ModuleType]]:
    """The modules of the training that need no torch; they stand outside the package."""
    sys.path.insert(0, str(TRAINING))
    try:
        yield {name: importlib.import_module(name) for name in MODULES}
    finally:
        sys.path.remove(str(TRAINING))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def on_val(training: dict[str, ModuleType], shared_data: Path) -> Any:
    """What the bundled packs say of fold `val`."""
    frames = training["frames"].read_frames(shared_data / "photos" / "training")
    judged = training["judge"].Judged()
    model = Model.open(read_pack(PIPELINE), threads=2)
    return judged.show(model, [frame for frame in frames if frame.fold == "val"])


def trained_tensors(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    """Weights and biases of convolutions and dense layers, by name."""
    names = {name for node in model.graph.node if node.op_type in TRAINED_IN for name in node.input[1:]}
    return {
        tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.name.removesuffix(".half") in names
    }


def figures_of_card(table: str) -> dict[str, tuple[float, float, float]]:
    """Ours in one table of the card: by line, the value and its interval."""
    card = (PIPELINE / "CARD.md").read_text(encoding="utf-8")
    lines = card.partition(f"### {table}\n")[2].partition("\n#")[0].splitlines()
    found = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) == 4 and (figure := re.fullmatch(r"([\d.]+) \[(-?[\d.]+), ([\d.]+)\]", cells[2])):
            value, low, high = (float(one) for one in figure.groups())
            found[cells[0]] = value, low, high
    return found


def test_no_weight_is_a_parents(training: dict[str, ModuleType], shared_data: Path) -> None:
    models = shared_data / "models"
    parents = (
        onnx.load(str(models / "yolox_nano.onnx")),
        training["classifier_parent"].classifier_model(models / "tf2_mobilenet_v2_1.0_224_ptq.tflite"),
    )
    ours = (
        onnx.load(str(models_dir() / "ranger-detector" / "detector.onnx")),
        onnx.load(str(models_dir() / "ranger-groups" / "groups.onnx")),
    )
    for parent, own in zip(parents, ours, strict=True):
        theirs = list(trained_tensors(parent).values())
        # Of the last layers we keep some of the parent's rows: none of those may be as it was, either.
        rows = [row for classes in training["detector_parent"].KIND_CLASSES.values() for row in classes]
        theirs += [one[rows] for name, one in trained_tensors(parent).items() if "cls_preds" in name]
        tensors = trained_tensors(own)
        assert len(tensors) >= 100
        for name, weight in tensors.items():
            assert np.isfinite(weight).all(), name
            for other in theirs:
                if other.shape == weight.shape and other.any():
                    # Rounded as ours is: a rounded copy is a copy.
                    assert not np.array_equal(weight, other.astype(weight.dtype)), name


@pytest.mark.slow
def test_persons_and_vehicles_are_found_as_the_untouched_parent_finds_them(on_val: Any) -> None:
    triage = np.array([frame.triage for frame in on_val.frames])
    score = np.array(on_val.scores)
    assert (score[triage == "person", 1] >= 0.3).sum() >= PERSONS_OF_PARENT
    assert (score[triage == "vehicle", 2] >= 0.3).sum() >= VEHICLES_OF_PARENT
    others = (triage == "animal") | (triage == "empty")
    assert (score[others, 1] >= 0.3).sum() <= FALSE_PERSONS_OF_PARENT
    assert (score[others, 2] >= 0.3).sum() == 0


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["animal against empty, area under the curve", "top-1", "top-3"])
def test_what_the_card_claims_holds(training: dict[str, ModuleType], on_val: Any, claim: str) -> None:
    value, low, high = figures_of_card("Fold `val`")[claim]
    rows = (*training["judge"].triage_rows(on_val, 0.2), *training["judge"].group_rows(on_val))
    found = next(row.figure.value for row in rows if row.what == claim)
    assert found >= value - (high - low) / 2


@pytest.mark.slow
def test_groups_are_never_surer_than_they_are_right(training: dict[str, ModuleType], on_val: Any) -> None:
    """The shipped weights have seen these frames and are right more often than they say; never less often."""
    _error, low, high = figures_of_card("Fold `val`")["calibration error"]
    place = training["groups"].PLACE
    known = [at for at, frame in enumerate(on_val.frames) if frame.group in place]
    shares = np.array([on_val.groups[at] for at in known])
    right = shares.argmax(1) == [place[on_val.frames[at].group] for at in known]
    assert shares.max(1).mean() - right.mean() <= (high - low) / 2


def test_the_floors_that_were_set_are_met_by_the_card() -> None:
    said = figures_of_card("Fold `val`")
    assert said["animal against empty, area under the curve"][0] >= 0.90
    assert said["persons found at 0.3"][0] >= 6 / 9 - 0.001
    assert said["vehicles found at 0.3"][0] >= 8 / 13 - 0.001
    assert said["false persons at 0.3"][0] <= 3 / 106 + 0.001
    assert said["false vehicles at 0.3"][0] == 0
    assert said["top-1"][0] >= 0.40
    assert said["top-3"][0] >= 0.711


def test_weights_kept_in_half_the_bits_answer_the_same(
    training: dict[str, ModuleType], shared_data: Path
) -> None:
    path = shared_data / "models" / "tf2_mobilenet_v2_1.0_224_ptq.tflite"
    whole = training["classifier_parent"].classifier_model(path)
    halved = training["export"].half_stored(whole)
    assert len(halved.SerializeToString()) < 0.55 * len(whole.SerializeToString())
    sessions = [Session(one.SerializeToString(), name="demo") for one in (whole, halved)]
    frames = training["frames"].read_frames(shared_data / "photos" / "training")[::40]
    for frame in frames:
        small = frame.picture.resize((224, 224))
        x = np.asarray(small, np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
        odds = [session.run({"image": x}, ["groups"])["groups"][0] for session in sessions]
        shares = [np.exp(one - one.max()) / np.exp(one - one.max()).sum() for one in odds]
        assert np.abs(shares[0] - shares[1]).max() <= HALF_OFF_AT_MOST
