"""Makes things ready ahead of whoever takes them, on the free cores; who has to wait lends a hand."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from ranger_app.domain.errors import KnownError

S = TypeVar("S")
T = TypeVar("T")

THREADS_AT_MOST = 3
"""Beside the thread that takes; more decode faster than the bundled graphs look."""


def cores() -> int:
    """So many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_beside() -> int:
    """So many threads make things ready while another takes them."""
    return max(1, min(cores() - 1, THREADS_AT_MOST))


class Ahead(Generic[S, T]):
    """Makes the things in their order, at most `at_most` before they are taken. Close it, or take them all.

    The thread that takes them has a core of its own, so there are threads for the other cores only. When the
    next thing is not ready, that thread makes one of the later ones instead of waiting: no core is idle, and
    none has two threads to serve, whichever of making and taking is slower.
    """

    def __init__(self, make: Callable[[S], T], things: Sequence[S], *, at_most: int) -> None:
        self._make = make
        self._things = things
        self._at_most = at_most
        self._waiting: deque[tuple[S, Future[T]]] = deque()
        self._begun = 0
        self._pool = ThreadPoolExecutor(threads_beside(), thread_name_prefix="ranger-decode")

    def __iter__(self) -> Iterator[Future[T]]:
        try:
            while self._fill():
                while not self._waiting[0][1].done() and self._lend_a_hand():
                    pass
                yield self._waiting.popleft()[1]
        finally:
            self.close()

    def close(self) -> None:
        """Leave nothing running."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fill(self) -> bool:
        """Hand out as much as may be ahead; whether anything is left to take."""
        while len(self._waiting) < self._at_most and self._begun < len(self._things):
            thing = self._things[self._begun]
            self._waiting.append((thing, self._pool.submit(self._make, thing)))
            self._begun += 1
        return bool(self._waiting)

    def _lend_a_hand(self) -> bool:
        """Make the first thing that nobody has begun; whether there was one."""
        for place, (thing, begun) in enumerate(self._waiting):
            if begun.cancel():
                made: Future[T] = Future()
                try:
                    made.set_result(self._make(thing))
                except KnownError as error:
                    made.set_exception(error)
                self._waiting[place] = thing, made
                return True
        return False
