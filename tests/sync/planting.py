"""Puts one fault into the real code for a while, to see whether anybody notices."""

from __future__ import annotations

import inspect
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One place: a function, what stands in it once, and what is to stand there instead."""

    function: Callable[..., Any]
    what: str
    instead: str


@dataclass(frozen=True)
class Fault:
    name: str
    story: Callable[[], None]
    changes: tuple[Change, ...]
    by_chance: bool = True
    """Whether the four laptops come upon it without a story."""


def fault(name: str, story: Callable[[], None], *what: Change, by_chance: bool = True) -> Fault:
    return Fault(name, story, what, by_chance)


@contextmanager
def planted(*changes: Change) -> Iterator[None]:
    """Run with the functions changed, however they were imported; they are as before afterwards."""
    by_function: dict[Any, list[Change]] = defaultdict(list)
    for change in changes:
        by_function[inspect.unwrap(change.function)].append(change)
    with ExitStack() as undo:
        for function, its in by_function.items():
            undo.callback(setattr, function, "__code__", function.__code__)
            function.__code__ = _changed(function, its)
        yield


def _changed(function: Any, changes: list[Change]) -> Any:
    source = textwrap.dedent(inspect.getsource(function))
    source = source[source.index("def ") :]  # without its decorators
    for change in changes:
        assert source.count(change.what) == 1, f"{function.__qualname__} has changed: plant this fault anew"
        source = source.replace(change.what, change.instead)
    made: dict[str, Any] = {}
    exec(f"from __future__ import annotations\n{source}", function.__globals__, made)
    return made[function.__name__].__code__
