"""Turns YOLOX-Nano's graph of 80 classes into one of three kinds, in which every weight can be trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE_PX = 416
STRIDES = (8, 16, 32)
CELLS = sum((SIDE_PX // stride) ** 2 for stride in STRIDES)
KIND_CLASSES = {"animal": tuple(range(14, 24)), "person": (0,), "vehicle": (1, 2, 3, 5, 7)}  # of COCO's 80
HEAD = 5  # x, y, w, h, objectness
OPSET, IR_VERSION = 17, 8
NECK = ("input.471", "input.531", "input.591")  # what the head takes, by stride


def teacher_model(parent: Path) -> onnx.ModelProto:
    """The parent's graph as it is, for batches of any size."""
    return _for_batches(onnx.load(str(parent)), columns=HEAD + 80)


def detector_model(parent: Path) -> onnx.ModelProto:
    """The parent's graph with three kinds in place of 80 classes: N × 3549 × 8.

    The rows of the classes of each kind are kept, and put together within the graph as `kind_scores` does it,
    so that before its first lesson the net says of every picture what the parent says.
    """
    model = onnx.load(str(parent))
    rows = [row for classes in KIND_CLASSES.values() for row in classes]
    for tensor in model.graph.initializer:
        if "cls_preds" in tensor.name:
            kept = np.ascontiguousarray(numpy_helper.to_array(tensor)[rows])
            tensor.CopyFrom(numpy_helper.from_array(kept, tensor.name))
    _put_together(model)
    model = _for_batches(model, columns=HEAD + len(KIND_CLASSES))
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", OPSET))
    model.ir_version, model.producer_name, model.producer_version = IR_VERSION, "ranger", ""
    model.graph.name = "ranger-detector"
    onnx.checker.check_model(model, full_check=True)
    return model


def kind_scores(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """… × 3 scores of animal, person and vehicle from rows of 8 or, of the parent, 85 numbers."""
    thing, classes = raw[..., HEAD - 1], raw[..., HEAD:]
    if classes.shape[-1] == len(KIND_CLASSES):
        return np.asarray(thing[..., None] * classes, np.float32)
    animal, person, vehicle = (classes[..., list(columns)] for columns in KIND_CLASSES.values())
    likely = np.stack([np.minimum(animal.sum(-1), 1), person[..., 0], vehicle.max(-1)], -1)
    return np.asarray(thing[..., None] * likely, np.float32)


def _put_together(model: onnx.ModelProto) -> None:
    """Make of the probabilities of 16 classes those of three kinds, for each of the three strides."""
    graph = model.graph
    drawn = {out for node in graph.node if "cls_preds" in "".join(node.input) for out in node.output}
    likely = [node for node in graph.node if node.op_type == "Sigmoid" and node.input[0] in drawn]
    ends = np.cumsum([0, *(len(classes) for classes in KIND_CLASSES.values())])
    numbers = {"channels": [1], "surely": np.float32(1)}
    numbers |= {f"row {end}": [end] for end in ends}
    for name, value in numbers.items():
        kind = np.float32 if name == "surely" else np.int64
        graph.initializer.append(numpy_helper.from_array(np.array(value, kind), name))
    nodes = []
    for node in graph.node:
        nodes.append(node)
        if node not in likely:
            continue
        said, classes = node.output[0], f"{node.output[0]} classes"
        node.output[0] = classes
        for kind, first, last in zip(KIND_CLASSES, ends[:-1], ends[1:], strict=True):
            between = [classes, f"row {first}", f"row {last}", "channels"]
            nodes.append(helper.make_node("Slice", between, [f"{classes} {kind}"]))
        animals, vehicles = (f"{classes} {kind}" for kind in ("animal", "vehicle"))
        nodes += [
            helper.make_node("ReduceSum", [animals, "channels"], [f"{animals} sum"], keepdims=1),
            helper.make_node("Clip", [f"{animals} sum", "", "surely"], [f"{animals} likely"]),
            helper.make_node("ReduceMax", [vehicles], [f"{vehicles} likely"], axes=[1], keepdims=1),
            helper.make_node(
                "Concat", [f"{animals} likely", f"{classes} person", f"{vehicles} likely"], [said], axis=1
            ),
        ]
    del graph.node[:]
    graph.node.extend(nodes)


def _for_batches(model: onnx.ModelProto, *, columns: int) -> onnx.ModelProto:
    """Free the first side of input, reshapes and output, and set the number of columns."""
    shapes = {node.input[1] for node in model.graph.node if node.op_type == "Reshape"}
    for tensor in model.graph.initializer:
        if tensor.name in shapes:
            tensor.CopyFrom(numpy_helper.from_array(np.array([0, columns, -1], np.int64), tensor.name))
    del model.graph.value_info[:]
    for value, sides in (
        (model.graph.input[0], ("n", 3, SIDE_PX, SIDE_PX)),
        (model.graph.output[0], ("n", CELLS, columns)),
    ):
        value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, sides))
    return model
