"""Claims about the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Command = Callable[..., Any]
"""What the fixture `command` gives: runs words as a command, and returns its JSON."""
