"""Intervals against published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.analysis.intervals import by_groups, wilson


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_as_newcombe_has_it(right: int, of: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3."""
    found = wilson(right, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_its_share_and_is_the_mirror_of_its_opposite(of: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, of))
    one, other = wilson(right, of), wilson(of - right, of)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low == pytest.approx(1 - other.high)


def test_of_nothing_nothing_is_known() -> None:
    assert not wilson(0, 0).known
    assert not by_groups(lambda rows: float(len(rows)), np.array([], np.int64)).known


LAW_SCHOOL = np.array(
    [
        (576, 3.39), (635, 3.30), (558, 2.81), (578, 3.03), (666, 3.44), (580, 3.07), (555, 3.00),
        (661, 3.43), (651, 3.36), (605, 3.13), (653, 3.12), (575, 2.74), (545, 2.76), (572, 2.88),
        (594, 2.96),
    ]
)  # fmt: skip
"""Efron and Tibshirani 1993, table 3.1: LSAT and GPA of fifteen law schools."""


def correlation(rows: np.ndarray) -> float:
    return float(np.corrcoef(LAW_SCHOOL[rows].T)[0, 1])


def test_the_bootstrap_is_as_scipy_has_it() -> None:
    """scipy.stats.bootstrap 1.17.1, 100 000 paired draws, percentile method: 0.4594 to 0.9617."""
    found = by_groups(correlation, np.arange(15), rounds=5000)
    assert found.value == pytest.approx(0.776, abs=0.001)  # as in the book
    assert found.low == pytest.approx(0.4594, abs=0.02)
    assert found.high == pytest.approx(0.9617, abs=0.005)


def test_rows_that_are_alike_widen_the_interval_when_they_are_drawn_together() -> None:
    values = np.repeat(np.random.default_rng(1).random(20), 10)

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    alone = by_groups(mean, np.arange(200))
    together = by_groups(mean, np.repeat(np.arange(20), 10))
    assert alone.value == together.value
    assert (together.high - together.low) > 2.5 * (alone.high - alone.low)


def test_one_group_alone_gives_no_interval() -> None:
    found = by_groups(lambda rows: float(len(rows)), np.zeros(5, np.int64))
    assert found.value == 5
    assert math.isnan(found.low)


def test_the_interval_is_the_same_on_every_laptop() -> None:
    values = np.arange(30.0)

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    assert by_groups(mean, np.arange(30)) == by_groups(mean, np.arange(30))
