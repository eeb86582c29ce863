"""How long a test waits for what is to happen: as long as it takes on a machine that has much else to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

PATIENCE_MS = 60_000  # half of what pytest takes for a hang


class Patient(QtBot):
    """pytest-qt's own, which would wait for five seconds: two busy cores take longer to open a workspace."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        """Until it is so."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> SignalBlocker:
        """Until it is given."""
        return super().waitSignal(signal, timeout=timeout, **more)
