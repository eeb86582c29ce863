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
    """The parent's graph with three kinds in place of 80 classes: 1 × 3549 × 8.

    Each new row begins as the mean of the parent's rows of that kind (a linear average of the log odds).
    """
    model = onnx.load(str(parent))
    for tensor in model.graph.initializer:
        if "cls_preds" in tensor.name:
            rows = numpy_helper.to_array(tensor)
            means = [rows[list(classes)].mean(0) for classes in KIND_CLASSES.values()]
            tensor.CopyFrom(numpy_helper.from_array(np.stack(means).astype(np.float32), tensor.name))
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
