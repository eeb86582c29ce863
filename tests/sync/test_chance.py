"""The planted faults without their stories: the four laptops come upon them by chance."""

from __future__ import annotations

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.sync import soaking
from tests.sync.laptops import Laptops
from tests.sync.planting import Fault, planted
from tests.sync.test_planted_faults import FAULTS
from tests.sync.test_planted_in_quotas import FAULTS as OF_QUOTAS

EXAMPLES, STEPS = 5_000, 40
"""A fault that is not noticed within so many examples is one that the rules of the laptops do not reach. The
rarest took some five hundred each time, so six hundred were too few to tell that from bad luck."""
BY_CHANCE = [one for one in (*FAULTS, *OF_QUOTAS) if one.by_chance]


@pytest.mark.soak
@pytest.mark.parametrize("fault", BY_CHANCE, ids=lambda fault: fault.name)
def test_chance_notices(fault: Fault, record_property: soaking.Tell) -> None:
    soaking.told()
    machine = seed(soaking.SEED)(type("Laptops", (Laptops,), {}))
    with planted(*fault.changes), pytest.raises(Exception):  # noqa: B017, PT011 - however it shows
        run_state_machine_as_test(machine, settings=soaking.quick(EXAMPLES, STEPS))
    needed = soaking.told()["examples"]
    record_property("soak", {"planted faults noticed by chance": 1, "examples until they were": needed})
