"""Four laptops, sticks in any state, and a model that says what everybody has to see."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync import soaking
from tests.sync.laptops import Laptops
from tests.sync.sealed_laptops import SealedLaptops

EXAMPLES, AT_ONCE = 5_000, 25
_ANY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_four_laptops_always_show_what_the_changes_say() -> None:
    run_state_machine_as_test(
        Laptops,
        settings=settings(max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=_ANY),
    )


@pytest.mark.soak
def test_four_laptops_with_sealed_sticks_for_a_long_time() -> None:
    run_state_machine_as_test(
        SealedLaptops,
        settings=settings(
            max_examples=500, stateful_step_count=30, deadline=None, suppress_health_check=_ANY
        ),
    )


@pytest.mark.soak
def test_four_laptops_for_a_long_time(record_property: soaking.Tell) -> None:
    """5,000 examples, or as many as there is time for."""
    soaking.told()
    for _round in soaking.rounds(EXAMPLES // AT_ONCE):
        soaking.done["examples"] += AT_ONCE
        run_state_machine_as_test(
            Laptops,
            settings=settings(
                max_examples=AT_ONCE,
                stateful_step_count=60,
                deadline=None,
                database=None,
                phases=[Phase.generate],  # a failure is played again by its blob; making it small takes hours
                suppress_health_check=_ANY,
            ),
        )
    record_property("soak", soaking.told())
