"""Drawn scenes are the same for the same seed, show what they say, and know where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranger_app.photos.drawn.scenes import ANIMALS, SCENES, DrawnBox, draw_scene

WIDTH, HEIGHT = 240, 180
GONE = 60  # steps of a burst after which whatever it was has left the picture


def small(seed: int, kind: str, **more: Any) -> tuple[NDArray[np.int64], tuple[DrawnBox, ...]]:
    """A small scene as H × W × 3 numbers."""
    picture, boxes = draw_scene(seed, kind, width=WIDTH, height=HEIGHT, **more)
    assert (picture.size, picture.mode) == ((WIDTH, HEIGHT), "RGB")
    return np.asarray(picture).astype(np.int64), boxes


def test_the_same_seed_draws_the_same_picture() -> None:
    one, boxes = small(7, "animal")
    again, same = small(7, "animal")
    other, _boxes = small(8, "animal")
    assert np.array_equal(one, again)
    assert boxes == same
    assert not np.array_equal(one, other)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(SCENES))
def test_boxes_lie_in_the_picture_and_are_of_the_kind_asked_for(seed: int, kind: str) -> None:
    _picture, boxes = small(seed, kind)
    assert bool(boxes) == (kind != "empty")
    for box in boxes:
        assert box.kind == kind
        assert 0 <= box.x < box.x + box.w <= 1
        assert 0 <= box.y < box.y + box.h <= 1
        assert box.shape in ANIMALS or box.shape == kind


@pytest.mark.parametrize("shape", [*ANIMALS, "person", "vehicle"])
@pytest.mark.parametrize("seed", range(3))
def test_what_was_drawn_is_in_its_box_and_nowhere_else(shape: str, seed: int) -> None:
    kind = shape if shape in SCENES else "animal"
    how = {"shape": shape if kind == "animal" else "", "count": 1, "night": False, "place": 5}
    there, (box,) = small(seed, kind, **how)
    gone, nothing = small(seed, kind, step=GONE, **how)
    assert nothing == ()
    changed = np.abs(there - gone).max(2) > 4
    shadow = 0.05
    rows, columns = np.nonzero(changed)
    assert box.x - shadow <= columns.min() / WIDTH <= box.x + 0.3 * box.w
    assert box.x + 0.7 * box.w <= (columns.max() + 1) / WIDTH <= box.x + box.w + shadow
    assert abs(rows.min() / HEIGHT - box.y) <= 0.03
    assert (rows.max() + 1) / HEIGHT <= box.y + box.h + shadow
    assert changed.mean() > 0.2 * box.w * box.h


def test_in_a_burst_the_place_stays_and_the_animal_walks_on() -> None:
    how = {"place": 3, "night": False, "shape": "deer", "count": 1}
    lefts = [boxes[0].x for step in range(3) if (boxes := small(5, "animal", step=step, **how)[1])]
    assert len(lefts) >= 2
    steps = np.diff(lefts)
    assert (steps > 0).all() or (steps < 0).all()


def test_infrared_pictures_are_grey_and_daylight_is_not() -> None:
    assert np.ptp(small(1, "animal", night=True)[0], axis=2).max() == 0
    assert np.ptp(small(1, "animal", night=False)[0], axis=2).mean() > 10


def test_the_camera_writes_its_words_on_a_strip_below() -> None:
    plain = small(1, "empty", night=False)[0]
    written = small(1, "empty", night=False, words="DEMO 01")[0]
    assert np.array_equal(plain[:165], written[:165])
    strip = written[-8:]
    assert np.median(strip) < 12
    assert strip.max() > 150


def test_a_scene_of_another_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="dragon"):
        draw_scene(1, "dragon")
