"""How fast a pack is on this computer and how much memory it takes, measured in a process of its own."""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.errors import KnownError, Unfinished
from ranger_app.i18n import _
from ranger_app.inference.detect import Model
from ranger_app.inference.packs.pack import Pack, read_pack
from ranger_app.jobs import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What a pack needs here."""

    photos: int
    photos_per_s: float
    """From file to result, decoding beside the graph's work, as in a run."""
    median_ms: float
    """Of one photo alone."""
    load_s: float
    peak_mb: float | None
    """Most memory of the process; None where the system does not tell."""


def measure(pack: Pack, pictures: Sequence[Path], dirs: Sequence[Path] = ()) -> Speed:
    """Let the pack look at these pictures.

    Raises `KnownError` when it cannot, `Unfinished` when its process ends, as for want of memory.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(
                _measured, str(pack.folder), [str(path) for path in pictures], [str(one) for one in dirs]
            ).result()
        except BrokenProcessPool as error:
            raise Unfinished(
                _("{pack} ended while it was measured, perhaps for want of memory.").format(pack=pack.id),
                _("Close other programs and try again."),
            ) from error


def _measured(folder: str, pictures: Sequence[str], dirs: Sequence[str]) -> Speed:
    paths = [Path(one) for one in pictures]
    begun = time.perf_counter()
    model = Model.open(read_pack(Path(folder)), dirs=[Path(one) for one in dirs])
    load_s = time.perf_counter() - begun
    alone = [one for path in paths[: max(3, len(paths) // 4)] if (one := _one(model, path)) is not None]
    begun = time.perf_counter()
    for _looked in model.looks(paths, Work()):
        pass
    whole_s = time.perf_counter() - begun
    return Speed(
        photos=len(paths),
        photos_per_s=len(paths) / whole_s,
        median_ms=1000
        * statistics.median(alone[1:] or alone or [0.0]),  # the first sets up the graph's memory
        load_s=load_s,
        peak_mb=_peak_mb(),
    )


def _one(model: Model, path: Path) -> float | None:
    begun = time.perf_counter()
    try:
        model.look(path)
    except KnownError:
        return None
    return time.perf_counter() - begun


def _peak_mb() -> float | None:
    # Linux counts in ru_maxrss what the process was before it became this program: its parent's memory.
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 2**10
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
