"""Keeps a report of a fault that nobody foresaw: where in the program it arose, and nothing of the data."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ranger_app import __version__
from ranger_app.config import data_dir
from ranger_app.domain.arising import where_it_arose

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
    yield ""
    yield from where_it_arose(error)
