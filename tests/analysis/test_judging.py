"""Figures about a model's answers against published and hand-worked ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app.analysis.judging import (
    area_under_curve,
    balanced_accuracy,
    calibration_error,
    reliability,
)


def test_the_area_is_as_hanley_and_mcneil_have_it() -> None:
    """Hanley and McNeil 1982, Radiology 143: 29-36, table I: 109 CT pictures, area 0.893."""
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    scores = np.repeat(np.tile(np.arange(1.0, 6.0), 2), normal + abnormal)
    positive = np.repeat([False, True], [sum(normal), sum(abnormal)])
    assert area_under_curve(scores, positive) == pytest.approx(0.893, abs=0.0005)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([float(score) for score, _ in rows])
    positive = np.array([is_one for _, is_one in rows])
    pairs = [(a > b) + (a == b) / 2 for a in scores[positive] for b in scores[~positive]]
    found = area_under_curve(scores, positive)
    assert math.isnan(found) if not pairs else found == pytest.approx(np.mean(pairs))


def test_calibration_error_by_hand() -> None:
    """Two answers at 0.9 of which one is right, and two at 0.5 of which one is: (0.4 × 2 + 0 × 2) / 4."""
    bins = reliability(np.array([0.9, 0.9, 0.5, 0.5]), np.array([True, False, True, False]))
    assert [(one.count, one.right) for one in bins] == [(2, 0.5), (2, 0.5)]
    assert calibration_error(bins) == pytest.approx(0.2)


def test_a_score_of_one_has_a_place() -> None:
    (only,) = reliability(np.array([1.0]), np.array([True]))
    assert (only.score, only.right, only.count) == (1.0, 1.0, 1)


def test_a_rare_class_counts_as_much_as_a_common_one() -> None:
    truth = np.array([0] * 98 + [2, 2])
    assert balanced_accuracy(np.zeros(100, np.int64), truth) == 0.5


def test_without_answers_nothing_is_known() -> None:
    nothing = np.array([])
    assert math.isnan(calibration_error(reliability(nothing, nothing.astype(bool))))
    assert math.isnan(balanced_accuracy(nothing.astype(int), nothing.astype(int)))
