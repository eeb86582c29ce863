"""Has missing tiles painted on a worker's thread, one short round after another.

There is never more than one round under way, because painting through the Python bindings holds the
interpreter: a second worker brings nothing. A round gets a frozen list of what is missing now, paints
for a moment and comes back with what it has. So tiles appear in a few steps instead of one repaint
each, and what is no longer wanted is never painted for longer than one round.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from ranger_app.domain.errors import KnownError
from ranger_app.gui.background import Background, Task
from ranger_app.gui.widgets.maps.cache import TileKey
from ranger_app.gui.widgets.maps.tiles import TilePaint, paint_tile
from ranger_app.i18n import _
from ranger_app.jobs import Job, Work
from ranger_app.maps.layers import Layer

ROUND_S = 0.04  # about as often as the screen can be painted anew without the eye seeing steps

Painted = list[tuple[TileKey, QImage | KnownError | None]]


class Rounds(QObject):
    """Sends rounds of painting to the background and hands back what they painted."""

    painted = Signal(object)  # Painted
    gave_up = Signal(object)  # list[TileKey]: the round ended with a fault that is reported elsewhere

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._task: Task | None = None
        self._asked: Sequence[TileKey] = ()
        background.ended.connect(self._ended)

    @property
    def busy(self) -> bool:
        return self._task is not None

    def ask(self, missing: Sequence[TileKey], layers: Mapping[str, Layer], paint: TilePaint) -> None:
        """Start a round for the missing tiles, the most wanted first, unless one is under way."""
        if self._task is not None or not missing:
            return
        self._asked = missing
        job = _round([(key, layers[key.layer]) for key in missing], paint)
        self._task = self._background.run(job, _("Drawing the map"), quiet=True)
        self._task.finished.connect(self._finished)

    def stop(self) -> None:
        """Let the round under way end as soon as it can; what it painted is dropped."""
        if self._task is not None:
            self._task.finished.disconnect(self._finished)
            self._task.cancel()
            self._task = None

    @Slot(object)
    def _finished(self, painted: Painted) -> None:
        self._task = None
        self.painted.emit(painted)

    @Slot(Task)
    def _ended(self, task: Task) -> None:
        if task is self._task:  # it ended without having finished
            self._task = None
            if not task.stopping:
                self.gave_up.emit(list(self._asked))


def _round(wanted: Sequence[tuple[TileKey, Layer]], paint: TilePaint) -> Job[Painted]:
    def paint_for_a_moment(work: Work) -> Painted:
        painted: Painted = []
        until_s = time.monotonic() + ROUND_S
        for key, layer in wanted:
            work.tick(len(painted), len(wanted))
            try:
                painted.append((key, paint_tile(layer, key.tile, paint)))
            except KnownError as error:
                painted.append((key, error))
            if time.monotonic() >= until_s:
                break
        return painted

    return paint_for_a_moment
