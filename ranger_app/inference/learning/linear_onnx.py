"""Writes a linear graph as ONNX: one embedding in, one score for each class out (scores = embedding · W + b).

ONNX is Protocol Buffers (onnx.proto3 of the ONNX project); the few fields of one Gemm are written by hand, so
that a laptop in a park needs no exporter. The same weights give the same bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OPSET = 17
IR_VERSION = 8
FLOAT = 1
INPUT, OUTPUT = "embedding", "scores"


def linear_graph(weights: NDArray[np.float32], bias: NDArray[np.float32]) -> bytes:
    """The graph for weights of D × K and a bias of K."""
    dim, classes = weights.shape
    node = (
        _text(1, INPUT) + _text(1, "weights") + _text(1, "bias") + _text(2, OUTPUT)
        + _text(3, "head") + _text(4, "Gemm")
    )  # fmt: skip
    graph = (
        _bytes(1, node)
        + _text(2, "head")
        + _bytes(5, _tensor("weights", weights))
        + _bytes(5, _tensor("bias", bias))
        + _bytes(11, _about(INPUT, (1, dim)))
        + _bytes(12, _about(OUTPUT, (1, classes)))
    )
    opset = _text(1, "") + _number(2, OPSET)
    return _number(1, IR_VERSION) + _text(2, "ranger") + _bytes(7, graph) + _bytes(8, opset)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    sides = b"".join(_number(1, side) for side in values.shape)
    return sides + _number(2, FLOAT) + _text(8, name) + _bytes(9, values.astype("<f4").tobytes())


def _about(name: str, shape: tuple[int, ...]) -> bytes:
    sides = b"".join(_bytes(1, _number(1, side)) for side in shape)
    tensor = _number(1, FLOAT) + _bytes(2, sides)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
