"""What nobody caught is told by its place in the program; its words only to a person at a terminal."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stderr

import pytest

from ranger_app.domain.arising import keep_words_out_of_logs, tell_where, where_it_arose

SECRET = "Xavierdemo"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def fault() -> ValueError:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"of {SECRET}") from error
    except ValueError as error:
        return error


def test_kinds_and_places_are_told_and_no_words() -> None:
    told = "\n".join(where_it_arose(fault()))
    assert "builtins.ValueError" in told
    assert "builtins.KeyError" in told
    assert "tests/domain/test_arising.py" in told
    assert SECRET not in told


def test_a_terminal_gets_the_words_and_a_log_does_not() -> None:
    terminal, log = Terminal(), io.StringIO()
    tell_where(fault(), terminal)
    tell_where(fault(), log)
    assert SECRET in terminal.getvalue()
    assert SECRET not in log.getvalue()
    assert "ValueError" in log.getvalue()
    tell_where(fault(), None)  # a window without a console


def in_a_thread() -> None:
    def fail() -> None:
        raise fault()

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def uncaught() -> None:
    error = fault()
    sys.excepthook(type(error), error, error.__traceback__)


def in_a_finaliser() -> None:
    class Falls:
        def __del__(self) -> None:
            raise fault()

    Falls()


@pytest.mark.parametrize("fails", [in_a_thread, uncaught, in_a_finaliser])
def test_whatever_way_it_comes(monkeypatch: pytest.MonkeyPatch, fails: Callable[[], None]) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    keep_words_out_of_logs()
    with redirect_stderr(io.StringIO()) as log:
        fails()
    assert "ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()
