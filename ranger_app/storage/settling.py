"""Makes the names of files durable, many at a time, and knows after a kill that some may not be."""

from __future__ import annotations

import threading
from pathlib import Path

from ranger_app.durable import flush_folder

_MARK = "unsettled"


class Settling:
    """The folders in which files got names that may not be durable yet. Safe to use from several threads.

    Whoever is killed leaves names that can be seen and may be lost with the power, and nobody could tell
    later which. So a mark lies beside the folders from the first name on until all is settled at the end.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: set[Path] = set()
        self._flushing = threading.Lock()
        self._is_marked = False

    def begin(self) -> None:
        """Called before a file gets its name."""
        if not self._is_marked:
            (self._folder / _MARK).touch()
            self._is_marked = True

    def add(self, *folders: Path) -> None:
        """Names were made in these."""
        self._waiting.update(folders)

    def settle(self) -> None:
        """Make the names made so far durable, also those that another thread made. Raises `OSError`.

        What others add meanwhile waits for the next time: they may be adding faster than this can flush.
        """
        with self._flushing:
            for folder in list(self._waiting):
                self._waiting.discard(folder)  # whoever adds to it from now on marks it again
                try:
                    flush_folder(folder)
                except OSError:
                    self._waiting.add(folder)
                    raise

    def close(self) -> None:
        """No more names are made. Raises `OSError`."""
        self.settle()
        if self._is_marked:
            (self._folder / _MARK).unlink(missing_ok=True)


def settle_what_was_left(folder: Path) -> None:
    """Make every name in a store durable, if whoever had it open was killed. Raises `OSError`."""
    mark = folder / _MARK
    if mark.exists():
        for settled in (*folder.glob("??"), folder):
            flush_folder(settled)
        mark.unlink(missing_ok=True)
