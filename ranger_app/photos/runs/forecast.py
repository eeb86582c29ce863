"""How long a run will take, told before it starts: from how fast this pack was on this laptop before."""

from __future__ import annotations

import json
import os
import statistics
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NAME = "rates.json"
BYTES_AT_MOST = 200_000
PACKS_AT_MOST = 100
REMEMBERED = 15
"""So many batches are remembered of each pack; the middle one counts."""
SECONDS_AT_MOST = 600.0
"""A photo that took longer tells of a laptop that slept, not of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a run has before it."""

    waiting: int
    """Photos that the pack has not looked at."""
    photo_s: float | None
    """Seconds a photo, from earlier runs here; None when there was none."""

    @property
    def seconds(self) -> float | None:
        return None if self.photo_s is None else self.waiting * self.photo_s


class Rates:
    """Seconds a photo of each pack, in a file of the cache: lost without harm, written now and then."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / NAME
        self._known = _read(self._path)

    def photo_s(self, pack: str) -> float | None:
        """The middle of what a photo took, in seconds."""
        seconds = self._known.get(pack)
        return statistics.median(seconds) if seconds else None

    def learn(self, pack: str, photos: int, seconds: float) -> None:
        """A batch of so many photos took so long; one in which the laptop slept is an outlier."""
        if photos > 0 and 0 < seconds / photos <= SECONDS_AT_MOST:
            before = self._known.pop(pack, [])
            self._known[pack] = [*before, seconds / photos][-REMEMBERED:]

    def keep(self) -> None:
        """Write it down; a full disk is no reason to stop."""
        newest = dict(list(self._known.items())[-PACKS_AT_MOST:])
        aside = self._path.with_name(f"{NAME}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(newest), encoding="utf-8")
            os.replace(aside, self._path)


def _read(path: Path) -> dict[str, list[float]]:
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_AT_MOST + 1)
        kept = json.loads(raw) if len(raw) <= BYTES_AT_MOST else {}
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    found = {
        str(pack): [float(one) for one in seconds if type(one) in (int, float)]
        for pack, seconds in kept.items()
        if isinstance(seconds, list)
    }
    return {pack: [one for one in seconds if 0 < one <= SECONDS_AT_MOST] for pack, seconds in found.items()}
