"""Long tests within a time that one can wait for, with what they have done told at the end."""

from __future__ import annotations

import faulthandler
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

LIMIT_MIN = float(os.environ.get("RANGER_SOAK_MINUTES", "0"))
"""Minutes for each long test; 0 for as long as it takes."""
EXAMPLES = int(os.environ.get("RANGER_SOAK_EXAMPLES", "5000"))
"""Examples of state machines in all, over both machines."""
SEED = int(os.environ.get("RANGER_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
"""The first of the seeds; a failure names the one that leads to it."""
AT_ONCE = 25
EXAMPLE_MAY_TAKE_S = 120
"""An example takes a second: one that takes so long hangs, and all stacks are told."""

done: Counter[str] = Counter()
"""Steps and faults of the present test, by what they were."""
Tell = Callable[[str, object], None]
stderr_fd: int = 2
"""Where a hang is told of: what pytest does not capture."""


def rounds(most: int) -> Iterator[int]:
    """Numbers of rounds, until there were so many or the time is over; at least one."""
    begun = time.monotonic()
    for number in range(max(1, most)):
        if number and LIMIT_MIN and time.monotonic() - begun > LIMIT_MIN * 60:
            return
        yield number


def told() -> dict[str, int]:
    """What was done since the last time that this was asked."""
    counts = dict(sorted(done.items()))
    done.clear()
    return counts


@contextmanager
def example() -> Iterator[None]:
    """One example of a state machine: counted, and killed with all stacks told if it hangs. The limit is for
    the example, not for the test, which may have thousands."""
    done["examples"] += 1
    faulthandler.dump_traceback_later(EXAMPLE_MAY_TAKE_S, exit=True, file=stderr_fd)
    yield


def run_machine(
    machine: type[RuleBasedStateMachine], *, examples: int, steps: int, first: int = SEED
) -> None:
    """So many examples of a machine, in rounds with a seed each. A failure is told as it was found: to make
    it small takes minutes, in which a run is easily taken for one that hangs; its seed and its blob lead
    there again."""
    for number in rounds(-(-examples // AT_ONCE)):
        try:
            run_state_machine_as_test(
                seed(first + number)(type(machine.__name__, (machine,), {})),
                settings=quick(min(AT_ONCE, examples), steps),
            )
        except BaseException as error:
            error.add_note(f"RANGER_SOAK_SEED={first + number}")
            raise


def quick(examples: int, steps: int) -> settings:
    """Settings of one round: stops at the first failure, without making it small."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        report_multiple_bugs=False,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
