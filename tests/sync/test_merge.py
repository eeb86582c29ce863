"""Four laptops, sticks in any state, and a model that says what everybody has to see."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.sync import soaking
from tests.sync.laptops import Laptops
from tests.sync.sealed_laptops import SealedLaptops
from tests.sync.soaking import EXAMPLES, SEED


def test_four_laptops_always_show_what_the_changes_say() -> None:
    run_state_machine_as_test(Laptops, settings=soaking.quick(20, 30))


@pytest.mark.soak
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("machine", [Laptops, SealedLaptops])
def test_four_laptops_for_a_long_time(
    machine: type[Laptops], part: int, record_property: soaking.Tell
) -> None:
    """So many examples in all, over two machines in two parts each, which run side by side."""
    soaking.told()
    first = SEED + 1_000_000 * part
    soaking.run_machine(machine, examples=EXAMPLES // 4, steps=40, first=first)
    record_property("soak", soaking.told())
