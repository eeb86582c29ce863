"""Carries what a person must hear: a quiet word with its undo, an error with a way out, or a surprise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from ranger_app.domain.errors import KnownError


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was done, and the way to take it back if there is one."""

    text: str
    undo: Callable[[], None] | None = None


class Messages(QObject):
    """Where pages say things; the window decides how they look."""

    said = Signal(Notice)
    erred = Signal(str, KnownError)  # the page where it happened, or empty for the one in front
    broke = Signal(Exception)  # a fault of ours: nobody foresaw it

    def say(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Tell quietly that something was done; with `undo`, Ctrl+Z and a button take it back."""
        self.said.emit(Notice(text, undo))

    def error(self, error: Exception, *, page_id: str = "") -> None:
        """Tell of a failure where it happened: a sentence and what to do, never a traceback."""
        if isinstance(error, KnownError):
            self.erred.emit(page_id, error)
        else:
            self.broke.emit(error)
