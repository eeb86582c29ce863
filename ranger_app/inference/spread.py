"""Spreads a run over several processes of this computer; `cluster` does it over the workers of Dask.

Both hand out the same unit of work (`parcels.look_at`) and give results in the order of the pictures, so what
is recorded is the same as with one process, whoever did the work and whoever was killed meanwhile.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from ranger_app.domain.errors import KnownError, Refused, Unfinished
from ranger_app.domain.readable import Readable
from ranger_app.i18n import _
from ranger_app.inference.looks import Looked
from ranger_app.inference.packs.pack import Pack
from ranger_app.inference.parcels import Answer, Packed, at_hand, look_at
from ranger_app.jobs import Work

PARCEL_PHOTOS = 4
AHEAD_OF_A_WORKER = 3
"""Parcels handed out for each worker beyond the one that is waited for."""
TRIES_AT_MOST = 3
"""How often a parcel is given out anew when the process that had it was killed."""
ANSWERED_EVERY_S = 1.0
"""How often a run that waits for a worker looks whether it should stop."""
ENDS_WITHIN_S = 5.0
WORKERS_AT_MOST = 64


class Pending(Protocol):
    """An answer that is being worked out elsewhere."""

    def result(self, timeout: float | None = None) -> list[Answer]: ...
    def cancel(self) -> Any: ...


class SpreadOut:
    """A pack at work in other processes; looks at pictures as `inference.detect.Model` does."""

    def __init__(self, start: Callable[[Sequence[Readable]], Pending], *, workers: int) -> None:
        self._start = start
        self._ahead = max(workers, 1) * AHEAD_OF_A_WORKER

    def looks(self, paths: Sequence[Readable], work: Work) -> Iterator[Looked]:
        """Each picture's result, in the order of `paths`. Raises `Cancelled`, or `KnownError` when nobody is
        left to do the work; what came until then has been given."""
        parcels = [paths[at : at + PARCEL_PHOTOS] for at in range(0, len(paths), PARCEL_PHOTOS)]
        waiting: deque[tuple[Sequence[Readable], Pending]] = deque()
        done, given = 0, 0
        try:
            for _parcel in parcels:
                while given < len(parcels) and len(waiting) < self._ahead:
                    waiting.append((parcels[given], self._start(parcels[given])))
                    given += 1
                mine, pending = waiting[0]
                answers = self._wait(mine, pending, work, done, len(paths))
                waiting.popleft()
                for path, answer in zip(mine, answers, strict=True):
                    work.tick(done, len(paths), path.name)
                    done += 1
                    yield Looked(path, answer.look, answer.failure_code, answer.failure)
            work.tick(len(paths), len(paths))
        finally:
            for _mine, pending in waiting:
                pending.cancel()

    def _wait(
        self, mine: Sequence[Readable], pending: Pending, work: Work, done: int, total: int
    ) -> list[Answer]:
        while True:
            try:
                return pending.result(timeout=ANSWERED_EVERY_S)
            except TimeoutError:
                work.tick(done, total, mine[0].name)


class Processes(AbstractContextManager[SpreadOut]):
    """So many processes of this computer, with one thread each. Use it in a `with`.

    Each has a pipe of its own and shares no lock with another, so that one which is killed, at whatever
    moment, holds up nobody. (A pool of concurrent.futures may wait for ever then.)
    """

    def __init__(self, pack: Pack, count: int, dirs: Sequence[Path] = ()) -> None:
        if not 1 <= count <= WORKERS_AT_MOST:
            raise Refused(_("Use 1 to {count} processes.").format(count=WORKERS_AT_MOST))
        packed = at_hand(pack, dirs)
        self._workers = [_Worker(packed) for _number in range(count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="ranger-process")

    def __enter__(self) -> SpreadOut:
        return SpreadOut(self._start, workers=len(self._workers))

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def _start(self, paths: Sequence[Readable]) -> Pending:
        return self._threads.submit(self._answered, list(paths))

    def _answered(self, pictures: list[Readable]) -> list[Answer]:
        worker = self._idle.get()
        try:
            return worker.ask(pictures)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process and the pipe to it; begun when it is first asked, and anew when it was killed."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._process: Any = None
        self._pipe: Any = None

    def ask(self, pictures: list[Readable]) -> list[Answer]:
        """What the process says. Raises the `KnownError` it met, or `Unfinished` if it ends every time."""
        for _try in range(TRIES_AT_MOST):
            if self._process is None:
                self._begin()
            try:
                self._pipe.send(pictures)
                came = self._pipe.recv()
            except (EOFError, OSError):
                self.end()
                continue
            if isinstance(came, KnownError):
                raise came
            answers: list[Answer] = came
            return answers
        raise Unfinished(
            _("A process that looks at photos ends again and again, perhaps for want of memory."),
            _("Close other programs, or use fewer processes; the run goes on where it was."),
        )

    def end(self) -> None:
        """Let the process go; one that does not go by itself is ended."""
        if self._process is None:
            return
        self._pipe.close()
        self._process.join(ENDS_WITHIN_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def _begin(self) -> None:
        # A forked copy of a process with threads may hang; a fresh one cannot.
        fresh = multiprocessing.get_context("spawn")
        self._pipe, theirs = fresh.Pipe()
        self._process = fresh.Process(target=_serve, args=(theirs, self._packed), daemon=True)
        self._process.start()
        theirs.close()


def _serve(pipe: Any, packed: Packed) -> None:
    """What a process does until its pipe is closed."""
    while True:
        try:
            pictures = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answers: Any = look_at(packed, pictures)
        except KnownError as error:
            answers = error
        pipe.send(answers)
