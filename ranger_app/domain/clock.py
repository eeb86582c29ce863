"""The hybrid clock: orders changes for the eye across laptops whose clocks are wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

COUNTER_BITS = 16
TRUSTED_AHEAD_MS = 24 * 3600 * 1000
"""A clock further ahead than this is merged but does not move ours."""


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


class HybridClock:
    """48 bits of Unix milliseconds and a 16-bit counter in one growing number."""

    def __init__(self, last: int = 0, wall: Callable[[], int] = wall_ms) -> None:
        self.last = last
        self._wall = wall

    def tick(self) -> int:
        """The stamp of the next local change; never smaller than one given before."""
        self.last = max(self._wall() << COUNTER_BITS, self.last + 1)
        return self.last

    def hear(self, remote: int) -> bool:
        """Learn of another laptop's stamp; False when its clock is suspect and was not followed."""
        if remote >> COUNTER_BITS > self._wall() + TRUSTED_AHEAD_MS:
            return False
        self.last = max(self.last, remote)
        return True


def stamp_time(hlc: int) -> datetime:
    """The wall time in a stamp, UTC; clipped to what a datetime can say."""
    return datetime.fromtimestamp(min(hlc >> COUNTER_BITS, 253_402_300_799_000) / 1000, tz=UTC)
