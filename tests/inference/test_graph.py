"""An ONNX file is looked through before any runtime sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.inference import graph as graphs
from ranger_app.inference.detect import Model
from ranger_app.inference.graph import Tensor, read_graph
from ranger_app.inference.packs.pack import read_pack
from tests.inference.tiny import constant_graph, graph_bytes, write_pack, yolox_answer

WHOLE = constant_graph(yolox_answer())


def model_of(raw: bytes) -> onnx.ModelProto:
    return onnx.load_from_string(raw)


def identity_with(node: onnx.NodeProto) -> bytes:
    return graph_bytes([node], out_shape=[1, 3, 64, 96])


def test_inputs_outputs_and_opset_are_those_that_onnx_itself_reads() -> None:
    read = read_graph(WHOLE)
    assert read.inputs == (Tensor("images", "float32", (1, 3, 64, 96)),)
    assert read.outputs == (Tensor("output", "float32", (1, 126, 10)),)
    assert (read.opset, read.nodes, read.faults) == (17, 3, ())


def test_free_sides_are_none_and_weights_are_no_inputs() -> None:
    model = model_of(
        graph_bytes([helper.make_node("Relu", ["images"], ["output"])], out_shape=["n", 3, 64, "w"])
    )
    weight = numpy_helper.from_array(np.zeros(3, np.float32), "weight")
    model.graph.initializer.append(weight)
    model.graph.input.append(helper.make_tensor_value_info("weight", TensorProto.FLOAT, [3]))
    read = read_graph(model.SerializeToString())
    assert [tensor.name for tensor in read.inputs] == ["images"]
    assert read.outputs[0].shape == (None, 3, 64, None)


def test_a_real_detector_is_read_as_it_is(shared_data: Path) -> None:
    read = read_graph((shared_data / "models" / "yolox_nano.onnx").read_bytes())
    assert read.inputs == (Tensor("images", "float32", (1, 3, 416, 416)),)
    assert read.outputs == (Tensor("output", "float32", (1, 3549, 85)),)
    assert read.faults == ()


def external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")


def external_deep_within(model: onnx.ModelProto) -> None:
    hidden = TensorProto(name="hidden", data_type=1, dims=[1], data_location=TensorProto.EXTERNAL)
    inner = helper.make_graph([helper.make_node("Constant", [], ["c"], value=hidden)], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["nothing"], ["z"], then_branch=inner, else_branch=inner))


def loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], ["z"], body=body))


def custom_operator(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Shell", ["images"], ["z"], domain="evil.example"))


def own_function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    model.functions.append(
        helper.make_function("own", "f", ["x"], ["y"], [node], [helper.make_opsetid("", 17)])
    )


def reaching_out(model: onnx.ModelProto) -> None:
    node = helper.make_node("EPContext", ["images"], ["z"], domain="com.microsoft", ep_cache_context="/etc/x")
    model.graph.node.append(node)


def graphs_within_graphs(model: onnx.ModelProto) -> None:
    inner = helper.make_graph([], "innermost", [], [])
    for _depth in range(12):
        node = helper.make_node("If", ["c"], ["z"], then_branch=inner, else_branch=inner)
        inner = helper.make_graph([node], "inner", [], [])
    model.graph.node.extend(inner.node)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (external, "weights in another file"),
        (external_deep_within, "weights in another file"),
        (loop, "loops (Loop)"),
        (custom_operator, "operators that ONNX does not have (evil.example)"),
        (own_function, "functions"),
        (reaching_out, "outside itself (EPContext)"),
        (graphs_within_graphs, "too deeply"),
    ],
)
def test_a_graph_that_could_do_harm_is_refused_unrun(tmp_path: Path, spoil: object, words: str) -> None:
    model = model_of(WHOLE)
    assert callable(spoil)
    spoil(model)
    raw = model.SerializeToString()
    assert any(words in fault for fault in read_graph(raw).faults)
    pack = read_pack(write_pack(tmp_path / "tiny", raw))
    with pytest.raises(Refused, match="cannot be used"):
        Model.open(pack)


def test_a_graph_of_very_many_steps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "NODES_AT_MOST", 2)
    assert "more than 2 steps" in read_graph(WHOLE).faults[0]


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04", b"\x80\x04\x95", WHOLE[:40], b"\x3a\xff\xff\xff\xff\xff\x7f"]
)
def test_what_is_no_onnx_is_said_to_be_none(raw: bytes) -> None:
    assert read_graph(raw).faults == ("is damaged or is no ONNX file",)


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(raw: bytes) -> None:
    read_graph(raw)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_spoilt_byte_never_ends_in_a_traceback(place: int, value: int) -> None:
    raw = bytearray(WHOLE)
    raw[place] = value
    read_graph(bytes(raw))


def test_a_graph_that_looks_right_and_is_nonsense_inside_is_refused_by_the_runtime(tmp_path: Path) -> None:
    raw = graph_bytes([helper.make_node("NoSuchOperator", ["images"], ["output"])], out_shape=[1, 126, 10])
    with pytest.raises(BadInput, match=r"tiny/model\.onnx cannot be loaded"):
        Model.open(read_pack(write_pack(tmp_path / "tiny", raw)))
