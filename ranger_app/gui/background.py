"""Runs jobs on worker threads and brings their news back to the screen.

Exactly one signal crosses threads: `_news`, which only says that the inbox has something in it.
Everything that a page can connect to is emitted on the screen's own thread, after the code that
started the job has returned, so nothing is missed and nothing is deleted in mid-sentence. A worker
knows a task by its number alone: were it to hold the task, the last reference could fall on its thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from PySide6.QtCore import SIGNAL, QObject, Qt, Signal, Slot

from ranger_app.jobs import Cancelled, Job, Progress, Work

REPORT_EVERY_S = 0.05  # faster than the eye, slower than a flood
READERS = 4
LONG_ONES = 6  # a card, a run, a stick, the hub, a packet: they must not stand where a page waits to read


class Task(QObject):
    """One job under way, as a page sees it. Connect to it any time before control returns to Qt."""

    progressed = Signal(Progress)
    finished = Signal(object)
    failed = Signal(Exception)
    cancelled = Signal()

    def __init__(self, title: str, work: Work, *, quiet: bool, does: str) -> None:
        super().__init__()
        self.title = title
        self.quiet = quiet
        self.does = does
        """Alike for tasks that do the same thing, such as one and its later repetition."""
        self.goes_on = ""
        """The key under which it is noted, for one that can be gone on with after Ranger was cut off."""
        self.ended = False
        self.succeeded = False
        self.started_at_s = time.monotonic()
        self.progress = Progress(0, None)
        self._work = work

    def cancel(self) -> None:
        """Ask the job to stop at its next tick; `cancelled` follows when it has."""
        self._work.cancel()

    @property
    def stopping(self) -> bool:
        return self._work.stopping

    @property
    def failure_is_awaited(self) -> bool:
        return bool(self.receivers(SIGNAL("failed(PyObject)")))


class Background(QObject):
    """Where pages send work. Writers queue one behind another; readers run side by side, and so do the long
    jobs, for which nothing else waits: each of their batches is a unit of its own.

    `unheard` carries the failure of a task to which nobody listened, so that none is lost.
    """

    started = Signal(Task)
    ended = Signal(Task)
    unheard = Signal(Task, Exception)
    _news = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._writer = ThreadPoolExecutor(1, "ranger-write")
        self._readers = ThreadPoolExecutor(READERS, "ranger-read")
        self._long_ones = ThreadPoolExecutor(LONG_ONES, "ranger-long")
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._news.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._numbers = count()
        self._running: dict[int, Task] = {}
        self.telling: Task | None = None
        """The task whose outcome is being told just now."""

    @property
    def tasks(self) -> list[Task]:
        """What is under way or waits its turn, the oldest first."""
        return list(self._running.values())

    def run(
        self,
        job: Job[Any],
        title: str,
        *,
        writes: bool = False,
        quiet: bool = False,
        long: bool = False,
        first: Callable[[], None] | None = None,
        written: Callable[[], None] | None = None,
    ) -> Task:
        """Start `job(work)` on a worker's thread. A `quiet` one does not show in the tray of jobs.

        A `long` one begins when what was to be written before it is, so that it finds what was just said, and
        nothing that is asked for later waits for it. On the worker's thread, `first` is called before the job
        and `written` as soon as it has succeeded.
        """
        number, reported_s = next(self._numbers), 0.0

        def report(progress: Progress) -> None:
            nonlocal reported_s
            now_s = time.monotonic()
            if now_s - reported_s >= REPORT_EVERY_S:
                reported_s = now_s
                self.tell(partial(self._show_progress, number, progress))

        work = Work(report)
        task = self._running[number] = Task(title, work, quiet=quiet, does=_name_of(job))
        self.started.emit(task)
        pool = self._long_ones if long else self._writer if writes else self._readers
        before = self._writer.submit(_nothing) if long else None

        def whole(work: Work) -> Any:
            if before is not None:
                before.result()
            (first or _nothing)()
            result = job(work)
            (written or _nothing)()
            return result

        pool.submit(self._work_through, whole, work, number)
        return task

    def tell(self, note: Callable[[], None]) -> None:
        """Have `note` called on the screen's thread; may be used from any thread."""
        self._inbox.put(note)
        self._news.emit()

    def close(self) -> None:
        """Ask everything to stop, and wait until it has."""
        for task in self.tasks:
            task.cancel()
        for pool in (self._writer, self._long_ones, self._readers):
            pool.shutdown(wait=True, cancel_futures=True)
        self._news.disconnect(self._deliver)
        # What was told meanwhile is for pages that go: an answer might ask for more. Each task is let go all
        # the same, as it holds its page.
        self._inbox = SimpleQueue()
        for number in list(self._running):
            self._forget(number)

    def _work_through(self, job: Job[Any], work: Work, number: int) -> None:
        """On the worker's thread: do the job, then leave a note of how it went."""
        try:
            outcome = partial(self._finish, number, job(work))
        except (Cancelled, CancelledError):
            outcome = partial(self._cancel, number)
        except Exception as error:  # the one place where a job's failure is caught
            outcome = partial(self._fail, number, error)
        self.tell(outcome)
        self.tell(partial(self._forget, number))

    @Slot()
    def _deliver(self) -> None:
        while True:
            try:
                note = self._inbox.get_nowait()
            except Empty:
                return
            note()

    def _show_progress(self, number: int, progress: Progress) -> None:
        task = self._running[number]
        task.progress = progress
        task.progressed.emit(progress)

    def _finish(self, number: int, result: Any) -> None:
        task = self.telling = self._running[number]
        task.succeeded = True
        task.finished.emit(result)
        self.telling = None

    def _cancel(self, number: int) -> None:
        self._running[number].cancelled.emit()

    def _fail(self, number: int, error: Exception) -> None:
        task = self.telling = self._running[number]
        if task.failure_is_awaited:
            task.failed.emit(error)
        else:
            self.unheard.emit(task, error)
        self.telling = None

    def _forget(self, number: int) -> None:
        task = self._running.pop(number)
        task.ended = True
        self.ended.emit(task)
        # A slot that knows its own task would keep both alive for ever, and the page with them.
        task.deleteLater()


def _nothing() -> None:
    """What is done when there is nothing to do."""


def _name_of(job: Job[Any]) -> str:
    """Where it is written: the same for each making of one inner function."""
    inner = job.func if isinstance(job, partial) else job
    return f"{getattr(inner, '__module__', '')}.{getattr(inner, '__qualname__', '')}"
