"""The scripts that train the stand-in: right slopes, a graph that says what the net says, a whole way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ranger_app.inference.checking import check_pack
from ranger_app.inference.pack import read_pack
from ranger_app.inference.runtime import Session
from ranger_app.inference.trial import try_pack

TRAINING = Path(__file__).resolve().parent.parent.parent / "models" / "training"


@pytest.fixture(scope="module")
def scripts() -> Iterator[dict[str, ModuleType]]:
    """The training scripts as modules; they stand outside the package and import each other by name."""
    import importlib

    names = ("net", "targets", "export")
    sys.path.insert(0, str(TRAINING))
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(TRAINING))
        for name in names:
            sys.modules.pop(name, None)


def small_net(scripts: dict[str, ModuleType], *, answers: int = 8) -> Any:
    shape = scripts["net"].Shape
    layers = (shape(3, 3, 5, 2), shape(3, 5, 6), shape(1, 6, answers, rectified=False))
    return scripts["net"].Net(layers, seed=3)


def test_slopes_written_by_hand_are_those_of_small_steps(scripts: dict[str, ModuleType]) -> None:
    net = small_net(scripts)
    rng = np.random.default_rng(0)
    for layer in net.layers:  # in double precision a small step can be told from rounding
        layer.weight = layer.weight.astype(np.float64)
        layer.bias = rng.normal(0, 0.1, layer.bias.shape)
    x = rng.normal(0, 1, (2, 8, 12, 3))
    weight = rng.normal(0, 1, (2, 4, 6, 8))

    def loss() -> float:
        return float((net.forward(x) * weight).sum())

    loss()
    net.backward(weight)
    for layer in net.layers:
        slope = layer.weight_slope.copy()
        for _try in range(12):
            at = tuple(rng.integers(0, side) for side in layer.weight.shape)
            before = layer.weight[at]
            layer.weight[at] = before + 1e-5
            above = loss()
            layer.weight[at] = before - 1e-5
            below = loss()
            layer.weight[at] = before
            assert slope[at] == pytest.approx((above - below) / 2e-5, rel=1e-3, abs=1e-4)


def test_the_loss_falls_along_its_slope(scripts: dict[str, ModuleType]) -> None:
    boxes = [np.array([[10, 8, 60, 40, 1], [60, 30, 90, 60, 2]], np.float32), np.zeros((0, 5), np.float32)]
    target = scripts["targets"].targets(boxes, rows=4, columns=6, stride=16)
    assert target.something.sum((1, 2)).tolist()[1] == 0
    raw = np.random.default_rng(1).normal(0, 1, (2, 4, 6, 8)).astype(np.float32)
    before, slope = scripts["targets"].loss_and_slope(raw, target)
    after, _slope = scripts["targets"].loss_and_slope(raw - 0.01 * slope, target)
    assert after < before


def test_a_right_answer_says_where_the_box_is(scripts: dict[str, ModuleType]) -> None:
    box = np.array([[16, 0, 80, 48, 0]], np.float32)
    target = scripts["targets"].targets([box], rows=4, columns=6, stride=16)
    rows, columns = np.nonzero(target.something[0])
    for row, column in zip(rows, columns, strict=True):
        x, y, w, h = target.where[0, row, column]
        assert [(x + column) * 16, (y + row) * 16] == pytest.approx([48, 24])
        assert np.exp([w, h]) * 16 == pytest.approx([64, 48])
    assert scripts["targets"].well_placed(target.where, target.where)[
        0, rows[0], columns[0]
    ] == pytest.approx(1)


def test_the_graph_answers_as_the_net_does(scripts: dict[str, ModuleType]) -> None:
    export, net_module = scripts["export"], scripts["net"]
    shape = net_module.Shape
    net = net_module.Net(
        (
            shape(3, 3, 4, 2),
            shape(3, 4, 4, 2),
            shape(3, 4, 4, 2),
            shape(3, 4, 4, 2),
            shape(1, 4, 8, 1, False),
        ),
        5,
    )
    x = np.random.default_rng(2).random((1, export.HEIGHT_PX, export.WIDTH_PX, 3), np.float32)
    raw = net.forward(x)
    wanted = np.concatenate([raw[..., :4], net_module.sigmoid(raw[..., 4:])], -1).reshape(1, -1, 8)
    session = Session(export.onnx_graph(net), name="demo")
    found = session.run({"images": np.ascontiguousarray(x.transpose(0, 3, 1, 2))}, ["output"])["output"]
    assert np.abs(found - wanted).max() < 1e-5


@pytest.mark.slow
def test_the_documented_command_makes_a_whole_pack(tmp_path: Path) -> None:
    command = [sys.executable, str(TRAINING / "standin.py"), "--out", str(tmp_path / "pack")]
    sizes = ["--pictures", "64", "--rounds", "1", "--measured", "20", "--processes", "1"]
    subprocess.run([*command, *sizes], check=True, capture_output=True)
    assert check_pack(tmp_path / "pack") == []
    assert try_pack(read_pack(tmp_path / "pack")) == []
    card = (tmp_path / "pack" / "CARD.md").read_text(encoding="utf-8")
    assert "no species model" in card
    assert "never shown a photograph" in card
