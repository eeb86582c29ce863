"""A head is learned from few pictures, judged on cameras it has not seen, and the same on every laptop."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranger_app.domain.errors import BadInput, Refused
from ranger_app.inference.learning.learning import ANSWERS, LABELS_AT_LEAST, learn, read_as
from ranger_app.inference.learning.lessons import VECTOR_ONE, Lessons, folds, row_weights, whole_numbers
from ranger_app.inference.learning.ridge import GRID, _Products, _Sums
from ranger_app.jobs import Cancelled, Work
from tests.inference.lessons_made import DIM, made

PARK = {"leopard cat": 20, "raccoon dog": 24, "sika deer": 60}


def shuffled(lessons: Lessons, seed: int) -> Lessons:
    return lessons.part(np.random.default_rng(seed).permutation(len(lessons.classes)))


def test_twenty_pictures_a_species_are_enough_to_know_them_at_cameras_not_seen() -> None:
    taught = learn(made(PARK))
    held = taught.held
    assert held.by_camera
    assert held.judged.all()
    assert (held.said == taught.lessons.classes).mean() > 0.9


def test_a_common_species_does_not_swallow_a_rare_one() -> None:
    taught = learn(made({"leopard cat": 8, "sika deer": 400}, spread=1.0))
    rare = taught.lessons.classes == 0
    assert (taught.held.said[rare] == 0).mean() >= 0.75


@settings(max_examples=8)
@given(st.integers(0, 1000))
def test_the_order_in_which_crops_come_changes_nothing(seed: int) -> None:
    lessons = made(PARK)
    one, other = learn(lessons), learn(shuffled(lessons, seed))
    assert one.head.digest() == other.head.digest()
    assert one.lessons.digest() == other.lessons.digest()


def test_another_word_on_one_crop_is_another_head() -> None:
    lessons = made(PARK)
    classes = lessons.classes.copy()
    classes[0] = 2
    other = Lessons(lessons.names, lessons.vectors, classes, lessons.cameras, lessons.bursts)
    assert learn(other).lessons.digest() != learn(lessons).lessons.digest()
    assert learn(other).head.digest() != learn(lessons).head.digest()


KERNELS = """
from tests.inference.lessons_made import made
from ranger_app.inference.learning.learning import learn
print(learn(made({"leopard cat": 20, "raccoon dog": 24, "sika deer": 60})).head.digest())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks OpenBLAS for another processor's arithmetic")
def test_the_head_is_the_same_with_another_processors_arithmetic() -> None:
    ours = learn(made(PARK)).head.digest()
    for kernel in ("Nehalem", "Haswell"):
        changed = os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": "1"}
        ran = subprocess.run(
            [sys.executable, "-c", KERNELS],
            env=changed,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        assert ran.stdout.strip() == ours


def test_many_crops_and_few_are_solved_alike() -> None:
    """The two forms of the equations, sums and products, have the same solution."""
    lessons = made(PARK)
    parts, _by_camera = folds(lessons)
    for without in ((), (0,), (0, 2)):
        sums = _Sums(lessons, parts, Work()).solve((0.1, 1.0, 10.0), without=without)
        products = _Products(lessons, parts).solve((0.1, 1.0, 10.0), without=without)
        for (one, bias), (other, same_bias) in zip(sums, products, strict=True):
            assert np.allclose(one, other, atol=1.5 / GRID)
            assert np.allclose(bias, same_bias, atol=1.5 / GRID)


def test_the_head_is_what_a_plain_ridge_regression_gives() -> None:
    """Weighted and centred by hand, in plain floating point (Hoerl and Kennard 1970)."""
    lessons = made(PARK)
    weights = row_weights(lessons)
    x, y = lessons.vectors / VECTOR_ONE, np.eye(len(PARK))[lessons.classes]
    mean, share = (weights[:, None] * x).sum(0) / weights.sum(), (weights[:, None] * y).sum(0) / weights.sum()
    around = (x - mean) * np.sqrt(weights)[:, None], (y - share) * np.sqrt(weights)[:, None]
    plain = np.linalg.solve(around[0].T @ around[0] + np.eye(x.shape[1]), around[0].T @ around[1])
    ((found, bias),) = _Sums(lessons, folds(lessons)[0], Work()).solve((1.0,))
    assert np.allclose(found, plain, atol=0.01)
    assert np.allclose(bias, share - mean @ plain, atol=0.01)


def test_a_camera_is_held_out_whole() -> None:
    lessons = made(PARK, cameras=7)
    parts, by_camera = folds(lessons)
    assert by_camera
    for camera in np.unique(lessons.cameras):
        assert len(np.unique(parts[lessons.cameras == camera])) == 1
    assert len(np.unique(parts)) == 5


def test_what_is_said_of_a_held_out_camera_does_not_depend_on_its_words() -> None:
    """The head that speaks of a camera, its strength and its temperature know nothing of that camera."""
    lessons = made({"raccoon dog": 30, "sika deer": 30}, cameras=5)
    parts, _by_camera = folds(lessons)
    mine = parts == 0
    before = learn(lessons).held.likely[mine]
    classes = lessons.classes.copy()
    # Two crops of unlike species of one camera change places, so that nothing else changes its weight.
    one, other = np.flatnonzero(mine & (classes == 0))[0], np.flatnonzero(mine & (classes == 1))[0]
    classes[one], classes[other] = 1, 0
    swapped = Lessons(lessons.names, lessons.vectors, classes, lessons.cameras, lessons.bursts)
    assert (learn(swapped).held.likely[mine] == before).all()


def test_one_camera_alone_says_so() -> None:
    taught = learn(made(PARK, cameras=1))
    assert not taught.held.by_camera


def test_a_species_seen_by_one_camera_only_is_learned_and_not_judged() -> None:
    lessons = made({"raccoon dog": 20, "sika deer": 30})
    alone = made({"tiger": 8}, cameras=1, seed=9)
    both = Lessons(
        (*lessons.names, "tiger"),
        np.concatenate([lessons.vectors, alone.vectors]),
        np.concatenate([lessons.classes, alone.classes + 2]),
        np.concatenate([lessons.cameras, alone.cameras]),
        np.arange(58),
    )
    taught = learn(both)
    tigers = taught.lessons.classes == 2
    assert not taught.held.judged[tigers].any()
    assert taught.held.judged[~tigers].all()
    assert (taught.head.likely(alone.vectors).argmax(1) == 2).all()


def test_too_few_pictures_are_left_out_and_one_species_is_nothing_to_learn() -> None:
    taught = learn(made({"raccoon dog": 20, "sika deer": 30, "tiger": LABELS_AT_LEAST - 1}))
    assert taught.head.names == ("raccoon dog", "sika deer")
    with pytest.raises(Refused, match="not enough"):
        learn(made({"sika deer": 30, "tiger": LABELS_AT_LEAST - 1}))


def test_it_abstains_where_it_would_often_be_wrong() -> None:
    clear = learn(made(PARK, spread=0.3)).head
    blurred = learn(made(PARK, spread=4.0))
    assert clear.answer_from == ANSWERS[0]
    assert blurred.head.answer_from > clear.answer_from
    held, right = blurred.held, blurred.held.said == blurred.lessons.classes
    assert held.answered.mean() < 0.8
    assert right[held.answered].mean() > right.mean()


def test_how_sure_it_is_is_how_often_it_is_right() -> None:
    taught = learn(made(dict.fromkeys("abcd", 150), spread=2.2, cameras=10))
    held, right = taught.held, taught.held.said == taught.lessons.classes
    assert abs(held.score.mean() - right.mean()) < 0.08


def test_a_burst_counts_as_the_root_of_its_pictures() -> None:
    lessons = made({"sika deer": 20, "tiger": 16})
    bursts = np.concatenate([np.zeros(10, np.int64), np.arange(1, 27)])
    weights = row_weights(Lessons(lessons.names, lessons.vectors, lessons.classes, lessons.cameras, bursts))
    deer, tigers = weights[:20], weights[20:]
    assert deer.sum() == pytest.approx(18)
    assert tigers.sum() == pytest.approx(18)
    assert deer[:10].sum() / deer[10] == pytest.approx(np.sqrt(10))


def test_it_can_be_stopped() -> None:
    work = Work(lambda progress: work.cancel() if progress.done == 1 else None)
    with pytest.raises(Cancelled):
        learn(made(PARK), work)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=DIM, max_size=DIM).filter(any))
