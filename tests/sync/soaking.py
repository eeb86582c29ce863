"""Long tests within a time that one can wait for, with what they have done told at the end."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

LIMIT_MIN = float(os.environ.get("RANGER_SOAK_MINUTES", "4"))
"""Minutes for each long test; 0 for as long as it takes."""

done: Counter[str] = Counter()
"""Steps and faults of the present test, by what they were."""
Tell = Callable[[str, object], None]


def rounds(most: int) -> Iterator[int]:
    """Numbers of rounds, until there were so many or the time is over; at least one."""
    begun = time.monotonic()
    for number in range(most):
        if number and LIMIT_MIN and time.monotonic() - begun > LIMIT_MIN * 60:
            return
        yield number


def told() -> str:
    """What was done since the last time that this was asked, in one line."""
    words = ", ".join(f"{count:,} {what}" for what, count in sorted(done.items()))
    done.clear()
    return words
