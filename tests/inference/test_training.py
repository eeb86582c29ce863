"""The training: a labelled folder is read with care, figures are right, graphs answer as before."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ranger_app.inference.checking import check_pack
from ranger_app.inference.packs.pack import read_pack
from ranger_app.inference.runtime import Session
from ranger_app.inference.trial import try_pack
from ranger_app.photos.drawn.scenes import draw_scene

TRAINING = Path(__file__).resolve().parent.parent.parent / "models" / "training"
WITHOUT_TORCH = ("frames", "figures", "groups", "detector_parent", "mirrored")
MODULES = (*WITHOUT_TORCH, "graph_net", "classifier_parent", "keep_finding", "descent")
needs_torch = pytest.mark.skipif(not find_spec("torch"), reason="torch is only for training")


@pytest.fixture(scope="module")
def training() -> Iterator[dict[str, ModuleType]]:
    """The modules of the training; they stand outside the package and import each other by name."""
    sys.path.insert(0, str(TRAINING))
    wanted = MODULES if find_spec("torch") else WITHOUT_TORCH
    try:
        yield {name: importlib.import_module(name) for name in wanted}
    finally:
        sys.path.remove(str(TRAINING))
        for name in MODULES:
            sys.modules.pop(name, None)


def labelled(folder: Path, *lines: str, head: str = "path,label,group,triage,fold,source,dhash") -> Path:
    (folder / "labels.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_labelled_folder_needs_only_four_columns(training: dict[str, ModuleType], tmp_path: Path) -> None:
    folder = labelled(tmp_path, "a.jpg,roe,deer_antelope,animal", head="path,label,group,triage")
    (frame,) = training["frames"].read_frames(folder)
    assert (frame.file, frame.fold, frame.source) == (tmp_path / "a.jpg", "train", "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("../a.jpg,roe,deer_antelope,animal,,,", "leads out of the folder"),
        ("/etc/passwd,roe,deer_antelope,animal,,,", "leads out of the folder"),
        ("a.jpg,roe,deer_antelope,deer,,,", "triage must be one of"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(
    training: dict[str, ModuleType], tmp_path: Path, line: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        training["frames"].read_frames(labelled(tmp_path, line))


def test_a_folder_without_a_column_says_which(training: dict[str, ModuleType], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="triage"):
        training["frames"].read_frames(labelled(tmp_path, head="path,label,group"))


def test_frames_of_a_burst_are_told_by_label_and_by_likeness(
    training: dict[str, ModuleType], tmp_path: Path
) -> None:
    folder = labelled(
        tmp_path,
        "a.jpg,roe,deer_antelope,animal,val,hill,ffff000000000000",
        "b.jpg,roe,deer_antelope,animal,val,hill,ffff0000000000ff",
        "c.jpg,roe,deer_antelope,animal,val,hill,0000ffffffffffff",
        "d.jpg,fox,canid,animal,val,hill,ffff000000000000",
    )
    one, two, three, four = training["frames"].bursts(training["frames"].read_frames(folder))
    assert one == two
    assert len({one, three, four}) == 3


def test_the_area_counts_pairs(training: dict[str, ModuleType]) -> None:
    area = training["figures"].area
    assert area(np.array([0.9, 0.5]), np.array([0.1, 0.5])) == pytest.approx(3.5 / 4)
    assert np.isnan(area(np.array([]), np.array([0.1])))


def test_an_interval_is_wider_when_frames_come_in_bursts(training: dict[str, ModuleType]) -> None:
    rng = np.random.default_rng(1)
    right = np.repeat(rng.random(20) < 0.5, 5)
    alone = training["figures"].resampled(lambda places: float(right[places].mean()), range(100))
    burst = training["figures"].resampled(lambda places: float(right[places].mean()), np.arange(100) // 5)
    assert burst.high - burst.low > 1.5 * (alone.high - alone.low)


def test_a_share_has_the_interval_that_wilson_gave_it(training: dict[str, ModuleType]) -> None:
    six_of_nine = training["figures"].share(6, 9)
    assert (six_of_nine.low, six_of_nine.high) == pytest.approx((0.354, 0.879), abs=0.001)


def test_calibration_is_perfect_when_shares_come_true(training: dict[str, ModuleType]) -> None:
    error = training["figures"].calibration_error
    assert error(np.full(10, 0.75), np.array([True] * 8 + [False] * 2)) == pytest.approx(0.05)
    assert error(np.ones(4), np.ones(4, bool)) == 0


def test_every_word_belongs_to_one_group(training: dict[str, ModuleType]) -> None:
    words = [word for group in training["groups"].GROUPS for word in group.words]
    assert len(set(words)) == len(words)
    assert all(0 <= word < 1000 for word in words)


def answers(model: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
    (image,), (output,) = model.graph.input, model.graph.output
    session = Session(model.SerializeToString(), name="demo")
    return np.asarray(session.run({image.name: x}, [output.name])[output.name])


def two_scenes() -> NDArray[np.float32]:
    """2 × 3 × 416 × 416, BGR 0..255: a drawn animal by night, a drawn person by day."""
    scenes = [
        draw_scene(seed, kind, width=416, height=416, place=7, night=kind == "animal")[0]
        for seed, kind in ((4, "animal"), (5, "person"))
    ]
    return np.stack([np.asarray(one, np.float32)[:, :, ::-1].transpose(2, 0, 1) for one in scenes])


def test_before_its_first_lesson_the_detector_says_what_the_parent_says(
    training: dict[str, ModuleType], shared_data: Path
) -> None:
    parent = shared_data / "models" / "yolox_nano.onnx"
    made = training["detector_parent"]
    ours = answers(made.detector_model(parent), two_scenes())
    theirs = answers(made.teacher_model(parent), two_scenes())
    assert ours.shape == (2, 3549, 8)
    assert np.allclose(made.kind_scores(ours), made.kind_scores(theirs), atol=1e-6)
    assert made.kind_scores(theirs)[1, :, 1].max() > 0.3  # or nothing was compared
    assert np.allclose(ours[..., :5], theirs[..., :5], atol=1e-3)


def test_the_detector_sees_a_picture_and_its_mirror_image_within_one_graph(
    training: dict[str, ModuleType], shared_data: Path
) -> None:
    made = training["detector_parent"]
    model = made.detector_model(shared_data / "models" / "yolox_nano.onnx")
    x = two_scenes()
    plain, turned = answers(model, x), answers(model, np.ascontiguousarray(x[..., ::-1]))
    back, first = [], 0
    for stride in made.STRIDES:
        side = made.SIDE_PX // stride
        cells = turned[:, first : first + side * side].reshape(2, side, side, 8)
        back.append(cells[:, :, ::-1].reshape(2, -1, 8))
        first += side * side
    one, other = made.kind_scores(plain), made.kind_scores(np.concatenate(back, 1))
    odds = [
        view[..., 0].clip(1e-6, 1 - 1e-6) / (1 - view[..., 0].clip(1e-6, 1 - 1e-6)) for view in (one, other)
    ]
    mean = np.sqrt(odds[0] * odds[1])
    found = answers(training["mirrored"].mirrored(model), x)
    scores = made.kind_scores(found)
    assert np.allclose(scores[..., 0], mean / (1 + mean), atol=1e-5)
    assert np.allclose(scores[..., 1], one[..., 1], atol=1e-5)
    assert np.allclose(scores[..., 2], np.maximum(one, other)[..., 2], atol=1e-5)
    assert np.array_equal(found[..., :4], plain[..., :4])
    assert found[..., 4:].min() >= 0
    assert found[..., 4:].max() <= 1 + 1e-6
    assert np.abs(one[..., 0] - other[..., 0]).max() > 0.01  # the views differ, or nothing was mirrored


@needs_torch
def test_a_kind_with_too_many_false_alarms_is_brought_to_the_parents_level(
    training: dict[str, ModuleType],
) -> None:
    level = training["keep_finding"].Level

    def frame(score: float) -> NDArray[np.float64]:
        return np.array([[1.0, score], [1.0, 0.01]])

    shy = level(without=[frame(0.1)], of_parent=[0.1], holding=[frame(0.29)])
    assert 0 < shy.best() <= 0.1  # raised, until what the parent finds is found
    bold = level(without=[frame(0.4), frame(0.4)], of_parent=[0.28, 0.28], holding=[frame(0.6)])
    odds = np.log(np.array([0.28, 0.4]) / (1 - np.array([0.28, 0.4])))
    assert bold.best() == pytest.approx(odds[0] - odds[1], abs=0.01)
    torn = level(without=[frame(0.4)], of_parent=[0.25], holding=[frame(0.35)])
    assert bold.best() < torn.best() < 0  # no lower than what is to be found bears
    assert level(without=[frame(0.2)], of_parent=[0.1], holding=[frame(0.5)]).best() == 0


@needs_torch
def test_the_mean_of_the_weights_lags_behind_them(training: dict[str, ModuleType], shared_data: Path) -> None:
    torch = importlib.import_module("torch")
    parent = shared_data / "models" / "yolox_nano.onnx"
    net = training["graph_net"].GraphNet(training["detector_parent"].detector_model(parent))
    weight = net.weights[-1]
    begun = weight.detach().clone()
    descent = training["descent"].Descent(net, [weight], early=0, rate=0.01, early_rate=0.0, recent=1)
    for _step in range(3):
        descent.step(weight.sum(), share=1.0)
    moved = (weight - begun).mean().item()
    kept = (descent.steady.weights[-1] - begun).mean().item()
    assert moved == pytest.approx(-0.03, rel=0.05)
    assert kept == pytest.approx(-(0.01 + 0.02 + 0.03) / 4, rel=0.05)  # where it began counts as a step
    assert torch.equal(descent.steady.weights[0], net.weights[0])


@needs_torch
@pytest.mark.parametrize("which", ["detector", "classifier"])
def test_a_graph_made_trainable_answers_as_it_did(
    training: dict[str, ModuleType], shared_data: Path, which: str
) -> None:
    torch = importlib.import_module("torch")
    models = shared_data / "models"
    if which == "detector":
        model = training["detector_parent"].detector_model(models / "yolox_nano.onnx")
    else:
        path = models / "tf2_mobilenet_v2_1.0_224_ptq.tflite"
        model = training["classifier_parent"].classifier_model(path)
    net = training["graph_net"].GraphNet(model)
    (side,) = {one.dim_value for one in model.graph.input[0].type.tensor_type.shape.dim[2:]}
    x = np.random.default_rng(0).random((2, 3, side, side), np.float32)
    names = [one.name for one in model.graph.output]
    with torch.no_grad():
        found = net(torch.from_numpy(x))
    session = Session(net.trained_model().SerializeToString(), name="demo")
    wanted = session.run({model.graph.input[0].name: x}, names)
    for name in names:
        assert np.abs(found[name].numpy() - wanted[name]).max() < 1e-3


@needs_torch
@pytest.mark.slow
def test_the_documented_command_makes_whole_packs(shared_data: Path, tmp_path: Path) -> None:
    lines = []
    for place, (kind, fold) in enumerate(
        (kind, fold) for fold in ("train", "val") for kind in ("animal", "empty", "person", "vehicle") * 2
    ):
        picture, _boxes = draw_scene(place, kind, width=400, height=300, place=place)
        picture.save(tmp_path / f"{place}.jpg")
        group = "deer_antelope" if kind == "animal" else kind
        lines.append(f"{place}.jpg,{kind},{group},{kind},{fold},demo-{fold},")
    labelled(tmp_path, *lines)
    out = tmp_path / "packs"
    command = [sys.executable, str(TRAINING / "train.py"), "--data", str(tmp_path), "--out", str(out)]
    command += ["--parents", str(shared_data / "models"), "--kept", str(tmp_path / "kept")]
    subprocess.run([*command, "--steps", "1", "1", "--threads", "1"], check=True, capture_output=True)
    for name in ("ranger-detector", "ranger-groups", "ranger-animals"):
        assert check_pack(out / name) == []
        assert try_pack(read_pack(out / name)) == []
