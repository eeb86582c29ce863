"""When a run may go on: only by night, only on mains, or at any time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock_time

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.photos.runs.power import Power, ThisComputer

LOOKED_EVERY_S = 10.0
"""How often the clock and the power are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a person allows a run. Both times or neither; `until` before `start` is on the next day."""

    start: clock_time | None = None
    until: clock_time | None = None
    pause_on_battery: bool = False

    def why_not(self, now: datetime, on_battery: bool | None) -> str:
        """The words for why a run has to wait at this hour of the laptop's clock; empty when it need not."""
        if self.start and self.until and not within(now.time(), self.start, self.until):
            return _("waits until {time}").format(time=f"{self.start:%H:%M}")
        if self.pause_on_battery and on_battery:
            return _("waits for mains power")
        return ""


def within(now: clock_time, start: clock_time, until: clock_time) -> bool:
    """Whether an hour lies between two others, perhaps over midnight; equal ones are the whole day."""
    if start == until:
        return True
    return start <= now < until if start < until else now >= start or now < until


def hour(text: str) -> clock_time:
    """An hour such as 20:00 or 6. Raises `BadInput`."""
    try:
        hours, _colon, minutes = text.strip().partition(":")
        return clock_time(int(hours), int(minutes or "0"))
    except ValueError as error:
        raise BadInput(
            _("“{text}” is no time of the day.").format(text=text[:20]), _("Write it as 20:00.")
        ) from error


class Gate:
    """Lets a run through, or holds it until it may go on."""

    def __init__(
        self,
        pace: Pace,
        *,
        power: Power | None = None,
        now: Callable[[], datetime] = datetime.now,
        running_s: Callable[[], float] = time.monotonic,
        rest: Callable[[Work, float], None] = lambda work, seconds: work.rest(seconds),
    ) -> None:
        self._pace = pace
        self._power = power or ThisComputer()
        self._now = now
        self._running_s = running_s
        self._rest = rest
        self._looked_s: float | None = None

    def wait(self, work: Work, done: int, before: Callable[[], None]) -> float:
        """Hold here as long as the run may not go on; returns for how many seconds. Raises `Cancelled`.

        before: called once before the first rest, so that what was done until then is kept.
        """
        begun = self._running_s()
        if self._looked_s is not None and begun - self._looked_s < LOOKED_EVERY_S:
            return 0.0
        waited = False
        while reason := self._pace.why_not(self._now(), self._power.on_battery()):
            if not waited:
                before()
            waited = True
            work.held(done, reason)
            self._rest(work, LOOKED_EVERY_S)
        self._looked_s = self._running_s()
        return self._looked_s - begun if waited else 0.0
