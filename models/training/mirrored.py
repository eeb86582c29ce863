"""Lets the detector look at every picture twice, as it is and mirrored, within one graph."""

from __future__ import annotations

import numpy as np
import onnx
from detector_parent import HEAD, KIND_CLASSES
from numpy.typing import NDArray
from onnx import helper, numpy_helper

SCARCELY = 1e-6  # keeps the log odds finite
VIEWS = ("plain", "mirrored")


def mirrored(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, of which an animal's log odds are the mean of what both views say of the same cell.

    A vehicle is as sure as the surer view is. Persons are those of the picture as it is: the other view adds
    few and half as many false ones. Boxes are of the picture as it is, too. The column of objectness becomes
    the larger of both views', and classes are given as shares of it: their product is the score, as before.

    Nothing is turned round but the kernels, which comes to the same: a convolution with a mirrored kernel
    sees of the picture what the kernel sees of the mirrored picture, in the mirrored place.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    output = graph.output[0].name
    first = next(place for place, node in enumerate(graph.node) if node.op_type == "Conv")
    shared, nodes = list(graph.node)[:first], list(graph.node)[first:]
    turned = next(node for node in nodes if output in node.output)
    nodes.remove(turned)
    views = [_named(nodes, view) for view in VIEWS]
    _turn_kernels(graph, views[1])
    together = _together(graph, turned.input[0])
    turned.input[0] = "rows"
    whole = [*shared, *views[0], *views[1], *together, turned]
    del graph.node[:]
    graph.node.extend(whole)
    onnx.checker.check_model(made, full_check=True)
    return made


def _named(nodes: list[onnx.NodeProto], view: str) -> list[onnx.NodeProto]:
    """Copies of the nodes whose values carry the name of the view."""
    ours = {name for node in nodes for name in node.output}
    copies = []
    for node in nodes:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = f"{node.name} {view}" if node.name else ""
        copy.output[:] = [f"{name} {view}" for name in node.output]
        copy.input[:] = [f"{name} {view}" if name in ours else name for name in node.input]
        copies.append(copy)
    return copies


def _turn_kernels(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Mirror these kernels, and their margins, which lie unevenly where a convolution steps by two."""
    arrays = {tensor.name: tensor for tensor in graph.initializer}
    for place, node in enumerate(one for one in nodes if one.op_type == "Conv"):
        kernel = numpy_helper.to_array(arrays[node.input[1]])
        if kernel.shape[3] == 1:
            continue
        if (
            place == 0
        ):  # it takes the four pixels of each square as channels, the left two before the right two
            kernel = np.roll(kernel, kernel.shape[1] // 2, 1)
        name = f"{node.input[1]} mirrored"
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(kernel[..., ::-1]), name))
        node.input[1] = name
        how = {one.name: one for one in node.attribute}
        top, left, bottom, _right = how["pads"].ints
        how["pads"].ints[:] = [top, kernel.shape[3] - how["strides"].ints[1] - left, bottom, left]


def _together(graph: onnx.GraphProto, cells: str) -> list[onnx.NodeProto]:
    """From the cells of both views (N × 8 × cells) the `rows` of the answer."""
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, inputs: list[str], name: str, **how: int) -> str:
        nodes.append(helper.make_node(operator, inputs, [name], **how))
        return name

    def number(name: str, value: NDArray[np.float32] | list[int]) -> str:
        graph.initializer.append(numpy_helper.from_array(np.array(value), name))
        return name

    least, most, one = (
        number(name, np.float32(value))
        for name, value in (("least", SCARCELY), ("most", 1 - SCARCELY), ("one", 1))
    )
    width = HEAD + len(KIND_CLASSES)
    ends = {at: number(f"column {at}", [at]) for at in (0, 1, 2, 3, HEAD - 1, HEAD, width)}
    axis = number("columns", [1])

    def cut(value: str, start: int, end: int, name: str) -> str:
        return add("Slice", [value, ends[start], ends[end], axis], name)

    for view in VIEWS:
        cut(f"{cells} {view}", HEAD - 1, HEAD, f"thing {view}")
        cut(f"{cells} {view}", HEAD, width, f"kinds {view}")
        add("Mul", [f"thing {view}", f"kinds {view}"], f"scores {view}")
        add("Clip", [cut(f"scores {view}", 0, 1, f"animal {view}"), least, most], f"likely {view}")
        add("Sub", [one, f"likely {view}"], f"unlikely {view}")
        add("Div", [f"likely {view}", f"unlikely {view}"], f"odds {view}")
    add("Mul", ["odds plain", "odds mirrored"], "odds squared")
    add("Sqrt", ["odds squared"], "odds")
    add("Add", ["odds", one], "odds and one")
    add("Div", ["odds", "odds and one"], "animal score")
    cut("scores plain", 1, 2, "person score")
    add("Max", [cut(f"scores {view}", 2, 3, f"vehicle {view}") for view in VIEWS], "vehicle score")
    add("Max", ["thing plain", "thing mirrored", least], "thing")
    add("Concat", ["animal score", "person score", "vehicle score"], "scores", axis=1)
    add("Div", ["scores", "thing"], "shares")
    add("Concat", [cut(f"{cells} plain", 0, HEAD - 1, "boxes"), "thing", "shares"], "rows", axis=1)
    return nodes
