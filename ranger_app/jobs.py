"""A job: work that reports progress, can be cancelled, and never touches the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """The user asked for the work to stop; nothing has gone wrong."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far along a job is. A total of None means nobody can tell."""

    done: int
    total: int | None
    note: str = ""
    held: bool = False
    """Whether it may not go on for now; the note says why."""


class Work:
    """What a job is handed: a way to say where it is, and to learn that it should stop."""

    def __init__(self, report: Callable[[Progress], None] = lambda _: None) -> None:
        self._report = report
        self._stop = Event()

    def cancel(self) -> None:
        """Ask the job to stop at its next tick; may be called from any thread."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def tick(self, done: int, total: int | None = None, note: str = "") -> None:
        """Report progress, and stop here (raising `Cancelled`) if asked to."""
        if self._stop.is_set():
            raise Cancelled
        self._report(Progress(done, total, note))

    def held(self, done: int, why: str, total: int | None = None) -> None:
        """Report that the job may not go on for now, and stop here (raising `Cancelled`) if asked to."""
        if self._stop.is_set():
            raise Cancelled
        self._report(Progress(done, total, why, held=True))

    def rest(self, seconds: float) -> None:
        """Wait so long, and stop here (raising `Cancelled`) as soon as asked to."""
        if self._stop.wait(seconds):
            raise Cancelled

    def each(self, items: Iterable[T], total: int | None = None, note: str = "") -> Iterator[T]:
        """Walk `items`, ticking before each; the natural place to be cancelled is between two."""
        for done, item in enumerate(items):
            self.tick(done, total, note)
            yield item


class Part(Work):
    """The part of a longer work that begins at `start` of its `total`."""

    def __init__(self, whole: Work, start: int, total: int) -> None:
        super().__init__()
        self._whole, self._start, self._total = whole, start, total

    @property
    def stopping(self) -> bool:
        return self._whole.stopping

    def cancel(self) -> None:
        self._whole.cancel()

    def tick(self, done: int, total: int | None = None, note: str = "") -> None:
        self._whole.tick(self._start + done, self._total, note)

    def held(self, done: int, why: str, total: int | None = None) -> None:
        self._whole.held(self._start + done, why, self._total)

    def rest(self, seconds: float) -> None:
        self._whole.rest(seconds)


Job = Callable[[Work], T]
