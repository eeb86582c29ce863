"""Loads what takes a moment (pictures, details) beside the screen, the last thing asked for first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal

from ranger_app.domain.errors import KnownError
from ranger_app.gui.background import Background
from ranger_app.jobs import Work

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loader(QObject, Generic[K, V]):
    """A small store of loaded things. What is there comes at once; the rest comes by `came`.

    `load` runs on workers' threads. A thing that cannot be loaded comes too, as its `KnownError`.
    """

    came = Signal(object)
    """The key of what is there now."""

    def __init__(
        self,
        background: Background,
        load: Callable[[K], V],
        *,
        keep: int,
        workers: int = 1,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._load = load
        self._keep = keep
        self._workers = workers
        self._there: OrderedDict[K, V | KnownError] = OrderedDict()
        self._asked: list[K] = []
        self._wanted: list[K] = []
        self._stale: set[K] = set()
        self._under_way: set[K] = set()
        self._running = 0
        self._lock = threading.Lock()

    def get(self, key: K) -> V | KnownError | None:
        """What is there for `key`, or None."""
        found = self._there.get(key)
        if found is not None:
            self._there.move_to_end(key)
        return found

    def loaded(self) -> list[V]:
        """All that is there and could be loaded."""
        return [one for one in self._there.values() if not isinstance(one, KnownError)]

    def want(self, keys: Iterable[K]) -> None:
        """Have these loaded, the first of them first; what was wanted before and is not among them is not."""
        self._asked = list(keys)
        with self._lock:
            self._wanted = [key for key in self._asked if self._is_missing(key)]
            start = min(self._workers - self._running, len(self._wanted))
            self._running += start
        for _worker in range(start):
            self._background.run(self._work_through, "pictures", quiet=True)

    def renew(self, keys: Iterable[K] | None = None) -> None:
        """What is there for these keys (for all, when not given) may have changed: it is loaded again when it
        is wanted, at once if it still is. The old stays until the new is there."""
        with self._lock:
            known = self._there.keys() | self._under_way
            self._stale |= known if keys is None else known & set(keys)
        self.want(self._asked)

    def forget(self, keys: Iterable[K] | None = None) -> None:
        """Drop what was loaded, because it may have changed; without keys, all of it."""
        for key in list(self._there if keys is None else keys):
            self._there.pop(key, None)
            self._stale.discard(key)

    def _is_missing(self, key: K) -> bool:
        return key in self._stale or (key not in self._there and key not in self._under_way)

    def _work_through(self, work: Work) -> None:
        """On a worker's thread: load one after the other until nothing is wanted."""
        while (key := self._next(work)) is not None:
            loaded: V | KnownError
            try:
                loaded = self._load(key)
            except KnownError as error:
                loaded = error
            self._background.tell(partial(self._arrived, key, loaded))

    def _next(self, work: Work) -> K | None:
        with self._lock:
            if work.stopping or not self._wanted:
                self._running -= 1
                return None
            key = self._wanted.pop(0)
            self._under_way.add(key)
            self._stale.discard(key)  # what changes from now on makes it stale again
            return key

    def _arrived(self, key: K, loaded: V | KnownError) -> None:
        if not shiboken6.isValid(self):
            return  # the page has gone meanwhile
        with self._lock:
            self._under_way.discard(key)
        self._there[key] = loaded
        while len(self._there) > self._keep:
            self._there.popitem(last=False)
        self.came.emit(key)
