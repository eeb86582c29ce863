"""Says where in the program an error arose, and nothing of what it was about."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TextIO

_ROOTS = ("ranger_app", "site-packages", "tests")


def where_it_arose(error: BaseException) -> Iterator[str]:
    """The kinds of an error and of its causes, with the lines of the program that they came through. An
    error's own words may hold names and places, so they are left out."""
    one: BaseException | None = error
    while one is not None:
        yield f"{type(one).__module__}.{type(one).__qualname__}"
        for frame in traceback.extract_tb(one.__traceback__):
            yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if one is not None:
            yield ""


def _short(path: str) -> str:
    """A source file from its package on: the rest of the path may name the user."""
    parts = Path(path).parts
    roots = [at for at, part in enumerate(parts) if part in _ROOTS]
    return "/".join(parts[roots[-1] :]) if roots else parts[-1]


def tell_where(error: BaseException, out: TextIO | None) -> None:
    """Print where an error arose. Only a person at a terminal gets its words as well: whatever else stands
    behind the stream, such as a desktop's journal or a service's log, keeps what it is told."""
    if out is None:  # a window that was started without a console
        return
    if out.isatty():
        traceback.print_exception(error, file=out)
    else:
        print("\n".join(where_it_arose(error)), file=out, flush=True)


def keep_words_out_of_logs() -> None:
    """From now on, what nobody catches (here, in a thread, in a finaliser) is told by `tell_where`."""

    def uncaught(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            tell_where(error, sys.stderr)

    def in_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            tell_where(told.exc_value, sys.stderr)

    def in_finaliser(told: sys.UnraisableHookArgs) -> None:
        if told.exc_value is not None:
            tell_where(told.exc_value, sys.stderr)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = in_finaliser
