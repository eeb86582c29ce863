"""Keeps Python's search for reference cycles out of long runs of plain work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """For work on very many small objects that hold no cycles: they are freed by their counts all the same,
    and the search would walk them again and again for nothing (a third of the time of a large merge)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
