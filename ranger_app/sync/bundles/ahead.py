"""Runs an iterator on a thread of its own, a bounded number of bytes ahead of who takes from it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """The items in their order; what the iterator raises is raised here, after those that came before it."""

    def __init__(self, items: Iterator[T], *, size_of: Callable[[T], int], at_most: int) -> None:
        self._items = items
        self._size_of = size_of
        self._at_most = at_most
        self._ready: deque[T] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._ended = self._stopped = False
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._done: Future[None] | None = None

    def __enter__(self) -> Ahead[T]:
        self._done = self._threads.submit(self._run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._threads.shutdown(wait=True)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended)
            if not self._ready:
                if self._done is not None:
                    self._done.result()  # raises what the iterator raised
                raise StopIteration
            item = self._ready.popleft()
            self._bytes -= self._size_of(item)
            self._changed.notify_all()
        return item

    def _run(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    # One item may be larger than all that is allowed.
                    self._changed.wait_for(lambda: self._stopped or not self._ready or self._has_room())
                    if self._stopped:
                        break
                    self._ready.append(item)
                    self._bytes += self._size_of(item)
                    self._changed.notify_all()
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                close()  # on this thread: what it holds, such as a view of the database, belongs to it
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._bytes < self._at_most
