"""Golden pictures tell whether a pack says here what it said where it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from ranger_app.inference.checking import check_pack
from ranger_app.inference.trial import try_pack
from tests.inference.pictures_made import encoded, noise_picture
from tests.inference.tiny import whole_image_pack, yolox_answer, yolox_pack

GOLDEN = """
[[golden]]
image = "golden/one.jpg"
tol_conf = 0.02
tol_iou = 0.98
boxes = [{ kind = "animal", score = 0.72, x = 0.25, y = 0.3333333, w = 0.5, h = 0.3333333 }]
topk = [{ name = "animal", score = 0.72 }]
"""
FILES = {"golden/one.jpg": encoded(noise_picture(96, 48))}


def trial(folder: Path, *, golden: str = GOLDEN, score: float = 0.8) -> list[str]:
    answer = yolox_answer()
    # Cell (3, 1) of stride 16: middle (48, 24), size 48 × 16, on a picture of 96 × 48.
    answer[0, 96 + 6 + 3] = [0.0, 0.5, 1.0986123, 0.0, 0.9, score, 0, 0, 0, 0]
    pack = yolox_pack(folder, answer, files=FILES, more=golden)
    assert check_pack(folder) == []
    return try_pack(pack)


def test_a_pack_that_says_what_it_should_passes(tmp_path: Path) -> None:
    assert trial(tmp_path / "pack") == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("x = 0.25", "x = 0.30", "no animal where one should be"),
        ('kind = "animal"', 'kind = "person"', "no person where one should be"),
        ("score = 0.72, x", "score = 0.60, x", "animal has a score of 0.72 and should have 0.60"),
        ('name = "animal", score = 0.72', 'name = "empty", score = 0.9', "empty has a score of 0.28"),
    ],
)
def test_a_pack_that_says_something_else_is_told_in_what(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    (problem,) = trial(tmp_path / "pack", golden=GOLDEN.replace(before, after))
    assert words in problem
    assert problem.startswith("model.onnx on golden/one.jpg")


def test_small_differences_are_within_the_tolerance(tmp_path: Path) -> None:
    assert trial(tmp_path / "pack", golden=GOLDEN.replace("0.72", "0.735")) == []


def test_a_golden_picture_that_is_not_listed_is_a_fault(tmp_path: Path) -> None:
    yolox_pack(tmp_path / "pack", more=GOLDEN)
    assert "golden picture golden/one.jpg that is not among its files" in check_pack(tmp_path / "pack")[0]


def test_a_golden_picture_that_is_damaged_is_told(tmp_path: Path) -> None:
    pack = yolox_pack(tmp_path / "pack", files={"golden/one.jpg": b"no picture"}, more=GOLDEN)
    assert "no picture" in try_pack(pack)[0]


def test_a_pack_without_golden_pictures_must_at_least_answer(tmp_path: Path) -> None:
    assert try_pack(whole_image_pack(tmp_path / "good", [1.0, 0.0, 0.0, 0.0, 0.0])) == []
    (problem,) = try_pack(whole_image_pack(tmp_path / "bad", [float("nan"), 0.0, 0.0, 0.0, 0.0]))
    assert "NaN" in problem
