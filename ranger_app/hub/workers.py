"""Several processes that serve one port together; one that ends is followed by another."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

Serve = Callable[[Path, str, int], None]
"""Serves the hub of a folder at a host and a port until it is told to stop."""
STOPS_WITHIN_S = 20.0
PAUSE_S = 1.0
"""Before one that ended is followed: a fault that comes back at once must not fill the computer."""


class Workers:
    """Keeps so many of them running. They share nothing, and end by themselves when this process is gone."""

    def __init__(self, count: int, serve: Serve, folder: Path, host: str, port: int) -> None:
        self._count = count
        self._place = (serve, folder, host, port)
        self._processes = multiprocessing.get_context("spawn")
        self._running: list[SpawnProcess] = []
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        while not self._stopping.is_set():
            while len(self._running) < self._count:
                worker = self._processes.Process(target=_work, args=self._place)
                worker.start()
                self._running.append(worker)
            wait([worker.sentinel for worker in self._running], timeout=PAUSE_S)
            ended = [worker for worker in self._running if not worker.is_alive()]
            self._running = [worker for worker in self._running if worker not in ended]
            if ended:
                self._stopping.wait(PAUSE_S)
        for worker in self._running:
            worker.terminate()
        for worker in self._running:
            worker.join(STOPS_WITHIN_S)
            if worker.is_alive():
                worker.kill()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _work(serve: Serve, folder: Path, host: str, port: int) -> None:
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    serve(folder, host, port)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # as when the power goes; nothing that was signed for is lost
