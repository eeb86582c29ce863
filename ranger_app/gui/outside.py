"""Hands a file to the program that this computer opens it with."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from ranger_app.domain.readable import Readable


def open_outside(path: Path) -> None:
    """Open a file, or show a folder, in the computer's own program for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def lay_out_copy(file: Readable, shown: Path) -> Path:
    """Put a copy under a name that people know, so that nobody writes into the original."""
    shown.parent.mkdir(parents=True, exist_ok=True)
    shown.unlink(missing_ok=True)
    with file.open("rb") as source, open(shown, "wb") as out:
        shutil.copyfileobj(source, out)
    return shown
