"""How often a laptop may ask, and how much it may bring at once, so that none keeps the others waiting."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _

BURST, A_SECOND = 2_000, 200.0
"""Requests of one laptop at once, and in the long run; an exchange of small files asks some 100 a second."""
HELLO_BURST, HELLOS_A_SECOND = 500, 50.0
"""Of everybody together: anybody may say hello, and each costs a signature."""
UPLOADS_AT_ONCE = 4
"""Of one laptop; ours brings one after the other."""
REMEMBERED = 10_000


class TooMany(KnownError):
    """This laptop asks more often than it may."""

    code = "too-many"


class Turns:
    """Counts for this process alone: several processes allow as many times as much. From one thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        """By laptop, how many it may ask at once, and when that was so."""
        self._uploads: dict[bytes, int] = {}

    def ask(self, replica: bytes) -> None:
        """`TooMany` when this laptop has asked too often."""
        self._take(replica, BURST, A_SECOND)

    def hello(self) -> None:
        """`TooMany` when everybody together says hello too often."""
        self._take(b"", HELLO_BURST, HELLOS_A_SECOND)

    def _take(self, who: bytes, burst: float, a_second: float) -> None:
        now = self._now()
        left, then = self._left.pop(who, (burst, now))
        left = min(left + (now - then) * a_second, burst)
        self._left[who] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        if left < 1:
            raise _too_many()

    @property
    def uploads(self) -> int:
        """How many are coming in now."""
        return sum(self._uploads.values())

    @contextmanager
    def upload(self, replica: bytes) -> Iterator[None]:
        """While something comes in; `TooMany` when this laptop brings enough already."""
        if self._uploads.get(replica, 0) >= UPLOADS_AT_ONCE:
            raise _too_many()
        self._uploads[replica] = self._uploads.get(replica, 0) + 1
        try:
            yield
        finally:
            self._uploads[replica] -= 1
            if not self._uploads[replica]:
                del self._uploads[replica]


def _too_many() -> TooMany:
    return TooMany(_("This laptop asks more of the hub than its share."), _("It goes on in a moment."))
