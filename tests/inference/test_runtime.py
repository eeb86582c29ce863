"""Graphs run in bounded memory and time, and their answers are numbers or are refused."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ranger_app.domain.errors import BadInput
from ranger_app.inference.runtime import Session
from tests.inference.tiny import constant_graph, graph_bytes

FEED = {"images": np.ones((1, 3, 64, 96), np.float32)}


def session(
    nodes: list[Any], *, weights: dict[str, Any] | None = None, shape: tuple[int, ...] = (1,)
) -> Session:
    return Session(graph_bytes(nodes, out_shape=shape, weights=weights), name="demo", threads=1)


def test_an_answer_comes_as_float32_whatever_the_graph_gives() -> None:
    raw = graph_bytes(
        [
            helper.make_node("ReduceSum", ["images"], ["sum"], keepdims=0),
            helper.make_node("Cast", ["sum"], ["output"], to=TensorProto.DOUBLE),
        ],
        out_shape=[],
    )
    model = onnx.load_from_string(raw)
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    answer = Session(model.SerializeToString(), name="demo").run(FEED, ["output"])["output"]
    assert answer.dtype == np.float32
    assert answer == 3 * 64 * 96


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_answers_that_are_no_numbers_are_refused(bad: float) -> None:
    answer = np.zeros((1, 4), np.float32)
    answer[0, 2] = bad
    with pytest.raises(BadInput, match="numbers that are none"):
        Session(constant_graph(answer), name="demo").run(FEED, ["output"])


def test_a_wrong_input_is_told_without_a_traceback_and_in_one_line() -> None:
    ready = Session(constant_graph(np.zeros((1, 4), np.float32)), name="demo")
    with pytest.raises(BadInput, match="demo failed on a picture") as caught:
        ready.run({"images": np.ones((1, 3, 8, 8), np.float32)}, ["output"])
    assert "\n" not in caught.value.text


def test_a_graph_of_a_hundred_bytes_cannot_take_all_the_memory() -> None:
    # 200 000 × 200 000 numbers: 160 GB.
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "shape"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["output"], keepdims=1),
    ]
    ready = session(nodes, weights={"shape": np.array([200_000, 200_000], np.int64)}, shape=(1, 1))
    with pytest.raises(BadInput, match="demo failed on a picture"):
        ready.run(FEED, ["output"])


def test_a_graph_that_takes_too_long_is_ended() -> None:
    size = 700
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "shape"], ["m0"]),
    ]
    nodes += [helper.make_node("MatMul", [f"m{step}", "m0"], [f"m{step + 1}"]) for step in range(4000)]
    nodes += [helper.make_node("Tanh", ["m4000"], ["output"])]
    ready = session(nodes, weights={"shape": np.array([size, size], np.int64)}, shape=(size, size))
    begun = time.monotonic()
    with pytest.raises(BadInput, match="demo failed on a picture"):
        ready.run(FEED, ["output"], at_most_s=0.2)
    assert time.monotonic() - begun < 10  # wholly run, it takes far longer


def test_what_is_no_graph_is_refused_in_words() -> None:
    with pytest.raises(BadInput, match="demo cannot be loaded"):
        Session(b"nonsense", name="demo")
