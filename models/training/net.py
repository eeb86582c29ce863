"""A small convolutional net with its gradients written by hand: numpy is all that it needs.

Pictures are N × H × W × C float32. Weights of a layer are (9 or 1) · C_in × C_out, taps row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float32]

ADAM_MEAN, ADAM_SQUARE, ADAM_TINY = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Shape:
    """One layer: a square of taps, from channels to channels, every `stride` pixels, rectified or not."""

    taps: int  # 3 or 1 a side
    channels_in: int
    channels_out: int
    stride: int = 1
    rectified: bool = True


class Layer:
    """A convolution with padding that keeps the size (divided by the stride)."""

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        self.shape = shape
        fan_in = shape.taps**2 * shape.channels_in
        # He et al. 2015: keeps the spread of values through rectified layers.
        self.weight: Array = rng.normal(0, np.sqrt(2 / fan_in), (fan_in, shape.channels_out)).astype(
            np.float32
        )
        self.bias: Array = np.zeros(shape.channels_out, np.float32)
        self.weight_slope: Array = np.zeros_like(self.weight)
        self.bias_slope: Array = np.zeros_like(self.bias)

    def forward(self, x: Array) -> Array:
        self._shape_in = x.shape
        self._columns = self._spread(x)
        out = self._columns.reshape(-1, self._columns.shape[-1]) @ self.weight + self.bias
        out = out.reshape(*self._columns.shape[:3], -1)
        if self.shape.rectified:
            np.maximum(out, 0, out=out)
            self._open = out > 0
        return out

    def backward(self, slope: Array, *, wanted: bool = True) -> Array | None:
        """From the loss's slope by the output to its slopes by the weights and, if wanted, by the input."""
        if self.shape.rectified:
            slope = slope * self._open
        flat = slope.reshape(-1, slope.shape[-1])
        self.weight_slope = self._columns.reshape(-1, self._columns.shape[-1]).T @ flat
        self.bias_slope = flat.sum(0)
        if not wanted:
            return None
        back = (flat @ self.weight.T).reshape(*slope.shape[:3], -1)
        count, height, width, channels = self._shape_in
        if self.shape.taps == 1:
            return back
        step = self.shape.stride
        padded = np.zeros((count, height + 2, width + 2, channels), np.float32)
        down, across = slope.shape[1] * step, slope.shape[2] * step
        for tap in range(9):
            y, x = divmod(tap, 3)
            padded[:, y : y + down : step, x : x + across : step] += back[
                ..., tap * channels : (tap + 1) * channels
            ]
        return padded[:, 1:-1, 1:-1]

    def _spread(self, x: Array) -> Array:
        """N × H' × W' × (taps · C): what each output pixel sees."""
        if self.shape.taps == 1:
            return x
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        seen = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, :: self.shape.stride, :: self.shape.stride]
        return np.ascontiguousarray(seen.transpose(0, 1, 2, 4, 5, 3)).reshape(*seen.shape[:3], -1)


class Net:
    """Layers one after the other, and Adam (Kingma and Ba 2015) to move their weights."""

    def __init__(self, shapes: Sequence[Shape], seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.layers = [Layer(shape, rng) for shape in shapes]
        self._means = [np.zeros_like(one) for one in self._weights()]
        self._squares = [np.zeros_like(one) for one in self._weights()]
        self._steps = 0

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, slope: Array) -> None:
        for place in range(len(self.layers) - 1, -1, -1):
            back = self.layers[place].backward(slope, wanted=place > 0)
            if back is not None:
                slope = back

    def step(self, rate: float, decay: float = 1e-4) -> None:
        """Move each weight against its slope."""
        self._steps += 1
        slopes = [one for layer in self.layers for one in (layer.weight_slope, layer.bias_slope)]
        for weight, slope, mean, square in zip(
            self._weights(), slopes, self._means, self._squares, strict=True
        ):
            mean += (1 - ADAM_MEAN) * (slope - mean)
            square += (1 - ADAM_SQUARE) * (slope**2 - square)
            ahead = mean / (1 - ADAM_MEAN**self._steps)
            spread = np.sqrt(square / (1 - ADAM_SQUARE**self._steps)) + ADAM_TINY
            weight -= rate * (ahead / spread + decay * weight)

    def _weights(self) -> list[Array]:
        return [one for layer in self.layers for one in (layer.weight, layer.bias)]


def sigmoid(x: Array) -> Array:
    """From minus infinity..infinity to 0..1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)
