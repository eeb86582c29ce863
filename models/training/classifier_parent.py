"""Builds from a quantised MobileNetV2 a graph of species groups, of which every weight can be trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tflite
from groups import GROUPS
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE_PX = 224
EMBEDDING = 1280
ADD, CONV, DEPTHWISE = 0, 3, 4  # TFLite's numbers of the operators that count here
TYPES = {0: np.float32, 2: np.int32, 3: np.uint8, 9: np.int8}
NO_WORD = -4.0  # the log share of a group for which ImageNet has no word
LEAST_SHARE = float(np.exp(-9.0))
OPSET, IR_VERSION = 17, 8
FloatArray = NDArray[np.float32]


def classifier_model(parent: Path) -> onnx.ModelProto:
    """N × 3 × 224 × 224 in −1..1 to `groups` (N × groups, log odds) and `embedding` (N × 1280).

    A group's log odds are the log share of its ImageNet words among those of all groups, plus a dense layer
    over the embedding that begins at nothing. Raises `KeyError` or `ValueError` when the file is another net.
    """
    operators = _read(parent)
    nodes, weights = [], []

    def weight(array: NDArray[Any], name: str) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    names = {operators[0]["in"][0]: "image"}
    limits = [weight(np.array(limit, np.float32), name) for limit, name in ((0, "zero"), (6, "six"))]
    convs = [one for one in operators if one["code"] in (CONV, DEPTHWISE)]
    words = convs.pop()
    for place, one in enumerate(operators):
        out = f"step{place}"
        if one["code"] == ADD:
            nodes.append(helper.make_node("Add", [names[value] for value in one["in"][:2]], [out]))
        elif one is words or one["code"] not in (CONV, DEPTHWISE):
            if one["in"][0] not in names or one is words or one["code"] in (40, 1):
                break
            names[one["out"]] = names[one["in"][0]]
            continue
        else:
            name = f"conv{convs.index(one)}"
            inputs = [names[one["in"][0]], weight(one["weight"], f"{name}.weight")]
            inputs.append(weight(one["bias"], f"{name}.bias"))
            side = one["weight"].shape[-1]
            # TensorFlow's "same" puts the odd line of zeros to the right and below.
            before = side // 2 - (one["stride"] == 2)
            nodes.append(
                helper.make_node(
                    "Conv",
                    inputs,
                    [out],
                    kernel_shape=[side] * 2,
                    strides=[one["stride"]] * 2,
                    pads=[max(before, 0), max(before, 0), side // 2, side // 2],
                    group=one["weight"].shape[0] if one["code"] == DEPTHWISE else 1,
                )
            )
            if one["rectified"]:
                nodes.append(helper.make_node("Clip", [out, *limits], [out + "c"]))
                out += "c"
        names[one["out"]] = last = out
    rows = np.concatenate([[word + 1 for word in group.words] for group in GROUPS]).astype(int)
    share_of = np.zeros((len(rows), len(GROUPS)), np.float32)
    share_of[np.arange(len(rows)), np.repeat(np.arange(len(GROUPS)), [len(g.words) for g in GROUPS])] = 1
    none = np.array([[0.0 if group.words else np.exp(NO_WORD) for group in GROUPS]], np.float32)
    inputs = [
        "embedding",
        weight(words["weight"][rows, :, 0, 0], "words.weight"),
        weight(words["bias"][rows], "words.bias"),
    ]
    head = [weight(np.zeros((len(GROUPS), EMBEDDING), np.float32), "head.weight")]
    head.append(weight(np.zeros(len(GROUPS), np.float32), "head.bias"))
    nodes += [
        helper.make_node("GlobalAveragePool", [last], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embedding"], axis=1),
        helper.make_node("Gemm", inputs, ["words"], transB=1),
        helper.make_node("Softmax", ["words"], ["word shares"], axis=1),
        helper.make_node("MatMul", ["word shares", weight(share_of, "group of word")], ["summed"]),
        helper.make_node("Add", ["summed", weight(none, "wordless")], ["shares"]),
        helper.make_node(
            "Clip", ["shares", weight(np.array(LEAST_SHARE, np.float32), "least")], ["some share"]
        ),
        helper.make_node("Log", ["some share"], ["by words"]),
        helper.make_node("Gemm", ["embedding", *head], ["by head"], transB=1),
        helper.make_node("Add", ["by words", "by head"], ["groups"]),
    ]
    graph = helper.make_graph(
        nodes,
        "ranger-groups",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE_PX, SIDE_PX])],
        [
            helper.make_tensor_value_info("groups", TensorProto.FLOAT, ["n", len(GROUPS)]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", EMBEDDING]),
        ],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="ranger")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def _read(path: Path) -> list[dict[str, Any]]:
    """The operators in order; convolutions with float weights as torch and ONNX have them."""
    model = tflite.Model.GetRootAsModel(path.read_bytes(), 0)
    graph = model.Subgraphs(0)

    def array(index: int) -> FloatArray:
        tensor = graph.Tensors(index)
        raw = model.Buffers(tensor.Buffer()).DataAsNumpy().tobytes()
        values = np.frombuffer(raw, TYPES[tensor.Type()]).astype(np.float32)
        values = values.reshape(tuple(tensor.ShapeAsNumpy()))
        steps = tensor.Quantization()
        if steps is None or not steps.ScaleLength():
            return values
        shape = [1] * values.ndim
        shape[steps.QuantizedDimension() if steps.ScaleLength() > 1 else 0] = -1
        scale = steps.ScaleAsNumpy().astype(np.float32).reshape(shape)
        zero = steps.ZeroPointAsNumpy().astype(np.float32).reshape(shape) if steps.ZeroPointLength() else 0
        return np.asarray((values - zero) * scale, np.float32)

    operators = []
    for place in range(graph.OperatorsLength()):
        operator = graph.Operators(place)
        kind = model.OperatorCodes(operator.OpcodeIndex())
        code = max(kind.BuiltinCode(), kind.DeprecatedBuiltinCode())
        inputs = operator.InputsAsNumpy().tolist()
        one = {"code": code, "in": inputs, "out": operator.OutputsAsNumpy().tolist()[0]}
        if code in (CONV, DEPTHWISE):
            options = tflite.Conv2DOptions() if code == CONV else tflite.DepthwiseConv2DOptions()
            options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
            order = (3, 0, 1, 2) if code == DEPTHWISE else (0, 3, 1, 2)
            one |= {
                "stride": options.StrideW(),
                "rectified": options.FusedActivationFunction() == 3,
                "weight": array(inputs[1]).transpose(order),
                "bias": array(inputs[2]),
            }
        operators.append(one)
    return operators
