"""Four laptops, sticks in any state, and a model that says what everybody has to see."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.laptops import Laptops

_ANY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_four_laptops_always_show_what_the_changes_say() -> None:
    run_state_machine_as_test(
        Laptops,
        settings=settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=_ANY),
    )


@pytest.mark.soak
def test_four_laptops_for_a_long_time() -> None:
    run_state_machine_as_test(
        Laptops,
        settings=settings(
            max_examples=5_000, stateful_step_count=60, deadline=None, suppress_health_check=_ANY
        ),
    )