def test_an_embedding_keeps_its_direction(values: list[float]) -> None:
    vector = np.array(values, np.float32)
    found = whole_numbers(vector).astype(float)
    cosine = found @ vector.astype(float) / np.linalg.norm(found) / np.linalg.norm(vector.astype(float))
    assert cosine > 0.9999
    assert abs(np.linalg.norm(found) / VECTOR_ONE - 1) < 0.001


@pytest.mark.parametrize("values", [np.zeros(DIM), np.full(DIM, np.nan), np.full(DIM, np.inf)])
def test_an_embedding_that_says_nothing_is_refused(values: np.ndarray) -> None:
    with pytest.raises(BadInput):
        whole_numbers(values.astype(np.float32))


def test_another_models_groups_are_read_at_their_best_at_other_cameras() -> None:
    """Group 0 is all deer elsewhere, so it is read as sika deer; group 1 is met nowhere else."""
    lessons = made({"raccoon dog": 6, "sika deer": 6}, cameras=2)
    parts = lessons.cameras.copy()
    groups = np.where(lessons.classes == 1, 0, 2)
    groups[0] = 1
    found = read_as(groups, lessons, parts, fixed={})
    assert (found[lessons.classes == 1] == 1).all()
    assert found[0] == -1
    assert read_as(groups, lessons, parts, fixed={1: 0})[0] == 0
