"""Reads the skeleton of an ONNX file without running it: what goes in, what comes out, what it asks for.

ONNX is Protocol Buffers (onnx.proto3 of the ONNX project, whose field numbers stand below). Only fields that
say something of safety or of shape are read, weights are stepped over, and nothing is believed: a file that
is not well formed, or nested or repeated without measure, is refused before any runtime sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ranger_app.i18n import _

NODES_AT_MOST = 100_000
DEPTH_AT_MOST = 8  # graphs within graphs
DIMS_AT_MOST = 10
KNOWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
ENDLESS = ("Loop", "Scan")  # may run without end
REACHING_OUT = ("EPContext", "PyOp")  # load further code or files
TYPES = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64"}
EXTERNAL = 1  # TensorProto.DataLocation

Buffer = memoryview


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output of a graph; a side that is free is None, no shape at all is None for all."""

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class Graph:
    """What an ONNX file says of itself."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    opset: int
    nodes: int
    faults: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What has been met on the way through the file."""

    nodes: int = 0
    operators: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    external: bool = False
    functions: bool = False
    too_deep: bool = False


class NotOnnx(Exception):
    """The bytes are no well-formed ONNX."""


def read_graph(raw: bytes) -> Graph:
    """What the ONNX file in `raw` says of itself; faults are ends of sentences after its name."""
    seen = _Seen()
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []
    weights: set[str] = set()
    opset = 0
    has_graph = False
    try:
        for number, value in _fields(memoryview(raw)):
            if number == 7:  # ModelProto.graph
                has_graph = True
                _walk_graph(_message(value), seen, 0, inputs, outputs, weights)
            elif number == 8:  # opset_import
                domain, version = _opset(_message(value))
                if domain in ("", "ai.onnx"):
                    opset = version
            elif number in (20, 25):  # training_info, functions
                seen.functions = True
    except NotOnnx:
        return Graph((), (), 0, 0, (_("is damaged or is no ONNX file"),))
    if not has_graph or not outputs:
        return Graph((), (), 0, 0, (_("is damaged or is no ONNX file"),))
    # Before version 4 of the format weights were listed among the inputs.
    open_inputs = tuple(tensor for tensor in inputs if tensor.name not in weights)
    return Graph(open_inputs, tuple(outputs), opset, seen.nodes, tuple(_faults(seen)))


def _faults(seen: _Seen) -> Iterator[str]:
    if seen.external:
        yield _("keeps weights in another file, which a pack may not")
    if strange := sorted(seen.domains - set(KNOWN_DOMAINS)):
        yield _("needs operators that ONNX does not have ({names})").format(names=", ".join(strange)[:100])
    if endless := sorted(seen.operators & set(ENDLESS)):
        yield _("has loops ({names}), which might never end").format(names=", ".join(endless))
    if reaching := sorted(seen.operators & set(REACHING_OUT)):
        yield _("reaches for files or code outside itself ({names})").format(names=", ".join(reaching))
    if seen.functions:
        yield _("has functions or training steps of its own; export it with everything written out")
    if seen.too_deep:
        yield _("nests graphs too deeply")
    if seen.nodes > NODES_AT_MOST:
        yield _("has more than {count} steps").format(count=NODES_AT_MOST)


def _walk_graph(
    graph: Buffer, seen: _Seen, depth: int, inputs: list[Tensor], outputs: list[Tensor], weights: set[str]
) -> None:
    if depth > DEPTH_AT_MOST:
        seen.too_deep = True
        return
    for number, value in _fields(graph):
        if number == 1:  # GraphProto.node
            seen.nodes += 1
            if seen.nodes <= NODES_AT_MOST:
                _walk_node(_message(value), seen, depth)
        elif number == 5:  # initializer
            weights.add(_tensor(_message(value), seen))
        elif number == 15:  # sparse_initializer: values and indices
            for part, inner in _fields(_message(value)):
                if part in (1, 2):
                    _tensor(_message(inner), seen)
        elif number in (11, 12):  # input, output
            (inputs if number == 11 else outputs).append(_value_info(_message(value)))


def _walk_node(node: Buffer, seen: _Seen, depth: int) -> None:
    for number, value in _fields(node):
        if number == 4:  # NodeProto.op_type
            seen.operators.add(_text(value))
        elif number == 7:  # domain
            seen.domains.add(_text(value))
        elif number == 5:  # attribute
            for part, inner in _fields(_message(value)):
                if part in (5, 10):  # AttributeProto.t, tensors
                    _tensor(_message(inner), seen)
                elif part in (6, 11):  # g, graphs
                    _walk_graph(_message(inner), seen, depth + 1, [], [], set())
                elif part in (22, 23):  # sparse_tensor, sparse_tensors
                    for side, tensor in _fields(_message(inner)):
                        if side in (1, 2):
                            _tensor(_message(tensor), seen)


def _tensor(tensor: Buffer, seen: _Seen) -> str:
    """Look at one tensor's place of storage; its name."""
    name = ""
    for number, value in _fields(tensor):
        if number == 8:  # TensorProto.name
            name = _text(value)
        elif number == 13 or (number == 14 and value == EXTERNAL):  # external_data, data_location
            seen.external = True
    return name


def _value_info(info: Buffer) -> Tensor:
    name, dtype, shape = "", "", None
    for number, value in _fields(info):
        if number == 1:  # ValueInfoProto.name
            name = _text(value)
        elif number == 2:  # type
            for kind, inner in _fields(_message(value)):
                if kind == 1:  # TypeProto.tensor_type
                    dtype, shape = _tensor_type(_message(inner))
    return Tensor(name, dtype, shape)


def _tensor_type(kind: Buffer) -> tuple[str, tuple[int | None, ...] | None]:
    dtype, shape = "", None
    for number, value in _fields(kind):
        if number == 1 and isinstance(value, int):  # elem_type
            dtype = TYPES.get(value, f"type {value}")
        elif number == 2:  # shape
            sides: list[int | None] = []
            for part, dim in _fields(_message(value)):
                if part == 1 and len(sides) < DIMS_AT_MOST:
                    sides.append(_side(_message(dim)))
            shape = tuple(sides)
    return dtype, shape


def _side(dim: Buffer) -> int | None:
    for number, value in _fields(dim):
        if number == 1 and isinstance(value, int) and 0 < value < 2**31:  # dim_value; 0 is "not said"
            return value
    return None


def _opset(entry: Buffer) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in _fields(entry):
        if number == 1:
            domain = _text(value)
        elif number == 2 and isinstance(value, int):
            version = value
    return domain, version


# ---- Protocol Buffers on the wire


def _fields(message: Buffer) -> Iterator[tuple[int, int | Buffer]]:
    """Each field's number with its value: a number, or the bytes of a text or message."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(message, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise NotOnnx
        if number == 0 or at + length > end:
            raise NotOnnx
        if wire == 2:
            yield number, message[at : at + length]
        at += length


def _varint(message: Buffer, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise NotOnnx
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise NotOnnx


def _message(value: int | Buffer) -> Buffer:
    if isinstance(value, int):
        raise NotOnnx
    return value


def _text(value: int | Buffer) -> str:
    return bytes(_message(value)[:200]).decode("utf-8", "replace")
