"""A classifier of whole pictures speaks in the labels of its pack."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ranger_app.inference.detect import Model
from ranger_app.inference.looks import Look
from tests.inference.pictures_made import corner_picture, encoded
from tests.inference.tiny import CLASSIFIER, whole_image_pack


def look_with(folder: Path, scores: list[float], **more: str) -> Look:
    return Model.open(whole_image_pack(folder, scores, **more)).look(encoded(corner_picture()))


def test_softmax_scores_are_told_best_first_and_summed_by_kind(tmp_path: Path) -> None:
    odds = [2.0, 1.0, 0.5, -1.0, 0.0]
    look = look_with(tmp_path / "pack", odds)
    total = sum(math.exp(one) for one in odds)
    share = [math.exp(one) / total for one in odds]
    assert [name for name, _score in look.groups] == ["deer", "boar", "people"]
    assert [score for _name, score in look.groups] == pytest.approx(sorted(share, reverse=True)[:3])
    assert look.animal == pytest.approx(share[0] + share[1])
    assert [look.person, look.vehicle] == pytest.approx(share[2:4])
    assert look.boxes == ()


def test_a_temperature_makes_a_boastful_model_modest(tmp_path: Path) -> None:
    odds = [4.0, 0.0, 0.0, 0.0, 0.0]
    sharp = look_with(tmp_path / "sharp", odds)
    soft = look_with(tmp_path / "soft", odds, more="[calibration]\ntemperature = 4.0")
    assert soft.groups[0][1] == pytest.approx(math.e / (math.e + 4))
    assert soft.groups[0][1] < sharp.groups[0][1]


def test_scores_that_are_probabilities_already_are_left_as_they_are(tmp_path: Path) -> None:
    output = CLASSIFIER.replace("softmax", "none")
    look = look_with(tmp_path / "pack", [0.6, 0.3, 0.05, 0.03, 0.02], output=output)
    assert look.animal == pytest.approx(0.9)
    assert look.groups[0][0] == "deer"
    assert look.groups[0][1] == pytest.approx(0.6)


def test_independent_scores_are_not_summed(tmp_path: Path) -> None:
    output = CLASSIFIER.replace("softmax", "sigmoid")
    look = look_with(tmp_path / "pack", [1.0, 0.0, -9.0, -9.0, -9.0], output=output)
    assert look.animal == pytest.approx(1 / (1 + math.exp(-1.0)))
