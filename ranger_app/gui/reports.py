"""Keeps a report of a fault that nobody foresaw: where in the program it arose, and nothing of the data."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ranger_app import __version__
from ranger_app.config import data_dir

REPORTS_KEPT = 20


def save_report(error: BaseException) -> Path | None:
    """Write the report aside and say where it is; None when even that cannot be done.

    An error's own words may hold names and places from the workspace, so only its kind is written.
    """
    folder = data_dir() / "reports"
    path = folder / f"ranger-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(_lines(error)) + "\n", encoding="utf-8")
        for old in sorted(folder.glob("ranger-*.txt"))[:-REPORTS_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


def _lines(error: BaseException) -> Iterator[str]:
    import PySide6

    yield f"Ranger {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}"
    yield f"{platform.system()} {platform.release()} {platform.machine()}, {sys.getfilesystemencoding()}"
    one: BaseException | None = error
    while one is not None:
        yield ""
        yield f"{type(one).__module__}.{type(one).__qualname__}"
        for frame in traceback.extract_tb(one.__traceback__):
            yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _short(path: str) -> str:
    """A source file from its package on: the rest of the path may name the user."""
    parts = Path(path).parts
    roots = [at for at, part in enumerate(parts) if part in ("ranger_app", "site-packages", "tests")]
    return "/".join(parts[roots[-1] :]) if roots else parts[-1]
