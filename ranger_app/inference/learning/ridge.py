"""Ridge regression of classes on embeddings, in whole numbers: the same on every laptop, in whatever order.

With more crops than an embedding has numbers the sums over the crops are kept (Z'Z, Z'T), so that a part of
them is left out by a subtraction; with fewer, the products of the crops with each other (ZZ'), which is
smaller and gives the same weights (Saunders, Gammerman and Vovk 1998). Both are exact sums of whole
numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ranger_app.i18n import _
from ranger_app.inference.learning.lessons import VECTOR_ONE, Lessons, Whole, row_weights
from ranger_app.jobs import Work

GRID = 2**12
"""Weights are kept in steps of 1/4096 of a score; the arithmetic errs below a thousand-millionth."""
CHUNK_ROWS = 2048
CONSTANT = 2**8

Numbers = NDArray[np.float64]
Solved = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Weights (D × K) for an embedding of length one, and bias (K)."""


class Equations(Protocol):
    """The equations of all crops, from which those of some parts can be left out."""

    def solve(self, ridges: Sequence[float], *, without: Collection[int] = ()) -> list[Solved]:
        """Weights and bias for each strength of the ridge."""
        ...


def equations_of(lessons: Lessons, parts: NDArray[np.int64], work: Work) -> Equations:
    """The equations in the form that is smaller."""
    count, dim = lessons.vectors.shape
    return _Products(lessons, parts) if count <= dim else _Sums(lessons, parts, work)


def scores(weights: NDArray[np.float32], bias: NDArray[np.float32], vectors: Whole) -> Numbers:
    """N × K scores of N × D embeddings."""
    # Whole numbers times steps of 1/4096: exact, whatever the order.
    products = vectors.astype(np.float64) @ (weights.astype(np.float64) * GRID)
    return products / (GRID * VECTOR_ONE) + bias.astype(np.float64)


def softmax(values: Numbers, temperature: float) -> Numbers:
    """N × K probabilities from N × K scores."""
    powers: Numbers = np.exp((values - values.max(1, keepdims=True)) / temperature)
    powers /= powers.sum(1, keepdims=True)
    return powers


@dataclass(frozen=True, slots=True)
class _Rows:
    """Crops times the roots of their weights: embeddings, constant, and the constant where the class is."""

    vectors: Numbers
    """N × D"""
    constants: Numbers
    """N"""
    targets: Numbers
    """N × K"""


def _rows(lessons: Lessons, roots: Numbers, rows: NDArray[np.intp]) -> _Rows:
    """Whole numbers, of some crops."""
    constants = np.maximum(np.rint(roots[rows] * CONSTANT), 1.0)
    targets = np.zeros((len(rows), len(lessons.names)))
    targets[np.arange(len(rows)), lessons.classes[rows]] = constants
    return _Rows(np.rint(lessons.vectors[rows] * roots[rows, None]), constants, targets)


class _Sums:
    """Z'Z and Z'T of each part, where Z are the crops with the constant as a last column."""

    def __init__(self, lessons: Lessons, parts: NDArray[np.int64], work: Work) -> None:
        roots = np.sqrt(row_weights(lessons))
        size, classes = lessons.vectors.shape[1] + 1, len(lessons.names)
        count = int(parts.max()) + 1
        self._squares = [np.zeros((size, size)) for _part in range(count)]
        self._targets = [np.zeros((size, classes)) for _part in range(count)]
        for part in work.each(range(count), count, _("adding up")):
            mine = np.flatnonzero(parts == part)
            for start in range(0, len(mine), CHUNK_ROWS):
                some = _rows(lessons, roots, mine[start : start + CHUNK_ROWS])
                z = np.concatenate([some.vectors, some.constants[:, None]], 1)
                # Whole numbers below 2^53 all along, so no order of adding changes a sum.
                self._squares[part] += z.T @ z
                self._targets[part] += z.T @ some.targets
        self._all = sum(self._squares[1:], self._squares[0]), sum(self._targets[1:], self._targets[0])

    def solve(self, ridges: Sequence[float], *, without: Collection[int] = ()) -> list[Solved]:
        squares, targets = self._all
        for part in without:
            squares, targets = squares - self._squares[part], targets - self._targets[part]
        total = float(squares[-1, -1]) / CONSTANT**2
        mean = squares[:-1, -1] / (VECTOR_ONE * CONSTANT) / total
        share = targets[-1] / CONSTANT**2 / total
        around = squares[:-1, :-1] / VECTOR_ONE**2 - mean[:, None] * mean[None, :] * total
        wanted = targets[:-1] / (VECTOR_ONE * CONSTANT) - mean[:, None] * (share * total)[None, :]
        found = []
        for ridge in ridges:
            system = around.copy()
            system.flat[:: len(system) + 1] += ridge
            found.append(_rounded(np.linalg.solve(system, wanted), mean, share))
        return found


class _Products:
    """ZZ' of all crops; parts are rows and columns of it."""

    def __init__(self, lessons: Lessons, parts: NDArray[np.int64]) -> None:
        self._parts = parts
        roots = np.sqrt(row_weights(lessons))
        self._z = _rows(lessons, roots, np.arange(len(parts)))
        self._products = self._z.vectors @ self._z.vectors.T  # whole numbers: exact

    def solve(self, ridges: Sequence[float], *, without: Collection[int] = ()) -> list[Solved]:
        rows = np.flatnonzero(~np.isin(self._parts, list(without)))
        vectors, constants = self._z.vectors[rows], self._z.constants[rows]
        total = float((constants * constants).sum()) / CONSTANT**2
        weighted = (vectors * constants[:, None]).sum(0)
        mean = weighted / (VECTOR_ONE * CONSTANT) / total
        share = (self._z.targets[rows] * constants[:, None]).sum(0) / CONSTANT**2 / total
        roots = constants / CONSTANT
        # Around the mean: (z_i − r_i m) · (z_j − r_j m), from the exact products.
        products = self._products[np.ix_(rows, rows)]
        to_mean = (products @ constants) / (VECTOR_ONE**2 * CONSTANT * total)
        to_itself = float((to_mean * roots).sum()) / total
        around = (
            products / VECTOR_ONE**2
            - roots[:, None] * to_mean[None, :]
            - to_mean[:, None] * roots[None, :]
            + roots[:, None] * roots[None, :] * to_itself
        )
        wanted = self._z.targets[rows] / CONSTANT - roots[:, None] * share[None, :]
        found = []
        for ridge in ridges:
            system = around.copy()
            system.flat[:: len(system) + 1] += ridge
            by_row = np.linalg.solve(system, wanted)
            weights = vectors.T @ by_row / VECTOR_ONE - mean[:, None] * (by_row * roots[:, None]).sum(0)
            found.append(_rounded(weights, mean, share))
        return found


def _rounded(weights: Numbers, mean: Numbers, share: Numbers) -> Solved:
    """Weights and bias in steps of 1/GRID, far above the error of the arithmetic."""
    weights = np.rint(weights * GRID) / GRID
    bias = np.rint((share - (mean[:, None] * weights).sum(0)) * GRID) / GRID
    return weights.astype(np.float32), bias.astype(np.float32)
