"""Makes of an ONNX graph a net that torch can train, and of the trained net a graph again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

TRAINED_IN = ("Conv", "Gemm")  # the nodes whose weights and biases are trained


class GraphNet(nn.Module):
    """The graph as a module; `parameters()` are the weights and biases of its convolutions and dense layers.

    Knows just the operators that the two parents need, in the opsets 11 to 17; raises `KeyError` on others.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        self.model = model
        arrays = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
        for node in model.graph.node:
            if node.op_type == "Constant":
                arrays[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        trained = [name for node in model.graph.node if node.op_type in TRAINED_IN for name in node.input[1:]]
        self.places = {name: place for place, name in enumerate(dict.fromkeys(trained))}
        self.weights = nn.ParameterList([nn.Parameter(torch.tensor(arrays[name])) for name in self.places])
        self._constants = {name: value for name, value in arrays.items() if name not in self.places}
        for name, value in self._constants.items():
            if value.dtype == np.float32:
                self.register_buffer(_buffer(name), torch.tensor(value), persistent=False)
        self._nodes = [node for node in model.graph.node if node.op_type != "Constant"]
        self._last_use = {name: place for place, node in enumerate(self._nodes) for name in node.input}
        self._swishes = _swishes(self._nodes)

    def forward(self, x: Tensor, *, keep: tuple[str, ...] = ()) -> dict[str, Tensor]:
        """The graph's outputs, and the inner values called `keep`, by name; `x` is its only input."""
        values: dict[str, Any] = {self.model.graph.input[0].name: x}
        wanted = {one.name for one in self.model.graph.output} | set(keep)
        for place, node in enumerate(self._nodes):
            if node.output[0] in self._swishes:
                continue
            inputs = [self._value(name, values) if name else None for name in node.input]
            if node.op_type == "Mul" and node.input[1] in self._swishes:
                answer = functional.silu(inputs[0])
            else:
                answer = _OPERATORS[node.op_type](inputs, _attributes(node))
            values[node.output[0]] = answer
            for name in node.input:
                if self._last_use[name] == place and name not in wanted:
                    values.pop(name, None)
        return {name: values[name] for name in wanted}

    def trained_model(self) -> onnx.ModelProto:
        """The graph with the weights as they are now."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for tensor in model.graph.initializer:
            if tensor.name in self.places:
                weight = self.weights[self.places[tensor.name]].detach().cpu().numpy()
                tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(weight), tensor.name))
        return model

    def _value(self, name: str, values: dict[str, Any]) -> Any:
        if name in values:
            return values[name]
        if name in self.places:
            return self.weights[self.places[name]]
        value = self._constants.get(name)
        if value is not None and value.dtype == np.float32:
            return getattr(self, _buffer(name))
        return None if value is None else value.tolist()


def _swishes(nodes: list[onnx.NodeProto]) -> frozenset[str]:
    """The sigmoids that only a product with their own input uses: torch has one operator for both."""
    uses: dict[str, list[onnx.NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            uses.setdefault(name, []).append(node)
    return frozenset(
        node.output[0]
        for node in nodes
        if node.op_type == "Sigmoid"
        and [(use.op_type, list(use.input)) for use in uses.get(node.output[0], [])]
        == [("Mul", [node.input[0], node.output[0]])]
    )


def _buffer(name: str) -> str:
    return "constant_" + name.replace(".", "_")


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}


def _conv(inputs: list[Any], how: dict[str, Any]) -> Tensor:
    x, weight, bias = inputs
    top, left, bottom, right = how.get("pads", (0, 0, 0, 0))
    padding: Any = (top, left)
    if (top, left) != (bottom, right):
        x, padding = functional.pad(x, (left, right, top, bottom)), 0
    return functional.conv2d(
        x, weight, bias, stride=tuple(how["strides"]), padding=padding, groups=how.get("group", 1)
    )


def _max_pool(inputs: list[Any], how: dict[str, Any]) -> Tensor:
    return functional.max_pool2d(
        inputs[0], tuple(how["kernel_shape"]), tuple(how["strides"]), tuple(how["pads"][:2])
    )


def _slice(inputs: list[Any], how: dict[str, Any]) -> Tensor:
    x, starts, ends, axes, *steps = inputs
    cut = [slice(None)] * x.ndim
    for start, end, axis, step in zip(
        starts, ends, axes, steps[0] if steps else [1] * len(axes), strict=True
    ):
        cut[axis] = slice(start, end, step)
    return x[tuple(cut)]


def _resize(inputs: list[Any], how: dict[str, Any]) -> Tensor:
    scales = inputs[-1] if not isinstance(inputs[-1], Tensor) else inputs[-1].tolist()
    return functional.interpolate(inputs[0], scale_factor=tuple(scales[2:]), mode="nearest")


def _gemm(inputs: list[Any], how: dict[str, Any]) -> Tensor:
    x, weight, bias = inputs
    return functional.linear(x, weight if how.get("transB") else weight.T, bias)


def _reshape(inputs: list[Any], how: dict[str, Any]) -> Tensor:
    x, shape = inputs
    return x.reshape([x.shape[place] if side == 0 else side for place, side in enumerate(shape)])


_OPERATORS: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "Add": lambda i, how: i[0] + i[1],
    "Clip": lambda i, how: i[0].clamp(*i[1:]),
    "Concat": lambda i, how: torch.cat(i, how["axis"]),
    "Conv": _conv,
    "Flatten": lambda i, how: i[0].flatten(how.get("axis", 1)),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda i, how: i[0].mean((2, 3), keepdim=True),
    "MatMul": lambda i, how: i[0] @ i[1],
    "MaxPool": _max_pool,
    "Mul": lambda i, how: i[0] * i[1],
    "ReduceMax": lambda i, how: i[0].amax(how["axes"], keepdim=True),
    "ReduceSum": lambda i, how: i[0].sum(i[1], keepdim=True),
    "Reshape": _reshape,
    "Resize": _resize,
    "Sigmoid": lambda i, how: i[0].sigmoid(),
    "Slice": _slice,
    "Softmax": lambda i, how: i[0].softmax(how.get("axis", -1)),
    "Log": lambda i, how: i[0].log(),
    "Transpose": lambda i, how: i[0].permute(how["perm"]),
}
